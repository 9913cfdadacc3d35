"""ULANG: start over, confirmed when much would be lost."""

from bot.conversation import replies
from bot.conversation.drafts import begin
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk

_YES, _NO = "ya", "tidak"
_MANY_ANSWERS = 2
_LONG_TEXT = 200


def run(talk: Talk) -> None:
    """Begin anew, or ask first."""
    draft = talk.session.draft
    if draft and _is_much(draft):
        talk.open(QUESTION.name, over=True)
        _ask(talk, False)
    else:
        begin(talk)


def _is_much(draft: Draft) -> bool:
    return len(set(draft.settled) - set(draft.read)) >= _MANY_ANSWERS or len(draft.text) > _LONG_TEXT


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.restart", [Offer(_YES), Offer(_NO)], again=again)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == _YES or (not reply.value and replies.means_yes(reply.text)):
        begin(talk)
        return Outcome.TAKEN
    if reply.value == _NO or replies.means_no(reply.text):
        return Outcome.TAKEN
    return Outcome.UNCLEAR


QUESTION = Question("restart", _ask, _hear, aside=True)
