"""Following: what comes for reports that admins entered, until the citizen has been told; and what the citizen answers, carried back.

A report whose citizen has shown the access code is theirs: news of it goes into their conversation, and no longer through the admin.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import effects
from bot.clock import Now
from bot.conversation import replies, story
from bot.feed import Feed, News
from bot.model import Effect, Network, Status
from bot.ports import Reports, StoredReport
from bot.redirects import Scope
from bot.report_change import Change, change


@dataclass(frozen=True, slots=True)
class Timeline:
    """A report that was entered, with all its news, oldest first."""

    report: StoredReport
    news: Sequence[News]


def is_cut(report: StoredReport) -> bool:
    """Nobody is behind the report any more: its citizen has had their data erased."""
    if report.conversation is not None or report.contact is not None:
        return False
    return report.entered is None or report.entered["hears"] == "phone"


def news_of(report: StoredReport, effect: Effect, at: datetime) -> News:
    """A notice about a report that was entered, as news for its admin. `report` is as it was then."""
    entered: Mapping[str, Any] = report.entered or {}
    data = effect.data
    return News(
        id=effect.id,
        report=report.id,
        receipt=report.receipt,
        ticket=report.ticket,
        account=entered["account"],
        office=entered["office"],
        network=Network(entered["network"]),
        kind=data["kind"],
        status=report.status,
        at=at,
        text=data["text"] or (report.note or "" if data["kind"] == "status" else ""),
        attachments=data["attachments"],
        wants_answer=data["reason"] == "wants_answer" or report.status is Status.POSTPONED,
    )


class Following:
    """What an admin sees and does of what was entered."""

    def __init__(self, *, reports: Reports, feed: Feed, now: Now) -> None:
        self._reports = reports
        self._feed = feed
        self._now = now

    async def entered(self, scope: Scope, *, before: datetime | None = None, limit: int = 50) -> Sequence[StoredReport]:
        """Newest first, those filed before a moment. Raises StoreUnavailable."""
        return await self._reports.entered(scope, before or self._now() + timedelta(seconds=1), limit)

    async def waiting(self, scope: Scope, *, limit: int = 50) -> Sequence[News]:
        """What the citizens have not been told, the longest waiting first. Raises StoreUnavailable."""
        return await self._feed.waiting(scope, limit)

    async def unread(self, scope: Scope) -> int:
        """How much of that nobody has read. Raises StoreUnavailable."""
        return await self._feed.unread(scope)

    async def timeline(self, scope: Scope, number: str) -> Timeline | None:
        """A report by its receipt or ticket, read from now on; None when there is none that may be seen. Raises StoreUnavailable."""
        report = await self._find(scope, number)
        if report is None:
            return None
        news = await self._feed.of_report(report.id)
        await self._feed.read(report.id, self._now())
        return Timeline(report, news)

    async def passed(self, scope: Scope, news: str) -> bool:
        """The citizen has been told; False when there is no such news that may be seen. Raises StoreUnavailable."""
        return await self._feed.passed(scope, news, self._now())

    async def answer(self, scope: Scope, number: str, text: str, key: str) -> bool:
        """Carry the citizen's words to the agency; the same key once. False without such a report, or a word. Raises StoreUnavailable."""
        report, said, now = await self._find(scope, number), replies.clean(text)[: story.LIMIT], self._now()
        if report is None or replies.is_blank(said):
            return False
        id_ = hashlib.sha256(f"{report.id}/{key}".encode()).hexdigest()[:32]
        operation = effects.operation(id_, "messages", {"text": said, "media": []}, now=now)

        def decide(latest: StoredReport) -> Change | None:
            known = operation.id in latest.applied
            return None if known else Change({"wants_answer": False}, applied=operation.id, effects=[operation])

        await change(self._reports, report.id, decide, now)
        return True

    async def _find(self, scope: Scope, number: str) -> StoredReport | None:
        report = await self._reports.find(number)
        return report if report and may_see(scope, report) else None


def may_see(scope: Scope, report: StoredReport) -> bool:
    """Whether a report was entered within a scope."""
    entered = report.entered or {}
    return bool(entered) and entered["office"] == scope.office and scope.account in (None, entered["account"])
