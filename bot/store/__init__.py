"""The ports of `bot.ports`, kept with MongoDB. The only package that imports motor, pymongo, bson and gridfs.

`store.Store` is what others open; `mongod.embedded` starts a database where there is none. Inside: `connection` (how we connect, how errors
are named), `group` (group commit), `documents` and `settlement` (pure: values to documents), `lanes` (leases) and a module for each port.
"""
