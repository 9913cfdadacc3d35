"""Names in great number: whose they are, and which of them a text begins with. A trie numbers them, arrays hold the rest by number."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, chain

import marisa_trie

from bot.conversation.understanding.levels import LEVELS, VILLAGE

_BIT = {level: 1 << place for place, level in enumerate(LEVELS)}
_BORNE_BY = tuple(frozenset(level for level in LEVELS if bits & _BIT[level]) for bits in range(1 << len(LEVELS)))
"""Sets of levels, by the bits of those in it."""

_NOBODY: frozenset[int] = _BORNE_BY[0]

ENDS = 3
"""Letters at either end of a word by which names are found that may be meant."""


class Names:
    """The names of all areas. Read-only."""

    def __init__(self, areas: Mapping[str, Sequence[str]], villages: Iterable[str]) -> None:
        """`areas`: codes above the villages by name; `villages`: the name of each village, by its place in their table; gone
        through twice.
        """
        self._trie = marisa_trie.Trie(chain(areas, villages), order=marisa_trie.LABEL_ORDER)
        numbers = array("I", (self._trie[name] for name in villages))
        self._villages = array("I", sorted(range(len(numbers)), key=numbers.__getitem__))
        """Places in the villages' table, in the order of their names' numbers."""
        of_each = array("I", [0]) * len(self._trie)
        for number in numbers:
            of_each[number] += 1
        self._first = array("I", accumulate(of_each, initial=0))
        """By number: where in `_villages` those of that name begin."""
        self._levels = bytearray(_BIT[VILLAGE] if count else 0 for count in of_each)
        """By number: the bits of the levels."""
        for name, codes in areas.items():
            for code in codes:
                self._levels[self._trie[name]] |= _BIT[len(code)]

    def __contains__(self, name: str) -> bool:
        return self._number(name) is not None

    def levels(self, name: str) -> frozenset[int]:
        """The levels of the areas that bear it."""
        number = self._number(name)
        return _NOBODY if number is None else _BORNE_BY[self._levels[number]]

    def villages(self, name: str) -> Sequence[int]:
        """The places of the villages that bear it."""
        number = self._number(name)
        return () if number is None else self._villages[self._first[number] : self._first[number + 1]]

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
