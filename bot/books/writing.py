"""Tables that go out, as XLSX and CSV. The same rows and moment are the same bytes; no cell can be taken for a formula."""

import codecs
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from bot.books.columns import Column
from bot.books.table import ROWS_AT_MOST, armed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_CELL_AT_MOST = 32_767
"""Characters, in XLSX."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, str]]
    """By the columns' names."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """What is said of a column where one points at its heading."""


def delimited(sheet: Sheet) -> bytes:
    """CSV as an Indonesian Excel opens it: with the mark of UTF-8, parted by semicolons."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.heading for column in sheet.columns])
    writer.writerows([armed(row.get(column.name, "")) for column in sheet.columns] for row in sheet.rows)
    return codecs.BOM_UTF8 + text.getvalue().encode(errors="replace")


def workbook(sheets: Sequence[Sheet], at: datetime) -> bytes:
    """XLSX with all sheets, said to be made `at`. Where a column has choices they can be picked in it."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": at.replace(tzinfo=None, microsecond=0)})
    formats = {
        "heading": book.add_format({"bold": True, "bg_color": "#FBEEEE", "border": 1, "text_wrap": True}),
        "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
    }
    pages = [(book.add_worksheet(sheet.name), sheet) for sheet in sheets]
    choices = _Choices(book)
    for page, sheet in pages:
        _fill(page, sheet, formats, choices)
    choices.write()
    book.close()
    return target.getvalue()


def _fill(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, formats: Mapping[str, xlsxwriter.format.Format], choices: "_Choices") -> None:
    page.freeze_panes(1, 0)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width, formats["text"])
        page.write_string(0, index, column.heading, formats["heading"])
        if comment := sheet.comments.get(column.name):
            page.write_comment(0, index, comment, {"author": "LAPOR!", "x_scale": 2})
        if column.choices:
            page.data_validation(1, index, ROWS_AT_MOST, index, choices.offer(column))
    for number, row in enumerate(sheet.rows, start=1):
        for index, column in enumerate(sheet.columns):
            page.write_string(number, index, armed(row.get(column.name, ""))[:_CELL_AT_MOST], formats["text"])


class _Choices:
    """A sheet out of sight with what can be picked; a list within a cell's rule may only be 255 characters long."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._columns: list[Column] = []

    def offer(self, column: Column) -> dict[str, object]:
        """The rule of its cells: picking is offered, typing allowed."""
        if column not in self._columns:
            self._columns.append(column)
        letter = xl_col_to_name(self._columns.index(column))
        source = f"=pilihan!${letter}$1:${letter}${len(column.choices)}"
        return {"validate": "list", "source": source, "error_type": "information"}

    def write(self) -> None:
        """At the end, when all are known."""
        if not self._columns:
            return
        page = self._book.add_worksheet("pilihan")
        page.hide()
        for index, column in enumerate(self._columns):
            page.write_column(0, index, column.choices)


FORMATS: Mapping[str, tuple[str, Callable[[Sequence[Sheet], datetime], bytes]]] = {
    "xlsx": (XLSX, workbook),
    "csv": (CSV, lambda sheets, _: delimited(sheets[0])),
}
"""What a file's name ends in -> its media type, and how it is written. CSV holds the first sheet only."""
