"""What a conversation remembers between turns, and its plain form in the database.

`{}` is the empty session. Fields a newer program has written and this one does not know are kept in `extra` and written back, so that two
versions can serve the same person while a new one is rolled out. What equals its default is not written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from bot.conversation.codec import Codec, compiled

VERSION = 1

WITHOUT_CONSENT = timedelta(days=7)
"""How long a draft is kept whose writer has not agreed to the privacy notice. One that is kept counts as left from then on."""

Extra = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Consent:
    """The proof: which notice, when, and by which message."""

    version: str
    at: datetime
    message: str
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """A piece of the report's text, and the message it came in: an edited message replaces its piece."""

    message: str
    text: str
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Evidence:
    """A file of the draft, under the id it has or will have in our store."""

    id: str
    ref: str
    mime: str | None = None
    name: str | None = None
    size: int | None = None
    fetched: bool = False
    """The order to fetch it has been given; before consent it is not."""
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Place:
    """Where it happened, as far as known."""

    text: str = ""
    code: str | None = None
    lat: float | None = None
    lon: float | None = None
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """A report that is being written."""

    started: datetime
    messages: int = 0
    """How many it has taken so far; 0 in one that an older program has begun: not known."""
    lapsed: bool = False
    """It has been counted as left: a week has passed since it was begun."""
    agreed: bool = False
    """Its writer agreed to the privacy notice; before that it is used for nothing."""
    kind: str | None = None
    parts: list[Part] = field(default_factory=list)
    told: datetime | None = None
    """When the last piece came."""
    short: bool = False
    """The text so far says too little: what comes next is added to it."""
    place: Place = field(default_factory=Place)
    occurred_on: date | None = None
    agency: str | None = None
    category: str | None = None
    evidence: list[Evidence] = field(default_factory=list)
    anonymous: bool = False
    confidential: bool = False
    name: str | None = None
    settled: list[str] = field(default_factory=list)
    """The steps that are answered or skipped."""
    read: list[str] = field(default_factory=list)
    """Those of them that nobody was asked: the text said it."""
    echo: list[str] = field(default_factory=list)
    """Those of these that have not been echoed yet."""
    revisited: list[str] = field(default_factory=list)
    """The steps that KEMBALI has opened again: their former answer may be kept."""
    sources: dict[str, str] = field(default_factory=dict)
    """Message id -> the step it answered, for messages that are edited later."""
    correcting: str | None = None
    """The step being answered anew, from the summary."""
    warned: bool = False
    """The emergency numbers have been told."""
    elsewhere: str | None = None
    """Whose matter it is instead, until its writer has said that it is to be sent all the same."""
    insisted: bool = False
    """It is to be sent all the same."""
    redirect: str | None = None
    """The code of the admin who sent its writer here."""
    written_on: date | None = None
    """The day its text was written, where that is not the day it came here: "kemarin" is the day before."""
    note: str = ""
    """That admin's words about the text: what they name wins over what the text says. They are no part of it."""
    extra: Extra = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The report's text as it would be filed now."""
        return "\n".join(part.text for part in self.parts)


@dataclass(slots=True)
class Asked:
    """The question that is open."""

    name: str
    visit: int
    values: list[str] = field(default_factory=list)
    """What was offered last, in order: a number picks from it."""
    misses: int = 0
    """Replies that were not understood."""
    missed: str = ""
    """The last message that did not settle it: it may still be edited."""
    data: dict[str, Any] = field(default_factory=dict)
    """What the question itself has to remember."""
    under: "Asked | None" = None
    """The draft's question that this one covers."""
    extra: Extra = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What buttons carry; at most 24 characters."""
        return f"{self.name}.{self.visit}"


@dataclass(slots=True)
class Awaited:
    """A report whose agency waits for an answer."""

    report: str
    """Its id."""
    receipt: str
    number: str
    """The ticket, or the receipt while there is none."""
    missing: list[str] = field(default_factory=list)
    """The items a postponed report lacks, as the core names them."""
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Survey:
    """A satisfaction survey that has been begun."""

    report: str
    """Its id."""
    number: str
    """The ticket, or the receipt while there is none."""
    marks: str = ""
    """A digit from 1 to 4 for each element answered so far."""
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Rhythm:
    """How much like a machine somebody answers of late."""

    words: str = ""
    """A digest of the last words."""
    same: int = 0
    """How often they were said again at once."""
    phrases: int = 0
    """How many automatic replies' phrases came in a row."""
    muted: bool = False
    """Nothing is answered."""
    aside: int = 0
    """How many messages came since."""
    extra: Extra = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """Everything."""

    v: int = VERSION
    language: str = "id"
    consent: Consent | None = None
    draft: Draft | None = None
    kept: list[Draft] = field(default_factory=list)
    """Drafts that wait while another is written, or none; the oldest first."""
    asked: Asked | None = None
    visits: int = 0
    """Counts the questions opened, so that each has an id of its own."""
    heard: datetime | None = None
    """When the citizen last wrote."""
    wrong: list[datetime] = field(default_factory=list)
    """Wrong numbers or codes within the last hour."""
    awaited: list[Awaited] = field(default_factory=list)
    survey: Survey | None = None
    """The survey that was begun last, until it is complete or refused."""
    chatter: list[datetime] = field(default_factory=list)
    """When insults, pranks or empty words came of late."""
    rhythm: Rhythm | None = None
    extra: Extra = field(default_factory=dict)


def decode(plain: Mapping[str, Any]) -> Session:
    """Read a stored session; nothing of `plain` is shared with the result that a turn could change."""
    session: Session = _codec().read[Session](plain)
    return session


def encode(session: Session) -> dict[str, Any]:
    """Plain dicts, lists, strings, numbers and bools, fit for BSON and JSON."""
    plain = _codec().write[Session](session)
    plain["v"] = session.v
    return plain


def pack(value: "Evidence | Awaited") -> dict[str, Any]:
    """The plain form of a part, for what a question has to remember."""
    return _codec().write[type(value)](value)


def unpack(kind: type[T], plain: Mapping[str, Any]) -> T:
    """Read a packed part."""
    value: T = _codec().read[kind](plain)
    return value


def expires_at(plain: Mapping[str, Any]) -> datetime | None:
    """When the first words of a stored session must be erased for want of consent, or a draft counts as left; None: neither."""
    drafts = (plain.get("draft"), *plain.get("kept", ()))
    started = [datetime.fromisoformat(draft["started"]) for draft in drafts if draft and not draft.get("lapsed")]
    if "text" in plain.get("asked", {}).get("data", {}) and "heard" in plain:  # words that wait for what becomes of them
        started.append(datetime.fromisoformat(plain["heard"]))
    return min(started) + WITHOUT_CONSENT if started else None


def heard_since(plain: Mapping[str, Any], moment: datetime) -> bool:
    """Whether the citizen of a stored session has written after this moment."""
    return "heard" in plain and datetime.fromisoformat(plain["heard"]) > moment


def forget_expired(session: Session, now: datetime) -> None:
    """Erase the drafts whose writer did not agree in time, and words that waited as long for what becomes of them."""
    if session.asked and "text" in session.asked.data and session.heard and now - session.heard >= WITHOUT_CONSENT:
        session.asked = session.asked.under
    session.kept = [draft for draft in session.kept if draft.agreed or not is_overdue(draft, now)]
    if session.draft and not session.draft.agreed and is_overdue(session.draft, now):
        session.draft = session.asked = None


def is_overdue(draft: Draft, now: datetime) -> bool:
    """Whether a week has passed since it was begun."""
    return now - draft.started >= WITHOUT_CONSENT


@cache
def _codec() -> Codec:
    """Made by the first turn, so that a start does not wait for it."""
    return compiled(Consent, Part, Evidence, Place, Draft, Asked, Awaited, Survey, Rhythm, Session)
