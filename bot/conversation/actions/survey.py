"""The satisfaction survey SKM: nine elements from 1 to 4. What is given is kept until it is complete; only all nine are handed on."""

import re
from collections.abc import Mapping

from bot.conversation import replies
from bot.conversation.operations import operate
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Survey
from bot.conversation.talk import Reply, Talk

ELEMENTS = 9

_BETWEEN = re.compile(r"[\s,.;:/-]+")
_MARKS = re.compile(rf"[1-4]{{{ELEMENTS}}}")
_REFUSE = "berhenti"
_REFUSALS = replies.vocabulary("berhenti stop nanti sudah cukup later enough")


def read(text: str) -> str | None:
    """The nine marks that a text consists of: "443434444", "4 4 3 4 3 4 4 4 4"."""
    squeezed = _BETWEEN.sub("", text[:100])
    return squeezed if _MARKS.fullmatch(squeezed) else None


def scores(marks: str) -> Mapping[str, int]:
    """As the core takes them: u1 to u9."""
    return {f"u{number}": int(mark) for number, mark in enumerate(marks, 1)}


def begin(talk: Talk, report: str, number: str) -> None:
    """Ask the first element, or go on where it was left."""
    before = talk.session.survey
    if before is None or before.report != report:
        talk.session.survey = Survey(report, number)
    _open(talk)


def _open(talk: Talk) -> None:
    """Each element under an id of its own: a button tapped twice counts once."""
    talk.open(QUESTION.name, over=True)
    _ask(talk, False)


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    survey = talk.session.survey
    if survey is None:
        raise LookupError("no survey")
    offers = [Offer(str(mark)) for mark in range(1, 5)]
    talk.ask("ask.skm", [*offers, Offer(_REFUSE)], again=again, number=survey.number, element=len(survey.marks) + 1, of=ELEMENTS)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    survey = talk.session.survey
    if survey is None:
        return Outcome.PASSED
    if reply.value == _REFUSE or (not reply.value and _refuses(reply.text)):
        talk.session.survey = None
        talk.say("told.rate_another_time", number=survey.number)
        return Outcome.TAKEN
    marks = read(reply.text) or survey.marks + (reply.value or "")
    if marks == survey.marks:
        return Outcome.UNCLEAR
    survey.marks = marks
    if len(marks) < ELEMENTS:
        talk.close()
        _open(talk)
        return Outcome.STAYS
    talk.session.survey = None
    given = scores(marks)
    operate(talk, survey.report, "rating", {"scores": dict(given)})
    talk.say("told.rated", number=survey.number, low=sum(given.values()) <= 2 * ELEMENTS)
    return Outcome.TAKEN


def _refuses(text: str) -> bool:
    said = replies.words(text)
    return replies.means_no(text) or replies.means_skip(text) or bool(said and set(said) <= _REFUSALS)


QUESTION = Question("skm", _ask, _hear, aside=True)
