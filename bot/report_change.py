"""Changing a report: read, decide, one write on the version read, again if another process was faster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import tracing
from bot.errors import StoreUnavailable
from bot.history import Milestone, turn
from bot.model import Effect
from bot.ports import Reports, StoredReport

CONFLICTS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What one write does to a report."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    """Names of StoredReport's fields and their new values."""
    applied: str | None = None
    """The id of what caused it: it will not be applied again."""
    effects: Sequence[Effect] = ()
    """They belong to the trace of what caused them."""
    history: Sequence[Milestone] = ()


async def change(reports: Reports, report_id: str, decide: Callable[[StoredReport], Change | None], at: datetime) -> StoredReport | None:
    """Apply `decide`, which may be called again on a newer state; it answers None to leave the report as it is.

    Answers the report as it stood when the decision was made, None when there is no such report.
    """
    for _ in range(CONFLICTS_AT_MOST):
        report = await reports.load(report_id)
        if report is None:
            return None
        decided = decide(report)
        if decided is None:
            return report
        new = [tracing.carried(effect) for effect in decided.effects]
        fields = {**decided.fields, **_moved(report, decided)}
        if await reports.update(report, fields, applied=decided.applied, effects=new, at=at, history=decided.history):
            return report
    raise StoreUnavailable("too many writers on one report")


def _moved(report: StoredReport, decided: Change) -> Mapping[str, Any]:
    """Whose turn it is afterwards, for those that an admin follows."""
    if report.origin is None or not decided.history:
        return {}
    status = decided.fields.get("status", report.status)
    wants_answer = decided.fields.get("wants_answer", report.wants_answer)
    waits = report.waits
    for milestone in decided.history:
        waits = turn(waits, milestone, status, wants_answer=wants_answer)
    return {"waits": waits, "moved_at": decided.history[-1].at}
