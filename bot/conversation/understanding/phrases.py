"""Phrases of whole words, as one pattern. Most texts hold none of the words that it takes: they are told by those words alone."""

import re
from functools import lru_cache

from bot.conversation.understanding.normalise import Plain

_LOOKAROUND = re.compile(r"\(\?(?:=|!|<!|<=)")
_BRACKET = re.compile(r"[()]")
_WORD = re.compile(r"[a-z]+")
_QUANTIFIER = re.compile(r"[?*+]|\{\d*,?\d*\}")
_MAYBE_BLANK = "_"
"""Stands for an optional blank: the words beside it may be one."""


class Phrases:
    """Alternatives, each a regular expression of words with one blank between. `end`: what follows, a blank that is taken or only seen."""

    def __init__(self, *alternatives: str, end: str = " ") -> None:
        every = "|".join(alternatives)
        self._pattern = re.compile(f" (?:{every}){end}" if every else r"(?!)")
        self._telling = telling_words(every)

    def may_be_in(self, said: Plain) -> bool:
        """False when none can be there; quick."""
        return self._telling is None or not self._telling.isdisjoint(said.words)

    def search(self, said: Plain) -> re.Match[str] | None:
        """The first of them, with the blank before it."""
        if self._telling is not None and self._telling.isdisjoint(said.words):  # not by a call: this is asked most
            return None
        return self._pattern.search(said.text)

    def count(self, said: Plain) -> int:
        """How many there are."""
        return len(self._pattern.findall(said.text)) if self.may_be_in(said) else 0

    def without(self, said: Plain) -> Plain:
        """The same with a bar in the place of each; the words stay as they were, and may be more than there are."""
        return Plain(self._pattern.sub(" | ", said.text), said.words) if self.may_be_in(said) else said


@lru_cache(maxsize=64)  # the same groups stand in many patterns
def telling_words(pattern: str) -> frozenset[str] | None:
    """Words of which one stands in whatever the alternatives match; None when they cannot be told.

    Of the words of a phrase the longest ones are taken, which are the rarest.
    """
    found: set[str] = set()
    for alternative in _split(_without_lookarounds(pattern.replace(" ?", _MAYBE_BLANK)), "|"):
        told = [words for part in _split(alternative, " ") if (words := _words_of(part))]
        if not told:
            return None
        found |= max(reversed(told), key=lambda words: (min(map(len, words)), sum(map(len, words)) / len(words)))
    return frozenset(found)


def _words_of(part: str) -> frozenset[str] | None:
    """Of what stands between two blanks: a word, or a group of phrases, perhaps after groups that may be left out."""
    while part.startswith("(?:"):
        end = _end_of_group(part)
        inside, rest = part[3 : end - 1], part[end:]
        if not rest:
            return telling_words(inside)
        quantifier = _QUANTIFIER.match(rest)
        if quantifier is None or not inside.endswith(" ") or len(_split(inside, "|")) > 1:
            return None
        part = rest[quantifier.end() :]
    return frozenset({part}) if _WORD.fullmatch(part) else None


def _without_lookarounds(pattern: str) -> str:
    """They only make it match less."""
    while found := _LOOKAROUND.search(pattern):
        start = found.start()
        pattern = pattern[:start] + pattern[start + _end_of_group(pattern[start:]) :]
    return pattern


def _split(pattern: str, separator: str) -> list[str]:
    """At the separators outside all groups."""
    parts: list[str] = []
    depth = 0
    for piece in pattern.split(separator):
        if depth:
            parts[-1] += separator + piece
        else:
            parts.append(piece)
        depth += piece.count("(") - piece.count(")")
    return parts


def _end_of_group(pattern: str) -> int:
    """The index after the group that the pattern begins with."""
    depth = 0
    for bracket in _BRACKET.finditer(pattern):
        depth += 1 if bracket[0] == "(" else -1
        if depth == 0:
            return bracket.end()
    raise ValueError(f"a group is not closed: {pattern}")
