"""One way to connect: majority, journaled, majority reads, aware times; and one way to name what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from typing import Any, TypeAlias

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from bot.errors import StoreUnavailable, StoreUnsuitable

Document: TypeAlias = dict[str, Any]
Database: TypeAlias = "AsyncIOMotorDatabase[Document]"
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"

DEFAULT_DATABASE = "lapor"

SECONDS = 4.0
"""A call may take this long: an election takes two to three, and providers wait for our answer ten and more."""

CODEC: "CodecOptions[Document]" = CodecOptions(tz_aware=True, tzinfo=UTC, uuid_representation=UuidRepresentation.STANDARD)

_WIRE_VERSION_OF_5_0 = 13


def connect(url: str, database: str | None = None, *, seconds: float = SECONDS) -> Database:
    """The database named by `database`, else by the URL's path, else `lapor`. Nothing is sent yet.

    `seconds`: for each call in all, finding a primary and retrying during an election included; by then a write has reached the majority or
    its outcome is unknown. Raises StoreUnsuitable when the URL cannot be read.
    """
    milliseconds = round(seconds * 1000)
    try:
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            url,
            timeoutMS=milliseconds,
            serverSelectionTimeoutMS=milliseconds,
            connectTimeoutMS=milliseconds,
            appname="lapor-intake",
        )
    except (ConfigurationError, InvalidURI, ValueError) as error:
        raise StoreUnsuitable(f"MONGODB_URL cannot be read ({type(error).__name__})") from None
    name = database or client.get_default_database(DEFAULT_DATABASE).name
    return client.get_database(
        name,
        codec_options=CODEC,
        write_concern=WriteConcern(w="majority", j=True, wtimeout=milliseconds),
        read_concern=ReadConcern("majority"),
    )


async def check(db: Database) -> None:
    """Raises StoreUnavailable when no primary answers, StoreUnsuitable when the server cannot keep what we promise."""
    with translated():
        hello = await db.client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise StoreUnsuitable(
            "MongoDB runs as a standalone: start it with --replSet and run replSetInitiate (one node will do), or use a cluster's mongos"
        )
    if hello["maxWireVersion"] < _WIRE_VERSION_OF_5_0:
        raise StoreUnsuitable("MongoDB is older than 5.0: upgrade the server")


@contextmanager
def translated() -> Iterator[None]:
    """Raises StoreUnavailable for whatever the driver raises.

    Everything: whether the server was away, is full, or refused our password, nothing is known to be kept, and the message must come again.
    The driver's text stays out, it may quote values.
    """
    try:
        yield
    except PyMongoError as error:
        code = getattr(error, "code", None)
        raise StoreUnavailable(type(error).__name__ + (f" {code}" if code else "")) from None
