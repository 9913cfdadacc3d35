"""Machines that answer us: an out-of-office reply, another bot. Answering them would go on for ever, so they are muted.

What gives one away is that each of our messages is answered within seconds, nothing of ours still waiting, by the same words again and
again, or by the phrases of automatic replies. An angry person who repeats "halo" five times is answered five times. Muted, nothing is
said; the words are set aside for an operator. Another text after a pause is a person's.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.conversation import patience, replies
from bot.conversation.commands import recognise
from bot.conversation.protocol import Heard, SetAside
from bot.conversation.session import Rhythm, decode, encode
from bot.conversation.talk import Talk
from bot.conversation.understanding.automatic import is_automatic_reply
from bot.model import Inbound

REASON = "automatic_answerer"
"""Why it is parked."""

SECONDS = timedelta(seconds=20)
"""Whoever reads before answering takes longer, again and again."""
SAME_AT_MOST = 12
"""Repetitions of the same words in a row."""
PHRASES_AT_MOST = 3
"""Automatic replies' phrases in a row; nobody writes them themselves."""
PAUSE = timedelta(seconds=60)
"""A machine answers at once, or not at all."""
SET_ASIDE_AT_MOST = 100
"""Messages of one mute that are kept."""

_SHORTEST = 3
"""Characters: shorter ones are answers to numbered choices, as nine equal marks in a survey."""


def is_machine(talk: Talk, event: Heard, said: str, gap: timedelta) -> bool:
    """Whether to leave this message unanswered: count it, and set it aside when it is a machine's. `gap`: since their last message."""
    rhythm = talk.session.rhythm
    if rhythm and rhythm.muted:
        if _is_a_persons(rhythm, event.message, said, gap):
            talk.session.rhythm = None
            return False
        _set_aside(talk, rhythm)
        return True
    talk.session.rhythm = rhythm = _beat(rhythm, event, said, gap)
    if rhythm is None or (rhythm.same < SAME_AT_MOST and rhythm.phrases <= PHRASES_AT_MOST):
        return False
    rhythm.muted = True
    _set_aside(talk, rhythm)
    return True


def unmuted(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A stored session in which they are heard again, by an operator's word."""
    session = decode(plain)
    session.rhythm = None
    return encode(session)


def _beat(before: Rhythm | None, event: Heard, said: str, gap: timedelta) -> Rhythm | None:
    """The rhythm with this message; None when it has no words that a machine would send."""
    message = event.message
    has_more = message.pick or message.pin or message.files or message.edits
    if has_more or len(said) < _SHORTEST or said.isdigit():
        return None
    now, is_phrase = Rhythm(words=_digest(said)), is_automatic_reply(said)
    if before is None or gap > SECONDS:
        now.phrases = int(is_phrase)
        return now
    is_same = now.words == before.words
    if is_same and (_is_command(said) or patience.is_insult(said)):
        return None
    # Words that come while ours are still on their way are no answers to them.
    step = 1 if event.quiet else -1
    now.same = max(before.same + step, 0) if is_same else 0
    now.phrases = max(before.phrases + step, 0) if is_phrase else 0
    return now


def _is_a_persons(rhythm: Rhythm, message: Inbound, said: str, gap: timedelta) -> bool:
    if message.pick:
        return True
    another = _digest(said) != rhythm.words and not is_automatic_reply(said)
    return another and gap >= PAUSE and bool(said or message.pin or message.files)


def _set_aside(talk: Talk, rhythm: Rhythm) -> None:
    rhythm.aside += 1
    if rhythm.aside <= SET_ASIDE_AT_MOST:
        talk.effects.append(SetAside(talk.heard, REASON, first=rhythm.aside == 1))


def _is_command(said: str) -> bool:
    command = recognise(said)
    return command is not None and command.sure


def _digest(said: str) -> str:
    """Enough to know the words again, and nothing of what they say."""
    return hashlib.blake2b(" ".join(replies.words(said)).encode(), digest_size=6).hexdigest()
