"""Begins drafts, and keeps a text that has to wait for a decision."""

from bot.conversation import replies, story
from bot.conversation.session import Draft
from bot.conversation.steps import evidence, where
from bot.conversation.talk import Talk

_HELD_AT_LEAST = 2_000
"""Characters kept of a text that waits while a draft stands; more when the draft is short. It bounds the session."""
_SOURCES_AT_MOST = 40
_KEPT_AT_MOST = 3


def begin(talk: Talk, said: str = "") -> None:
    """A new draft in the place of any other, with what the message brings: text, files, a pin."""
    session = talk.session
    session.draft = Draft(talk.now, messages=1 if talk.message else 0, agreed=talk.consented)
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
        settle(talk, "where")


def settle(talk: Talk, name: str) -> None:
    """This step is answered, by the present message."""
    draft = talk.draft
    if name not in draft.settled:
        draft.settled.append(name)
    draft.read = _without(draft.read, name)
    draft.echo = _without(draft.echo, name)
    draft.revisited = _without(draft.revisited, name)
    draft.sources[talk.origin] = name
    while len(draft.sources) > _SOURCES_AT_MOST:
        del draft.sources[next(iter(draft.sources))]


def _without(names: list[str], name: str) -> list[str]:
    return [each for each in names if each != name] if name in names else names


def has_room(talk: Talk) -> bool:
    """Whether the draft can be kept for later: a few can, and all their texts together are no longer than one may be."""
    kept = talk.session.kept
    return len(kept) < _KEPT_AT_MOST and sum(len(draft.text) for draft in (*kept, talk.draft)) <= story.LIMIT


def keep_for_later(talk: Talk) -> None:
    """The draft waits with the others, if there is room for it and anything in it."""
    draft = talk.draft
    if (draft.parts or draft.evidence) and has_room(talk):
        talk.session.kept.append(draft)
    talk.session.draft = talk.session.asked = None


def put_aside(talk: Talk) -> bool:
    """The draft waits with the others; False, and it stands, when something is in it and there is no room."""
    draft = talk.draft
    if (draft.parts or draft.evidence) and not has_room(talk):
        return False
    keep_for_later(talk)
    return True


def held(talk: Talk, said: str) -> str:
    """As much of a text as can be kept beside the draft."""
    standing = len(talk.session.draft.text) if talk.session.draft else 0
    return said[: max(_HELD_AT_LEAST, story.LIMIT - standing)]
