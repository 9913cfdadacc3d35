"""The books that came in, a document each.

{_id, kind, account, office, at, unread, rows: [{number, values, key, state, mistakes, report}], started_at?, due?, fence, erase_at}.
`due` is schedule and lease in one, as with reports. The server erases a book at `erase_at`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from bot.books.jobs import Job, Mistake, Row, RowState
from bot.redirects import Author, Scope
from bot.store.connection import Collection, Document, translated


class BookJobs:
    """Implements `books.jobs.JobStore`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def insert(self, job: Job, erase_at: datetime) -> None:
        """Keep it."""
        with translated():
            await self._collection.insert_one({**_encode(job), "erase_at": erase_at})

    async def load(self, id_: str) -> Job | None:
        """By id."""
        with translated():
            document = await self._collection.find_one({"_id": id_})
        return None if document is None else _decode(document)

    async def newest(self, kind: str, scope: Scope, limit: int) -> Sequence[Job]:
        """Newest first; without the words of their rows."""
        mine = {"office": scope.office, "kind": kind} | ({"account": scope.account} if scope.account is not None else {})
        with translated():
            found = self._collection.find(mine, {"rows.values": 0, "rows.mistakes": 0}).sort("at", -1).limit(limit)
            return [_decode(document) for document in await found.to_list(None)]

    async def start(self, id_: str, at: datetime) -> bool:
        """Let it be carried out; False when it has been started already."""
        with translated():
            started = await self._collection.update_one({"_id": id_, "started_at": None}, {"$set": {"started_at": at, "due": at}})
        return bool(started.modified_count)

    async def claim(self, now: datetime, until: datetime) -> Job | None:
        """One that is to be carried out and that nobody has."""
        with translated():
            document = await self._collection.find_one_and_update(
                {"due": {"$lte": now}},
                {"$set": {"due": until}, "$inc": {"fence": 1}},
                sort=[("due", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if document is None else _decode(document)

    async def note(self, job: Job, index: int, row: Row, until: datetime) -> bool:
        """What became of a row."""
        noted = {f"rows.{index}.{name}": value for name, value in _encode_row(row).items() if name != "values"}
        with translated():
            outcome = await self._collection.update_one({"_id": job.id, "fence": job.fence}, {"$set": {**noted, "due": until}})
        return bool(outcome.matched_count)

    async def finish(self, job: Job) -> None:
        """Nothing of it is left to do."""
        with translated():
            await self._collection.update_one({"_id": job.id, "fence": job.fence}, {"$unset": {"due": ""}})


def _encode(job: Job) -> Document:
    return {
        "_id": job.id,
        "kind": job.kind,
        "account": job.author.account,
        "office": job.author.office,
        "at": job.at,
        "unread": list(job.unread),
        "rows": [_encode_row(row) for row in job.rows],
        "started_at": job.started_at,
        "fence": job.fence,
    }


def _encode_row(row: Row) -> Document:
    return {
        "number": row.number,
        "values": dict(row.values),
        "key": row.key,
        "state": row.state.value,
        "mistakes": [[each.field, each.key, list(each.about)] for each in row.mistakes],
        "report": row.report,
    }


def _decode(document: Mapping[str, Any]) -> Job:
    return Job(
        id=document["_id"],
        kind=document["kind"],
        author=Author(document["account"], document["office"]),
        at=document["at"],
        rows=tuple(_decode_row(row) for row in document["rows"]),
        unread=tuple(document["unread"]),
        started_at=document["started_at"],
        fence=document["fence"],
    )


def _decode_row(row: Mapping[str, Any]) -> Row:
    return Row(
        number=row["number"],
        values=row.get("values", {}),
        key=row["key"],
        state=RowState(row["state"]),
        mistakes=tuple(Mistake(name, key, tuple(about)) for name, key, about in row.get("mistakes", ())),
        report=row["report"],
    )
