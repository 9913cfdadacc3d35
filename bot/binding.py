"""A report that an admin entered becomes its citizen's own: by its number and access code, from the number that the admin typed."""

from datetime import datetime

from bot.history import Milestone
from bot.ports import Reports, StoredReport
from bot.report_change import Change, change


async def bind(reports: Reports, report: StoredReport, conversation: str, now: datetime) -> StoredReport:
    """The report as it is now, bound if it waited for this person. Only for whoever gave the right access code. Raises StoreUnavailable."""
    if not _waits_for(report, conversation):
        return report
    bound = Change({"conversation": conversation, "contact": None}, history=[Milestone("bound", now)])
    await change(reports, report.id, lambda latest: bound if _waits_for(latest, conversation) else None, now)
    return await reports.load(report.id) or report


def _waits_for(report: StoredReport, conversation: str) -> bool:
    """Whether it is the number that was typed, by SMS or by WhatsApp."""
    if report.conversation is not None or report.contact is None:
        return False
    number, typed = (address.rpartition(":")[2] for address in (conversation, report.contact))
    return number == typed and typed.startswith("+")
