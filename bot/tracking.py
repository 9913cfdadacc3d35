"""The third use case: what the core says of a report becomes ONE atomic write of the report, and a notice to its citizen.

Events come by signed webhook and again by polling; twice, late or out of order. A status of a lower sequence than one known is
ignored; a message is known by its id and told even when late.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from bot import effects, logs, metrics, workdays
from bot.clock import WIB, Now
from bot.errors import DeliveryError, StoreUnavailable
from bot.history import Milestone
from bot.model import Effect, Status
from bot.pausing import pause
from bot.ports import Marks, Parked, ParkedItem, Reports, StoredReport
from bot.report_change import Change, change

POLL_SECONDS = 30.0
POLL_LEASE = timedelta(seconds=90)
CURSOR = "core-events"
STATUS_CHANGED = "report.status_changed"
REMINDED_BEFORE = 2
"""Working days before the last day of a citizen's reply."""
REMINDED_AT = time(10)
"""In Jakarta."""
_OVER = frozenset({Status.NOT_OUR_AUTHORITY, Status.ARCHIVED, Status.COMPLETED, Status.WITHDRAWN})
"""No agency waits for an answer any more."""

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

    @property
    def occurred_at(self) -> datetime:
        """When it happened there."""


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

    def __init__(self, *, reports: Reports, parked: Parked, marks: Marks, source: Events, holder: str, now: Now, real: Now) -> None:
        """`now`: business time; `real`: of the lease."""
        self._reports = reports
        self._parked = parked
        self._marks = marks
        self._source = source
        self._holder = holder
        self._now = now
        self._real = real

    async def receive(self, event: CoreEvent) -> None:
        """Apply one event; one that cannot be applied is parked. Returns when it is durable. Raises StoreUnavailable."""
        try:
            with metrics.EVENT_SECONDS.time():
                outcome = await self._apply(event)
        except StoreUnavailable:
            raise
        except Exception:  # a poison event must not block what comes after it
            log.exception("event_failed", event_id=event.id)
            outcome = "failed"
        metrics.EVENTS.labels(outcome).inc()
        if outcome in ("unknown", "foreign", "failed"):
            log.warning("event_parked", event_id=event.id, outcome=outcome)
            await self.park(event.id, f"event_{outcome}", {"event": _record(event)})

    async def _apply(self, event: CoreEvent) -> str:
        outcome = "unknown"
        now = self._now()

        def decide(report: StoredReport) -> Change | None:
            nonlocal outcome
            if report.ticket not in (None, event.ticket):
                outcome = "foreign"
                return None
            decided = _decide(report, event, now)
            outcome = "applied" if decided else "duplicate" if _known(report, event) else "stale"
            return decided

        await change(self._reports, event.idempotency_key, decide, now)
        return outcome

    async def park(self, event_id: str, reason: str, payload: Mapping[str, Any]) -> None:
        """Keep an event that cannot be applied."""
        await self._parked.park(ParkedItem(f"event/{event_id}", "event", reason, "", payload, self._now()))

    async def work(self, stop: asyncio.Event, seconds: float = POLL_SECONDS) -> None:
        """Reconcile again and again, in one process at a time, until told to stop."""
        while not stop.is_set():
            try:
                now = self._real()
                if await self._marks.lease(CURSOR, self._holder, now, now + POLL_LEASE):
                    await self.reconcile()
            except DeliveryError as error:
                log.info("reconcile_failed", code=error.code)
            except StoreUnavailable:
                log.warning("store_unavailable")
            except Exception:  # whatever it was, the next round must come
                log.exception("reconcile_failed")
            await pause(stop, seconds)

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


def _mark(event: CoreEvent) -> str:
    """What is remembered of an event. A message is known by its own id; a status by its sequence anyway."""
    return f"message:{event.message.id}" if event.message else event.id


def _known(report: StoredReport, event: CoreEvent) -> bool:
    return event.id in report.applied or _mark(event) in report.applied


def _decide(report: StoredReport, event: CoreEvent, now: datetime) -> Change | None:
    """What an event does to a report; None when it says nothing new."""
    fields: dict[str, Any] = {}
    told: list[Effect] = []
    history: list[Milestone] = []
    if report.ticket is None:  # its answer to our filing was lost or is still on its way
        fields["ticket"] = event.ticket
        history.append(Milestone("ticket", event.occurred_at, "ticket"))
        told.append(_with_status(effects.notify(report.id, "ticket", "ticket", now=now), _then(event) | _JUST_FILED))
    if event.type == STATUS_CHANGED and event.sequence > report.sequence:
        fields |= {
            "status": event.status,
            "sequence": event.sequence,
            "agency": event.agency,
            "note": event.note,
            "missing": event.missing,
            "due_dates": event.due or report.due_dates,
            "wants_answer": report.wants_answer and event.status not in _OVER,
        }
        if event.status is Status.COMPLETED:
            fields["completed_at"] = event.occurred_at
        told.append(_with_status(effects.notify(report.id, str(event.sequence), "status", now=now), _then(event)))
        told += _reminder(report, event, now)
        history.append(Milestone("status", event.occurred_at, str(event.sequence), event.status, event.agency))
    if event.message and _mark(event) not in report.applied:
        fields["wants_answer"] = event.message.wants_answer
        told.append(_with_status(_agency_message(report, event.message, now), _then(event)))
        history.append(Milestone("message", event.occurred_at, _mark(event), agency=event.agency))
    return Change(fields, applied=_mark(event), effects=told, history=history) if told else None


def _reminder(report: StoredReport, event: CoreEvent, now: datetime) -> list[Effect]:
    """Before a postponed report is archived for want of what it lacks; none where the time for it is past already."""
    last = event.due.get("reply")
    if event.status is not Status.POSTPONED or last is None:
        return []
    due = datetime.combine(workdays.shift(last, -REMINDED_BEFORE), REMINDED_AT, WIB)
    return [effects.remind(report.id, event.sequence, due=due)] if due > now else []


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


_JUST_FILED: dict[str, Any] = {"status": Status.RECEIVED.value, "agency": None, "note": None, "missing": []}


def _with_status(notice: Effect, then: Mapping[str, Any]) -> Effect:
    return replace(notice, data={**notice.data, "then": dict(then)})


def _then(event: CoreEvent) -> dict[str, Any]:
    return {
        "status": event.status.value,
        "agency": event.agency,
        "note": event.note,
        "missing": list(event.missing),
        "due": {name: day.isoformat() for name, day in event.due.items()},
    }


def _record(event: CoreEvent) -> dict[str, Any]:
    """All of it, in the words of the core's API."""
    message = event.message
    return {
        "id": event.id,
        "type": event.type,
        "ticket": event.ticket,
        "idempotency_key": event.idempotency_key,
        "sequence": event.sequence,
        **_then(event),
        "message": message and {"id": message.id, "text": message.text, "wants_answer": message.wants_answer},
    }
