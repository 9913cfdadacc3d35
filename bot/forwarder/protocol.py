"""What every place to forward to offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from bot.model import Status


@dataclass(frozen=True, slots=True)
class Filed:
    """The other side has the report."""

    ticket: str
    """Decimal digits."""
    status: Status
    due: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgencyMessage:
    """Words of the agency to the citizen."""

    id: str
    text: str
    attachments: int
    wants_answer: bool


@dataclass(frozen=True, slots=True)
class CoreEvent:
    """Something happened to a ticket. Shapes from the core's API, version 1."""

    id: str
    type: str
    """report.status_changed or report.message."""
    ticket: str
    idempotency_key: str
    sequence: int
    status: Status
    agency: str | None
    note: str | None
    message: AgencyMessage | None
    missing: tuple[str, ...]
    due: Mapping[str, date]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of the core's events."""

    events: Sequence[CoreEvent]
    next: str | None
    """The cursor after the last event; None when nothing more is known now."""
    unreadable: Sequence[Mapping[str, Any]] = ()
    """Events that are not of the contract's shape, to be parked."""


class Target(Protocol):
    """A place that takes reports. Every call is made once: no target sleeps or loops. All raise DeliveryError."""

    @property
    def name(self) -> str:
        """The registry's name."""

    async def file(self, report_id: str, payload: bytes, *, unsure: bool) -> Filed | None:
        """Hand over the frozen bytes under the report's id as key. `unsure`: ask for the key first. None: they are taken for good, and the
        ticket comes later, by another way.
        """

    def reference(self, report_id: str, ticket: str | None) -> str | None:
        """By what `operate` knows a report; None while it cannot be spoken of yet."""

    async def operate(self, reference: str, operation: str, operation_id: str, payload: bytes) -> None:
        """messages, rating, withdrawal or reopening, under the operation's id as key."""

    async def events(self, after: str | None) -> EventPage:
        """What happened since the cursor, for reconciliation."""
