"""NILAI: how a report was handled. One mark from 1 to 5, or the nine of the satisfaction survey, from 1 to 4.

By SMS the nine come as nine digits in one message; elsewhere each is a question of its own, see `survey`.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.conversation import replies, reports
from bot.conversation.actions import reopen, survey
from bot.conversation.commands import Command
from bot.conversation.operations import operate
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk
from bot.model import ReportView, Status

_MARK = re.compile(r"[1-5]")
_LATER = replies.vocabulary("nanti later besok lain kali")
_RATABLE = frozenset({Status.ANSWERED, Status.COMPLETED, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY})
_START, _UNDONE, _REFUSE = "mulai", "belum", "nanti"


def run(talk: Talk, command: Command) -> None:
    """Take the marks, or ask for them, or first for which report."""
    if command.number:
        view = reports.reach(talk, command)
        if view:
            _rate(talk, view, command.rest if view.mine else command.after_code)
        else:
            reports.tell_unknown(talk)
        return
    mine = talk.mine()
    ratable = [view for view in mine if view.status in _RATABLE and not view.rated] if survey.read(command.rest) else mine
    if not mine:
        talk.say("told.no_reports")
    elif len(ratable) == 1:
        _rate(talk, ratable[0], command.rest)
    else:
        talk.open(WHICH.name, {"score": command.rest}, over=True)
        WHICH.ask(talk, False)


def _rate(talk: Talk, view: ReportView, said: str) -> None:
    number = reports.number_of(view)
    if view.rated:
        talk.say("told.rated_before", number=number)
    elif view.status not in _RATABLE:
        talk.say("told.rate_later", number=number)
    elif scores := _scores(said):
        _send(talk, view.id, number, scores)
    elif talk.by_sms:
        invite(talk, view)
        SCORE.ask(talk, False)
    else:
        survey.begin(talk, view.id, number)


def invite(talk: Talk, view: ReportView) -> None:
    """Make the rating the open question."""
    talk.open(SCORE.name, {"report": view.id, "number": reports.number_of(view)}, over=True)


def offers(talk: Talk) -> list[Offer]:
    """What may be chosen under the invitation; by SMS digits say it all."""
    return [] if talk.by_sms else [Offer(_START), Offer(_UNDONE), Offer(_REFUSE)]


def _scores(said: str) -> Mapping[str, int]:
    """As the core takes them; empty when the words are no marks."""
    marks = survey.read(said)
    if marks:
        return survey.scores(marks)
    return {"overall": int(said.strip())} if _MARK.fullmatch(said.strip()) else {}


def _send(talk: Talk, report: str, number: str, scores: Mapping[str, int]) -> None:
    operate(talk, report, "rating", {"scores": dict(scores)})
    talk.say("told.rated", number=number, low=sum(scores.values()) <= 2 * len(scores))


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    before = talk.session.asked
    _rate(talk, view, data.get("score", ""))
    return Outcome.TAKEN if talk.session.asked is before else Outcome.STAYS


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.score", offers(talk), again=again, number=talk.asked.data["number"])


def _hear(talk: Talk, reply: Reply) -> Outcome:
    report, number = talk.asked.data["report"], talk.asked.data["number"]
    scores = _scores(reply.value or reply.text)
    if scores:
        _send(talk, report, number, scores)
        return Outcome.TAKEN
    if reply.value == _UNDONE or reopen.says_so(reply.text):
        return reopen.of_question(talk, report, reply.text)
    if reply.value == _REFUSE or (not reply.value and _refuses(reply.text)):
        talk.say("told.rate_another_time", number=number)
        return Outcome.TAKEN
    if not talk.by_sms and (reply.value == _START or replies.means_yes(reply.text)):
        talk.close()
        survey.begin(talk, report, number)
        return Outcome.STAYS
    return Outcome.UNCLEAR


def _refuses(text: str) -> bool:
    return replies.means_no(text) or replies.means_skip(text) or bool(set(replies.words(text)[:2]) & _LATER)


WHICH = reports.which("nilai", "rate", _chosen)
SCORE = Question("score", _ask, _hear, aside=True)
