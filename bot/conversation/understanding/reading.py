"""Everything that one message says, in one value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.conversation.understanding.area import AreaGuess, Places
from bot.conversation.understanding.category import read_category
from bot.conversation.understanding.day import read_day
from bot.conversation.understanding.kind import Kind, is_chatter, read_kind
from bot.conversation.understanding.levels import REGENCY
from bot.conversation.understanding.secrecy import wants_secrecy

MANY = ("*",)
"""The candidates of a name that far more areas bear than can be asked."""


_TELLING_WORDS = 8
"""From how many words on a text that is no chatter tells something, though nothing in it is known."""

_NO_CATEGORY = "lainnya"

_KIND_WORDS: Mapping[Kind, re.Pattern[str]] = {
    "pengaduan": re.compile(r"(?<!bukan )\b(?:pengaduan|aduan|keluhan|complaint)\b", re.IGNORECASE),
    "aspirasi": re.compile(r"(?<!bukan )\b(?:aspirasi|usul(?:an)?|saran|aspiration)\b", re.IGNORECASE),
    "informasi": re.compile(r"(?<!bukan )\b(?:informasi|pertanyaan|bertanya|information)\b", re.IGNORECASE),
}
"""What a note calls a report."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a free text says. Nothing here is asked for again, and everything is shown for correction."""

    kind: Kind
    area: str | None = None
    """The area's code, as deep as the text is sure of; two digits when only the province is."""
    candidates: tuple[str, ...] = ()
    """Codes of the regencies it could be when the text is ambiguous, or MANY; then `area` is None."""
    occurred_on: date | None = None
    category: str | None = None
    anonymous: bool = False
    confidential: bool = False


def read(text: str, today: date, places: Places) -> Reading:
    """Read one message. `today` is the citizen's day; of `bukan` only the kind and the wish for secrecy are told."""
    guess = places.find(text)
    kind = read_kind(text, placed=guess.code is not None)
    if kind == "bukan" and len(text.split()) >= _TELLING_WORDS and not is_chatter(text):
        kind = "pengaduan"
    anonymous, confidential = wants_secrecy(text)
    if kind == "bukan":
        return Reading(kind, anonymous=anonymous, confidential=confidential)
    return Reading(
        kind=kind,
        area=guess.code,
        candidates=_candidates(guess),
        occurred_on=read_day(text, today) if kind != "informasi" else None,
        category=read_category(text),
        anonymous=anonymous,
        confidential=confidential,
    )


def read_note(text: str, today: date, places: Places) -> Reading:
    """Read words about a report, which need be none themselves ("kec Cibodas, kemarin"). `bukan`: they name no kind."""
    guess = places.find(text)
    anonymous, confidential = wants_secrecy(text)
    return Reading(
        kind=next((kind for kind, word in _KIND_WORDS.items() if word.search(text)), "bukan"),
        area=guess.code,
        candidates=_candidates(guess),
        occurred_on=read_day(text, today),
        category=category if (category := read_category(text)) != _NO_CATEGORY else None,
        anonymous=anonymous,
        confidential=confidential,
    )


def corrected(reading: Reading, note: Reading) -> Reading:
    """What is known when a note says better: each fact that it names is the note's."""
    area = (note.area, note.candidates) if note.area or note.candidates else (reading.area, reading.candidates)
    return Reading(
        kind=reading.kind if note.kind == "bukan" else note.kind,
        area=area[0],
        candidates=area[1],
        occurred_on=note.occurred_on or reading.occurred_on,
        category=note.category or reading.category,
        anonymous=reading.anonymous or note.anonymous,
        confidential=reading.confidential or note.confidential,
    )


def _candidates(guess: AreaGuess) -> tuple[str, ...]:
    if guess.code is not None:
        return ()
    return MANY if guess.many else tuple(sorted({choice.code[:REGENCY] for choice in guess.candidates}))
