"""The third use case: what the core says of a report becomes ONE atomic write of the report, and a notice to its citizen.

Events come by signed webhook and again by polling; twice, late or out of order. A status of a lower sequence than one known is
ignored; a message is known by its id and told even when late.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot import effects, logs, metrics
from bot.clock import Now
from bot.errors import DeliveryError, StoreUnavailable
from bot.model import Effect, Status
from bot.ports import Marks, Parked, ParkedItem, Reports, StoredReport
from bot.report_change import Change, change

POLL_SECONDS = 30.0
POLL_LEASE = timedelta(seconds=90)
CURSOR = "core-events"
STATUS_CHANGED = "report.status_changed"

log = logs.get_logger(__name__)


class AgencyMessage(Protocol):
    """What is read of `bot.forwarder.protocol.AgencyMessage`."""

    @property
    def id(self) -> str:
        """The dedupe key of messages."""

    @property
    def text(self) -> str:
        """The agency's words."""

    @property
    def attachments(self) -> int:
        """How many files came with it."""

    @property
    def wants_answer(self) -> bool:
        """Whether the agency waits for the citizen."""


class CoreEvent(Protocol):
    """What is read of `bot.forwarder.protocol.CoreEvent`."""

    @property
    def id(self) -> str:
        """The event's id."""

    @property
    def type(self) -> str:
        """report.status_changed or report.message."""

    @property
    def ticket(self) -> str:
        """The ticket it is about."""

    @property
    def idempotency_key(self) -> str:
        """Our report's id."""

    @property
    def sequence(self) -> int:
        """Rises by one per ticket."""

    @property
    def status(self) -> Status:
        """The status after it."""

    @property
    def agency(self) -> str | None:
        """The agency responsible."""

    @property
    def note(self) -> str | None:
        """The officer's words."""

    @property
    def message(self) -> AgencyMessage | None:
        """For report.message."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields the citizen must complete."""

    @property
    def due(self) -> Mapping[str, date]:
        """Deadlines."""


class EventPage(Protocol):
    """What is read of `bot.forwarder.protocol.EventPage`."""

    @property
    def events(self) -> Sequence[CoreEvent]:
        """In order."""

    @property
    def next(self) -> str | None:
        """The cursor."""

    @property
    def unreadable(self) -> Sequence[Mapping[str, Any]]:
        """To be parked."""


class Events(Protocol):
    """Where events are read again: see `bot.forwarder.protocol.Target`."""

    async def events(self, after: str | None) -> EventPage:
        """One page."""


class Tracking:
    """Applies the core's events to reports."""

    def __init__(self, *, reports: Reports, parked: Parked, marks: Marks, source: Events, holder: str, now: Now) -> None:
        self._reports = reports
        self._parked = parked
        self._marks = marks
        self._source = source
        self._holder = holder
        self._now = now

    async def receive(self, event: CoreEvent) -> None:
        """Apply one event; returns when it is durable. Raises StoreUnavailable."""
        now = self._now()
        outcome = "duplicate"

        def decide(report: StoredReport) -> Change | None:
            nonlocal outcome
            if event.id in report.applied or (event.message and f"message:{event.message.id}" in report.applied):
                outcome = "duplicate"
                return None
            if report.ticket not in (None, event.ticket):
                outcome = "foreign"
                return None
            decided = _decide(report, event, now)
            outcome = "applied" if decided.effects else "stale"
            return decided

        report = await change(self._reports, event.idempotency_key, decide, now)
        if report is None:
            outcome = "unknown"
        metrics.EVENTS.labels(outcome).inc()
        if outcome in ("unknown", "foreign"):
            log.warning("event_parked", event_id=event.id, outcome=outcome)
            await self.park(event.id, f"event_{outcome}", {"ticket": event.ticket, "idempotency_key": event.idempotency_key})

    async def park(self, event_id: str, reason: str, payload: Mapping[str, Any]) -> None:
        """Keep an event that cannot be applied."""
        await self._parked.park(ParkedItem(f"event/{event_id}", "event", reason, "", payload, self._now()))

    async def work(self, stop: asyncio.Event, seconds: float = POLL_SECONDS) -> None:
        """Reconcile again and again, in one process at a time, until told to stop."""
        while not stop.is_set():
            try:
                now = self._now()
                if await self._marks.lease(CURSOR, self._holder, now, now + POLL_LEASE):
                    await self.reconcile()
            except DeliveryError as error:
                log.info("reconcile_failed", code=error.code)
            except StoreUnavailable:
                log.warning("store_unavailable")
            try:
                await asyncio.wait_for(stop.wait(), seconds)
            except TimeoutError:
                continue

    async def reconcile(self) -> int:
        """Read the core's events since the cursor; how many there were. Raises DeliveryError or StoreUnavailable."""
        seen = 0
        while True:
            cursor = await self._marks.get(CURSOR)
            page = await self._source.events(cursor)
            for event in page.events:
                await self.receive(event)
            for index, unreadable in enumerate(page.unreadable):
                await self.park(str(unreadable.get("id") or f"{cursor}:{index}"), "event_malformed", {"event": dict(unreadable)})
            seen += len(page.events)
            if page.next is None or page.next == cursor:
                return seen
            await self._marks.put(CURSOR, page.next)
            if not page.events and not page.unreadable:
                return seen


def _decide(report: StoredReport, event: CoreEvent, now: datetime) -> Change:
    """What an event that is new does to a report."""
    fields: dict[str, Any] = {}
    told: list[Effect] = []
    if report.ticket is None:  # its answer to our filing was lost or is still on its way
        fields["ticket"] = event.ticket
        told.append(effects.notify(report.id, "ticket", "ticket", now=now))
    if event.type == STATUS_CHANGED and event.sequence > report.sequence:
        fields |= {
            "status": event.status,
            "sequence": event.sequence,
            "agency": event.agency,
            "note": event.note,
            "missing": event.missing,
            "due_dates": event.due or report.due_dates,
        }
        told.append(_with_status(effects.notify(report.id, str(event.sequence), "status", now=now), event))
    if event.message:
        fields["wants_answer"] = event.message.wants_answer
        told.append(_with_status(_agency_message(report, event.message, now), event))
    applied = f"message:{event.message.id}" if event.message and event.type != STATUS_CHANGED else event.id
    return Change(fields, applied=applied, effects=told)


def _agency_message(report: StoredReport, message: AgencyMessage, now: datetime) -> Effect:
    return effects.notify(
        report.id,
        f"message:{message.id}",
        "message",
        now=now,
        text=message.text,
        attachments=message.attachments,
        reason="wants_answer" if message.wants_answer else "",
    )


def _with_status(notice: Effect, event: CoreEvent) -> Effect:
    then = {
        "status": event.status.value,
        "agency": event.agency,
        "note": event.note,
        "missing": list(event.missing),
        "due": {name: day.isoformat() for name, day in event.due.items()},
    }
    return replace(notice, data={**notice.data, "then": then})
