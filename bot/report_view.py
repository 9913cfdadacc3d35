"""A filed report as the conversation may see it."""

from collections.abc import Mapping
from datetime import date

from bot import workdays
from bot.clock import WIB
from bot.model import ReportView, Status
from bot.ports import StoredReport

REOPENING_DAYS = 10
"""Working days in which a completed report may be opened again."""


def view(report: StoredReport, today: date, *, conversation: str, opened: bool = False) -> ReportView:
    """`conversation`: who asks; `opened`: whether they gave the right access code."""
    due = _due(report)
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
        due=due,
        due_days={name: workdays.until(today, day) for name, day in due.items()},
        confidential=report.body["confidential"],
        mine=report.conversation == conversation,
        opened=opened,
        wants_answer=report.wants_answer,
        rated=report.rated,
        waiting=report.ticket is None,
    )


def _due(report: StoredReport) -> Mapping[str, date]:
    """The core's deadlines, and until when a completed report may be opened again."""
    if report.status is not Status.COMPLETED or report.completed_at is None:
        return report.due_dates
    return {**report.due_dates, "reopening": workdays.shift(report.completed_at.astimezone(WIB).date(), REOPENING_DAYS)}
