"""HAPUS DATA: forget this person, after one confirmation."""

from bot.conversation import leaving, replies
from bot.conversation.protocol import EraseData, Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Session
from bot.conversation.talk import Reply, Talk
from bot.drafts_left import How

_YES, _NO = "hapus", "tidak"
_WORDED = frozenset({"hapus"})
_WORDS = replies.vocabulary("ya iya hapus data saya semua saja")


def run(talk: Talk) -> None:
    """Say what will be gone, and ask."""
    talk.open(QUESTION.name, over=True)
    _ask(talk, False)


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.erase", [Offer(_YES), Offer(_NO)], again=again, draft=bool(talk.session.draft or talk.session.kept))


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == _YES or (not reply.value and (replies.means_yes(reply.text) or _WORDED <= set(replies.words(reply.text)) <= _WORDS)):
        _erase(talk)
        return Outcome.STAYS
    if reply.value == _NO or replies.means_no(reply.text):
        talk.say("told.stopped")
        return Outcome.TAKEN
    return Outcome.UNCLEAR


def _erase(talk: Talk) -> None:
    """What stays says nothing about the person: the language, how many wrong codes were tried, and the count of questions."""
    before = talk.session
    drafts = [*([before.draft] if before.draft else []), *before.kept]
    media = tuple(file.id for draft in drafts for file in draft.evidence)
    talk.session = Session(language=before.language, visits=before.visits, wrong=before.wrong)
    talk.erased = True
    leaving.count(talk, drafts, How.ERASED)
    talk.effects.append(EraseData(media))
    talk.say("told.erased")


QUESTION = Question("erase", _ask, _hear, aside=True)
