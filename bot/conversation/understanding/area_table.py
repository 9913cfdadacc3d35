"""The areas of one level by code, within the bytes of their file: as a string each they would take five times the memory."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator


class AreaTable:
    """Lines `code,code of the area around it,name`. An area's place is the number of its line. Read-only."""

    def __init__(self, lines: bytes) -> None:
        """`lines`: in the order of the codes, which are of one length, without a header, in UTF-8; each has its end."""
        self._lines = lines
        self._starts = array("I", [0])
        self._starts.extend(end.end() for end in re.finditer(rb"\n", lines))
        self._code_ends = lines.index(b",")
        self._name_at = lines.index(b",", self._code_ends + 1) + 1

    def __len__(self) -> int:
        return len(self._starts) - 1

    def code(self, place: int) -> str:
        """Of the area at this place."""
        start = self._starts[place]
        return self._lines[start : start + self._code_ends].decode()

    def codes(self, places: Iterable[int]) -> list[str]:
        """Of the areas at these places."""
        lines, end = self._lines, self._code_ends
        return [lines[start : start + end].decode() for start in map(self._starts.__getitem__, places)]

    def __iter__(self) -> Iterator[str]:
        """The names as the table writes them, quotes included."""
        return map(self._written, range(len(self)))

    def name(self, code: str) -> str:
        """The area's own name. KeyError for an unknown code."""
        place = self._place(code)
        if place == len(self) or self.code(place) != code:
            raise KeyError(code)
        return self._name(place)

    def items(self) -> Iterator[tuple[str, str]]:
        """Codes and names."""
        return ((self.code(place), self._name(place)) for place in range(len(self)))

    def within(self, around: str) -> list[str]:
        """The codes of those in an area around."""
        codes = []
        for place in range(self._place(around), len(self)):
            code = self.code(place)
            if not code.startswith(around):
                break
            codes.append(code)
        return codes

    def _name(self, place: int) -> str:
        written = self._written(place)
        return written[1:-1].replace('""', '"') if written.startswith('"') else written

    def _written(self, place: int) -> str:
        return self._lines[self._starts[place] + self._name_at : self._starts[place + 1] - 1].decode()

    def _place(self, code: str) -> int:
        """Where a code stands, or would stand."""
        return bisect_left(range(len(self)), code, key=self.code)
