"""What a button brings back: which question it stood under, and the value it stands for. Pure, and the same on every channel."""

from bot.model import Pick

MAX_BYTES = 64
"""Telegram's limit, the narrowest."""

_MARK = "q"
_NOTHING = f"{_MARK}::"


def encode(question: str, value: str) -> str:
    """`q:<question>:<value>`; a button that names nothing when it does not fit, for a shortened value might mean another."""
    data = f"{_MARK}:{question}:{value}"
    return data if len(data.encode()) <= MAX_BYTES and ":" not in question else _NOTHING


def is_ours(text: str) -> bool:
    """Whether `encode` may have written it."""
    return text.startswith(f"{_MARK}:")


def decode(text: str) -> Pick:
    """Read what `encode` wrote; of anything else Pick("", ""), upon which the present question is repeated."""
    mark, _, rest = text.partition(":")
    question, _, value = rest.partition(":")
    return Pick(question, value) if mark == _MARK and question else Pick("", "")
