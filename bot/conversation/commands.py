"""Recognises what a citizen can always write: LAPOR, STATUS, TAMBAH, BATAL and the others, also in English and as /commands.

A command word is a command only where it stands as one: "STATUS 1916449" is, "status jalan ini tidak jelas" is a report's text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bot import access
from bot.conversation import replies


class Name(StrEnum):
    """The commands."""

    REPORT = "report"
    STATUS = "status"
    ADD = "add"
    CANCEL = "cancel"
    RESTART = "restart"
    BACK = "back"
    HELP = "help"
    WITHDRAW = "withdraw"
    RATE = "rate"
    REOPEN = "reopen"
    LANGUAGE = "language"
    ERASE = "erase"
    START = "start"
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True)
class Command:
    """A recognised command."""

    name: Name
    number: str | None = None
    """The receipt or ticket, normalised."""
    code: str | None = None
    """What may be an access code after the number, or an admin's redirect code; normalised."""
    rest: str = ""
    """What follows the number, or the command where there is none."""
    after_code: str = ""
    """What follows the code."""
    sure: bool = True
    """It cannot be meant otherwise; if not, it may be part of a report or an answer."""


_PHRASES = {
    Name.REPORT: "lapor|report",
    Name.STATUS: "status|cek status|cek laporan|cek|status laporan|laporan saya|check|my reports|my report",
    Name.ADD: "tambah|tambahan|tambahkan|add",
    Name.CANCEL: "batal|batalkan|dibatalkan|batal lapor|cancel|gak jadi lapor|tidak jadi lapor",
    Name.RESTART: "ulang|ulangi|mulai ulang|mulai lagi|mulai dari awal|ulang dari awal|restart|start over",
    Name.BACK: "kembali|sebelumnya|mundur|balik|back|previous",
    Name.HELP: "bantuan|bantu|panduan|menu|perintah|cara|cara lapor|cara pakai|help|tolong",
    Name.WITHDRAW: "cabut|cabut laporan|tarik laporan|withdraw",
    Name.RATE: "nilai|beri nilai|rating|rate",
    Name.REOPEN: "belum|belum selesai|belum beres|belum tuntas|blm selesai|blm beres|buka lagi|buka kembali|not solved|not fixed|reopen",
    Name.LANGUAGE: "bahasa|language|english|bahasa inggris|bahasa indonesia|indonesian",
    Name.ERASE: "hapus data|hapus data saya|hapus semua data|hapus semua data saya|delete data|delete my data|erase my data",
    Name.START: "mulai|start|buat laporan|bikin laporan|mau buat laporan|ingin membuat laporan|make a report|i want to report|"
    "mau lapor|mau melapor|saya mau lapor|saya mau melapor|ingin lapor|ingin melapor|saya ingin lapor|saya ingin melapor|bisa lapor",
}
_BY_PHRASE = {tuple(phrase.split()): name for name, phrases in _PHRASES.items() for phrase in phrases.split("|")}
_LONGEST = max(map(len, _BY_PHRASE))
_FIRST_WORDS = frozenset(phrase[0] for phrase in _BY_PHRASE)
_SLASH_ONLY = {"hapus": Name.ERASE, "hapusdata": Name.ERASE, "hapus_data": Name.ERASE, "laporan": Name.STATUS}

_TOKEN = re.compile(r"\S+")
_SLASH = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+|$)")
_EDGES = "#*_\"'.,:;!?()-"
_REDIRECT_TEXT = re.compile(rf"lapor[\s\-\u2010-\u2015]+({access.REDIRECT})", re.IGNORECASE)
_REDIRECT_LINK = re.compile(rf"(?:lapor[\s\-_]*)?({access.REDIRECT})", re.IGNORECASE)
_LANGUAGES = {"en": "en", "english": "en", "inggris": "en", "eng": "en", "id": "id", "indonesia": "id", "indonesian": "id", "ind": "id"}
_SCORE = re.compile(r"[1-5]")
_MARKS = re.compile(r"(?:[1-4][\s,.;:/-]*){9}")
"""The nine of the satisfaction survey."""
_LONG_TICKET = 4
"""A ticket of fewer digits may be a count of something."""


def recognise(text: str) -> Command | None:
    """The command a cleaned text is, or None."""
    if text and not text.strip("? \n"):
        return Command(Name.HELP)
    slash = _SLASH.match(text)
    if slash:
        return _slash(slash[1].casefold(), text[slash.end() :].strip())
    if redirect := _REDIRECT_TEXT.fullmatch(text):
        return Command(Name.REDIRECT, code=redirect[1].upper())
    tokens = list(islice(_TOKEN.finditer(text[:400]), _LONGEST))
    said = [token[0].strip(_EDGES).casefold() for token in tokens]
    if not said or said[0] not in _FIRST_WORDS:
        return None
    for length in range(len(said), 0, -1):
        name = _BY_PHRASE.get(tuple(said[:length]))
        if name:
            rest = text[tokens[length - 1].end() :].lstrip(" \t\n.,:;!-")
            command = _READERS[name](name, rest, said[:length])
            if command:
                return command
    return None


def _slash(word: str, rest: str) -> Command | None:
    """A /command stands as one, whatever follows it."""
    name = _SLASH_ONLY.get(word) or _BY_PHRASE.get((word,))
    if name is None:
        return None
    if name is Name.START and (redirect := _REDIRECT_LINK.fullmatch(rest)):
        return Command(Name.REDIRECT, code=redirect[1].upper())
    return _READERS[name](name, rest, [word]) or _numbered(name, rest)


def _report(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    # "Report" begins many an English sentence, and "lapor" many an Indonesian one; both mean the same.
    del said
    return Command(name, rest=rest)


def _bare(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    """Alone, or with words that say nothing: "batal saja kak"."""
    del said
    return Command(name) if replies.is_filler(replies.words(rest)) else None


def _status(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    if replies.is_filler(replies.words(rest)):
        return Command(name, sure=list(said) != ["cek"])
    command = _numbered(name, rest)
    left = command.rest.split()
    if command.number:
        whole_code = access.normalise_code(command.rest)
        if command.code and not command.after_code:
            return command
        return Command(name, command.number, whole_code, command.rest) if len(left) <= 2 else None
    is_attempt = len(left) <= 2 and any(character.isdigit() for character in rest)
    return command if is_attempt else None


def _add(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    del said
    command = _numbered(name, rest)
    if command.number or not rest:
        return command
    return Command(name, rest=rest, sure=False)


def _withdraw(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    command = _numbered(name, rest)
    if command.number:
        return command
    if replies.is_filler(replies.words(rest)):
        return Command(name)
    return Command(name, rest=rest) if len(said) > 1 and len(rest.split()) <= 1 else None


def _rate(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    del said
    if _SCORE.fullmatch(rest) or replies.is_filler(replies.words(rest)):
        return Command(name, rest=rest)
    if _MARKS.fullmatch(rest):
        return Command(name, rest=rest)
    command = _numbered(name, rest)
    short = len(command.rest.split()) <= 3 or _MARKS.fullmatch(command.rest)
    return command if command.number and short else None


def _reopen(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    """With a number, or a phrase that stands alone; "belum selesai jalannya diperbaiki" begins a report."""
    if replies.is_filler(replies.words(rest)):
        return Command(name, sure=False) if len(said) > 1 or said[0] == "reopen" else None
    command = _numbered(name, rest)
    return command if command.number and command.sure else None


def _language(name: Name, rest: str, said: Sequence[str]) -> Command | None:
    """`rest` becomes the language meant: id, en, or "" for the other one."""
    asked = [*said[1:], *replies.words(rest)] if said[0] in {"bahasa", "language"} else [said[0], *replies.words(rest)]
    meant = [_LANGUAGES[word] for word in asked if word in _LANGUAGES]
    if not replies.is_filler(word for word in asked if word not in _LANGUAGES):
        return None
    return Command(name, rest=meant[0] if meant else "")


def _numbered(name: Name, rest: str) -> Command:
    """Take a number, and what may be a code, off the front."""
    tokens = list(_TOKEN.finditer(rest[:400]))
    number, used = _leading(tokens, access.normalise_number, rest)
    if number is None:
        return Command(name, rest=rest, sure=not rest)
    code, used_by_code = _leading(tokens[used:], access.normalise_code, rest)
    remainder = rest[tokens[used - 1].end() :].lstrip(" \t\n.,:;-")
    behind = rest[tokens[used + used_by_code - 1].end() :].lstrip(" \t\n.,:;-") if code else ""
    # Nine letters beginning with L may be a word (langganan), and three digits may count something.
    is_plain = not number.isdigit() and not any(map(str.isdigit, number)) and not rest.startswith(number)
    is_count = number.isdigit() and len(number) < _LONG_TICKET and bool(remainder)
    return Command(name, number, code, remainder, behind, sure=not (is_plain or is_count))


def _leading(tokens: Sequence[re.Match[str]], normalise: Callable[[str], str | None], text: str) -> tuple[str | None, int]:
    """What the first one, two or three tokens together mean, and how many it took."""
    for used in range(1, min(3, len(tokens)) + 1):
        found = normalise(text[tokens[0].start() : tokens[used - 1].end()].strip(_EDGES))
        if found:
            return found, used
    return None, 0


_READERS: Mapping[Name, Callable[[Name, str, Sequence[str]], Command | None]] = {
    Name.REPORT: _report,
    Name.STATUS: _status,
    Name.ADD: _add,
    Name.CANCEL: _bare,
    Name.RESTART: _bare,
    Name.BACK: _bare,
    Name.HELP: _bare,
    Name.WITHDRAW: _withdraw,
    Name.RATE: _rate,
    Name.REOPEN: _reopen,
    Name.LANGUAGE: _language,
    Name.ERASE: _bare,
    Name.START: _bare,
}
