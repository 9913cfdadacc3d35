"""What a file is read into: lines of text cells; and why a file is not read at all."""

from dataclasses import dataclass
from typing import ClassVar

from bot.errors import LaporError

FILE_AT_MOST = 5 << 20
"""Bytes of a file as it is sent."""
LINES_AT_MOST = 1_000
"""Lines of a sheet that are looked at: reports, and blank ones between them."""
COLUMNS_AT_MOST = 64
TEXT_AT_MOST = 6 << 20
"""Bytes of all cells together, as UTF-8: a job of them must fit into one document."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank."""

    number: int
    """As the spreadsheet numbers it, from 1."""
    cells: tuple[str, ...]
    formulas: tuple[int, ...] = ()
    """Which cells (from 0) hold a formula: nobody has written what they show."""


class BookRefused(LaporError):
    """The file cannot be taken as a book. `key` says why; the desk has the sentences."""

    code: ClassVar[str] = "book_refused"

    def __init__(self, key: str, names: tuple[str, ...] = ()) -> None:
        """`names`: of missing columns."""
        super().__init__(key)
        self.key = key
        self.names = names


REFUSALS = (
    "big",
    "bomb",
    "broken",
    "columns",
    "empty",
    "encrypted",
    "entities",
    "external",
    "headings",
    "macros",
    "many",
    "old",
    "type",
    "unread",
)
"""Every key."""


def bounded(lines: list[Line]) -> list[Line]:
    """The lines, if their text is not too much. Raises BookRefused."""
    if sum(len(cell.encode(errors="replace")) for line in lines for cell in line.cells) > TEXT_AT_MOST:
        raise BookRefused("big")
    return lines
