"""What goes into the conversation and what comes out of it: values only.

`engine.advance(session, event, now, answers)` is pure. It returns a `Turn`, or a `Need` when it has to know something first; the caller
finds the answer, adds it to `answers` under the Need itself and calls again with the same arguments. The wording is not decided here:
a `Say` names a key, and the files in `templates` turn it into text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.drafts_left import How
from bot.model import Capabilities, FileRef, Inbound, Network, Report, ReportView


@dataclass(frozen=True, slots=True)
class Drawn:
    """Random values drawn before the turn; the same ones are passed when it is computed again."""

    report_id: str
    receipt: str
    access_code: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The citizen wrote, tapped, or sent something."""

    message: Inbound
    drawn: Drawn
    capabilities: Capabilities
    quiet: bool = True
    """Nothing of ours was waiting to be said when it came: it may answer what we said last."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to a report, or to a file, that the citizen must be told."""

    id: str
    """`report:sequence` or another dedupe key of its own."""
    kind: str
    """ticket, status, message, reminder, refused, conflict, media_failed, media_late, operation_failed; unbound: any of these, told to a
    number that nobody has proved to be theirs, with that kind as `reason`."""
    report: ReportView | None
    capabilities: Capabilities
    text: str = ""
    """An agency's message, for kind message."""
    attachments: int = 0
    reason: str = ""
    """An error code (media_failed, refused, operation_failed)."""
    media: str = ""
    """The media id, for kind media_failed: the draft must forget it."""


Event = Heard | Notice


@dataclass(frozen=True, slots=True)
class FindReport:
    """A Need. Answer: a ReportView with `mine` and `opened` set, or None when there is none."""

    number: str
    """A receipt or a ticket, already normalised by `access.normalise_number`."""
    code: str | None = None
    """An access code, already normalised."""


@dataclass(frozen=True, slots=True)
class MyReports:
    """A Need. Answer: tuple[ReportView, ...] of this conversation, newest first, at most 10."""


@dataclass(frozen=True, slots=True)
class SimilarReports:
    """A Need, once before a report is summed up. Answer: Similar."""

    kind: str
    category: str | None
    area: str | None
    """An area code, as deep as known."""
    words: frozenset[str]
    """The words of its text that say something."""
    anonymous: bool = False
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Similar:
    """Open reports like the one being written."""

    own: ReportView | None = None
    """The newest one of the same person."""
    nearby: int = 0
    """How many others have filed of late in the same district; confidential ones are not counted."""


@dataclass(frozen=True, slots=True)
class ClaimRedirect:
    """A Need. Answer: Redirected, or None for an unknown, expired or foreign code.

    Finding the answer binds the code to this conversation, durably, before the turn is computed; asking again changes nothing.
    """

    code: str
    """Normalised."""


@dataclass(frozen=True, slots=True)
class Redirected:
    """What an admin has prepared for whoever comes with the code."""

    text: str
    """The citizen's words on the network."""
    network: Network
    office: str
    """The admin's, by name."""
    written_on: date
    """When those words were taken down, in Jakarta."""
    filed: str | None = None
    """The number of the report that has become of it already."""
    note: str = ""
    """The admin's words about the text, where it was not read rightly."""


Query = FindReport | MyReports | SimilarReports | ClaimRedirect
Answers = Mapping[Query, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """The turn cannot be computed before this is answered."""

    query: Query


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice to offer. Without a label, the template of the Say names it in its `choices` block."""

    value: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the citizen; in order with everything else said."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    question: str = ""
    ask_location: bool = False
    delay: timedelta = timedelta(0)
    coalesce: str = ""
    """Of several waiting Says with the same mark only the last is said."""
    language: str = "id"


@dataclass(frozen=True, slots=True)
class FileReport:
    """File a confirmed report."""

    report: Report


@dataclass(frozen=True, slots=True)
class FetchMedia:
    """Copy a file from the provider into our store under a deterministic id."""

    media_id: str
    file: FileRef


@dataclass(frozen=True, slots=True)
class Operate:
    """Do something to a filed report, in order after what was done to it before."""

    id: str
    """Deterministic (from the message's id): the Idempotency-Key."""
    report_id: str
    operation: str
    """messages, rating, withdrawal or reopening: the core's paths."""
    body: Mapping[str, Any]
    """Without id; for messages: text, and `media`: media ids."""


@dataclass(frozen=True, slots=True)
class EraseData:
    """Erase what is kept of this person: unfiled media and held messages; unbind filed reports."""

    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Keep a message that is not answered, for an operator."""

    message: Inbound
    reason: str
    first: bool
    """Of several in a row; the others are no news."""


@dataclass(frozen=True, slots=True)
class CountLeft:
    """Count a draft that has come to nothing. It names nobody."""

    how: How
    question: str
    """The one that was open."""
    redirect: str | None = None
    """The code it came with."""


SideEffect = Say | FileReport | FetchMedia | Operate | EraseData | SetAside | CountLeft


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome: the session as it is now, and what is to be done, in order."""

    session: Mapping[str, Any]
    """Encoded: plain dicts, lists, strings, numbers, bools and None, fit for BSON and JSON."""
    effects: tuple[SideEffect, ...] = ()
    erased: bool = False
    """The person's data is gone; the document stays as a tombstone."""
