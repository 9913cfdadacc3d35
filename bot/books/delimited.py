"""CSV: as Excel and LibreOffice write it, whatever their country."""

import codecs
import csv
import io
from itertools import islice

from bot.books.grid import COLUMNS_AT_MOST, LINES_AT_MOST, BookRefused, Line

DELIMITERS = ";,\t"
_CELL_AT_MOST = 1 << 20
_CONTROLS = frozenset(chr(code) for code in range(32)) - set("\t\r\n\f\v")


def read(data: bytes) -> list[Line]:
    """The lines that are not blank. Raises BookRefused."""
    text = _decoded(data)
    csv.field_size_limit(_CELL_AT_MOST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines = []
    try:
        for number, cells in enumerate(islice(reader, LINES_AT_MOST + 1), start=1):
            if number > LINES_AT_MOST:
                raise BookRefused("many")
            if len(cells) > COLUMNS_AT_MOST:
                raise BookRefused("columns")
            if any(cell.strip() for cell in cells):
                lines.append(Line(number, tuple(cell.strip() for cell in cells)))
    except csv.Error:
        raise BookRefused("broken") from None
    return lines


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, else Windows-1252, in which nearly everything is text: hence the look at control characters."""
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise BookRefused("type") from None
    if not _CONTROLS.isdisjoint(text):
        raise BookRefused("type")
    return text


def _delimiter(text: str) -> str:
    """The one that cuts the headings into most parts."""
    headings = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=headings.count)
