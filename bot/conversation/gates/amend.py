"""A correction said in so many words: "tanggalnya kemarin", "bukan Kota Tangerang, Kabupaten Tangerang", "rahasia saja"."""

import re

from bot.conversation import locating, replies
from bot.conversation.drafts import settle
from bot.conversation.locating import PROVINCE, TEXT_LIMIT
from bot.conversation.steps import kind, visibility, when, where
from bot.conversation.talk import Talk
from bot.model import Kind

_FEW_WORDS = 8
_DENIED = re.compile(r"(?:ya,?\s+)?(?:bukan(?:nya)?|bkn|tidak|tdk|gak|ga|nggak|salah|not|no|wrong)\b", re.IGNORECASE)
_RATHER = re.compile(r"[,;:]|\.\s|\b(?:tapi|tetapi|melainkan|y(?:an)?g benar(?:nya)?|harusnya|seharusnya|but|rather)\b", re.IGNORECASE)


def take(talk: Talk, text: str) -> bool:
    """Take what a short reply to the summary corrects, if it is clear; False when it is not."""
    said = text
    if _DENIED.match(text):
        parts = [part.strip() for part in _RATHER.split(text) if part.strip()]
        if len(parts) == 1:
            return False
        said = parts[-1]
    if len(replies.words(said)) > _FEW_WORDS:
        return False
    named = _visibility(talk, said) or _day(talk, said) or _place(talk, said) or _kind(talk, said)
    if named:
        settle(talk, named)
    return named is not None


def _day(talk: Talk, said: str) -> str | None:
    day = when.named(talk, said) if talk.draft.kind == Kind.COMPLAINT else None
    if day is None:
        return None
    when.settle(talk, day)
    return "when"


def _place(talk: Talk, said: str) -> str | None:
    code = talk.tables.places.find(said).code
    if code is None or len(code) == PROVINCE:
        return None
    where.settle(talk, locating.placed(talk, said[:TEXT_LIMIT], code))
    return "where"


def _visibility(talk: Talk, said: str) -> str | None:
    flags = visibility.read(said) if visibility.is_choice(said) else None
    if flags is None:
        return None
    anonymous, confidential = flags
    draft = talk.draft
    if anonymous or confidential:  # one more wish for secrecy takes none back
        anonymous, confidential = anonymous or draft.anonymous, confidential or draft.confidential
    visibility.put(draft, anonymous=anonymous, confidential=confidential)
    return "visibility"


def _kind(talk: Talk, said: str) -> str | None:
    meant = kind.read(said)
    if meant is None:
        return None
    talk.draft.kind = meant.value
    return "kind"
