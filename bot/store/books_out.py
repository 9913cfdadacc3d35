"""What waits for a book, the books that went out, and their files.

Lines: {_id, kind, report, payload?, at, waits?: true, moving?: number, book?: number}: the last three are its way, one after the other.
Books: {_id: number, made_by, made_at, reports, follow_ups, media, finished, attempt?, lines?}. Files: {_id: `number/attempt/name`, data}.
A line's payload is let go when its book's files are kept: they are the only copy then.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from bot.books.outgoing import REPORT, OutBook, Outgoing, Waiting
from bot.errors import StoreUnavailable
from bot.store.connection import Collection, Document, translated

_TRIES = 50
_LOOKED_AT = 500
"""Lines at a time, more than a book takes: some follow-ups have to wait for their reports."""
_OPERATION = {"$ne": REPORT}


class BooksOut:
    """Implements `books.outgoing.Outbound`."""

    def __init__(self, lines: Collection, books: Collection, files: Collection) -> None:
        """Over these collections."""
        self._lines = lines
        self._books = books
        self._files = files

    async def add(self, line: Outgoing) -> None:
        """Let it wait; the same id again is no error and changes nothing."""
        document = {"kind": line.kind, "report": line.report, "payload": line.payload, "at": line.at, "waits": True}
        with translated():
            await self._lines.update_one({"_id": line.id}, {"$setOnInsert": document}, upsert=True)

    async def waiting(self) -> Waiting:
        """How much does."""
        with translated():
            reports = await self._lines.count_documents({"waits": True, "kind": REPORT})
            follow_ups = await self._lines.count_documents({"waits": True, "kind": _OPERATION})
            oldest = await self._lines.find_one({"waits": True}, {"at": 1}, sort=[("at", 1)])
        return Waiting(reports, follow_ups, oldest["at"] if oldest else None)

    async def waits(self, report: str) -> bool | None:
        """Whether a report waits still; None when it never did."""
        with translated():
            line = await self._lines.find_one({"_id": report}, {"book": 1})
        return None if line is None else "book" not in line

    async def reopened_since(self, report: str, since: datetime) -> bool:
        """Whether a book has carried the citizen's wish to open the report again, ordered since then."""
        wish = {"report": report, "kind": "reopening", "at": {"$gte": since}, "book": {"$exists": True}}
        with translated():
            return await self._lines.find_one(wish, {"_id": 1}) is not None

    async def open(self, by: str, at: datetime) -> OutBook:
        """The next number."""
        for _ in range(_TRIES):
            with translated():
                last = await self._books.find_one({}, {"_id": 1}, sort=[("_id", -1)])
                book = OutBook((last["_id"] if last else 0) + 1, by, at)
                try:
                    await self._books.insert_one(_encode(book))
                except DuplicateKeyError:
                    continue
            return book
        raise StoreUnavailable("too many books at once")

    async def fill(self, number: int, reports: int, follow_ups: int) -> None:
        """Move up to so many waiting lines into the book, oldest first."""
        await self._move(number, reports, self._reports)
        await self._move(number, follow_ups, self._follow_ups)

    async def _move(self, number: int, count: int, look: Callable[[], Awaitable[list[Document]]]) -> None:
        """Up to `count` of what waits, oldest first, as `look` finds it."""
        while count and (lines := (await look())[:count]):
            taken = await self._take(number, lines)
            if taken == len(lines):
                return
            count -= taken  # somebody else who makes a book was faster with some: look at the next

    async def _reports(self) -> list[Document]:
        return await self._oldest({"kind": REPORT})

    async def _follow_ups(self) -> list[Document]:
        """None whose report still waits."""
        found = await self._oldest({"kind": _OPERATION})
        with translated():
            still = self._lines.find({"_id": {"$in": [line["report"] for line in found]}, "waits": True}, {"_id": 1})
            held = {line["_id"] for line in await still.to_list(None)}
        return [line for line in found if line["report"] not in held]

    async def _oldest(self, which: Mapping[str, Any]) -> list[Document]:
        with translated():
            found = self._lines.find({"waits": True, **which}, {"report": 1}).sort([("at", 1), ("_id", 1)]).limit(_LOOKED_AT)
            return await found.to_list(None)

    async def _take(self, number: int, lines: Sequence[Document]) -> int:
        """Each line goes to whoever moves it first; how many were ours."""
        mine = {"_id": {"$in": [line["_id"] for line in lines]}, "waits": True}
        with translated():
            moved = await self._lines.update_many(mine, {"$set": {"moving": number}, "$unset": {"waits": ""}})
        return int(moved.modified_count)

    async def lines(self, number: int) -> Sequence[Outgoing]:
        """What is on its way into the book, oldest first."""
        with translated():
            found = await self._lines.find({"moving": number}).sort([("at", 1), ("_id", 1)]).to_list(None)
        return [Outgoing(line["_id"], line["kind"], line["report"], bytes(line["payload"]), line["at"]) for line in found]

    async def keep(self, book: OutBook, lines: Sequence[Outgoing], files: Mapping[str, bytes]) -> bool:
        """The book is these files and holds these lines; the first to say so is believed."""
        attempt = secrets.token_hex(8)
        decided = {**_encode(book), "finished": True, "attempt": attempt, "lines": [line.id for line in lines]}
        with translated():
            await self._files.insert_many([{"_id": f"{book.number}/{attempt}/{name}", "data": data} for name, data in files.items()])
            believed = await self._books.update_one({"_id": book.number, "finished": False}, {"$set": decided})
            if not believed.modified_count:
                await self._files.delete_many({"_id": {"$in": [f"{book.number}/{attempt}/{name}" for name in files]}})
        await self._settle(book.number)
        return bool(believed.modified_count)

    async def _settle(self, number: int) -> None:
        """What the book holds is in it, and what else was on its way waits again."""
        with translated():
            book = await self._books.find_one({"_id": number, "finished": True}, {"lines": 1})
            if book is None:
                return
            held = {"moving": number, "_id": {"$in": book["lines"]}}
            await self._lines.update_many(held, {"$set": {"book": number}, "$unset": {"moving": "", "payload": ""}})
            await self._lines.update_many({"moving": number}, {"$set": {"waits": True}, "$unset": {"moving": ""}})

    async def mend(self) -> None:
        """Finish what `keep` had decided where its process died."""
        with translated():
            moving = await self._lines.find({"moving": {"$exists": True}}, {"moving": 1}).limit(_LOOKED_AT).to_list(None)
        for number in {line["moving"] for line in moving}:
            await self._settle(number)

    async def book(self, number: int) -> OutBook | None:
        """By number."""
        with translated():
            document = await self._books.find_one({"_id": number})
        return None if document is None else _decode(document)

    async def file(self, number: int, name: str) -> bytes | None:
        """One of its files."""
        with translated():
            book = await self._books.find_one({"_id": number, "finished": True}, {"attempt": 1})
            document = await self._files.find_one({"_id": f"{number}/{book['attempt']}/{name}"}) if book else None
        return None if document is None else bytes(document["data"])

    async def newest(self, limit: int) -> Sequence[OutBook]:
        """Newest first: those that hold anything."""
        some = {"finished": True, "$or": [{"reports": {"$gt": 0}}, {"follow_ups": {"$gt": 0}}]}
        with translated():
            found = await self._books.find(some).sort("_id", -1).limit(limit).to_list(None)
        return [_decode(document) for document in found]

    async def unfinished(self, before: datetime) -> Sequence[OutBook]:
        """Books begun before then whose files were never made."""
        with translated():
            found = await self._books.find({"finished": False, "made_at": {"$lt": before}}).sort("_id", 1).limit(_TRIES).to_list(None)
        return [_decode(document) for document in found]


def _encode(book: OutBook) -> Document:
    return {
        "_id": book.number,
        "made_by": book.made_by,
        "made_at": book.made_at,
        "reports": book.reports,
        "follow_ups": book.follow_ups,
        "media": list(book.media),
        "finished": False,
    }


def _decode(document: Mapping[str, Any]) -> OutBook:
    return OutBook(
        number=document["_id"],
        made_by=document["made_by"],
        made_at=document["made_at"],
        reports=document["reports"],
        follow_ups=document["follow_ups"],
        media=tuple(document["media"]),
    )
