"""Lines become rows with named cells: headings in any order, known by their words."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.books.columns import REASONS, Column
from bot.books.grid import BookRefused, Line

ROWS_AT_MOST = 100
"""A book, as the national system takes it."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for a formula at the beginning of a cell."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of the file."""

    number: int
    """The line it stands on."""
    values: Mapping[str, str]
    """By the column's name; columns that are not there are ""."""
    formulas: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Table:
    """The whole."""

    rows: Sequence[Cells]
    unread: tuple[str, ...]
    """Headings that mean nothing here."""


def tabulate(lines: Sequence[Line], columns: Sequence[Column]) -> Table:
    """The first line is the headings. Raises BookRefused."""
    headings, *others = lines
    meant = {word: column.name for column in columns for word in (column.heading, *column.also)}
    names = [meant.get(_plain(cell), "") for cell in headings.cells]
    missing = tuple(column.heading for column in columns if column.needed and column.name not in names)
    if missing or len(known := [name for name in names if name]) > len(set(known)):
        raise BookRefused("headings", missing)
    if not others:
        raise BookRefused("empty")
    if len(others) > ROWS_AT_MOST:
        raise BookRefused("many")
    unread = tuple(cell for cell, name in zip(headings.cells, names, strict=True) if cell and not name and _plain(cell) != REASONS.heading)
    return Table([_row(line, names, columns) for line in others], unread)


def _plain(heading: str) -> str:
    """`Isi laporan *` as `isi laporan`."""
    return " ".join(re.sub(r"[*:_]", " ", heading).casefold().split())


def _row(line: Line, names: Sequence[str], columns: Sequence[Column]) -> Cells:
    values = {column.name: "" for column in columns}
    values |= {name: disarmed(cell) for name, cell in zip(names, line.cells, strict=False) if name}
    formulas = frozenset(names[index] for index in line.formulas if index < len(names) and names[index])
    return Cells(line.number, values, formulas)


def armed(text: str) -> str:
    """For a file that goes out: a spreadsheet shows it, and never calculates it."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def disarmed(cell: str) -> str:
    """For a file that comes in: `armed` undone, and anything else as it is. It is text, whatever it begins with."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_DANGEROUS) else cell


def normalised(cell: str) -> str:
    """What two cells have in common that say the same."""
    return " ".join(unicodedata.normalize("NFKC", cell).casefold().split())
