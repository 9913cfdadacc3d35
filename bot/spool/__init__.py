"""The durable spool: webhooks that the database did not acknowledge, encrypted on the local disk until it does.

`spool.Spool` is what others open. Inside: `arrival` (what is kept, as bytes), `keys` and `sealing` (its encryption), `segment` (a process's
folder of files, under its lock), `index` (what waits, in order), `survey` (what `doctor` tells). Nothing here knows the database.
"""
