"""The way of a report through the offices: a pure status machine. No input or output, no clock.

    received -> postponed | not_our_authority | archived | disposed -> in_progress -> answered -> completed

A citizen may withdraw an open report, answer, and reopen a closed one; silence closes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias

from core import workdays
from core.clock import day_of
from core.errors import Incomplete, NotAllowed
from core.model import REPORT_FIELDS, Attachment, Case, Due, Event, EventType, Filing, Kind, Message, Status

VERIFICATION_DAYS = 3
RESPONSE_DAYS = 5
REPLY_DAYS = 10
RESOLUTION_DAYS: Mapping[Kind, int] = {Kind.INFORMATION: 5, Kind.ASPIRATION: 5, Kind.COMPLAINT: 14}
FIELD_CHECK_DAYS = 60

CLOSED_BY_SILENCE = "Laporan ditutup otomatis karena tidak ada tanggapan dalam 10 hari kerja."
ARCHIVED_BY_SILENCE = "Laporan diarsipkan otomatis karena data yang diminta tidak dilengkapi dalam 10 hari kerja."


@dataclass(frozen=True, slots=True)
class Verify:
    """The officer finds the report complete; `field_check`: somebody has to look on the spot."""

    field_check: bool = False


@dataclass(frozen=True, slots=True)
class Postpone:
    """The citizen must complete the `missing` fields (of REPORT_FIELDS)."""

    missing: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Not a matter for these offices; `note` says whose."""

    note: str


@dataclass(frozen=True, slots=True)
class Archive:
    """Laid aside for the reason in `note`."""

    note: str


@dataclass(frozen=True, slots=True)
class Dispose:
    """Handed to the agency in charge, or, later, to a better one."""

    agency: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The agency has begun."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The agency's answer; the citizen has ten working days to answer back."""

    text: str
    wants_answer: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """The agency wants to know something; the status stays."""

    text: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Done, and the citizen has been answered."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """Taken up again, by the citizen or by an officer."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CitizenMessage:
    """What the citizen adds or answers."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """The citizen's marks: `overall` 1 to 5, or the nine elements `u1` to `u9`, 1 to 4."""

    scores: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The citizen takes the report back."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Expire:
    """The citizen's days for a reply are over."""


OfficerAction: TypeAlias = Verify | Postpone | Decline | Archive | Dispose | Progress | Answer | Ask | Complete | Reopen
CitizenAction: TypeAlias = CitizenMessage | Rate | Withdraw | Reopen
Action: TypeAlias = OfficerAction | CitizenAction | Expire

_UNDECIDED = frozenset({Status.RECEIVED, Status.POSTPONED})
_UNTOUCHED = _UNDECIDED | {Status.DISPOSED}
_OPEN = _UNTOUCHED | {Status.IN_PROGRESS, Status.ANSWERED}
_ENDED = frozenset({Status.COMPLETED, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY})

ALLOWED: Mapping[type[Action], frozenset[Status]] = {
    Verify: frozenset({Status.RECEIVED}),
    Postpone: _UNDECIDED,
    Decline: _UNTOUCHED,
    Archive: _UNTOUCHED,
    Dispose: _UNTOUCHED | {Status.IN_PROGRESS},
    Progress: frozenset({Status.DISPOSED}),
    Answer: frozenset({Status.DISPOSED, Status.IN_PROGRESS, Status.ANSWERED}),
    Ask: _OPEN,
    # Nothing is called done before the citizen has been told what was done.
    Complete: frozenset({Status.ANSWERED}),
    Reopen: _ENDED | {Status.ANSWERED},
    # What a citizen says is kept in any status.
    CitizenMessage: frozenset(Status),
    Rate: _ENDED | {Status.ANSWERED},
    Withdraw: _OPEN,
    Expire: frozenset({Status.POSTPONED, Status.ANSWERED}),
}
"""The statuses in which each action may be taken."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an action makes of a case, and the event to tell of it, if any."""

    case: Case
    event: Event | None = None


def receive(ticket: str, filing: Filing, now: datetime) -> Case:
    """A report that has just come in. Its sender has the answer to the call; no event tells of it."""
    return Case(ticket, filing.id, filing.kind, Status.RECEIVED, _verification(day_of(now)))


def advance(case: Case, action: Action, now: datetime) -> Step:  # noqa: C901, PLR0912  # the whole machine at a glance, a line or two a step
    """Take one step. Raises NotAllowed when the status forbids it, Incomplete when the action lacks what it needs."""
    _check(case, action, now)
    today = day_of(now)
    match action:
        case Verify(field_check):
            return Step(replace(case, verified=True, field_check=field_check))
        case Postpone(missing, note):
            return _move(case, Status.POSTPONED, Due(reply=workdays.add(today, REPLY_DAYS)), now, note=note, missing=missing)
        case Decline(note):
            return _move(case, Status.NOT_OUR_AUTHORITY, Due(), now, note=note)
        case Archive(note):
            return _move(case, Status.ARCHIVED, Due(), now, note=note)
        case Dispose(agency, note):
            return _move(replace(case, agency=agency), Status.DISPOSED, _settlement(case, today), now, note=note)
        case Progress(note):
            return _move(case, Status.IN_PROGRESS, case.due, now, note=note)
        case Answer(text, wants_answer):
            due = Due(resolution=case.due.resolution, reply=workdays.add(today, REPLY_DAYS))
            return _move(case, Status.ANSWERED, due, now, words=text, wants_answer=wants_answer)
        case Ask(text):
            return _tell(case, now, EventType.MESSAGE, words=text, wants_answer=True)
        case Complete(note):
            return _move(case, Status.COMPLETED, Due(), now, note=note)
        case Reopen():
            return _reopen(case, now)
        case CitizenMessage():
            return _hear(case, now)
        case Rate():
            return Step(case)
        case Withdraw():
            return _move(case, Status.WITHDRAWN, Due(), now)
        case Expire():
            return _expire(case, now)


def missing_fields(filing: Filing) -> Sequence[str]:
    """What a complete report still lacks: what, where, when, who."""
    lacks = {
        "body": not filing.body.strip(),
        "location": not filing.location.text.strip() and filing.location.area_code is None and filing.location.lat is None,
        "occurred_on": filing.kind is Kind.COMPLAINT and filing.occurred_on is None,
        "reporter": not filing.anonymous and (filing.reporter is None or not (filing.reporter.name or "").strip()),
    }
    return [field for field in REPORT_FIELDS if lacks.get(field)]


def _check(case: Case, action: Action, now: datetime) -> None:
    if case.status not in ALLOWED[type(action)]:
        raise NotAllowed(f"{type(action).__name__.lower()} is not possible while the report is {case.status}")
    match action:
        case Postpone(missing) if not missing or not set(missing) <= set(REPORT_FIELDS):
            raise Incomplete(f"postponing needs the missing fields, of: {', '.join(REPORT_FIELDS)}")
        case Decline(note) | Archive(note) if not note.strip():
            raise Incomplete("this step needs a note that tells the citizen why")
        case Dispose(agency) if not agency.strip():
            raise Incomplete("disposing needs the agency")
        case Answer(text) | Ask(text) if not text.strip():
            raise Incomplete("an answer or a question needs words")
        case Expire() if case.due.reply is None or day_of(now) <= case.due.reply:
            raise NotAllowed("the citizen may still reply")
        case _:
            pass


def _verification(today: date) -> Due:
    return Due(verification=workdays.add(today, VERIFICATION_DAYS))


def _settlement(case: Case, today: date) -> Due:
    """The agency's clocks, which start when it gets the report."""
    days = FIELD_CHECK_DAYS if case.field_check else RESOLUTION_DAYS[case.kind]
    return Due(response=workdays.add(today, RESPONSE_DAYS), resolution=workdays.add(today, days))


def _reopen(case: Case, now: datetime) -> Step:
    """Back to the agency that had it; to verification when none had."""
    if case.agency is None:
        return _verify_again(case, now)
    return _move(case, Status.IN_PROGRESS, _settlement(case, day_of(now)), now)


def _hear(case: Case, now: datetime) -> Step:
    """A citizen's words carry a postponed report back to verification, and an answered one back to the agency."""
    if case.status is Status.POSTPONED:
        return _verify_again(case, now)
    if case.status is Status.ANSWERED:
        return _move(case, Status.IN_PROGRESS, replace(case.due, reply=None), now)
    return Step(case)


def _verify_again(case: Case, now: datetime) -> Step:
    return _move(replace(case, verified=False), Status.RECEIVED, _verification(day_of(now)), now)


def _expire(case: Case, now: datetime) -> Step:
    if case.status is Status.POSTPONED:
        return _move(case, Status.ARCHIVED, Due(), now, note=ARCHIVED_BY_SILENCE)
    return _move(case, Status.COMPLETED, Due(), now, note=CLOSED_BY_SILENCE)


def _move(
    case: Case,
    status: Status,
    due: Due,
    now: datetime,
    *,
    note: str | None = None,
    missing: tuple[str, ...] = (),
    words: str | None = None,
    wants_answer: bool = False,
) -> Step:
    moved = replace(case, status=status, due=due, missing=missing)
    return _tell(moved, now, EventType.STATUS_CHANGED, note=note, words=words, wants_answer=wants_answer)


def _tell(
    case: Case, now: datetime, type_: EventType, *, note: str | None = None, words: str | None = None, wants_answer: bool = False
) -> Step:
    """Number the case's next event. Its id follows from ticket and sequence, so that the same event never has two."""
    told = replace(case, sequence=case.sequence + 1)
    number = f"{told.ticket}_{told.sequence}"
    event = Event(
        id=f"evt_{number}",
        type=type_,
        ticket=told.ticket,
        idempotency_key=told.key,
        sequence=told.sequence,
        status=told.status,
        agency=told.agency,
        note=note,
        message=None if words is None else Message(f"msg_{number}", words, wants_answer),
        missing=told.missing,
        due=told.due,
        occurred_at=now,
    )
    return Step(told, event)
