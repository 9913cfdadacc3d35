"""A crime, a court's or a parliament's matter, corruption: who answers for it, and whether the report is sent all the same."""

from bot.conversation import leaving, replies, story
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk
from bot.drafts_left import How

_ANYWAY, _DROP = "tetap", "batal"
_ANYWAY_WORDS = replies.vocabulary("tetap tetep kirim kirimkan lanjut lanjutkan terus teruskan anyway send continue")
_FEW_WORDS = 4


def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    """Name the address, and offer to go on."""
    talk.ask("ask.elsewhere", [Offer(_ANYWAY), Offer(_DROP)], again=again, matter=talk.draft.elsewhere)


def hear(talk: Talk, reply: Reply) -> Outcome:
    """Send all the same, drop it on the writer's word only, or keep what more is told with the draft."""
    said = replies.words(reply.text)
    if reply.value == _DROP or (not reply.value and replies.means_no(reply.text)):
        leaving.leave(talk, How.CANCELLED)
        talk.say("told.cancelled")
        return Outcome.STAYS
    if reply.value == _ANYWAY or replies.means_yes(reply.text) or (set(said) & _ANYWAY_WORDS and len(said) <= _FEW_WORDS):
        talk.draft.insisted = True
        talk.draft.elsewhere = None
        return Outcome.TAKEN
    if len(said) > _FEW_WORDS:
        story.append(talk, reply.text)
        ask(talk, False)
        return Outcome.STAYS
    return Outcome.UNCLEAR


QUESTION = Question("elsewhere", ask, hear)
