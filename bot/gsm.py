"""What an SMS can hold and costs: the GSM 03.38 alphabet, and how a text is cut into parts. Pure.

A text wholly in the GSM alphabet takes 160 septets in one part, or 153 in each of several. One character outside it turns the
whole text into UCS-2: 70 code units, or 67 in each of several. The characters of the extension table count double.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
_ALPHABET = BASIC | EXTENSION


class Encoding(StrEnum):
    """How the text travels over the air."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs."""

    count: int
    """SMS parts to pay for; an empty text is still one."""
    encoding: Encoding
    units: int
    """Septets (GSM 7) or UTF-16 code units (UCS-2), without the headers of the parts."""


_SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM7: 153, Encoding.UCS2: 67}


def is_gsm7(text: str) -> bool:
    """Whether every character is in the GSM alphabet or its extension table."""
    return _ALPHABET.issuperset(text)


def segments(text: str) -> Segments:
    """How many parts the text takes, and in which encoding."""
    encoding = Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2
    widths = list(_widths(text, encoding))
    units = sum(widths)
    if units <= _SINGLE[encoding]:
        return Segments(1, encoding, units)
    return Segments(_parts(widths, _PART[encoding]), encoding, units)


def _widths(text: str, encoding: Encoding) -> Iterator[int]:
    if encoding is Encoding.GSM7:
        return (2 if character in EXTENSION else 1 for character in text)
    return (2 if ord(character) > 0xFFFF else 1 for character in text)


def _parts(widths: list[int], room: int) -> int:
    """An escape sequence or a surrogate pair is never cut in two, so a part may stay one unit short."""
    count, used = 1, 0
    for width in widths:
        if used + width > room:
            count, used = count + 1, 0
        used += width
    return count


_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʹʻʼˈ´`‹›", "'"),  # noqa: RUF001  # look-alikes are the point
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−•‣◦▪●·∙⁃", "-"),  # noqa: RUF001  # look-alikes are the point
        **dict.fromkeys("\t\u2007\u202f\u3000", " "),
        **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
        **dict.fromkeys("\u00ad\u200b\u200e\u2060\ufeff", ""),
        "⁄": "/",  # noqa: RUF001  # look-alikes are the point
        "∕": "/",  # noqa: RUF001  # look-alikes are the point
        "×": "x",  # noqa: RUF001  # look-alikes are the point
        "÷": "/",
        "→": "->",
        "←": "<-",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "≈": "~",
        "±": "+/-",
        "°": "o",
        "©": "(c)",
        "®": "(R)",
        "¢": "c",
        "µ": "u",
        "ı": "i",  # noqa: RUF001  # look-alikes are the point
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "œ": "oe",
        "Œ": "OE",
    }
)


def to_gsm7(text: str) -> str:
    """Replace what looks alike in the GSM alphabet (curly quotes, dashes, dots, odd spaces, foreign accents), and leave the rest.

    A text already in the alphabet is not changed. What has no likeness (emoji, other scripts) stays, and the text travels as UCS-2.
    """
    if is_gsm7(text):
        return text
    return "".join(map(_likeness, unicodedata.normalize("NFC", text)))


def _likeness(character: str) -> str:
    if character in _ALPHABET:
        return character
    replaced = character.translate(_LOOKALIKES)
    if replaced != character:
        return replaced
    decomposed = unicodedata.normalize("NFKD", character).translate(_LOOKALIKES)
    if decomposed[:1].isalpha():
        decomposed = "".join(part for part in decomposed if not unicodedata.combining(part))
    return decomposed if decomposed and is_gsm7(decomposed) else character
