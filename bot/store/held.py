"""Messages of senders who write too fast, until a worker applies them in order."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bson import ObjectId

from bot import inbound_record
from bot.model import Inbound
from bot.ports import Queue
from bot.store.connection import Collection, Document, translated
from bot.store.group import Group

_COUNTED_AT_MOST = 1_000


class Held:
    """Implements `ports.Held`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection, with a group commit of its own: a flood is when it counts."""
        self._collection = collection
        self._group = Group(partial(collection.bulk_write, ordered=False))

    async def hold(self, message: Inbound, at: datetime) -> None:
        """Keep it; the same again is no error."""
        document = {
            "conversation": str(message.address),
            "at": at,
            "order": ObjectId(),  # rises within a process: the order of arrival inside one millisecond
            "message": inbound_record.record(message),
        }
        await self._group.update({"_id": _key(message)}, {"$setOnInsert": document}, upsert=True)

    async def has(self, conversation: str) -> bool:
        """Whether anything of this conversation is held."""
        with translated():
            return await self._collection.find_one({"conversation": conversation}, {"_id": 1}) is not None

    async def waiting(self, limit: int) -> Sequence[str]:
        """Conversations with held messages, those waiting longest first."""
        return [document["_id"] for document in await self._senders(limit)]

    async def backlog(self) -> Queue:
        """How many senders' messages are held, and since when."""
        senders = await self._senders(_COUNTED_AT_MOST)
        return Queue("held", len(senders), senders[0]["at"] if senders else None)

    async def _senders(self, limit: int) -> list[Document]:
        pipeline: list[Document] = [
            # In the index's own order, so that one key a conversation is read and not every message.
            {"$sort": {"conversation": 1, "at": 1, "order": 1}},
            {"$group": {"_id": "$conversation", "at": {"$first": "$at"}}},
            {"$sort": {"at": 1, "_id": 1}},
            {"$limit": limit},
        ]
        with translated():
            return await self._collection.aggregate(pipeline).to_list(None)

    async def oldest(self, conversation: str, limit: int) -> Sequence[Inbound]:
        """In the order of arrival."""
        with translated():
            found = self._collection.find({"conversation": conversation}).sort([("at", 1), ("order", 1)]).limit(limit)
            return [inbound_record.message(document["message"]) for document in await found.to_list(None)]

    async def remove(self, messages: Sequence[Inbound]) -> None:
        """After they are applied."""
        with translated():
            await self._collection.delete_many({"_id": {"$in": [_key(message) for message in messages]}})

    async def erase(self, conversation: str) -> int:
        """Erase them."""
        with translated():
            return (await self._collection.delete_many({"conversation": conversation})).deleted_count

    async def close(self) -> None:
        """Write what waits."""
        await self._group.close()


def _key(message: Inbound) -> str:
    """Transport, person and provider id: some providers number their messages anew for each person."""
    return f"{message.address} {message.id}"
