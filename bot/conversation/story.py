"""The report's text: kept piece by piece with the messages it came in, bounded, and given a title."""

import re
from datetime import timedelta

from bot.conversation import facts, replies, triage
from bot.conversation.session import Part
from bot.conversation.talk import Talk
from bot.conversation.understanding.kind import read_kind

LIMIT = 20_000
"""Characters of a report's text."""

_ENOUGH_WORDS = 3
_CUT_BY_CHANNEL = 1_500
"""Characters from which on a channel may have cut a text in two."""
_AT_ONCE = timedelta(seconds=20)
_TITLE_LIMIT = 80
_TITLE_MINIMUM = 15
_SENTENCE_END = re.compile(r"[.!?;\n](?:(?<=\n)|(?<!\b(?:jl|no|rt|rw|gg|ds).)(?<!\b(?:kec|kel|kab).)[.!?;]*\s)", re.IGNORECASE)
"""Begins with what is rare, for most characters of a text end nothing."""
_ADDRESSED = re.compile(r"(?:(?:lapor|halo|permisi|pak|bu|min|kak|selamat (?:pagi|siang|sore|malam))\b[\s,.!:]*)+", re.IGNORECASE)


def keep(talk: Talk, text: str) -> None:
    """Make this the draft's text, or add it to one that says too little; settle the step if it is enough."""
    draft = talk.draft
    if not draft.short:
        draft.parts = []
    append(talk, text)
    draft.short = len(replies.words(draft.text)) < _ENOUGH_WORDS
    if not draft.short and "text" not in draft.settled:
        draft.settled.append("text")
    triage.look(draft, talk.tables)


def append(talk: Talk, text: str) -> None:
    """Add a piece, as much of it as there is room for; say so when there is not."""
    draft = talk.draft
    room = LIMIT - len(draft.text) - bool(draft.parts)
    if len(text) > room:
        talk.say("told.text_cut", limit=LIMIT)
    draft.told = talk.now
    if room > 0:
        draft.parts.append(Part(talk.origin, text[:room].rstrip()))
    facts.take(talk)


def adds(talk: Talk, text: str) -> bool:
    """Whether a reply is no answer but tells more of what happened; then the text has it. Once a question: nobody is led in a circle."""
    asked, draft = talk.asked, talk.draft
    if asked.data.get("told") or len(replies.words(text)) < _ENOUGH_WORDS or not _reports(text):
        return False
    asked.data["told"] = True
    if not _reports(draft.text):
        draft.parts = []  # a greeting, a test, an oath: what was said before it came to the point
    append(talk, text)
    triage.look(draft, talk.tables)
    talk.note("told")
    return True


def _reports(text: str) -> bool:
    return read_kind(text[: facts.LOOKED_AT]) != "bukan"


def continues(talk: Talk, gap: timedelta) -> bool:
    """Whether the message is the rest of a long text that the channel has cut: it follows a very long piece at once.

    `gap`: the time since the message before this one, which has to be that piece, and not an answer since.
    """
    parts, told = talk.draft.parts, talk.draft.told
    follows = told is not None and talk.now - told == gap
    return bool(parts) and len(parts[-1].text) >= _CUT_BY_CHANNEL and follows and gap <= _AT_ONCE


def replace(talk: Talk, message: str, text: str) -> bool:
    """Put an edited message's words in the place of its former ones; False when none came from it."""
    parts = [part for part in talk.draft.parts if part.message == message]
    if not parts or replies.is_blank(text):
        return False
    room = LIMIT - len(talk.draft.text) + len(parts[0].text)
    if len(text) > room:
        talk.say("told.text_cut", limit=LIMIT)
    parts[0].text = text[:room].rstrip()
    facts.take(talk)
    return True


def title_of(text: str) -> str:
    """The first sentence or clause, at most 80 characters, cut at a word; greetings left out."""
    addressed = _ADDRESSED.match(text)
    body = text[addressed.end() :] if addressed and len(text) - addressed.end() >= _TITLE_MINIMUM else text
    sentence = " ".join(body[: _sentence_end(body)].split())
    sentence = sentence.rstrip(" .,;:") or sentence
    if len(sentence) > _TITLE_LIMIT:
        sentence = _shorten(sentence)
    return sentence[:1].upper() + sentence[1:]


def _sentence_end(text: str) -> int:
    for found in _SENTENCE_END.finditer(text[:1000]):
        if found.start() >= _TITLE_MINIMUM:
            return found.start()
    return len(text)


def _shorten(sentence: str) -> str:
    clause = sentence[: _TITLE_LIMIT + 1].rfind(",")
    if clause >= _TITLE_LIMIT // 3:
        return sentence[:clause]
    head = sentence[: _TITLE_LIMIT - 2]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > _TITLE_LIMIT // 2 else head[:-1]).rstrip(" ,;:-") + "..."
