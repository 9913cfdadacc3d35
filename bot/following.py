"""Following: reports that came through a desk, and where they stand.

What comes for those that an admin entered waits here until the citizen has been told; what the citizen answers is carried back. A report
that its citizen has made, or taken over by showing the access code, is theirs: the admin sees how far it is, and no words of it.
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
from bot.history import Milestone
from bot.model import Effect, Network, Status
from bot.origin import Filter
from bot.ports import Reports, StoredReport
from bot.redirects import Scope
from bot.report_change import Change, change

WAITING_AT_MOST = 200
"""News looked at for the reports whose news waits for an admin."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a timeline: what happened, and the words that an admin was given of it."""

    kind: str
    """A milestone's, or a news's that is none; or `filed`."""
    at: datetime
    status: Status | None = None
    agency: str | None = None
    account: str | None = None
    text: str = ""
    news: News | None = None
    """Where the citizen is told through an admin."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A report that came through a desk, with all its news, oldest first."""

    report: StoredReport
    news: Sequence[News]

    @property
    def entries(self) -> Sequence[Entry]:
        """All that is known to have happened, oldest first. Words only where they went through an admin: the others are the citizen's."""
        news = {each.id.removeprefix(f"{self.report.id}:"): each for each in self.news}
        lines = [Entry("filed", self.report.submitted_at)]
        lines += [_entry(milestone, news.pop(milestone.key, None)) for milestone in self.report.history]
        lines += [Entry(each.kind, each.at, each.status, text=each.text, news=each) for each in news.values()]
        return sorted(lines, key=lambda line: line.at)


@dataclass(frozen=True, slots=True)
class Listed:
    """A report in a list, in brief."""

    report: StoredReport
    news: bool
    """Something of it waits to be passed on."""


def _entry(happened: Milestone, news: News | None) -> Entry:
    text = happened.text or (news.text if news else "")
    return Entry(happened.kind, happened.at, happened.status, happened.agency, happened.account, text, news)


def is_spoken_for(report: StoredReport) -> bool:
    """An admin stands between the citizen and the agency: it was entered, and its citizen has not taken it over."""
    return report.entered is not None and report.conversation is None and not is_cut(report)


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

    async def listed(self, scope: Scope, wanted: Filter, *, before: datetime | None = None, limit: int = 50) -> Sequence[Listed]:
        """What came through a desk, redirected or entered: newest first, those filed before a moment. What somebody waits for: the longest
        waiting first, those that wait since after that moment. Raises StoreUnavailable.
        """
        reports = await self._reports.originated(scope, wanted, before, limit)
        news = await self._feed.waiting_among([report.id for report in reports])
        return [Listed(report, report.id in news) for report in reports]

    async def to_pass_on(self, scope: Scope, wanted: Filter) -> Sequence[Listed]:
        """Reports of which something waits to be passed on, the longest waiting first. Raises StoreUnavailable."""
        ids = dict.fromkeys(news.report for news in await self._feed.waiting(scope, WAITING_AT_MOST))
        found = await self._reports.brief(list(ids))
        return [Listed(found[id_], news=True) for id_ in ids if id_ in found and _is_wanted(found[id_], wanted)]

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

    async def find(self, scope: Scope, number: str) -> StoredReport | None:
        """A report by its receipt or ticket; None when there is none that may be seen. Raises StoreUnavailable."""
        return await self._find(scope, number)

    async def answer(self, scope: Scope, number: str, text: str, key: str, *, by: str = "") -> bool:
        """Carry the citizen's words to the agency; the same key once. `by`: the admin's account.

        False without a word, or such a report whose citizen is heard through an admin. Raises StoreUnavailable.
        """
        report, said, now = await self._find(scope, number), replies.clean(text)[: story.LIMIT], self._now()
        if report is None or not is_spoken_for(report) or replies.is_blank(said):
            return False
        id_ = hashlib.sha256(f"{report.id}/{key}".encode()).hexdigest()[:32]
        operation = effects.operation(id_, "messages", {"text": said, "media": []}, now=now)

        def decide(latest: StoredReport) -> Change | None:
            if operation.id in latest.applied:
                return None
            carried = Milestone("messages", now, account=by or None, text=said)
            return Change({"wants_answer": False}, applied=operation.id, effects=[operation], history=[carried])

        await change(self._reports, report.id, decide, now)
        return True

    async def _find(self, scope: Scope, number: str) -> StoredReport | None:
        report = await self._reports.find(number)
        return report if report and may_see(scope, report) else None


def may_see(scope: Scope, report: StoredReport) -> bool:
    """Whether a report came through a desk within a scope."""
    origin = report.origin
    return origin is not None and origin.office == scope.office and scope.account in (None, origin.account)


def _is_wanted(report: StoredReport, wanted: Filter) -> bool:
    network = report.origin and report.origin.network
    asked = ((wanted.status, report.status), (wanted.network, network), (wanted.channel, report.body["channel"]))
    return all(which in (None, found) for which, found in asked)
