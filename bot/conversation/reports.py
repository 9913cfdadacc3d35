"""Filed reports as a conversation may see them: found by number, chosen from a list, put into words' parameters."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from bot import access
from bot.conversation.actions import second
from bot.conversation.commands import Command
from bot.conversation.drafts import begin
from bot.conversation.protocol import Offer
from bot.conversation.question import Outcome, Question
from bot.conversation.talk import Reply, Talk
from bot.model import ReportView, Status

NEW = "baru"
"""Instead of one of the reports: a new one."""

_WRONG_AT_MOST = 5
_WRONG_WITHIN = timedelta(hours=1)
_SLOWLY = timedelta(seconds=60)
_LISTED, _LISTED_BY_SMS = 10, 5

_DUE_OF = {
    Status.RECEIVED: "verification",
    Status.POSTPONED: "reply",
    Status.DISPOSED: "response",
    Status.IN_PROGRESS: "resolution",
    Status.ANSWERED: "reply",
    Status.COMPLETED: "reopening",
}
"""Which deadline a status waits for."""


def number_of(view: ReportView) -> str:
    """What the citizen calls it: the ticket, or the receipt while there is none."""
    return view.ticket or view.receipt


def reach(talk: Talk, command: Command) -> ReportView | None:
    """The report of a command's number, if it is theirs or the code opens it. After five wrong ones a code opens nothing."""
    if command.number is None:
        return None
    view = talk.find(command.number, None if is_limited(talk) else command.code)
    return view if view and (view.mine or view.opened) else None


def tell_unknown(talk: Talk) -> None:
    """The one answer for an unknown number, a wrong code and a stranger's report."""
    talk.say("sorry.unknown_report", delay=count_wrong(talk))


def count_wrong(talk: Talk) -> timedelta:
    """Remember a wrong number or code; how long the answer to it is to wait."""
    delay = _SLOWLY if is_limited(talk) else timedelta(0)
    talk.session.wrong = [*_recent(talk), talk.now][-_WRONG_AT_MOST:]
    return delay


def is_limited(talk: Talk) -> bool:
    """Whether so many were wrong of late that no code opens anything."""
    return len(_recent(talk)) >= _WRONG_AT_MOST


def _recent(talk: Talk) -> list[Any]:
    return [at for at in talk.session.wrong if talk.now - at < _WRONG_WITHIN]


def facts(talk: Talk, view: ReportView) -> dict[str, Any]:
    """The parameters that templates about a report take. By SMS nothing of a confidential report's content is among them."""
    secret = talk.by_sms and view.confidential
    due = _DUE_OF.get(view.status, "")
    return {
        "number": number_of(view),
        "receipt": view.receipt,
        "ticket": view.ticket,
        "status": view.status.value,
        "submitted": view.submitted_at,
        "title": view.title if view.mine and not secret else None,
        "agency": None if secret else view.agency,
        "note": None if secret else view.note,
        "missing": list(view.missing),
        "due": due if due in view.due else "",
        "day": view.due.get(due),
        "days": view.due_days.get(due),
        "wants_answer": view.wants_answer,
        "rated": view.rated,
        "mine": view.mine,
        "here": view.mine and talk.session.draft is None and any(each.report == view.id for each in talk.session.awaited),
        "secret": secret,
    }


def which(name: str, purpose: str, then: Callable[[Talk, ReportView, Mapping[str, Any]], Outcome]) -> Question:
    """A question for one of the citizen's own reports. `then` goes on with it and with the question's data.

    With `text` among the data, a new report is offered as well. `purpose` lets the template say what for.
    """

    def ask(talk: Talk, again: bool) -> None:  # noqa: FBT001  # the shape of every question
        reports = [facts(talk, view) for view in _listed(talk)]
        has_text = bool(talk.asked.data.get("text") or talk.heard.files)
        offers = [Offer(report["receipt"]) for report in reports] + [Offer(NEW)] * has_text
        talk.ask("ask.which", offers, again=again, purpose=purpose, reports=reports, new=has_text)

    def hear(talk: Talk, reply: Reply) -> Outcome:
        number = reply.value or access.normalise_number(reply.text)
        if number == NEW:
            return then_new(talk)
        view = next((view for view in talk.mine() if number in {view.receipt, view.ticket} - {None}), None)
        return then(talk, view, dict(talk.asked.data)) if view else Outcome.UNCLEAR

    return Question(name, ask, hear, aside=True)


def choose(talk: Talk, which: Question, then: Callable[[ReportView], None], data: Mapping[str, Any] | None = None) -> None:
    """Go on with the citizen's only report; ask which when there are several. `data`: what the question is to remember."""
    mine = talk.mine()
    if not mine:
        talk.say("told.no_reports")
    elif len(mine) == 1:
        then(mine[0])
    else:
        talk.open(which.name, data or {}, over=True)
        which.ask(talk, False)


def then_new(talk: Talk) -> Outcome:
    """Take the text that waited as a new report's; beside a draft, ask what becomes of that."""
    text: str = talk.asked.data.get("text", "")
    if talk.session.draft:
        talk.close()
        second.offer(talk, text)
        return Outcome.STAYS
    begin(talk, text)
    return Outcome.TAKEN


def _listed(talk: Talk) -> tuple[ReportView, ...]:
    return talk.mine()[: _LISTED_BY_SMS if talk.by_sms else _LISTED]
