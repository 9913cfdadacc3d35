"""Begins drafts, and keeps a text that has to wait for a decision."""

from bot.conversation import replies, story
from bot.conversation.session import Draft
from bot.conversation.steps import evidence, where
from bot.conversation.talk import Talk

_HELD_AT_LEAST = 2_000
"""Characters kept of a text that waits while a draft stands; more when the draft is short. It bounds the session."""


def begin(talk: Talk, said: str = "") -> None:
    """A new draft in the place of any other, with what the message brings: text, files, a pin."""
    session = talk.session
    session.draft = Draft(talk.now, agreed=talk.consented)
    session.asked = None
    if not replies.is_blank(said):
        story.keep(talk, said)
    if talk.message:
        take_along(talk)


def take_along(talk: Talk) -> None:
    """Keep the message's files and pin with the draft."""
    if talk.heard.files:
        evidence.keep(talk)
    if talk.heard.pin:
        where.pin(talk, talk.heard.pin)
        if "where" not in talk.draft.settled:
            talk.draft.settled.append("where")


def held(talk: Talk, said: str) -> str:
    """As much of a text as can be kept beside the draft."""
    standing = len(talk.session.draft.text) if talk.session.draft else 0
    return said[: max(_HELD_AT_LEAST, story.LIMIT - standing)]
