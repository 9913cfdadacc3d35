"""What an uploaded file may be called: no path, nothing invisible, and an ending that says what it is."""

import re
import unicodedata

from bot.errors import MediaUnsupported

LIMIT = 100
"""Characters."""

ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"),
    "video/mp4": (".mp4", ".m4v"),
    "video/3gpp": (".3gp",),
    "video/quicktime": (".mov", ".qt"),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "text/plain": (".txt", ".csv", ".log"),
}
"""Of what `media_type.sniff` tells apart; the first one is the usual one."""

_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def named(given: str, mime: str) -> str:
    """The name under which a file of this (sniffed) type is kept.

    Phones call every picture .jpg: within pictures and within videos a wrong ending is put right, and one that is unknown is added to.
    Raises MediaUnsupported for a name that says something else than the bytes.
    """
    name = _plain(given)
    stem, dot, ending = name.rpartition(".")
    claimed = _type_of(dot + ending.lower()) if stem else None
    if claimed == mime:
        return _fitting(stem, dot + ending)
    if claimed is None:
        return _fitting(name, ENDINGS[mime][0])
    if _family(claimed) != _family(mime):
        raise MediaUnsupported
    return _fitting(stem, ENDINGS[mime][0])


def _plain(given: str) -> str:
    """The last part of a path, of characters that can be seen."""
    last = _SEPARATORS.split(given)[-1]
    seen = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] not in "CZ" or char == " ")
    return _FORBIDDEN.sub("_", seen).strip(" .")


def _fitting(stem: str, ending: str) -> str:
    return (stem[: LIMIT - len(ending)].strip(" .") or "file") + ending


def _type_of(ending: str) -> str | None:
    return next((mime for mime, endings in ENDINGS.items() if ending in endings), None)


def _family(mime: str) -> str:
    kind = mime.partition("/")[0]
    return kind if kind in ("image", "video") else mime
