"""The reports: one document each, changed by one atomic write a step.

That write holds the case's new state, the line it adds to the history, and the event to be told (`outbox`): none can be without the others.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from weakref import WeakValueDictionary

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from core import wire, workflow
from core.model import Attachment, Case, Due, Event, Filing, Kind, Location, Reporter, Status
from core.store.connection import Document, MongoDatabase, available

FIRST_TICKET = 8_812_345

_SUMMARY = {"report": 0, "outbox": 0, "history.words": 0}


@dataclass(frozen=True, slots=True)
class Record:
    """A report's document as read, without its words."""

    case: Case
    digest: str
    """SHA-256 of the bytes it was filed with."""
    updated_at: datetime
    version: int
    taken: int
    """Bytes of all that citizen and officers have added."""
    operations: Mapping[str, str] = field(default_factory=dict)
    """The citizen's operations taken in: Idempotency-Key to digest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a report's history: who did what, in whose words."""

    at: datetime
    by: str
    """citizen, officer or system."""
    action: str
    words: Mapping[str, Any]
    key: str | None = None
    """The Idempotency-Key of a citizen's operation, and the digest of its bytes."""
    digest: str | None = None
    size: int = 0
    """Bytes it adds."""


class Reports:
    """The collection `reports`, and the counter its tickets come from."""

    def __init__(self, database: MongoDatabase) -> None:
        self._reports = database["reports"]
        self._counters = database["counters"]
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @available
    async def prepare(self) -> None:
        """Make the indexes and the counter; harmless when they are there."""
        await self._reports.create_index("idempotency_key", unique=True)
        await self._reports.create_index([("updated_at", 1), ("_id", 1)])
        await self._reports.create_index([("status", 1), ("_id", 1)])
        await self._reports.create_index("due.reply", partialFilterExpression={"due.reply": {"$type": "string"}})
        await self._counters.update_one({"_id": "ticket"}, {"$setOnInsert": {"last": FIRST_TICKET - 1}}, upsert=True)

    @available
    async def file(self, filing: Filing, digest: str, now: datetime) -> tuple[Record, bool]:
        """Keep a report under its key and give it the next ticket; True. A key that is known gets its report and no number; False.

        Calls with the same key wait for each other, so that a replay draws no ticket.
        """
        async with self._locks.setdefault(filing.id, asyncio.Lock()):
            while True:
                if known := await self._find({"idempotency_key": filing.id}):
                    return known, False
                number = await self._draw()
                case = workflow.receive(str(number), filing, now)
                try:
                    await self._reports.insert_one(_new_document(case, filing, digest, now))
                except DuplicateKeyError:
                    # Another process was faster. This write also waits until the other's is majority-committed, so that we then see it.
                    await self._give_back(number)
                else:
                    return Record(case, digest, now, version=1, taken=0), True

    @available
    async def by_ticket(self, ticket: str) -> Record | None:
        """By ticket."""
        return await self._find({"_id": ticket})

    @available
    async def by_key(self, key: str) -> Record | None:
        """By Idempotency-Key."""
        return await self._find({"idempotency_key": key})

    @available
    async def updated(self, since: datetime, after: tuple[datetime, str] | None, limit: int) -> Sequence[Record]:
        """Reports touched at or after `since`, in the order of (updated_at, ticket), beyond `after`."""
        beyond: list[Document] = [{"updated_at": {"$gte": since}}]
        if after is not None:
            moment, ticket = after
            beyond.append({"$or": [{"updated_at": {"$gt": moment}}, {"updated_at": moment, "_id": {"$gt": ticket}}]})
        found = self._reports.find({"$and": beyond}, _SUMMARY).sort([("updated_at", 1), ("_id", 1)]).limit(limit)
        return [_record(document) async for document in found]

    @available
    async def newest(self, status: Status | None, limit: int) -> Sequence[tuple[Record, Filing]]:
        """For an officer's list, newest ticket first."""
        wanted: Document = {} if status is None else {"status": status.value}
        found = self._reports.find(wanted, {"outbox": 0, "history.words": 0}).sort("_id", -1).limit(limit)
        return [(_record(document), _filing(document["report"])) async for document in found]

    @available
    async def dossier(self, ticket: str) -> tuple[Record, Filing, Sequence[Entry]] | None:
        """Everything about one report."""
        document = await self._reports.find_one({"_id": ticket}, {"outbox": 0})
        if document is None:
            return None
        return _record(document), _filing(document["report"]), [_entry(line) for line in document["history"]]

    @available
    async def expired(self, today: date, limit: int) -> Sequence[str]:
        """Tickets whose citizen's days for a reply were over before `today`."""
        found = (
            self._reports.find({"due.reply": {"$type": "string", "$lt": today.isoformat()}}, {"_id": 1}).sort("due.reply", 1).limit(limit)
        )
        return [document["_id"] async for document in found]

    @available
    async def save(self, before: Record, after: Case, event: Event | None, entry: Entry) -> bool:
        """Write a step in one; False when the report has changed since `before` was read."""
        push: Document = {"history": _entry_document(entry)}
        changes = _case_document(after) | {"updated_at": entry.at}
        if event is not None:
            push["outbox"] = wire.event(event)
            changes["unlogged"] = True
        written = await self._reports.update_one(
            {"_id": before.case.ticket, "version": before.version},
            {"$set": changes, "$push": push, "$inc": {"version": 1, "taken": entry.size}},
        )
        return written.modified_count == 1

    @available
    async def erase(self, ticket: str) -> None:
        """Forget a report; harmless when it is gone. Only for practice: a real one is kept."""
        await self._reports.delete_one({"_id": ticket})

    async def _find(self, wanted: Document) -> Record | None:
        document = await self._reports.find_one(wanted, _SUMMARY)
        return None if document is None else _record(document)

    async def _draw(self) -> int:
        counter = await self._counters.find_one_and_update(
            {"_id": "ticket"}, {"$inc": {"last": 1}}, return_document=ReturnDocument.AFTER, upsert=False
        )
        return int(counter["last"])

    async def _give_back(self, number: int) -> None:
        """Undo a draw, unless others have drawn since: then the number stays unused."""
        await self._counters.update_one({"_id": "ticket", "last": number}, {"$inc": {"last": -1}})


def _new_document(case: Case, filing: Filing, digest: str, now: datetime) -> Document:
    report = asdict(filing) | {
        "kind": filing.kind.value,
        "occurred_on": filing.occurred_on and filing.occurred_on.isoformat(),
    }
    return {
        "_id": case.ticket,
        "idempotency_key": filing.id,
        "digest": digest,
        "version": 1,
        "taken": 0,
        "created_at": now,
        "updated_at": now,
        "report": report,
        "history": [],
        "outbox": [],
    } | _case_document(case)


def _case_document(case: Case) -> Document:
    return {
        "kind": case.kind.value,
        "status": case.status.value,
        "sequence": case.sequence,
        "due": wire.due(case.due),
        "agency": case.agency,
        "verified": case.verified,
        "field_check": case.field_check,
        "missing": list(case.missing),
    }


def _record(document: Document) -> Record:
    case = Case(
        ticket=document["_id"],
        key=document["idempotency_key"],
        kind=Kind(document["kind"]),
        status=Status(document["status"]),
        due=Due(**{name: day and date.fromisoformat(day) for name, day in document["due"].items()}),
        sequence=document["sequence"],
        agency=document["agency"],
        verified=document["verified"],
        field_check=document["field_check"],
        missing=tuple(document["missing"]),
    )
    operations = {line["key"]: line["digest"] for line in document["history"] if line["key"] is not None}
    return Record(case, document["digest"], document["updated_at"], document["version"], document["taken"], operations)


def _filing(report: Document) -> Filing:
    day = report["occurred_on"]
    return Filing(
        **report
        | {
            "kind": Kind(report["kind"]),
            "submitted_at": report["submitted_at"].astimezone(UTC),
            "occurred_on": day and date.fromisoformat(day),
            "location": Location(**report["location"]),
            "reporter": report["reporter"] and Reporter(**report["reporter"]),
            "attachments": tuple(Attachment(**item) for item in report["attachments"]),
        }
    )


def _entry_document(entry: Entry) -> Document:
    return {
        "at": entry.at,
        "by": entry.by,
        "action": entry.action,
        "words": dict(entry.words),
        "key": entry.key,
        "digest": entry.digest,
        "size": entry.size,
    }


def _entry(line: Document) -> Entry:
    return Entry(line["at"], line["by"], line["action"], line["words"], line["key"], line["digest"], line["size"])
