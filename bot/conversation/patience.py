"""Insults, pranks and empty chatter: one patient sentence; a flood of them is answered slowly, and once for all that waits."""

from datetime import datetime, timedelta

from bot.conversation import replies
from bot.conversation.drafts import begin, held
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk
from bot.conversation.understanding.kind import is_chatter, read_kind
from bot.conversation.understanding.matters import elsewhere, emergency, has_insult

_WITHIN = timedelta(minutes=15)
_REMEMBERED = 10
_SLOWLY = timedelta(seconds=20)
_MARK = "patience"
_REPORT = "ya"
_ANYWAY = replies.vocabulary("tetap tetep anyway")
_FEW_WORDS = 4


def is_insult(text: str) -> bool:
    """Nothing but swearing; a report that swears is a report."""
    return has_insult(text) and read_kind(text) == "bukan"


def is_no_report(talk: Talk, text: str) -> bool:
    """A prank, an advertisement, a prayer, letters at random; or, seldom, a report in words nobody thought of."""
    if emergency(text) or elsewhere(text):
        return False
    return is_chatter(text) and talk.tables.places.find(text).code is None


def answer(talk: Talk) -> bool:
    """Say the patient sentence. True the first time: what was open may be asked again then; later it would be one answer each."""
    delay, mark = _pace(talk)
    talk.say("told.patient", delay=delay, coalesce=mark, drafting=talk.session.draft is not None)
    return not mark


def doubt(talk: Talk, text: str) -> None:
    """Say it of words that seem to be no report; they are kept, for they may be one."""
    talk.open(QUESTION.name, {"text": held(talk, text)})
    _ask(talk, False)


def note(talk: Talk) -> None:
    """Count one message that said nothing."""
    talk.session.chatter = [*_recent(talk), talk.now][-_REMEMBERED:]


def is_worn(talk: Talk, most: int) -> bool:
    """Whether as many have come of late."""
    return len(_recent(talk)) >= most


def _pace(talk: Talk) -> tuple[timedelta, str]:
    """At once the first time; then slowly, under a mark of which only the last is said."""
    worn = is_worn(talk, 1)
    note(talk)
    return (_SLOWLY, _MARK) if worn else (timedelta(0), "")


def _recent(talk: Talk) -> list[datetime]:
    return [at for at in talk.session.chatter if talk.now - at < _WITHIN]


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    del again
    delay, mark = _pace(talk)
    talk.ask("ask.doubt", [Offer(_REPORT)], delay=delay, coalesce=mark)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == _REPORT or replies.means_yes(reply.text) or _insists(talk, reply.text):
        begin(talk, talk.asked.data["text"])
        return Outcome.TAKEN
    return Outcome.PASSED


def _insists(talk: Talk, text: str) -> bool:
    """Whoever sends the same again, or "tetap kirim", means it."""
    said = replies.words(text)
    again = said == replies.words(talk.asked.data["text"])
    return again or (bool(set(said) & _ANYWAY) and len(said) <= _FEW_WORDS)


QUESTION = Question("doubt", _ask, _hear, aside=True)
