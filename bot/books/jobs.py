"""A book that came in is a job: its rows are checked when it is sent, and carried out one by one when somebody says so.

Rows are carried in order, under a lease with a fence. A process that dies leaves the lease to lapse; another goes on with the first row
that is still waiting. A row may then be carried a second time: whoever carries rows must know what they have done already.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot import logs
from bot.books.columns import Column
from bot.books.table import Cells, Table
from bot.clock import Now
from bot.errors import LaporError, StoreUnavailable
from bot.pausing import pause
from bot.redirects import Author, Scope

LEASE = timedelta(seconds=30)
"""How long one row may take."""
POLL_SECONDS = 0.5
KEPT_FOR = timedelta(days=30)
"""The citizens' words in it are erased then; what was filed stays filed."""

log = logs.get_logger(__name__)


class RowState(StrEnum):
    """Where a row stands."""

    WAITING = "waiting"
    """Nothing is wrong with it."""
    WRONG = "wrong"
    DONE = "done"
    KNOWN = "known"
    """It was done before, by another book."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a cell."""

    field: str
    """The column's name; "" for the whole row."""
    key: str
    about: tuple[str, ...] = ()
    """Names and numbers for the sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row and what is known of it."""

    number: int
    """Its line in the file."""
    values: Mapping[str, str]
    key: str
    """The same for rows that say the same."""
    state: RowState
    mistakes: tuple[Mistake, ...] = ()
    report: str = ""
    """The id of the report it has become or is about."""


@dataclass(frozen=True, slots=True)
class Job:
    """A book that came in."""

    id: str
    kind: str
    """reports or returned."""
    author: Author
    at: datetime
    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()
    """Headings that nothing was read from."""
    started_at: datetime | None = None
    fence: int = 0

    def count(self, state: str) -> int:
        """How many rows stand there: a RowState, or its value."""
        return sum(row.state == state for row in self.rows)

    @property
    def running(self) -> bool:
        """Whether rows are being carried out."""
        return self.started_at is not None and self.count(RowState.WAITING) > 0


class JobStore(Protocol):
    """What is asked of a store."""

    async def insert(self, job: Job, erase_at: datetime) -> None:
        """Keep it."""

    async def load(self, id_: str) -> Job | None:
        """By id."""

    async def newest(self, kind: str, scope: Scope, limit: int) -> Sequence[Job]:
        """Newest first."""

    async def start(self, id_: str, at: datetime) -> bool:
        """Let it be carried out; False when it has been started already."""

    async def claim(self, now: datetime, until: datetime) -> Job | None:
        """One that is to be carried out and that nobody has; the fence is already the new one."""

    async def note(self, job: Job, index: int, row: Row, until: datetime) -> bool:
        """What became of a row; the lease goes on until then. False: another process has it now."""

    async def finish(self, job: Job) -> None:
        """Nothing of it is left to do."""


class Carrier(Protocol):
    """What the rows of one kind of book mean."""

    @property
    def columns(self) -> Sequence[Column]:
        """Which there are."""

    async def check(self, table: Table, author: Author) -> Sequence[Row]:
        """The dry run: nothing is changed. Raises StoreUnavailable."""

    async def carry(self, job: Job, row: Row) -> Row:
        """Carry one row out; the same row again changes nothing. Raises StoreUnavailable."""


class Jobs:
    """Takes books in and carries them out."""

    def __init__(self, *, store: JobStore, carriers: Mapping[str, Carrier], now: Now) -> None:
        self._store = store
        self._carriers = carriers
        self._now = now

    async def take_in(self, id_: str, kind: str, table: Table, author: Author) -> Job:
        """The dry run of a book, kept. Raises StoreUnavailable."""
        now = self._now()
        rows = tuple(await self._carriers[kind].check(table, author))
        job = Job(id_, kind, author, now, rows, table.unread)
        await self._store.insert(job, now + KEPT_FOR)
        return job

    async def start(self, job: Job) -> bool:
        """Let the rows without a mistake go in; False when they do already, or when there is none."""
        return job.count(RowState.WAITING) > 0 and await self._store.start(job.id, self._now())

    async def work(self, stop: asyncio.Event, seconds: float = POLL_SECONDS) -> None:
        """Carry out what was started, until told to stop."""
        while not stop.is_set():
            try:
                while not stop.is_set() and await self.carry_one():
                    pass
            except StoreUnavailable:
                log.warning("store_unavailable")
            except Exception:  # whatever it was, the next round must come
                log.exception("book_failed")
            await pause(stop, seconds)

    async def carry_one(self) -> bool:
        """Carry out one book to its end; False when none is due. Raises StoreUnavailable."""
        now = self._now()
        job = await self._store.claim(now, now + LEASE)
        if job is None:
            return False
        for index, row in enumerate(job.rows):
            if row.state is RowState.WAITING:
                carried = await self._carried(job, row)
                if not await self._store.note(job, index, carried, self._now() + LEASE):
                    return True
        await self._store.finish(job)
        log.info("book_done", book=job.id)
        return True

    async def _carried(self, job: Job, row: Row) -> Row:
        try:
            return await self._carriers[job.kind].carry(job, row)
        except StoreUnavailable:
            raise
        except Exception as error:  # one row must not keep the others out, and it is told as wrong
            log.exception("book_row_failed", book=job.id, row=row.number)
            code = error.code if isinstance(error, LaporError) else "bug"
            return replace(row, state=RowState.WRONG, mistakes=(Mistake("", "failed", (code,)),))


def formula_mistakes(cells: Cells) -> tuple[Mistake, ...]:
    """What nobody has written is not taken."""
    return tuple(Mistake(name, "formula") for name in sorted(cells.formulas))


def mark_twins(rows: Sequence[Row]) -> list[Row]:
    """Of rows that say the same only the first is right."""
    first: dict[str, int] = {}
    marked = []
    for row in rows:
        earlier = first.setdefault(row.key, row.number)
        twin = row.state is RowState.WAITING and earlier != row.number
        mistakes = (*row.mistakes, Mistake("", "twin", (str(earlier),)))
        marked.append(replace(row, state=RowState.WRONG, mistakes=mistakes) if twin else row)
    return marked
