"""Words that come while an agency waits for an answer: whether they are that answer, or a new report."""

from bot.conversation import media, replies, reports
from bot.conversation.actions import add
from bot.conversation.drafts import begin
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Awaited, Evidence, pack, unpack
from bot.conversation.story import LIMIT
from bot.conversation.talk import Reply, Talk

_YES, _DROP = "ya", "batal"
_SHORT_REPLY = 3
"""Words; more are a further part of the answer."""


def offer(talk: Talk, text: str) -> None:
    """Ask it; words and files wait. What comes while it is asked waits with them."""
    asked = talk.session.asked
    if asked is None or asked.name != QUESTION.name:
        asked = talk.open(QUESTION.name, {"text": "", "files": [], "reports": [pack(each) for each in talk.session.awaited]})
    data = asked.data
    data["text"] = "\n".join(filter(None, (data["text"], text)))[:LIMIT]
    data["files"] += [pack(file) for file in media.accepted(talk, media.AT_MOST - len(data["files"]))]
    _ask(talk, False)


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    awaited = _awaited(talk)
    several = len(awaited) > 1
    offers = [Offer(each.receipt, each.number) for each in awaited] if several else [Offer(_YES)]
    talk.ask("ask.answer", [*offers, Offer(reports.NEW), Offer(_DROP)], again=again, number=awaited[0].number, several=several)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == reports.NEW:
        _begin(talk)
        return Outcome.TAKEN
    if reply.value == _DROP or (not reply.value and replies.means_no(reply.text)):
        talk.say("told.stopped")
        return Outcome.TAKEN
    awaited = _meant(talk, reply)
    if awaited is None and len(replies.words(reply.text)) > _SHORT_REPLY:
        offer(talk, reply.text)
        return Outcome.STAYS
    if awaited is None:
        return Outcome.UNCLEAR
    files = _files(talk)
    media.fetch(talk, files)
    add.deliver(talk, awaited.report, awaited.number, talk.asked.data["text"], [file.id for file in files])
    return Outcome.TAKEN


def _meant(talk: Talk, reply: Reply) -> Awaited | None:
    awaited = _awaited(talk)
    if len(awaited) == 1 and (reply.value == _YES or replies.means_yes(reply.text)):
        return awaited[0]
    return next((each for each in awaited if (reply.value or reply.text.upper()) in {each.receipt, each.number}), None)


def _awaited(talk: Talk) -> list[Awaited]:
    """Those that waited when the question was asked: a notice may have changed it since."""
    return [unpack(Awaited, each) for each in talk.asked.data["reports"]]


def _begin(talk: Talk) -> None:
    text, files = talk.asked.data["text"], _files(talk)
    begin(talk, text)
    talk.draft.evidence += files
    if talk.draft.agreed:
        media.fetch(talk, files)


def _files(talk: Talk) -> list[Evidence]:
    return [unpack(Evidence, file) for file in talk.asked.data["files"]]


QUESTION = Question("answer", _ask, _hear, aside=True)
