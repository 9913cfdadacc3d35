"""Files as admins send them, and as attackers do."""

import io
import zipfile

import xlsxwriter

from bot.books import columns, writing
from bot.books.writing import Sheet

HEADINGS = [column.heading for column in columns.ENTERED]


def row(number=1, **changed):
    """A row with nothing wrong."""
    return {
        "text": f"Jalan Melati nomor {number} di Kelurahan Cibodas, Kota Tangerang rusak parah sejak tiga minggu lalu dan membahayakan",
        "kind": "pengaduan",
        "place": "Kecamatan Cibodas, Kota Tangerang",
        "day": "2026-11-01",
        "category": "jalan",
        "network": "instagram",
        "how": "tertulis",
        "consent": "Ya, saya setuju laporan ini dikirim.",
        **changed,
    }


def book(rows, kind="csv", of=columns.ENTERED, at=None):
    """A file of ours."""
    from bot import clock

    return writing.FORMATS[kind][1]([Sheet("laporan", of, rows)], at or clock.now())


def workbook(fill):
    """XLSX made by `fill(book, page)`."""
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target, {"in_memory": True})
    fill(made, made.add_worksheet())
    made.close()
    return target.getvalue()


def plain(made, page):
    """Headings and a row."""
    del made
    page.write_row(0, 0, ["isi laporan", "jaringan"])
    page.write_row(1, 0, ["Jalan rusak", "instagram"])


def changed(data, add=(), replace=None, drop=()):
    """An XLSX with other parts: `add` {name: bytes}, `replace` {name: (old, new)}."""
    target, replace = io.BytesIO(), replace or {}
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            if name not in drop:
                part = source.read(name)
                made.writestr(name, part.replace(*replace[name]) if name in replace else part)
        for name, part in dict(add).items():
            made.writestr(name, part)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_END = b"</sheetData>"


def _rows(one, count):
    return b"".join(one % {b"n": number} for number in range(3, count))


def attacks():
    """(name, what makes the file, why it is refused)"""
    good = workbook(plain)
    declared = (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>')
    relation = b'<Relationship Id="rId9" Type="http://schemas.example/externalLinkPath" Target="http://127.0.0.1/x" TargetMode="External"/>'
    rels = "xl/_rels/workbook.xml.rels"
    return [
        ("zip bomb", lambda: changed(good, {"xl/media/x.xml": b"0" * (20 << 20)}), "bomb"),
        ("a huge part", lambda: changed(good, {"xl/media/x.xml": b"0" * (60 << 20)}), "bomb"),
        ("many entries", lambda: changed(good, {f"xl/{number}.xml": b"" for number in range(400)}), "bomb"),
        ("macros", lambda: changed(good, {"xl/vbaProject.bin": b"x"}), "macros"),
        (
            "macro type",
            lambda: changed(good, replace={"[Content_Types].xml": (b"sheet.main+xml", b"sheet.macroEnabled.main+xml")}),
            "macros",
        ),
        ("external link", lambda: changed(good, {"xl/externalLinks/externalLink1.xml": b"<x/>"}), "external"),
        ("external relation", lambda: changed(good, replace={rels: (b"</Relationships>", relation + b"</Relationships>")}), "external"),
        ("entities", lambda: changed(good, replace={SHEET: declared}), "entities"),
        ("another encoding", lambda: changed(good, {"xl/worksheets/s.xml": "<!DOCTYPE x>".encode("utf-16")}), "broken"),
        (
            "a million rows",
            lambda: changed(good, replace={SHEET: (_END, _rows(b'<row r="%(n)d"><c r="A%(n)d"><v>1</v></c></row>', 300_000) + _END)}),
            "many",
        ),
        ("a million empty rows", lambda: changed(good, replace={SHEET: (_END, _rows(b'<row r="%(n)d"/>', 700_000) + _END)}), "many"),
        ("a far cell", lambda: workbook(lambda _, page: page.write(1_048_575, 16_383, "x")), "many"),
        ("16k columns", lambda: workbook(lambda _, page: page.write_row(0, 0, ["x"] * 16_384)), "columns"),
        ("16k columns of CSV", lambda: b";".join([b"x"] * 16_384), "columns"),
        ("rows of CSV", lambda: b"isi\n" + b"x\n" * 1_000_000, "many"),
        ("encrypted", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("old Excel", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old"),
        ("a zip of something else", lambda: changed(good, drop=("xl/workbook.xml",)), "type"),
        ("half a zip", lambda: good[: len(good) // 2], "broken"),
        ("an image", lambda: b"\x89PNG\r\n\x1a\n\x00\x00", "type"),
        ("an open quote", lambda: b'isi;x\n"abc;d\n', "broken"),
        ("nothing", lambda: b" \n", "empty"),
        ("too large", lambda: b"x" * ((5 << 20) + 1), "big"),
    ]
