"""Numbers and codes that citizens copy by hand: receipts, tickets, access codes, redirect codes.

The alphabet leaves out 0 O 1 I. Case does not matter, and a hyphen or a space inside is forgiven.
"""

import hashlib
import hmac
import re
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

REDIRECT = rf"(?=[A-Z]*[0-9])[{ALPHABET}]{{6}}"
"""The pattern of a redirect code: at least one digit, so that LAPOR BANJIR is none."""

_LETTER_OF_BYTE = (ALPHABET * 8).encode()
"""32 letters: each stands for as many bytes as any other."""
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]+")
_RECEIPT = re.compile(rf"L[{ALPHABET}]{{8}}")
_CODE = re.compile(rf"[{ALPHABET}]{{8}}")
_REDIRECT = re.compile(REDIRECT)
_COST, _FORMER_COST = 64, 1024
"""Of scrypt; the former one is that of hashes stored without their cost."""
NO_HASH = f"{_COST}:"
"""Matches no code, as slowly as any other."""
_TICKET = re.compile(r"[0-9]{1,18}")


def _squeeze(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()


def normalise_number(text: str) -> str | None:
    """A receipt (`L` + 8) or a ticket (digits) in its stored form; None when it is neither."""
    squeezed = _squeeze(text)
    if _RECEIPT.fullmatch(squeezed) or (_TICKET.fullmatch(squeezed) and squeezed.isascii()):
        return squeezed
    return None


def normalise_code(text: str) -> str | None:
    """An access code in its stored form; None when it cannot be one."""
    squeezed = _squeeze(text)
    return squeezed if _CODE.fullmatch(squeezed) else None


def normalise_redirect(text: str) -> str | None:
    """A redirect code in its stored form; None when it cannot be one."""
    squeezed = _squeeze(text)
    return squeezed if _REDIRECT.fullmatch(squeezed) else None


def draw_redirect() -> str:
    """A redirect code: six characters, at least one of them a digit."""
    while True:
        code = _draw(6)
        if _REDIRECT.fullmatch(code):
            return code


def draw_report() -> tuple[str, str, str]:
    """What a report that may come of a message needs: an id of 128 random bits, a receipt number of `L` and 40, an access code of 40."""
    drawn = secrets.token_bytes(32)  # at once: each draw is a system call, and there is one for every message
    return drawn[:16].hex(), "L" + _letters(drawn[16:24]), _letters(drawn[24:])


def _draw(length: int) -> str:
    return _letters(secrets.token_bytes(length))


def _letters(drawn: bytes) -> str:
    return drawn.translate(_LETTER_OF_BYTE).decode()


def hash_code(code: str, receipt: str) -> str:
    """What is stored of an access code, `cost:hash`. Salted by the receipt and slow (0.1 ms), because 40 bits are few; but it is computed
    in the turn that confirms a report, and all other conversations wait for it.
    """
    return f"{_COST}:{_hash(code, receipt, _COST)}"


def code_matches(code: str, receipt: str, stored: str) -> bool:
    """Compare in constant time."""
    cost, _, hashed = stored.rpartition(":")
    return hmac.compare_digest(_hash(code, receipt, int(cost or _FORMER_COST)), hashed)


def _hash(code: str, receipt: str, cost: int) -> str:
    return hashlib.scrypt(code.encode(), salt=receipt.encode(), n=cost, r=8, p=1, dklen=24).hex()
