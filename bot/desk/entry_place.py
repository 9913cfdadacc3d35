"""The place of an entry: words, and the areas they may mean, offered as radio buttons: with script as one types, without at each submit."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.tables import AreaGuess, Places
from bot.conversation.understanding.suggesting import MOST, Suggestions

AS_WRITTEN = "-"
"""Chosen when none of the areas is meant."""
_PROVINCE = 2
_READ = 2_000
"""Characters of the report's text."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says."""

    words: str
    chosen: str
    """Among what was offered for the words `asked`: a code, AS_WRITTEN, or ""."""
    asked: str
    text: str
    """The report's."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The areas to choose from, and which is chosen."""

    areas: Sequence[tuple[str, str]] = ()
    """Code and full name."""
    chosen: str = ""
    """A code, AS_WRITTEN, or "" while nothing is."""
    asked: str = ""
    """The words that these are offered for."""
    read: bool = False
    """Nobody has chosen: the report's text says so."""


def offer(places: Places, suggestions: Suggestions, typed: Typed) -> Offer:
    """What may be meant by the words, or where there are none by the text."""
    words, chosen = typed.words, typed.chosen
    known = chosen if _is_area(places, chosen) else ""
    guess = places.find(words or typed.text[:_READ])
    sure = guess.code if guess.code and len(guess.code) > _PROVINCE else ""
    now = chosen if words == typed.asked and (known or (words and chosen == AS_WRITTEN)) else _settled(guess, sure, known)
    codes = [now, sure, *(choice.code for choice in guess.candidates), *(suggestions.of(words) if words else ())]
    shown = [code for code in dict.fromkeys(codes) if code and code != AS_WRITTEN][: MOST + 1]
    return Offer([(code, places.name(code)) for code in shown], now, words, read=bool(now) and now == sure and not words)


def _settled(guess: AreaGuess, sure: str, known: str) -> str:
    """The words have changed since: they win where they name another place, and what was chosen stays where they only add to it."""
    if sure:
        return known if known.startswith(sure) else sure
    if guess.candidates and not any(known.startswith(choice.code) for choice in guess.candidates):
        return ""
    return known


def _is_area(places: Places, code: str) -> bool:
    try:
        return len(code) > _PROVINCE and bool(places.name(code))
    except KeyError:
        return False
