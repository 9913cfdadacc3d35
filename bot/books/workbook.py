"""XLSX: the first sheet that is shown, its values read by calamine, its formulas found beside them."""

import io
import posixpath
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from bot.books import package
from bot.books.grid import COLUMNS_AT_MOST, LINES_AT_MOST, BookRefused, Line

ELEMENTS_AT_MOST = 300_000
"""Of one sheet: lines without any value may be there, if they are not a million."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"


def read(data: bytes) -> list[Line]:
    """The lines that are not blank. Raises BookRefused."""
    parts = package.unpacked(data)
    name, path = _first_sheet(parts)
    formulas = _Scan(parts[path]).formulas
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(package.packed(parts))).get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, WorksheetNotFound, OSError, ValueError):
        raise BookRefused("broken") from None
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = tuple(_text(value) for value in row)
        written = tuple(column for column in range(COLUMNS_AT_MOST) if (number, column) in formulas)
        if any(cells) or written:
            cells += ("",) * (max(written, default=-1) + 1 - len(cells))
            lines.append(Line(number, cells, written))
    return lines


def _text(value: object) -> str:
    """A cell's value as somebody would type it."""
    match value:
        case bool():
            return "ya" if value else "tidak"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()


def _first_sheet(parts: Mapping[str, bytes]) -> tuple[str, str]:
    """Its name and its part."""
    sheets = [attributes for name, attributes in _elements(parts["xl/workbook.xml"]) if name == "sheet"]
    shown = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
    relations = {
        attributes.get("Id"): attributes.get("Target", "")
        for name, attributes in _elements(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"))
        if name == "Relationship"
    }
    if not shown:
        raise BookRefused("empty")
    path = posixpath.normpath(posixpath.join("/xl", relations.get(shown[0].get(_RELATION), ""))).lstrip("/")
    if path not in parts:
        raise BookRefused("broken")
    return shown[0].get("name", ""), path


def _elements(part: bytes) -> list[tuple[str, dict[str, str]]]:
    """Local names and attributes, in order."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((_local(name), attributes))

    _parse(part, StartElementHandler=start)
    return found


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _parse(part: bytes, **handlers: Any) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    for name, handler in handlers.items():
        setattr(parser, name, handler)
    try:
        parser.Parse(part, True)  # expat's own signature: this is all of it
    except expat.ExpatError:
        raise BookRefused("broken") from None


class _Scan:
    """One pass over a sheet: where its formulas stand, and that nothing stands too far out. What goes too far ends it at once."""

    def __init__(self, part: bytes) -> None:
        self.formulas: set[tuple[int, int]] = set()
        """(line from 1, column from 0)"""
        self._elements = 0
        self._line = 0
        self._column = -1
        _parse(part, StartElementHandler=self._start)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > ELEMENTS_AT_MOST:
            raise BookRefused("many")
        match _local(name):
            case "row":
                self._line, self._column = _number(attributes.get("r"), self._line + 1), -1
            case "c":
                self._cell(attributes.get("r", ""))
            case "v" | "is":
                self._look_where()
            case "f":
                self._look_where()
                self.formulas.add((self._line, self._column))

    def _cell(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            self._column += 1
            return
        self._column = 0
        for letter in found[1]:
            self._column = self._column * 26 + ord(letter) - ord("A") + 1
        self._column -= 1
        self._line = int(found[2])

    def _look_where(self) -> None:
        if self._line > LINES_AT_MOST:
            raise BookRefused("many")
        if self._column >= COLUMNS_AT_MOST:
            raise BookRefused("columns")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else otherwise
