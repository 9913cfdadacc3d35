"""Reading files of strangers: what is right is read, what is not is refused with a reason, and nothing else ever happens."""

import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.books import columns, writing
from bot.books.apart import Reader
from bot.books.grid import REFUSALS, BookRefused, Line
from bot.books.reading import read
from bot.books.table import armed, disarmed, normalised, tabulate
from bot.books.writing import Sheet
from tests.fakes import books

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ATTACKS = books.attacks()
SECONDS = 1.0


@pytest.mark.parametrize(("name", "made", "why"), ATTACKS, ids=[name for name, _, _ in ATTACKS])
def test_an_attack_is_refused_at_once_in_little_memory(name, made, why):
    data = made()
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(BookRefused) as refused:
            read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert why == refused.value.key, name
    assert time.process_time() - started < 3 * SECONDS  # traced: about three times as slow
    assert peak < 128 << 20


@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda tail: b"PK\x03\x04" + tail))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_lines_or_a_reason(data):
    assert_lines_or_a_reason(data)


def assert_lines_or_a_reason(data):
    lines, why = [], ""
    with suppress(BookRefused):
        lines = read(data)
    if not lines:
        with pytest.raises(BookRefused) as refused:
            read(data)
        why = refused.value.key
    assert (bool(lines), why in REFUSALS) in ((True, False), (False, True))
    assert all(any(line.cells) or line.formulas for line in lines)


GOOD = books.workbook(books.plain)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
@settings(max_examples=100, deadline=None)
def test_any_damage_is_lines_or_a_reason(at, byte):
    assert_lines_or_a_reason(GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_of_every_country(encoding, delimiter):
    text = f'isi laporan{delimiter}nama pelapor\r\n"Dua{delimiter} baris\nsatu sel"{delimiter}Zoë\r\n\r\n'
    assert [Line(1, ("isi laporan", "nama pelapor")), Line(2, (f"Dua{delimiter} baris\nsatu sel", "Zoë"))] == read(text.encode(encoding))


def test_cells_of_xlsx_are_what_somebody_would_type():
    def fill(made, page):
        page.write_row(0, 0, ["isi laporan", "=x", 8123456789, True, 1.5])
        page.write_datetime(0, 5, datetime(2026, 11, 2), made.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001  # a cell has none
        page.write_url(0, 6, "https://example.org/a")

    (line,) = read(books.workbook(fill))
    assert ("isi laporan", "0", "8123456789", "ya", "1.5", "2026-11-02", "https://example.org/a") == line.cells
    assert (1,) == line.formulas


def test_a_formula_is_found_where_it_stands_and_text_that_looks_like_one_is_text():
    def fill(_, page):
        page.write_row(0, 0, ["isi laporan", "jaringan"])
        page.write_string(1, 0, "=1+1")
        page.write_formula(2, 1, '=HYPERLINK("http://127.0.0.1")')

    lines = read(books.workbook(fill))
    assert [("=1+1", ()), ("", (1,))] == [(line.cells[0], line.formulas) for line in lines[1:]]


def test_what_stands_above_the_columns_may_stand_anywhere_and_says_what_is_missing():
    lines = [Line(1, ("Jaringan *", "ISI_LAPORAN", "Warna", "cara setuju", "bukti persetujuan")), Line(3, ("x", "y", "merah"))]
    table = tabulate(lines, columns.ENTERED)
    assert ("Warna",) == table.unread
    assert (3, "x", "y", "") == (
        table.rows[0].number,
        table.rows[0].values["network"],
        table.rows[0].values["text"],
        table.rows[0].values["how"],
    )
    with pytest.raises(BookRefused) as refused:
        tabulate([Line(1, ("isi", "uraian")), Line(2, ("a",))], columns.ENTERED)
    assert ("jaringan", "cara setuju", "bukti persetujuan") == refused.value.names


@pytest.mark.parametrize(("lines", "key"), [(1, "empty"), (102, "many")])
def test_a_book_has_one_to_a_hundred_rows(lines, key):
    headings = Line(1, ("isi laporan", "jaringan", "cara setuju", "bukti persetujuan"))
    with pytest.raises(BookRefused) as refused:
        tabulate([headings, *(Line(number, ("x",)) for number in range(2, lines + 1))], columns.ENTERED)
    assert key == refused.value.key


DANGEROUS = ["=1+1", "+62812", "-5", "@x", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", DANGEROUS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_ours_begins_like_a_formula_and_it_comes_back_as_it_was(kind, text):
    data = books.book([books.row(text=text)], kind, at=AT)
    (_, line) = read(data)
    assert not [cell for cell in line.cells if cell.startswith(("=", "+", "-", "@"))]
    assert () == line.formulas
    assert text == disarmed(armed(text))


def test_what_was_written_is_read_again_in_both_formats():
    rows = [books.row(number) for number in range(1, 4)]
    read_back = [[cells.values for cells in tabulate(read(books.book(rows, kind)), columns.ENTERED).rows] for kind in ("csv", "xlsx")]
    assert [rows[0]["text"], rows[1]["text"], rows[2]["text"]] == [values["text"] for values in read_back[0]]
    assert read_back[0] == read_back[1]


def test_the_same_rows_and_moment_are_the_same_bytes():
    sheets = [Sheet("laporan", columns.ENTERED, [books.row()], {"text": "Apa yang terjadi."})]
    first = writing.workbook(sheets, AT)
    time.sleep(1.1)
    assert first == writing.workbook(sheets, AT)


def test_cells_that_say_the_same_are_the_same():
    assert normalised("  Jalan   RUSAK ") == normalised("jalan rusak") == normalised("\uff4aalan rusak")


async def test_files_are_read_in_a_process_of_their_own_that_may_fall():
    reader = Reader()
    assert read(GOOD) == list(await reader.read(GOOD))
    with pytest.raises(BookRefused) as refused:
        await reader.read(b"\x89PNG\x00")
    assert "type" == refused.value.key
