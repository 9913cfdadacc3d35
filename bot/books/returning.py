"""A book that comes back: tickets and statuses reach the citizens exactly as the core's own events would.

An agency's table has no sequence. A row is applied once, known by what it says; and a status never goes back to an earlier stage, so that
an old file sent late changes nothing, unless a book has carried the citizen's wish to have a completed report opened again.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot import access
from bot.books import columns
from bot.books.jobs import Job, Mistake, Row, RowState, formula_mistakes, mark_twins
from bot.books.outgoing import Outbound
from bot.books.table import Cells, Table, normalised
from bot.clock import Now
from bot.errors import StoreUnavailable
from bot.model import Status
from bot.ports import Reports, StoredReport
from bot.redirects import Author
from bot.tracking import STATUS_CHANGED, CoreEvent

NOTE_AT_MOST = 5_000
"""Characters."""
_TRIES = 5

_STAGE = {
    Status.RECEIVED: 0,
    Status.POSTPONED: 1,
    Status.DISPOSED: 2,
    Status.IN_PROGRESS: 3,
    Status.ANSWERED: 4,
}
_LAST = 5


@dataclass(frozen=True, slots=True)
class BookEvent:
    """A row as the core would have told it: see `forwarder.protocol.CoreEvent`."""

    id: str
    ticket: str
    idempotency_key: str
    sequence: int
    status: Status
    agency: str | None
    note: str | None
    occurred_at: datetime
    type: str = STATUS_CHANGED
    message: None = None
    missing: tuple[str, ...] = ()
    due: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticketed:
    """A row's ticket: see `forwarder.protocol.Filed`."""

    ticket: str
    status: Status = Status.RECEIVED
    due: Mapping[str, date] = field(default_factory=dict)


class Returning:
    """Implements `jobs.Carrier`."""

    columns = columns.RETURNED

    def __init__(
        self,
        *,
        reports: Reports,
        outbound: Outbound,
        adopt: Callable[[str, Ticketed], Awaitable[None]],
        receive: Callable[[CoreEvent], Awaitable[None]],
        now: Now,
    ) -> None:
        """`adopt`: (report, ticket): take a ticket over and tell it; `receive`: apply an event and tell it."""
        self._reports = reports
        self._outbound = outbound
        self._adopt = adopt
        self._receive = receive
        self._now = now

    async def check(self, table: Table, author: Author) -> Sequence[Row]:
        """The dry run. Rows that nobody has filled in are left out."""
        del author
        filled = [cells for cells in table.rows if any(cells.values[name] for name in ("ticket", "status", "note")) or cells.formulas]
        rows = [await self._checked(Row(cells.number, cells.values, "", RowState.WAITING), cells) for cells in filled]
        return _mark_shared_tickets(mark_twins(rows))

    async def _checked(self, row: Row, cells: Cells) -> Row:
        row = replace(row, key=_row_key(cells.values))
        if formulas := formula_mistakes(cells):
            return replace(row, state=RowState.WRONG, mistakes=formulas)
        return await self._judged(row)

    async def _judged(self, row: Row) -> Row:
        """The row in the light of what is known of its report."""
        number = access.normalise_number(row.values["receipt"])
        report = await self._reports.find(number) if number else None
        if report is None:
            mistake = Mistake("receipt", "no_report" if row.values["receipt"] else "missing")
            return replace(row, state=RowState.WRONG, mistakes=(mistake,))
        if _event_id(row) in report.applied:
            return replace(row, state=RowState.KNOWN, report=report.id)
        mistakes = (*await self._ticket_mistakes(row, report), *await self._status_mistakes(row, report))
        if mistakes:
            return replace(row, state=RowState.WRONG, mistakes=mistakes, report=report.id)
        known = report.ticket is not None and not _says_something(row, report)
        return replace(row, state=RowState.KNOWN if known else RowState.WAITING, report=report.id)

    async def _ticket_mistakes(self, row: Row, report: StoredReport) -> tuple[Mistake, ...]:
        given, ticket = row.values["ticket"], _ticket(row)
        if not given:
            return () if report.ticket else (Mistake("ticket", "missing"),)
        if ticket is None:
            return (Mistake("ticket", "unclear"),)
        if report.ticket not in (None, ticket):
            return (Mistake("ticket", "other", (report.ticket or "",)),)
        owner = await self._reports.find(ticket)
        if owner is not None and owner.id != report.id:
            return (Mistake("ticket", "taken"),)
        if report.ticket is None and await self._outbound.waits(report.id) is not False:
            return (Mistake("receipt", "not_exported"),)
        return ()

    async def _status_mistakes(self, row: Row, report: StoredReport) -> tuple[Mistake, ...]:
        if len(row.values["note"]) > NOTE_AT_MOST:
            return (Mistake("note", "long"),)
        if not row.values["status"]:
            lacking = report.ticket is not None or bool(row.values["note"])
            return (Mistake("status", "missing"),) if lacking else ()
        status = _status(row)
        if status is None:
            return (Mistake("status", "unclear"),)
        if status is report.status or _stage(status) > _stage(report.status):
            return ()
        if status in _STAGE and await self._reopening_was_told(report):
            return ()
        return (Mistake("status", "backwards", (report.status.value,)),)

    async def _reopening_was_told(self, report: StoredReport) -> bool:
        """Whether the agency has heard that the citizen does not take the report for completed."""
        if report.status is not Status.COMPLETED or report.completed_at is None:
            return False
        return await self._outbound.reopened_since(report.id, report.completed_at)

    async def carry(self, job: Job, row: Row) -> Row:
        """Apply it, once, to the report as it is now."""
        del job
        for _ in range(_TRIES):
            judged = await self._judged(row)
            if judged.state is RowState.KNOWN:
                return replace(judged, state=RowState.DONE)
            if judged.state is RowState.WRONG:
                return judged
            await self._apply(judged)
        raise StoreUnavailable("too many writers on one report")

    async def _apply(self, row: Row) -> None:
        report = await self._reports.load(row.report)
        if report is None:
            return
        ticket = report.ticket or _ticket(row) or ""
        if report.ticket is None:
            await self._adopt(report.id, Ticketed(ticket))
        if not _says_something(row, report):
            return
        event = BookEvent(
            id=_event_id(row),
            ticket=ticket,
            idempotency_key=report.id,
            sequence=report.sequence + 1,
            status=_status(row) or report.status,
            agency=row.values["agency"] or report.agency,
            note=row.values["note"] or None,
            occurred_at=self._now(),
        )
        await self._receive(event)


def _says_something(row: Row, report: StoredReport) -> bool:
    """Besides the ticket."""
    status = _status(row)
    if status is None:
        return False
    if status is not report.status:
        return True
    return bool(row.values["note"]) and row.values["note"] != report.note


def _stage(status: Status) -> int:
    return _STAGE.get(status, _LAST)


def _ticket(row: Row) -> str | None:
    number = access.normalise_number(row.values["ticket"])
    return number if number and number.isdecimal() else None


def _status(row: Row) -> Status | None:
    return columns.STATUSES.get(normalised(row.values["status"]))


def _row_key(values: Mapping[str, str]) -> str:
    said = "\x1f".join(normalised(values[column.name]) for column in columns.RETURNED)
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:32]


def _event_id(row: Row) -> str:
    return f"book:{row.key}"


def _mark_shared_tickets(rows: Sequence[Row]) -> list[Row]:
    """One ticket for two reports, or two rows on one report, in one file: nobody can say which is meant."""
    marked: list[Row] = []
    reports: dict[str, int] = {}
    tickets: dict[str, Row] = {}
    for row in rows:
        mistakes: list[Mistake] = []
        if row.state is RowState.WAITING:
            ticket = _ticket(row)
            if row.report in reports:
                mistakes.append(Mistake("receipt", "again", (str(reports[row.report]),)))
            elif ticket and ticket in tickets:
                mistakes.append(Mistake("ticket", "again", (str(tickets[ticket].number),)))
            reports.setdefault(row.report, row.number)
            if ticket:
                tickets.setdefault(ticket, row)
        marked.append(replace(row, state=RowState.WRONG, mistakes=(*row.mistakes, *mistakes)) if mistakes else row)
    return marked
