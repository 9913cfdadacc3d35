"""Frozen values that cross modules."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """SP4N-LAPOR!'s classification of a report."""

    COMPLAINT = "pengaduan"
    ASPIRATION = "aspirasi"
    INFORMATION = "informasi"


class Status(StrEnum):
    """Where a report stands, in the order of the usual way through."""

    RECEIVED = "received"
    POSTPONED = "postponed"
    NOT_OUR_AUTHORITY = "not_our_authority"
    ARCHIVED = "archived"
    DISPOSED = "disposed"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


REPORT_FIELDS = ("title", "body", "occurred_on", "location", "category", "agency", "attachments", "reporter")
"""What an officer may ask a citizen to complete."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where it happened; degrees WGS 84."""

    text: str
    area_code: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, and how they are reached."""

    channel: str
    address: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that stays with the intake; fetched from `url` with the bearer token."""

    id: str
    name: str
    mime: str
    size: int
    """Bytes."""
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A report as the intake hands it over. `id` is its Idempotency-Key."""

    id: str
    kind: Kind
    title: str
    body: str
    location: Location
    channel: str
    submitted_at: datetime
    occurred_on: date | None = None
    category: str | None = None
    agency: str | None = None
    """The agency the citizen thinks it is for."""
    anonymous: bool = False
    confidential: bool = False
    reporter: Reporter | None = None
    entered_by: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of each clock that runs now; None where none runs."""

    verification: date | None = None
    response: date | None = None
    resolution: date | None = None
    reply: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A report on its way through the offices: all that its next step depends on."""

    ticket: str
    """Decimal digits."""
    key: str
    """The Idempotency-Key it was filed under."""
    kind: Kind
    status: Status
    due: Due
    sequence: int = 0
    """Of its last event."""
    agency: str | None = None
    """The agency it was disposed to."""
    verified: bool = False
    field_check: bool = False
    """Somebody has to look on the spot: 60 days instead of 14."""
    missing: tuple[str, ...] = ()


class EventType(StrEnum):
    """What an event tells first of all."""

    STATUS_CHANGED = "report.status_changed"
    MESSAGE = "report.message"


@dataclass(frozen=True, slots=True)
class Message:
    """Words of the agency to the citizen."""

    id: str
    text: str
    wants_answer: bool
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something the intake must hear of. `sequence` rises by one per ticket."""

    id: str
    type: EventType
    ticket: str
    idempotency_key: str
    sequence: int
    status: Status
    agency: str | None
    note: str | None
    message: Message | None
    missing: tuple[str, ...]
    due: Due
    occurred_at: datetime
