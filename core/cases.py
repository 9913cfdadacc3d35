"""The use cases: take a report in, take a step on one, close what nobody answers."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from core import workflow
from core.clock import day_of
from core.errors import FieldError, KeyReused, NotAllowed, Refused, StoreUnavailable, UnknownTicket
from core.model import Filing
from core.store.reports import Entry, Record, Reports
from core.workflow import Action, CitizenAction, Expire, OfficerAction

MAX_TAKEN = 8 << 20
"""Bytes that one report may gather after filing; MongoDB ends at 16 MiB."""

_ATTEMPTS = 20
_SWEEP_BATCH = 100


@dataclass(frozen=True, slots=True)
class Operation:
    """The request a citizen's action came with."""

    name: str
    """messages, rating, withdrawal or reopening."""
    key: str
    body: bytes

    @property
    def digest(self) -> str:
        """Of the name too: the same bytes for another operation are another request."""
        return digest_of(self.name.encode() + b"\n" + self.body)


def digest_of(body: bytes) -> str:
    """What two requests with one Idempotency-Key are compared by."""
    return hashlib.sha256(body).hexdigest()


async def file(reports: Reports, filing: Filing, body: bytes, now: datetime) -> tuple[Record, bool]:
    """Take a report in; True when it is new. Raises KeyReused."""
    digest = digest_of(body)
    record, fresh = await reports.file(filing, digest, now)
    if record.digest != digest:
        raise KeyReused
    return record, fresh


async def operate(reports: Reports, ticket: str, action: CitizenAction, operation: Operation, now: datetime) -> tuple[Record, bool]:
    """Take a citizen's step; True when it is new. Raises UnknownTicket, KeyReused, Refused."""
    for _ in range(_ATTEMPTS):
        record = await _load(reports, ticket)
        known = record.operations.get(operation.key)
        if known is not None:
            if known != operation.digest:
                raise KeyReused
            return record, False
        if record.taken + len(operation.body) > MAX_TAKEN:
            raise Refused(FieldError("ticket", "this report can take no more"))
        try:
            if await _step(reports, record, action, by="citizen", now=now, operation=operation):
                return await _load(reports, ticket), True
        except NotAllowed as error:
            raise Refused(FieldError("status", str(error))) from error
    raise StoreUnavailable("the report changes too fast")


async def act(reports: Reports, ticket: str, action: OfficerAction | Expire, by: str, now: datetime) -> Record:
    """Take an officer's step, or time's own. Raises UnknownTicket, NotAllowed, Incomplete."""
    for _ in range(_ATTEMPTS):
        record = await _load(reports, ticket)
        if await _step(reports, record, action, by=by, now=now):
            return await _load(reports, ticket)
    raise StoreUnavailable("the report changes too fast")


async def sweep(reports: Reports, now: datetime) -> int:
    """End the reports whose citizen has let the days for a reply pass; how many."""
    ended = 0
    while tickets := await reports.expired(day_of(now), _SWEEP_BATCH):
        for ticket in tickets:
            try:
                await act(reports, ticket, Expire(), "system", now)
            except NotAllowed:
                continue  # the citizen wrote at this very moment
            ended += 1
    return ended


async def _load(reports: Reports, ticket: str) -> Record:
    record = await reports.by_ticket(ticket)
    if record is None:
        raise UnknownTicket
    return record


async def _step(reports: Reports, record: Record, action: Action, *, by: str, now: datetime, operation: Operation | None = None) -> bool:
    step = workflow.advance(record.case, action, now)
    words = asdict(action)
    entry = Entry(
        at=now,
        by=by,
        action=type(action).__name__,
        words=words,
        key=operation.key if operation else None,
        digest=operation.digest if operation else None,
        size=len(operation.body) if operation else len(repr(words)),
    )
    return await reports.save(record, step.case, step.event, entry)
