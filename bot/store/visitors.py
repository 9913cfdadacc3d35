"""Who practises in the simulator, and all that their citizens have made. `visitors`: {_id, citizen, templates, case, uploaded, seen_at}."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from bot.model import Medium
from bot.ports import StoredReport
from bot.store import schema
from bot.store.connection import Database, Document, translated
from bot.store.documents import decode_report
from bot.store.media import Media
from bot.visitors import Visitor


class Visitors:
    """Implements `ports.Visitors`."""

    def __init__(self, db: Database, media: Media) -> None:
        """Over the whole database: what is erased lies everywhere."""
        self._db = db
        self._media = media
        self._visitors = db[schema.VISITORS]

    async def load(self, id_: str) -> Visitor:
        """The visitor as they were left; new when never seen."""
        with translated():
            document = await self._visitors.find_one({"_id": id_})
        return Visitor(id_) if document is None else _decode(document)

    async def renew(self, id_: str, *, templates: bool, case: str, at: datetime) -> Visitor:
        """The same visitor with the next citizen."""
        change = {"$inc": {"citizen": 1}, "$set": {"templates": templates, "case": case, "seen_at": at}}
        with translated():
            document = await self._visitors.find_one_and_update({"_id": id_}, change, upsert=True, return_document=ReturnDocument.AFTER)
        return _decode(document)

    async def seen(self, id_: str, at: datetime, *, uploaded: int = 0) -> None:
        """They are still here, and have sent so many bytes."""
        with translated():
            await self._visitors.update_one({"_id": id_}, {"$set": {"seen_at": at}, "$inc": {"uploaded": uploaded}}, upsert=True)

    async def quiet(self, since: datetime, limit: int) -> Sequence[str]:
        """Those not seen since then."""
        with translated():
            found = await self._visitors.find({"seen_at": {"$lt": since}}, {"_id": 1}).limit(limit).to_list(None)
        return [document["_id"] for document in found]

    async def reports(self, id_: str, limit: int) -> Sequence[StoredReport]:
        """All that their citizens have filed, newest first."""
        with translated():
            found = self._db[schema.REPORTS].find(_of(id_, "conversation")).sort("submitted_at", -1).limit(limit)
            return [decode_report(document) for document in await found.to_list(None)]

    async def erase(self, id_: str) -> None:
        """Everything of theirs; them last, so that an erasure killed here is taken up again."""
        reports = await self._ids(schema.REPORTS, _of(id_, "conversation"))
        conversations = await self._ids(schema.CONVERSATIONS, _of(id_, "_id"))
        await self._media.erase_of([*conversations], reports)
        with translated():
            await self._db[schema.PARKED].delete_many({"owner": {"$in": [*conversations, *reports]}})
            await self._db[schema.HELD].delete_many({"conversation": {"$in": conversations}})
            await self._db[schema.OUTBOX].delete_many(_of(id_, "to"))
            await self._db[schema.REPORTS].delete_many({"_id": {"$in": reports}})
            await self._db[schema.CONVERSATIONS].delete_many({"_id": {"$in": conversations}})
            await self._visitors.delete_one({"_id": id_})

    async def _ids(self, collection: str, wanted: Mapping[str, Any]) -> list[str]:
        with translated():
            return [document["_id"] async for document in self._db[collection].find(wanted, {"_id": 1})]


def _of(visitor: str, name: str) -> dict[str, Any]:
    """A filter on a field that holds addresses: those of all phones of all citizens of a visitor, whatever their numbers."""
    begins = [f"sim:{medium}:try-{visitor}" for medium in Medium]
    return {"$or": [{name: {"$gte": f"{begin}-", "$lt": f"{begin}."}} for begin in begins]}


def _decode(document: Document) -> Visitor:
    known = {name: document[name] for name in ("citizen", "templates", "case", "uploaded") if name in document}
    return Visitor(id=document["_id"], **known)
