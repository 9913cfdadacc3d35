"""Bytes -> lines, or a reason; never another exception. By what the bytes are, not by what the file is called."""

from bot.books import delimited, workbook
from bot.books.grid import FILE_AT_MOST, BookRefused, Line, bounded

_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def read(data: bytes) -> list[Line]:
    """The lines that are not blank. Raises BookRefused."""
    if not data.strip():
        raise BookRefused("empty")
    if len(data) > FILE_AT_MOST:
        raise BookRefused("big")
    if data.startswith(_OLE):
        raise BookRefused("encrypted" if _ENCRYPTED_PACKAGE in data else "old")
    lines = workbook.read(data) if data.startswith(_ZIP) else delimited.read(data)
    if not lines:
        raise BookRefused("empty")
    return bounded(lines)
