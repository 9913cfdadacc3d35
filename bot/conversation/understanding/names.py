"""Names in great number: whose they are, and which of them a text begins with. A trie numbers them, arrays hold the rest by number."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain

import marisa_trie

from bot.conversation.understanding.levels import LEVELS

_BIT = {level: 1 << place for place, level in enumerate(LEVELS)}
_BORNE_BY = tuple(frozenset(level for level in LEVELS if bits & _BIT[level]) for bits in range(1 << len(LEVELS)))
"""Sets of levels, by the bits of those in it."""

_NOBODY: frozenset[int] = _BORNE_BY[0]

ENDS = 3
"""Letters at either end of a word by which names are found that may be meant."""


class _Borne:
    """The places of one table's areas, by the numbers of the names they bear."""

    def __init__(self, numbers: Iterable[int]) -> None:
        """The number of each area's name, by place."""
        by_place = array("I", numbers)
        self._places = array("I", sorted(range(len(by_place)), key=by_place.__getitem__))
        self.numbers = array("I", sorted(by_place))

    def by(self, number: int) -> Sequence[int]:
        start = bisect_left(self.numbers, number)
        return self._places[start : bisect_right(self.numbers, number, start)]


class Names:
    """The names of all areas. Read-only."""

    def __init__(self, areas: Mapping[str, Sequence[str]], tables: Mapping[int, Iterable[str]]) -> None:
        """`areas`: codes by name; `tables`: by level, the name of each area of a table, by its place there; gone through twice."""
        self._trie = marisa_trie.Trie(chain(areas, *tables.values()), order=marisa_trie.LABEL_ORDER)
        self._borne = {level: _Borne(self._trie[name] for name in names) for level, names in tables.items()}
        self._levels = bytearray(len(self._trie))
        """By number: the bits of the levels."""
        for level, borne in self._borne.items():
            for number in borne.numbers:
                self._levels[number] |= _BIT[level]
        for name, codes in areas.items():
            for code in codes:
                self._levels[self._trie[name]] |= _BIT[len(code)]

    def __contains__(self, name: str) -> bool:
        return self._number(name) is not None

    def levels(self, name: str) -> frozenset[int]:
        """The levels of the areas that bear it."""
        number = self._number(name)
        return _NOBODY if number is None else _BORNE_BY[self._levels[number]]

    def places(self, name: str, level: int) -> Sequence[int]:
        """Where those that bear it stand in the table of this level."""
        number = self._number(name)
        return self._borne[level].by(number) if number is not None and self._levels[number] & _BIT[level] else ()

    def begun_by(self, text: str) -> list[str]:
        """The names with which a text of letters and digits begins, the shortest first."""
        found: list[str] = self._trie.prefixes(text)
        return found

    def beginning(self, name: str) -> Iterator[str]:
        """The names that begin so, in alphabetical order."""
        with suppress(UnicodeEncodeError):  # half a surrogate pair is in no name
            yield from self._trie.iterkeys(name)

    def _number(self, name: str) -> int | None:
        number: int | None = None
        with suppress(UnicodeEncodeError):
            number = self._trie.get(name)
        return number


class Ends:
    """Names by their first and by their last letters: one wrong letter leaves either right. Read-only."""

    def __init__(self, names: Iterable[str]) -> None:
        """Of ENDS letters at least."""
        self._forwards = marisa_trie.Trie(names)
        self._backwards = marisa_trie.Trie(name[::-1] for name in self._forwards.iterkeys())

    def like(self, word: str) -> Iterator[str]:
        """The names with which it shares the first or the last letters; some come twice."""
        yield from self._forwards.iterkeys(word[:ENDS])
        for name in self._backwards.iterkeys(word[: -ENDS - 1 : -1]):
            yield name[::-1]
