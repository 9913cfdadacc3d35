"""Which agency it is for, if the citizen knows. The routing core finds it otherwise."""

from bot.conversation import replies
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Step
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk

_SKIP = "lewati"
_OFFERS = (Offer(_SKIP),)
_LIMIT = 150


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Its name, or nothing."""
    talk.ask("ask.agency", _OFFERS, again=again)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Take a name, or that it is not known."""
    if reply.value or replies.means_skip(reply.text):
        _skip(talk.draft)
        return Outcome.TAKEN
    if replies.is_blank(reply.text) or len(reply.text) > _LIMIT or replies.is_about_time(reply.text):
        return Outcome.UNCLEAR
    talk.draft.agency = reply.text
    return Outcome.TAKEN


def _skip(draft: Draft) -> None:
    draft.agency = None


STEP = Step("agency", ask, hear, skip=_skip, optional=True)
