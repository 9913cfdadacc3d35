"""Frozen values that cross modules. No behaviour beyond reading themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Medium(StrEnum):
    """What a channel feels like to the citizen; decides words, buttons and limits."""

    SMS = "sms"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


class Kind(StrEnum):
    """SP4N-LAPOR!'s classification of a report."""

    COMPLAINT = "pengaduan"
    ASPIRATION = "aspirasi"
    INFORMATION = "informasi"


class Network(StrEnum):
    """Where complaints reach an office's social media admins."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    X = "x"
    WHATSAPP = "whatsapp"
    TIKTOK = "tiktok"
    EMAIL = "email"
    OTHER = "lainnya"


class Status(StrEnum):
    """The routing core's statuses, in the order of the usual way through."""

    RECEIVED = "received"
    POSTPONED = "postponed"
    NOT_OUR_AUTHORITY = "not_our_authority"
    ARCHIVED = "archived"
    DISPOSED = "disposed"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


_MEDIUM_OF = {
    "sms": Medium.SMS,
    "sms_twilio": Medium.SMS,
    "telegram": Medium.TELEGRAM,
    "whatsapp": Medium.WHATSAPP,
}


@dataclass(frozen=True, slots=True)
class Address:
    """One person on one transport. Its text form is the conversation's id."""

    transport: str
    """The registry's name: sms, sms_twilio, telegram, whatsapp or sim."""
    id: str
    """The provider's own: E.164 number, chat id; for sim `<medium>:<name>`."""

    def __str__(self) -> str:
        """`transport:id`, what `parse` reads back."""
        return f"{self.transport}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `transport:id`; ValueError when it is not of that form."""
        transport, colon, rest = text.partition(":")
        if not (transport and colon and rest):
            raise ValueError("an address is written transport:id")
        return cls(transport, rest)

    @property
    def medium(self) -> Medium:
        """How this transport feels to the citizen."""
        if self.transport == "sim":
            return Medium(self.id.partition(":")[0])
        return _MEDIUM_OF[self.transport]


@dataclass(frozen=True, slots=True)
class Menu:
    """A shape in which a channel has buttons."""

    choices: int
    """Exactly so many."""
    max_label: int
    """Characters of each."""
    max_text: int
    """Characters of the text above them."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry."""

    medium: Medium
    buttons: bool
    """Choices become buttons, where `menus` has a shape for them; else they are numbered in the text."""
    media: bool
    pins: bool
    max_text: int
    """Characters in one outgoing message."""
    max_file: int = 0
    """Bytes of one incoming file; 0 without media."""
    menus: tuple[Menu, ...] = ()
    """The shapes its buttons come in; none: any."""
    closes: bool = False
    """Free words go out only for a day after the citizen's last: what is told of its own accord is rendered in brief as well."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A place on the map, degrees WGS 84."""

    lat: float
    lon: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file still at the provider."""

    ref: str
    """What the channel's `fetch` needs: a file id or a URL."""
    mime: str | None = None
    name: str | None = None
    size: int | None = None
    """Bytes, as the provider says; not to be believed."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A tapped button: which question it stood under, and its value."""

    question: str
    value: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a citizen, whatever the channel. Exactly what was sent: nothing trimmed."""

    id: str
    """The provider's message id: the dedupe key within the conversation."""
    address: Address
    text: str = ""
    pick: Pick | None = None
    pin: Pin | None = None
    files: tuple[FileRef, ...] = ()
    album: str | None = None
    """Messages of one album share this."""
    ref: str = ""
    """The provider's own name for the message, by which a later edit refers to it."""
    edits: str | None = None
    """The `ref` of the message whose text this one replaces."""
    unsupported: str | None = None
    """A word for what it was (sticker, voice, contact ...), when we cannot use it."""
    sender_name: str = ""
    """The name in the person's profile, if the provider tells it."""
    ack: str | None = None
    """Telegram's callback query id, to be answered as best effort."""
    at: datetime | None = None
    """When it came, where that is not now: it waited in the spool. Days are counted from it."""
    trace: str = ""
    """`tracing.Trace` as text, for a message that is put aside; while it is on its way the task knows."""


class Delivered(StrEnum):
    """How far an outgoing message came; never moves backwards."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What the provider says later about a message we sent."""

    conversation: str
    effect: str
    state: Delivered
    code: str | None = None
    window_closed: bool = False
    """It failed because the citizen has been silent for a day: the same words may go out when they write again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing the citizen may choose: `value` comes back, `label` is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A notice without its content: what may stand in an approved template, or in an SMS on a shared phone."""

    number: str
    """The report's, as the citizen knows it."""
    status: str
    """In words."""
    day: str
    text: str
    """All of it as one SMS."""
    language: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """Words ready to go out; already in the citizen's language and fit for the medium."""

    text: str
    choices: tuple[Choice, ...] = ()
    """Only where they become buttons; elsewhere they stand numbered in `text`."""
    question: str = ""
    """The question's id, for the buttons' callback data."""
    ask_location: bool = False
    """Offer the channel's own way of sending a place, where it has one."""
    brief: Brief | None = None
    """Of a notice, where the channel may be closed when it is to be said."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where it happened, in the citizen's words and, as far as known, as an area code."""

    text: str = ""
    area_code: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report the citizen has confirmed."""

    id: str
    receipt: str
    """`L` + 8 characters."""
    access_code: str
    """In clear only between the engine and intake; kept as `access.hash_code`."""
    conversation: str
    channel: str
    """The medium it came by."""
    kind: Kind
    title: str
    body: str
    location: Location
    submitted_at: datetime
    occurred_on: date | None = None
    category: str | None = None
    agency: str | None = None
    anonymous: bool = False
    confidential: bool = False
    name: str | None = None
    media: tuple[str, ...] = ()
    """Deterministic media ids, in the order sent."""
    language: str = "id"
    joins: int = 0
    """How many similar reports nearby it says that it joins."""
    redirect: str | None = None
    """The code with which an admin sent its writer here."""
    entered_by: str | None = None
    """The id of the admin who entered it for the citizen."""
    started_at: datetime | None = None
    """When the first message of it came."""
    messages: int = 0
    """How many it took; 0: not known."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the conversation may know of a filed report."""

    id: str
    receipt: str
    ticket: str | None
    kind: str
    title: str
    status: Status
    submitted_at: datetime
    agency: str | None = None
    note: str | None = None
    missing: tuple[str, ...] = ()
    due: Mapping[str, date] = field(default_factory=dict)
    """verification, response, resolution, reply: the last day of each, where the core said so. reopening: until when a completed report
    may be opened again."""
    due_days: Mapping[str, int] = field(default_factory=dict)
    """The same as working days from today; negative when past."""
    confidential: bool = False
    mine: bool = False
    """Bound to the conversation that asks."""
    opened: bool = False
    """The access code given with the question was right."""
    wants_answer: bool = False
    """The agency waits for the citizen's answer."""
    rated: bool = False
    waiting: bool = False
    """Not yet taken over by the core (no ticket)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something still to be done for a conversation or a report, kept in its document."""

    id: str
    lane: str
    """Effects of one lane go in order; lanes do not wait for each other. "" has no order."""
    kind: str
    """say, file, fetch, operate, erase (conversation); forward, message, rating ... notify (report)."""
    data: Mapping[str, Any]
    due: datetime
    """Not before."""
    attempts: int = 0
    unsure: bool = False
    """An earlier attempt may have succeeded without our knowing."""
