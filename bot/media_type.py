"""What a file is, by its bytes. What the sender or the provider says of it is not believed."""

import hashlib
import io
import zipfile

from bot.errors import MediaUnsupported

_IMAGES_AND_DOCUMENTS = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"})

_ISO_BRANDS = {
    "image/heic": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"},
    "video/3gpp": {b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3ge6", b"3gs7", b"3gr6"},
    "video/quicktime": {b"qt  "},
    "video/mp4": {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"},
}
"""Brands of ISO base media files (ISO/IEC 14496-12), which puremagic knows in part only."""

_OFFICE_PARTS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<?php", b"#!")


def digest(data: bytes) -> str:
    """SHA-256, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sniff(data: bytes) -> str:
    """The MIME type: jpeg, png, webp, gif, heic, pdf, mp4, 3gp, quicktime, docx, xlsx or plain text. Raises MediaUnsupported for all else:
    programs, archives, sound, and whatever a browser would run (HTML, SVG).
    """
    found = _iso_media(data) or _office(data) or _by_signature(data) or _plain_text(data)
    if found is None:
        raise MediaUnsupported
    return found


def _iso_media(data: bytes) -> str | None:
    """By the major brand; by the compatible ones when that is a generic one (mif1, msf1 ...)."""
    if data[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12]] + [data[at : at + 4] for at in range(16, end - 3, 4)]
    if brands[0] in _FOREIGN_BRANDS:
        return None
    return next((mime for brand in brands for mime, known in _ISO_BRANDS.items() if brand in known), None)


_FOREIGN_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"avif", b"avis", b"crx "}
"""Sound and images we do not take, though they often name mp42 or mif1 as compatible."""


def _office(data: bytes) -> str | None:
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if any(name.endswith("vbaProject.bin") for name in names):  # macros
        return None
    return next((mime for part, mime in _OFFICE_PARTS.items() if part in names), None)


def _by_signature(data: bytes) -> str | None:
    import puremagic  # a megabyte that a process needs with its first file only

    try:
        matches = puremagic.magic_string(data)
    except (puremagic.PureError, ValueError):
        return None
    best = matches[0].mime_type if matches else ""
    return best if best in _IMAGES_AND_DOCUMENTS else None


def _plain_text(data: bytes) -> str | None:
    """UTF-8 without control characters, that no browser would take for markup."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or any(ord(char) < 32 and char not in "\t\n\r\f" for char in text) or "\x7f" in text:
        return None
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    return None if any(mark in start if mark != b"#!" else start.startswith(mark) for mark in _MARKUP) else "text/plain"
