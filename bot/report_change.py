"""Changing a report: read, decide, one write on the version read, again if another process was faster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import tracing
from bot.errors import StoreUnavailable
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
        if await reports.update(report, decided.fields, applied=decided.applied, effects=new, at=at):
            return report
    raise StoreUnavailable("too many writers on one report")
