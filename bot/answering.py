"""What a conversation must know before a turn can be computed: the answers to its Needs, from the filed reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import access, binding, claiming
from bot.clock import WIB
from bot.conversation import similar
from bot.conversation.protocol import ClaimRedirect, FindReport, MyReports, Query, Similar, SimilarReports
from bot.model import ReportView, Status
from bot.ports import Nearby, Reports, StoredReport
from bot.redirects import Redirects
from bot.report_view import view

MY_REPORTS = 10
NEARBY_FOR = timedelta(days=30)
NEARBY_AT_MOST = 99
_OVER = frozenset({Status.COMPLETED, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY, Status.WITHDRAWN})


async def find(
    reports: Reports, conversation: str, query: Query, now: datetime, unfiled: Sequence[StoredReport] = (), *, redirects: Redirects
) -> Any:
    """The answer, in the shape its query names. `unfiled`: their reports on the way to the store. Raises StoreUnavailable.

    Two answers leave a mark: a redirect code is bound to who comes with it, and a report to whoever has both its number and its code.
    """
    today = now.astimezone(WIB).date()
    match query:
        case MyReports():
            mine = await _own(reports, conversation, unfiled)
            return tuple(view(report, today, conversation=conversation) for report in mine)
        case FindReport():
            return await _numbered(reports, conversation, query, now, unfiled)
        case SimilarReports():
            return await _similar(reports, conversation, query, now, unfiled)
        case ClaimRedirect(code):
            return await claiming.claim(redirects, reports, conversation, code, now=now, unfiled=unfiled)


async def _own(reports: Reports, conversation: str, unfiled: Sequence[StoredReport]) -> list[StoredReport]:
    """A citizen may ask for a report the moment they have its receipt, before it is filed."""
    return _with_unfiled(await reports.of_conversation(conversation, MY_REPORTS), unfiled)


def _with_unfiled(filed: Sequence[StoredReport], unfiled: Sequence[StoredReport]) -> list[StoredReport]:
    known = {report.id for report in filed}
    return [*(report for report in unfiled if report.id not in known), *filed][:MY_REPORTS]


async def _numbered(
    reports: Reports, conversation: str, query: FindReport, now: datetime, unfiled: Sequence[StoredReport]
) -> ReportView | None:
    report = await reports.find(query.number) or next((each for each in unfiled if each.receipt == query.number), None)
    # The hash is computed whether or not there is such a report, so that time does not tell.
    receipt, stored = (report.receipt, report.code_hash) if report else ("L", access.NO_HASH)
    opened = query.code is not None and access.code_matches(query.code, receipt, stored)
    if report is None:
        return None
    if opened:
        report = await binding.bind(reports, report, conversation, now)
    return view(report, now.astimezone(WIB).date(), conversation=conversation, opened=opened)


async def _similar(reports: Reports, conversation: str, query: SimilarReports, now: datetime, unfiled: Sequence[StoredReport]) -> Similar:
    """One's own goes before others': there is nothing to join then."""
    nearby = _nearby(query, now)
    if nearby:
        filed, others = await reports.own_and_nearby(conversation, MY_REPORTS, nearby)
    else:
        filed, others = await reports.of_conversation(conversation, MY_REPORTS), 0
    mine = _with_unfiled(filed, unfiled)
    own = next((report for report in mine if report.status not in _OVER and similar.alike(query, report.body)), None)
    if own:
        return Similar(view(own, now.astimezone(WIB).date(), conversation=conversation))
    return Similar(nearby=others)


def _nearby(query: SimilarReports, now: datetime) -> Nearby | None:
    """Which ones are counted; None where too little is known of this one."""
    if not (query.category and query.area and len(query.area) >= similar.DISTRICT):
        return None
    return Nearby(query.category, query.area[: similar.DISTRICT], now - NEARBY_FOR, NEARBY_AT_MOST)
