"""The zip around an XLSX: looked through before anything is parsed, and packed anew: the parser sees only what was looked at."""

import io
import re
import zlib
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from bot.books.grid import BookRefused

ENTRIES_AT_MOST = 300
UNPACKED_AT_MOST = 24 << 20
"""Bytes."""
RATIO_AT_MOST = 150
"""Unpacked to packed, of what is large at all."""
_LARGE = 1 << 20
_ENCRYPTED = 0x1
_PARSED = (".xml", ".rels")

_MACROS = re.compile(r"vbaProject|macrosheets|activeX|\.bin$", re.IGNORECASE)
_HARMLESS = re.compile(r"printerSettings\d*\.bin$", re.IGNORECASE)
_EXTERNAL = re.compile(r"externalLinks|connections\.xml|queryTables|embeddings|webextensions|customUI", re.IGNORECASE)
_EXTERNAL_TARGET = re.compile(rb"""<Relationship\b[^>]*TargetMode\s*=\s*["']External""")
_HYPERLINK = re.compile(rb"""Type\s*=\s*["'][^"']*/hyperlink["']""")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def unpacked(data: bytes) -> Mapping[str, bytes]:
    """The XML parts by name. Raises BookRefused."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _look_at_directory(entries)
            parts = {entry.filename: archive.read(entry) for entry in entries if entry.filename.endswith(_PARSED)}
    # Torn, encrypted (RuntimeError), or packed in a way that zipfile does not know (NotImplementedError).
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise BookRefused("broken") from None
    if "[Content_Types].xml" not in parts or "xl/workbook.xml" not in parts:
        raise BookRefused("type")
    for name, part in parts.items():
        _look_at_part(name, part)
    return parts


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip of these parts and nothing else, uncompressed."""
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(ZipInfo(name), part)
    return target.getvalue()


def _look_at_directory(entries: list[ZipInfo]) -> None:
    """By what the directory says; reading stops at the sizes it gives."""
    if len(entries) > ENTRIES_AT_MOST or sum(entry.file_size for entry in entries) > UNPACKED_AT_MOST:
        raise BookRefused("bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise BookRefused("broken")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise BookRefused("encrypted")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BookRefused("broken")
        if entry.file_size > _LARGE and entry.file_size > RATIO_AT_MOST * entry.compress_size:
            raise BookRefused("bomb")
        if _MACROS.search(entry.filename) and not _HARMLESS.search(entry.filename):
            raise BookRefused("macros")
        if _EXTERNAL.search(entry.filename):
            raise BookRefused("external")


def _look_at_part(name: str, part: bytes) -> None:
    if b"\0" in part[:64] or (not part.isascii() and not _is_utf8(part)):
        raise BookRefused("broken")  # in another encoding a declaration could hide
    if _DECLARATION.search(part):
        raise BookRefused("entities")
    if name == "[Content_Types].xml" and b"macroEnabled" in part:
        raise BookRefused("macros")
    if name.endswith(".rels") and any(not _HYPERLINK.search(each) for each in _external_relations(part)):
        raise BookRefused("external")


def _external_relations(part: bytes) -> list[bytes]:
    """The elements that point outside. A link in a cell does, too, and is only text to us."""
    return [part[match.start() : part.find(b">", match.end()) + 1] for match in _EXTERNAL_TARGET.finditer(part)]


def _is_utf8(part: bytes) -> bool:
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True
