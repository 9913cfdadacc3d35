"""What happened to a report or a file, told in plain words. The draft and its question are left as they are."""

from collections.abc import Callable, Mapping

from bot.conversation import reports
from bot.conversation.actions import rate
from bot.conversation.protocol import Notice
from bot.conversation.session import Awaited
from bot.conversation.talk import Talk
from bot.model import ReportView, Status

_AWAITED_AT_MOST = 5
_REFUSALS = ("refused", "conflict")


def tell(talk: Talk, notice: Notice) -> None:
    """Say it, and remember what follows from it: who waits for an answer, which file is not there."""
    if notice.kind == "media_failed":
        _media_failed(talk, notice)
    elif notice.report is not None:
        _TELLERS.get(notice.kind, _other)(talk, notice, notice.report)


def _ticket(talk: Talk, notice: Notice, view: ReportView) -> None:
    del notice
    for awaited in talk.session.awaited:
        if awaited.report == view.id:
            awaited.number = reports.number_of(view)
    talk.say("notice.ticket", **reports.facts(talk, view))


def _status(talk: Talk, notice: Notice, view: ReportView) -> None:
    del notice
    _remember(talk, view, waits=view.status is Status.POSTPONED or view.wants_answer)
    if view.status is Status.COMPLETED and not view.rated and talk.session.asked is None and talk.session.draft is None:
        rate.invite(talk, view)
        talk.ask("notice.completed", rate.offers(talk), **reports.facts(talk, view))
    else:
        talk.say("notice.status", **reports.facts(talk, view))


def _message(talk: Talk, notice: Notice, view: ReportView) -> None:
    _remember(talk, view, waits=view.wants_answer or view.status is Status.POSTPONED)
    facts = reports.facts(talk, view)
    text = None if facts["secret"] else notice.text
    talk.say("notice.message", text=text, attachments=notice.attachments, **facts)


def _reminder(talk: Talk, notice: Notice, view: ReportView) -> None:
    """Of what a postponed report lacks, before it is archived for want of it."""
    del notice
    _remember(talk, view, waits=True)
    talk.say("notice.reminder", **reports.facts(talk, view))


def _refused(talk: Talk, notice: Notice, view: ReportView) -> None:
    del notice
    talk.say("notice.refused", receipt=view.receipt)


def _unbound(talk: Talk, notice: Notice, view: ReportView) -> None:
    """Nothing of its content, and nothing remembered: whoever has this number has not shown that the report is theirs."""
    number = reports.number_of(view)
    talk.say("notice.unbound", number=number, news=notice.reason, status=view.status.value, day=talk.today)


def _media_late(talk: Talk, notice: Notice, view: ReportView) -> None:
    talk.say("notice.media_late", number=reports.number_of(view), count=max(1, notice.attachments))


def _operation_failed(talk: Talk, notice: Notice, view: ReportView) -> None:
    talk.say("notice.operation_failed", number=reports.number_of(view), reason=notice.reason)


def _other(talk: Talk, notice: Notice, view: ReportView) -> None:
    """Of a kind that a newer program knows: at least where to look."""
    del notice
    talk.say("notice.status", **reports.facts(talk, view))


_TELLERS: Mapping[str, Callable[[Talk, Notice, ReportView], None]] = {
    "ticket": _ticket,
    "status": _status,
    "message": _message,
    "reminder": _reminder,
    **dict.fromkeys(_REFUSALS, _refused),
    "media_late": _media_late,
    "operation_failed": _operation_failed,
    "unbound": _unbound,
}


def _media_failed(talk: Talk, notice: Notice) -> None:
    """A file of a draft is taken out, so that the summary is true."""
    lost = None
    for draft in filter(None, (talk.session.draft, *talk.session.kept)):
        lost = lost or next((file for file in draft.evidence if file.id == notice.media), None)
        draft.evidence = [file for file in draft.evidence if file is not lost]
    number = reports.number_of(notice.report) if notice.report else None
    talk.say("notice.media_failed", name=lost.name if lost else None, number=number, reason=notice.reason, drafting=lost is not None)


def _remember(talk: Talk, view: ReportView, *, waits: bool) -> None:
    others = [each for each in talk.session.awaited if each.report != view.id]
    missing = list(view.missing) if view.status is Status.POSTPONED else []
    added = [Awaited(view.id, view.receipt, reports.number_of(view), missing)] if waits else []
    talk.session.awaited = [*others, *added][-_AWAITED_AT_MOST:]
