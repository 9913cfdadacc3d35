"""What the program could not handle, kept with its reason."""

from collections.abc import Sequence

from pymongo.errors import DuplicateKeyError

from bot.ports import ParkedItem, Queue
from bot.store.connection import Collection, Document, translated
from bot.store.documents import decode_parked, encode_parked

_COUNTED_AT_MOST = 10_000


class Parked:
    """Implements `ports.Parked`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def park(self, item: ParkedItem) -> None:
        """Keep it; the same id again is no error."""
        with translated():
            try:
                await self._collection.insert_one(encode_parked(item))
            except DuplicateKeyError:
                return  # it parks once

    async def list(self, limit: int) -> Sequence[ParkedItem]:
        """Oldest first."""
        with translated():
            found = await self._collection.find().sort([("at", 1), ("_id", 1)]).limit(limit).to_list(None)
        return [decode_parked(document) for document in found]

    async def load(self, id_: str) -> ParkedItem | None:
        """By id."""
        with translated():
            document = await self._collection.find_one({"_id": id_})
        return None if document is None else decode_parked(document)

    async def remove(self, id_: str) -> bool:
        """After a replay; False when it was not there."""
        with translated():
            return (await self._collection.delete_one({"_id": id_})).deleted_count == 1

    async def erase(self, owner: str) -> int:
        """Erase what is parked of a conversation."""
        with translated():
            return (await self._collection.delete_many({"owner": owner})).deleted_count

    async def backlog(self) -> Sequence[Queue]:
        """How much is parked for each reason, and since when; read from the index alone."""
        pipeline: list[Document] = [
            {"$sort": {"reason": 1, "at": 1}},
            {"$limit": _COUNTED_AT_MOST},
            {"$project": {"_id": 0, "reason": 1, "at": 1}},
            {"$group": {"_id": "$reason", "count": {"$sum": 1}, "oldest": {"$min": "$at"}}},
        ]
        with translated():
            found = await self._collection.aggregate(pipeline).to_list(None)
        return [Queue(each["_id"], each["count"], each["oldest"]) for each in found]
