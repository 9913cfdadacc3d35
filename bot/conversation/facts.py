"""What the report's text says of itself: taken once, shown for correction, and never put over what the citizen has answered."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation.session import Draft, Place
from bot.conversation.talk import Talk
from bot.conversation.understanding.reading import Reading, corrected

LOOKED_AT = 2_000
"""Characters: what a report is about stands at its beginning."""
_PROVINCE = 2
"""Characters of a province's code: too wide to stop asking."""
_NO_REPORT, _NO_CATEGORY = "bukan", "lainnya"


def take(talk: Talk) -> None:
    """Read the whole text again, after every change of it: what it no longer says is open again."""
    draft = talk.draft
    day = draft.written_on or talk.today
    reading = talk.tables.read(draft.text[:LOOKED_AT], day)
    if draft.note:
        reading = corrected(reading, talk.tables.read_note(draft.note, day))
    for name, put in _FACTS.items():
        if name in draft.settled and name not in draft.read:
            continue
        before = name in draft.read and _value(draft, name)
        put(talk, draft, reading)
        found = _value(draft, name)
        draft.settled = _with(draft.settled, name, found)
        draft.read = _with(draft.read, name, found)
        draft.echo = _with(draft.echo, name, found and (found != before or name in draft.echo))


def told(talk: Talk) -> dict[str, Any]:
    """What is to be echoed: kind, area (its name), day, category, anonymous, confidential; None or False what is not."""
    draft = talk.draft
    read = {name: _value(draft, name) for name in draft.echo if name in draft.read}
    code = read.get("where")
    anonymous, confidential = read.get("visibility") or (False, False)
    return {
        "kind": read.get("kind"),
        "area": talk.tables.places.name(code) if code else None,
        "day": read.get("when"),
        "category": read.get("category"),
        "anonymous": anonymous,
        "confidential": confidential,
    }


def _with(names: list[str], name: str, wanted: object) -> list[str]:
    """The names with this one at the end, or without it."""
    others = [each for each in names if each != name] if name in names else names
    return [*others, name] if wanted else others


def _kind(talk: Talk, draft: Draft, reading: Reading) -> None:
    del talk
    draft.kind = None if reading.kind == _NO_REPORT else reading.kind


def _place(talk: Talk, draft: Draft, reading: Reading) -> None:
    del talk
    code = reading.area if reading.area and len(reading.area) > _PROVINCE else None
    draft.place = Place(draft.place.text, code, draft.place.lat, draft.place.lon)


def _day(talk: Talk, draft: Draft, reading: Reading) -> None:
    day = reading.occurred_on
    draft.occurred_on = day if day and day <= talk.today else None


def _category(talk: Talk, draft: Draft, reading: Reading) -> None:
    code = reading.category
    known = code and code != _NO_CATEGORY and any(category.code == code for category in talk.tables.categories)
    draft.category = code if known else None


def _secrecy(talk: Talk, draft: Draft, reading: Reading) -> None:
    del talk
    draft.anonymous, draft.confidential = reading.anonymous, reading.confidential


def _value(draft: Draft, name: str) -> Any:
    """What the draft holds for a step; something false when nothing."""
    match name:
        case "kind":
            return draft.kind
        case "where":
            return draft.place.code
        case "when":
            return draft.occurred_on
        case "category":
            return draft.category
        case _:
            return (draft.anonymous or draft.confidential) and (draft.anonymous, draft.confidential)


_FACTS: Mapping[str, Callable[[Talk, Draft, Reading], None]] = {
    "kind": _kind,
    "where": _place,
    "when": _day,
    "category": _category,
    "visibility": _secrecy,
}
"""By the step each settles."""
