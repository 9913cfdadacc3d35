"""The reporter's name, unless the report is anonymous. It may be left out."""

from bot.conversation import replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk
from bot.model import Capabilities

_PROFILE, _SKIP = "profil", "lewati"
_HIDDEN = replies.vocabulary("anonim anonymous rahasia dirahasiakan")
"""Said instead of a name."""
_LIMIT = 80
_MOST_WORDS = 8


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Offer the profile's name where the provider tells it."""
    profile = replies.clean(talk.heard.sender_name)[:_LIMIT]
    talk.asked.data["profile"] = profile
    offers = [Offer(_PROFILE, profile), Offer(_SKIP)] if profile else [Offer(_SKIP)]
    talk.ask("ask.name", offers, again=again)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a name, or none."""
    if reply.value == _SKIP or (not reply.value and replies.means_skip(reply.text)):
        _skip(talk.draft)
        return Outcome.TAKEN
    if reply.value == _PROFILE or (talk.asked.data.get("profile") and replies.means_yes(reply.text)):
        talk.draft.name = talk.asked.data["profile"]
        return Outcome.TAKEN
    if not reply.value and set(replies.words(reply.text)) <= _HIDDEN | {"saja", "aja"} and replies.words(reply.text):
        talk.draft.anonymous = talk.draft.anonymous or "rahasia" not in replies.words(reply.text)
        _skip(talk.draft)
        return Outcome.TAKEN
    named = " ".join(reply.text.split())
    if not any(map(str.isalpha, named)) or len(named) > _LIMIT or len(named.split()) > _MOST_WORDS or replies.means_yes(named):
        return Outcome.UNCLEAR
    talk.draft.name = named
    return Outcome.TAKEN


def _skip(draft: Draft) -> None:
    draft.name = None


def _is_named(draft: Draft, capabilities: Capabilities) -> bool:
    del capabilities
    return not draft.anonymous


STEP = Step("name", ask, hear, skip=_skip, applies=_is_named, optional=True)
