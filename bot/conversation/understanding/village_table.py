"""The villages by code, within the bytes of their file: as a string each they would take five times the memory."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from bot.conversation.understanding.levels import VILLAGE

_NAME_AT = len("11.01.01.2001,11.01.01,")


class VillageTable:
    """Lines `code,district,name`. A village's place is the number of its line. Read-only."""

    def __init__(self, lines: bytes) -> None:
        """`lines`: in the order of the codes, without a header, in UTF-8; each has its end."""
        self._lines = lines
        self._starts = array("I", [0])
        self._starts.extend(end.end() for end in re.finditer(rb"\n", lines))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def code(self, place: int) -> str:
        """Of the village at this place."""
        start = self._starts[place]
        return self._lines[start : start + VILLAGE].decode()

    def codes(self, places: Iterable[int]) -> list[str]:
        """Of the villages at these places."""
        lines = self._lines
        return [lines[start : start + VILLAGE].decode() for start in map(self._starts.__getitem__, places)]

    def __iter__(self) -> Iterator[str]:
        """The names as the table writes them, quotes included."""
        return map(self._written, range(len(self)))

    def name(self, code: str) -> str:
        """The village's own name. KeyError for an unknown code."""
        place = self._place(code)
        if place == len(self) or self.code(place) != code:
            raise KeyError(code)
        written = self._written(place)
        return written[1:-1].replace('""', '"') if written.startswith('"') else written

    def within(self, district: str) -> list[str]:
        """The codes of a district's villages."""
        codes = []
        for place in range(self._place(district), len(self)):
            code = self.code(place)
            if not code.startswith(district):
                break
            codes.append(code)
        return codes

    def _written(self, place: int) -> str:
        return self._lines[self._starts[place] + _NAME_AT : self._starts[place + 1] - 1].decode()

    def _place(self, code: str) -> int:
        """Where a code stands, or would stand."""
        return bisect_left(range(len(self)), code, key=self.code)
