"""CABUT: take a filed report back, after one confirmation; a reason is welcome."""

from collections.abc import Mapping
from typing import Any

from bot.conversation import replies, reports
from bot.conversation.commands import Command
from bot.conversation.operations import operate
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk
from bot.model import ReportView, Status

_YES, _NO = "ya", "tidak"
_REASON_LIMIT = 500
_OVER = frozenset({Status.COMPLETED, Status.WITHDRAWN, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY})


def run(talk: Talk, command: Command) -> None:
    """Ask for confirmation, or first which."""
    if command.number or command.rest:
        view = reports.reach(talk, command)
        if view:
            _confirm(talk, view, command.rest if view.mine else command.after_code)
        else:
            reports.tell_unknown(talk)
    else:
        reports.choose(talk, WHICH, lambda view: _confirm(talk, view, ""))


def _confirm(talk: Talk, view: ReportView, reason: str) -> None:
    if view.status in _OVER:
        talk.say("told.over", number=reports.number_of(view), status=view.status.value)
        return
    data = {"report": view.id, "number": reports.number_of(view), "reason": reason[:_REASON_LIMIT]}
    talk.open(CONFIRM.name, data, over=True)
    CONFIRM.ask(talk, False)


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    del data
    before = talk.session.asked
    _confirm(talk, view, "")
    return Outcome.TAKEN if talk.session.asked is before else Outcome.STAYS


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.withdraw", [Offer(_YES), Offer(_NO)], again=again, number=talk.asked.data["number"])


def _hear(talk: Talk, reply: Reply) -> Outcome:
    if reply.value == _NO or (not reply.value and replies.means_no(reply.text)):
        talk.say("told.stopped")
        return Outcome.TAKEN
    said = replies.yes_with_rest(reply.text)
    if reply.value != _YES and said is None and not replies.means_yes(reply.text):
        return Outcome.UNCLEAR
    data = talk.asked.data
    reason = data["reason"] or ("" if reply.value or not said or replies.means_yes(reply.text) else said[:_REASON_LIMIT])
    operate(talk, data["report"], "withdrawal", {"reason": reason})
    talk.session.awaited = [each for each in talk.session.awaited if each.report != data["report"]]
    talk.say("told.withdrawn", number=data["number"])
    return Outcome.TAKEN


WHICH = reports.which("cabut", "withdraw", _chosen)
CONFIRM = Question("withdraw", _ask, _hear, aside=True)
