"""A filed report as the conversation may see it."""

from datetime import date

from bot import workdays
from bot.model import ReportView
from bot.ports import StoredReport


def view(report: StoredReport, today: date, *, conversation: str, opened: bool = False) -> ReportView:
    """`conversation`: who asks; `opened`: whether they gave the right access code."""
    return ReportView(
        id=report.id,
        receipt=report.receipt,
        ticket=report.ticket,
        kind=report.body["kind"],
        title=report.body["title"],
        status=report.status,
        submitted_at=report.submitted_at,
        agency=report.agency,
        note=report.note,
        missing=report.missing,
        due=report.due_dates,
        due_days={name: workdays.until(today, day) for name, day in report.due_dates.items()},
        confidential=report.body["confidential"],
        mine=report.conversation == conversation,
        opened=opened,
        wants_answer=report.wants_answer,
        rated=report.rated,
        waiting=report.ticket is None,
    )
