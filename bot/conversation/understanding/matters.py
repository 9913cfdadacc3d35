"""What a text is that a report alone does not help with: an emergency, a matter for others, an insult. The word lists are data."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal, get_args

from bot.conversation.understanding.normalise import Plain, plain
from bot.conversation.understanding.phrases import Phrases

Emergency = Literal["fire", "medical", "violence", "rescue"]
Elsewhere = Literal["pidana", "peradilan", "legislatif", "korupsi"]

ELSEWHERE: frozenset[str] = frozenset(get_args(Elsewhere))
"""The matters that have an address of their own."""

_DATA = "triage.toml"
_FEW = r"(?:\S+ ){0,3}"
_ANY = r"(?:\S+ ){0,6}"


@dataclass(frozen=True, slots=True)
class _Matter:
    signs: Phrases
    unless: Phrases


@dataclass(frozen=True, slots=True)
class _Lists:
    """The word lists, compiled."""

    harmless: Phrases
    past: Phrases
    explicit: Phrases
    emergencies: Mapping[str, Phrases]
    elsewhere: Mapping[str, _Matter]
    insults: Phrases


@lru_cache(maxsize=8)  # a turn asks before it takes a text for no report, and at its end
def emergency(text: str) -> str | None:
    """Fire now, people hurt, violence now, people in peril; None for what is over, feared, or a figure of speech."""
    said = plain(text)
    lists = _lists()
    possible = [(kind, signs) for kind, signs in lists.emergencies.items() if signs.may_be_in(said)]
    if not possible:
        return None
    rest = lists.harmless.without(said)
    over = lists.past.search(rest) is not None
    for kind, signs in possible:
        found = signs.search(rest)
        if found and (not over or lists.explicit.search(Plain(found.group(), said.words))):
            return kind
    return None


@lru_cache(maxsize=8)
def elsewhere(text: str) -> str | None:
    """A crime, a matter of a court, of a parliament, or corruption; None for what public services answer for."""
    said = plain(text)
    for name, matter in _lists().elsewhere.items():
        if matter.signs.search(said) and not matter.unless.search(said):
            return name
    return None


def has_insult(text: str) -> bool:
    """Whether swear words stand in it; a report may hold some too."""
    return _lists().insults.search(plain(text)) is not None


@cache
def _lists() -> _Lists:
    data = tomllib.loads(resources.files(__package__).joinpath("data", _DATA).read_text(encoding="utf-8"))
    groups = _groups(data["groups"])
    urgent, others = data["emergency"], data["elsewhere"]
    return _Lists(
        harmless=_compiled(urgent["harmless"], groups),
        past=_compiled(urgent["past"], groups),
        explicit=_compiled(["{explicit}"], groups),
        emergencies={kind: _compiled(signs, groups) for kind, signs in urgent["signs"].items()},
        elsewhere={name: _Matter(_compiled(one["signs"], groups), _compiled(one["unless"], groups)) for name, one in others.items()},
        insults=_compiled(data["insults"]["words"], groups),
    )


def _groups(given: Mapping[str, Any]) -> dict[str, str]:
    """Each group may use those before it."""
    groups = {"few": _FEW, "any": _ANY}
    for name, pattern in given.items():
        groups[name] = pattern.format_map(groups)
    return groups


def _compiled(patterns: Sequence[str], groups: Mapping[str, str]) -> Phrases:
    """One pattern; of no patterns, one that matches nothing. The blank behind is left, for the next phrase begins with it."""
    return Phrases(*[pattern.format_map(groups) for pattern in patterns], end="(?= )")
