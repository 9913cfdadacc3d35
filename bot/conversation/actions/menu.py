"""What can be done here, in three lines; and the longer help."""

from bot.conversation.actions import status
from bot.conversation.commands import Command, Name
from bot.conversation.drafts import begin
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk

_REPORT, _STATUS, _HELP = "lapor", "status", "bantuan"


def show(talk: Talk) -> None:
    """The short menu."""
    talk.open(QUESTION.name)
    _ask(talk, False)


def help_(talk: Talk) -> None:
    """All commands."""
    talk.say("told.help", drafting=talk.session.draft is not None, media=talk.capabilities.media)


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    del again
    talk.ask("ask.menu", [Offer(_REPORT), Offer(_STATUS), Offer(_HELP)])


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == _REPORT:
        begin(talk)
        return Outcome.TAKEN
    if reply.value == _STATUS:
        talk.close()
        status.run(talk, Command(Name.STATUS))
        return Outcome.STAYS
    if reply.value == _HELP:
        help_(talk)
        return Outcome.TAKEN
    return Outcome.PASSED


QUESTION = Question("menu", _ask, _hear, aside=True)
