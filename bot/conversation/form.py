"""A report filled in on one page, for a citizen who is not here: each field is heard by the step that asks for it in the conversation.

So the page takes what the conversation takes, reads words as it does, and refuses the same. What the page leaves open, the text may say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.conversation import locating, replies, story
from bot.conversation.gates import summary
from bot.conversation.protocol import Drawn
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft, Evidence, Session
from bot.conversation.steps import agency, category, kind, name, visibility, when, where
from bot.conversation.tables import Tables
from bot.conversation.talk import Reply, Talk
from bot.model import Address, Capabilities, Inbound, Kind, Medium, Report

CHANNEL = "desk"
"""The medium of a report that an admin entered."""

_PAGE = Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096)
"""A page asks for everything, as a chat does."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the page asks for; "" where it is left open."""

    text: str
    kind: str = ""
    """A Kind, or a word for one."""
    place: str = ""
    """In words."""
    area: str = ""
    """The area's code, where it was found as it was typed."""
    place_as_written: bool = False
    """The words are all there is to know of the place."""
    day: str = ""
    """ISO 8601, or words ("kemarin")."""
    category: str = ""
    """A code, or a word for one."""
    agency: str = ""
    name: str = ""
    anonymous: bool = False
    confidential: bool = False
    insists: bool = False
    """To be sent also where others answer for such a matter."""
    files: tuple[str, ...] = ()
    """Media ids."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A field that cannot be taken. What the keys mean is said by the page."""

    field: str
    key: str
    """missing, short, long, unclear, future, ambiguous, unknown, elsewhere, unusable."""
    choices: tuple[str, ...] = ()
    """Of an ambiguous place: the area codes it could be; of a matter of others': whose it is."""


def fill(form: Form, drawn: Drawn, now: datetime, tables: Tables) -> Report | Sequence[Problem]:
    """The report, under what was drawn, or everything that is wrong with the form. `conversation` and `entered_by` are the caller's."""
    talk = Talk(Session(draft=Draft(now, agreed=True)), now, _PAGE, tables, {}, drawn=drawn)
    talk.message = Inbound(drawn.report_id, Address(CHANNEL, drawn.report_id))
    problems = _text(talk, form)
    if not problems or problems[0].key == "elsewhere":
        problems += [problem for take in _FIELDS for problem in take(talk, form)]
    if problems:
        return problems
    talk.draft.evidence = [Evidence(file, "") for file in form.files]
    return summary.report_of(talk, talk.draft)


def _text(talk: Talk, form: Form) -> list[Problem]:
    said = replies.clean(form.text)
    if replies.is_blank(said):
        return [Problem("text", "missing")]
    if len(said) > story.LIMIT:
        return [Problem("text", "long")]
    talk.draft.insisted = form.insists
    story.keep(talk, said)
    if talk.draft.short:
        return [Problem("text", "short")]
    matter = talk.draft.elsewhere
    return [Problem("text", "elsewhere", (matter,))] if matter else []


def _kind(talk: Talk, form: Form) -> list[Problem]:
    if form.kind in [*Kind]:
        talk.draft.kind = form.kind
    elif form.kind:
        return _heard(talk, kind.STEP, form.kind)
    return [] if talk.draft.kind else [Problem("kind", "missing")]


def _place(talk: Talk, form: Form) -> list[Problem]:
    said = replies.clean(form.place)[: locating.TEXT_LIMIT]
    if form.area:
        if not _is_area(talk, form.area):
            return [Problem("place", "unknown")]
        talk.draft.place.text, talk.draft.place.code = said, form.area
        return []
    if not said:
        return [] if talk.draft.place.code else [Problem("place", "missing")]
    if form.place_as_written and not replies.is_stray(said):
        talk.draft.place.text, talk.draft.place.code = said, talk.tables.places.find(said).code
        return []
    return _place_in_words(talk, said)


def _place_in_words(talk: Talk, said: str) -> list[Problem]:
    data = talk.open(where.STEP.name).data
    match where.STEP.hear(talk, Reply(said)):
        case Outcome.TAKEN:
            return []
        case Outcome.STAYS if codes := tuple(data.get("codes", ())):
            return [Problem("place", "ambiguous", codes)]
        case _:
            return [Problem("place", "unknown")]


def _is_area(talk: Talk, code: str) -> bool:
    try:
        return bool(talk.tables.places.name(code))
    except KeyError:
        return False


def _day(talk: Talk, form: Form) -> list[Problem]:
    if not form.day or talk.draft.kind != Kind.COMPLAINT:
        return []
    if problems := _heard(talk, when.STEP, form.day):
        return [Problem("day", "future")] if _is_to_come(form.day, talk.today) else problems
    return []


def _is_to_come(day: str, today: date) -> bool:
    try:
        return date.fromisoformat(day) > today
    except ValueError:
        return False


def _category(talk: Talk, form: Form) -> list[Problem]:
    if form.category in [category.code for category in talk.tables.categories]:
        talk.draft.category = form.category
        return []
    return _heard(talk, category.STEP, form.category) if form.category else []


def _agency(talk: Talk, form: Form) -> list[Problem]:
    return _heard(talk, agency.STEP, form.agency) if form.agency else []


def _name(talk: Talk, form: Form) -> list[Problem]:
    """Who may see what is said first: an anonymous report has no name."""
    draft = talk.draft
    visibility.put(draft, anonymous=form.anonymous or draft.anonymous, confidential=form.confidential or draft.confidential)
    return _heard(talk, name.STEP, form.name) if form.name and not draft.anonymous else []


def _heard(talk: Talk, step: Step, said: str) -> list[Problem]:
    """Let the step hear it; what it would ask about is unclear here."""
    talk.open(step.name)
    taken = step.hear(talk, Reply(replies.clean(said))) is Outcome.TAKEN
    return [] if taken else [Problem(_FIELD_OF.get(step.name, step.name), "unclear")]


_FIELD_OF = {"where": "place", "when": "day"}

_FIELDS: Sequence[Callable[[Talk, Form], list[Problem]]] = (_kind, _place, _day, _category, _agency, _name)
