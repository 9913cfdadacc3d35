"""NILAI: one to five for how a report was handled."""

import re
from collections.abc import Mapping
from typing import Any

from bot.conversation import reports
from bot.conversation.commands import Command
from bot.conversation.operations import operate
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk
from bot.model import ReportView, Status

_SCORE = re.compile(r"[1-5]")
_RATABLE = frozenset({Status.ANSWERED, Status.COMPLETED, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY})


def run(talk: Talk, command: Command) -> None:
    """Take the score, or ask for it, or first for which."""
    if command.number:
        view = reports.reach(talk, command)
        if view:
            _rate(talk, view, command.rest if view.mine else command.after_code)
        else:
            reports.tell_unknown(talk)
    else:
        reports.choose(talk, WHICH, lambda view: _rate(talk, view, command.rest), {"score": command.rest[:1]})


def _rate(talk: Talk, view: ReportView, score: str) -> None:
    number = reports.number_of(view)
    if view.rated:
        talk.say("told.rated_before", number=number)
    elif view.status not in _RATABLE:
        talk.say("told.rate_later", number=number)
    elif _SCORE.fullmatch(score.strip()):
        _send(talk, view.id, number, score.strip())
    else:
        open_score(talk, view)
        SCORE.ask(talk, False)


def open_score(talk: Talk, view: ReportView) -> None:
    """Make the score the open question."""
    talk.open(SCORE.name, {"report": view.id, "number": reports.number_of(view)}, over=True)


def _send(talk: Talk, report: str, number: str, score: str) -> None:
    operate(talk, report, "rating", {"scores": {"overall": int(score)}})
    talk.say("told.rated", number=number, score=int(score))


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    talk.close()
    _rate(talk, view, data.get("score", ""))
    return Outcome.STAYS if talk.session.asked and talk.session.asked.name == SCORE.name else Outcome.TAKEN


def scores() -> list[Offer]:
    """One to five."""
    return [Offer(str(score)) for score in range(1, 6)]


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.score", scores(), again=again, number=talk.asked.data["number"])


def _hear(talk: Talk, reply: Reply) -> Outcome:
    score = reply.value or reply.text
    if not _SCORE.fullmatch(score):
        return Outcome.UNCLEAR
    _send(talk, talk.asked.data["report"], talk.asked.data["number"], score)
    return Outcome.TAKEN


WHICH = reports.which("nilai", "rate", _chosen)
SCORE = Question("score", _ask, _hear, aside=True)
