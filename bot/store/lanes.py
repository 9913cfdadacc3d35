"""Documents with effects, `due` and a fence: what conversations and reports share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bson import ObjectId
from pymongo import UpdateOne

from bot.model import Effect
from bot.ports import Backlog, Claim, Settlement
from bot.store.connection import Collection, Document, translated
from bot.store.documents import decode_effects
from bot.store.group import Group
from bot.store.settlement import settle_pipeline

_COUNTED_AT_MOST = 100_000
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class Lanes:
    """Implements `ports.Lanes` over one collection. `leased` says that `due` is the end of a lease, and no schedule."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection, with a group commit of its own."""
        self._collection = collection
        self._group = Group(partial(collection.bulk_write, ordered=False))

    async def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Claim]:
        """Take up to `limit` documents with due <= now: due becomes `until`, fence rises by one."""
        with translated():
            due = await self._collection.find({"due": {"$lte": now}}, {"leased": 1}).sort("due", 1).limit(limit).to_list(None)
            if not due:
                return []
            ids = [document["_id"] for document in due]
            lapsed = {document["_id"] for document in due if document.get("leased")}
            claim = ObjectId()
            take = {"$set": {"due": until, "claim": claim, "leased": True}, "$inc": {"fence": 1}}
            # One bulk for all: who was faster elsewhere has moved `due`, and the mark tells which ones are ours.
            await self._collection.bulk_write([UpdateOne({"_id": id_, "due": {"$lte": now}}, take) for id_ in ids], ordered=False)
            taken = await self._collection.find({"_id": {"$in": ids}, "claim": claim}, {"fence": 1, "effects": 1}).to_list(None)
        return [_claimed(document, lapsed=document["_id"] in lapsed) for document in taken]

    async def settle(self, settlement: Settlement) -> None:
        """Record it in the next bulk, at most 500 ms later; returns when it is durable."""
        await self._group.update({"_id": settlement.id}, settle_pipeline(settlement), patient=True)

    async def held_by(self, id_: str, fence: int) -> bool:
        """Whether this fence is still the present one."""
        with translated():
            return await self._collection.find_one({"_id": id_, "fence": fence}, {"_id": 1}) is not None

    async def effects(self, id_: str, fence: int) -> Sequence[Effect]:
        """What is still to be carried out, also what others have pushed; nothing when the fence is no longer the present one."""
        with translated():
            document = await self._collection.find_one({"_id": id_, "fence": fence}, {"effects": 1})
        return () if document is None else decode_effects(document)

    async def backlog(self) -> Backlog:
        """How much is pending, and since when; counted up to a bound."""
        # Not $exists, for which every document would be fetched: what a range finds stands in the index.
        scheduled = {"due": {"$gte": _BEFORE_ALL}}
        with translated():
            pending = await self._collection.count_documents(scheduled, limit=_COUNTED_AT_MOST)
            oldest = await self._collection.find_one(scheduled, {"due": 1}, sort=[("due", 1)])
        return Backlog(pending, oldest["due"] if oldest else None)

    async def close(self) -> None:
        """Write what waits."""
        await self._group.close()


def _claimed(document: Document, *, lapsed: bool) -> Claim:
    """`lapsed`: whoever had the lease has died, and may have carried out any of this without recording it."""
    effects = decode_effects(document)
    return Claim(document["_id"], document["fence"], tuple(replace(effect, unsure=True) for effect in effects) if lapsed else effects)
