"""What a file is, by its bytes."""

import io
import zipfile

import pytest

from bot.errors import MediaUnsupported
from bot.media_type import digest, sniff


def iso(*brands):
    """The head of an ISO base media file: major brand, version, compatible brands."""
    body = b"ftyp" + brands[0] + b"\x00\x00\x02\x00" + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body + b"\x00\x00\x00\x08mdat" + bytes(64)


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "<a/>" * 40)
    return buffer.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(50), "image/jpeg"),
        (b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x01" + bytes(50), "image/jpeg"),
        (b"\xff\xd8\xff\xdb\x00\x43\x00" + bytes(50), "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(50), "image/png"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(50), "image/webp"),
        (b"GIF89a" + bytes(50), "image/gif"),
        (iso(b"heic", b"mif1", b"heic"), "image/heic"),
        (iso(b"mif1", b"heic", b"miaf"), "image/heic"),
        (iso(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
        (iso(b"mp42", b"isom"), "video/mp4"),
        (iso(b"iso5", b"iso6"), "video/mp4"),
        (iso(b"3gp4", b"isom"), "video/3gpp"),
        (iso(b"qt  ", b"qt  "), "video/quicktime"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 99, "application/pdf"),
        (archive("[Content_Types].xml", "word/document.xml"), WORD),
        (archive("_rels/.rels", "xl/workbook.xml", "[Content_Types].xml"), EXCEL),
        (b"Jalan rusak di depan pasar.\r\n\tSudah lama.", "text/plain"),
        ("\ufeffSurat é".encode(), "text/plain"),
        (b"BMKG bilang besok hujan < 5 mm", "text/plain"),
    ],
)
def test_taken(data, expected):
    assert expected == sniff(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"MZ" + bytes(60),
        b"\x7fELF\x02\x01\x01" + bytes(40),
        b"#!/bin/sh\nrm -rf /",
        b"<!DOCTYPE html><html>",
        b"\n\n <HTML><body onload=x>",
        b"teks dulu <script>alert(1)</script>",
        b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<?xml version='1.0'?><svg/>",
        b"OggS\x00\x02" + bytes(40),
        b"ID3\x04" + bytes(40),
        b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(40),
        iso(b"M4A ", b"mp42", b"isom"),
        iso(b"avif", b"mif1"),
        iso(b"zzzz", b"yyyy"),
        b"\x00\x00\x00\x18ftyp",
        archive("readme.txt"),
        archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        b"PK\x03\x04 no archive",
        b"\xff\xfe\x00\x01\x02",
        b"text with \x00 in it",
        "latin é".encode("latin-1"),
    ],
)
def test_refused(data):
    with pytest.raises(MediaUnsupported):
        sniff(data)


def test_digest():
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == digest(b"abc")
