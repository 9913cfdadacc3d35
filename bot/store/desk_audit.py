"""The audit log: `_id` is the sequence, so that of two writers who make the same next entry one is refused, and the chain cannot fork."""

from collections.abc import AsyncIterator, Sequence

from pymongo.errors import DuplicateKeyError

from bot.staff.model import AuditEntry
from bot.store.connection import Collection, Document, translated

_A_BATCH = 500


class AuditLog:
    """Implements `staff.ports.AuditStore`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def last(self) -> AuditEntry | None:
        """The newest."""
        with translated():
            document = await self._collection.find_one({}, sort=[("_id", -1)])
        return None if document is None else _decoded(document)

    async def append(self, entry: AuditEntry) -> bool:
        """False when there is an entry of this sequence already."""
        document = {
            "_id": entry.sequence,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": dict(entry.details),
            "previous": entry.previous,
            "mac": entry.mac,
        }
        with translated():
            try:
                await self._collection.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def newest(self, limit: int, *, before: int | None = None, action: str | None = None) -> Sequence[AuditEntry]:
        """Newest first; those below a sequence, of one action."""
        wanted: Document = {} if before is None else {"_id": {"$lt": before}}
        if action is not None:
            wanted["action"] = action
        with translated():
            found = await self._collection.find(wanted).sort("_id", -1).limit(limit).to_list(None)
        return [_decoded(document) for document in found]

    async def walk(self) -> AsyncIterator[AuditEntry]:
        """All of them, oldest first. A batch a query: a cursor left open would be cut off by the time limit of a call."""
        after = 0
        while True:
            with translated():
                found = await self._collection.find({"_id": {"$gt": after}}).sort("_id", 1).limit(_A_BATCH).to_list(None)
            for document in found:
                yield _decoded(document)
            if len(found) < _A_BATCH:
                return
            after = found[-1]["_id"]


def _decoded(document: Document) -> AuditEntry:
    return AuditEntry(
        sequence=document["_id"],
        at=document["at"],
        actor=document["actor"],
        action=document["action"],
        subject=document["subject"],
        details=document["details"],
        previous=document["previous"],
        mac=document["mac"],
    )
