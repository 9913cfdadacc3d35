"""The connection: what every read and write of the core may rely on."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, ParamSpec, TypeAlias, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import WriteConcern
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from core.errors import StoreUnavailable

Document: TypeAlias = dict[str, Any]
Collection: TypeAlias = "AsyncIOMotorCollection[Document]"
MongoDatabase: TypeAlias = "AsyncIOMotorDatabase[Document]"

TIMEOUT_MS = 5_000

P = ParamSpec("P")
T = TypeVar("T")


@asynccontextmanager
async def connect(url: str, name: str) -> AsyncIterator[MongoDatabase]:
    """The database `name`: a write is done when a majority has it in its journal, a read sees only such writes."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        url, appname="lapor-core", tz_aware=True, tzinfo=UTC, timeoutMS=TIMEOUT_MS, serverSelectionTimeoutMS=TIMEOUT_MS
    )
    try:
        yield client.get_database(name, write_concern=WriteConcern("majority", j=True), read_concern=ReadConcern("majority"))
    finally:
        client.close()


def available(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Raise StoreUnavailable for whatever the driver raises: the write may or may not be done."""

    @functools.wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except PyMongoError as error:
            raise StoreUnavailable(type(error).__name__) from error

    return call
