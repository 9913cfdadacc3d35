"""BELUM: what was called done is not. The dialogue with the agency is opened again, within ten working days and with a reason."""

from collections.abc import Mapping
from typing import Any

from bot.conversation import media, replies, reports
from bot.conversation.commands import Command
from bot.conversation.operations import operate
from bot.conversation.question import Outcome, Question
from bot.conversation.session import Asked
from bot.conversation.talk import Reply, Talk
from bot.model import ReportView, Status

_UNDONE = replies.vocabulary("belum blm blum not")
_FEW_WORDS = 2
"""A reason has more."""
_REASON_LIMIT = 2_000
_REOPENABLE = frozenset({Status.COMPLETED, Status.ANSWERED})
_OVER = frozenset({Status.WITHDRAWN, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY})
_ABOUT = frozenset({"score", "skm"})
"""Questions that are about a report just ended."""


def says_so(text: str) -> bool:
    """As in "belum beres, lampunya masih mati"."""
    return bool(set(replies.words(text)[:1]) & _UNDONE)


def run(talk: Talk, command: Command) -> None:
    """Open it again, or ask why, or first which."""
    about = _close_question(talk)
    if command.number:
        view = reports.reach(talk, command)
        if view:
            _decide(talk, view, command.rest if view.mine else command.after_code)
        else:
            reports.tell_unknown(talk)
        return
    mine = talk.mine()
    meant = [view for view in mine if view.id == about] or [view for view in mine if view.status in _REOPENABLE] or mine
    if not mine:
        talk.say("told.no_reports")
    elif len(meant) == 1:
        _decide(talk, meant[0], "")
    else:
        talk.open(WHICH.name, over=True)
        WHICH.ask(talk, False)


def of_question(talk: Talk, report: str, said: str) -> Outcome:
    """Said in answer to how the report was handled."""
    view = next((view for view in talk.mine() if view.id == report), None)
    return _replace(talk, view, said) if view else Outcome.UNCLEAR


def is_about(asked: Asked) -> bool:
    """Whether the open question is about a report that has just ended."""
    return asked.name in _ABOUT


def _close_question(talk: Talk) -> str | None:
    """The report that the open question is about, which need not be answered now."""
    asked = talk.session.asked
    if asked is None or not is_about(asked):
        return None
    talk.close()
    survey = talk.session.survey
    return asked.data.get("report") or (survey.report if survey else None)


def _decide(talk: Talk, view: ReportView, reason: str) -> None:
    number = reports.number_of(view)
    left = view.due_days.get("reopening")
    if view.status in _OVER or (view.status is Status.COMPLETED and left is not None and left < 0):
        talk.say("told.reopen_late", number=number)
    elif view.status not in _REOPENABLE:
        talk.say("told.still_open", number=number, status=view.status.value)
    elif len(replies.words(reason)) > _FEW_WORDS or talk.heard.files:
        _reopen(talk, view.id, number, reason)
    else:
        talk.open(REASON.name, {"report": view.id, "number": number}, over=True)
        REASON.ask(talk, False)


def _reopen(talk: Talk, report: str, number: str, reason: str) -> None:
    """With its reason; files follow as a message."""
    operate(talk, report, "reopening", {"reason": reason[:_REASON_LIMIT]})
    files = media.accepted(talk, media.AT_MOST)
    if files:
        media.fetch(talk, files)
        operate(talk, report, "messages", {"text": "", "media": [file.id for file in files]})
    talk.say("told.reopened", number=number)


def _replace(talk: Talk, view: ReportView, reason: str) -> Outcome:
    before = talk.session.asked
    _decide(talk, view, reason)
    return Outcome.TAKEN if talk.session.asked is before else Outcome.STAYS


def _chosen(talk: Talk, view: ReportView, data: Mapping[str, Any]) -> Outcome:
    del data
    return _replace(talk, view, "")


def _ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
    talk.ask("ask.reopen", again=again, number=talk.asked.data["number"], media=talk.capabilities.media)


def _hear(talk: Talk, reply: Reply) -> Outcome:
    data = talk.asked.data
    if replies.means_no(reply.text):
        talk.say("told.stopped")
        return Outcome.TAKEN
    if replies.is_blank(reply.text) and not talk.heard.files:
        return Outcome.UNCLEAR
    _reopen(talk, data["report"], data["number"], reply.text)
    return Outcome.TAKEN


WHICH = reports.which("belum", "reopen", _chosen)
REASON = Question("reason", _ask, _hear, aside=True)
