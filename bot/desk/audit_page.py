"""The audit log, for auditors: read, and verified."""

from collections.abc import Iterable

from aiohttp import web

from bot.desk.visit import Visit
from bot.staff.audit import Verdict
from bot.staff.model import AuditEntry, Head

A_PAGE = 50
ACTIONS = (
    "sign_in.done",
    "sign_in.failed",
    "sign_in.code_failed",
    "sign_in.ended",
    "account.added",
    "account.reset",
    "account.disabled",
    "account.enabled",
    "account.role_changed",
    "account.invitation_taken_up",
    "account.password_changed",
    "account.second_factor_set",
    "account.recovery_codes_renewed",
    "account.signed_out_everywhere",
    "number.shown",
    "parked.shown",
    "parked.replayed",
    "parked.removed",
    "book.uploaded",
    "book.filed",
    "book.exported",
    "book.downloaded",
    "book.evidence_shown",
    "book.return_uploaded",
    "book.return_applied",
    "redirect.withdrawn",
    "news.passed",
    "answer.carried",
    "entry.filed",
)
"""What the page can be narrowed to: a page that audits something of its own adds it here, and its words."""


async def show(visit: Visit) -> web.StreamResponse:
    """Newest first, a page at a time."""
    before, action = visit.text("before"), visit.text("action")
    entries = await visit.desk.staff.audit.newest(
        A_PAGE,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
        action=action if action in ACTIONS else None,
    )
    return await _page(visit, entries, action=action if action in ACTIONS else "")


async def verify(visit: Visit) -> web.StreamResponse:
    """The whole chain; also whether a head that was printed before is still part of it."""
    printed, given = None, visit.text("head")
    if given:
        try:
            printed = Head.parse(given)
        except ValueError:
            return await _page(visit, await visit.desk.staff.audit.newest(A_PAGE), status=422, problem="head", given=given)
    verdict = await visit.desk.staff.audit.verify(printed)
    return await _page(visit, await visit.desk.staff.audit.newest(A_PAGE), verdict=verdict, given=given)


async def _page(
    visit: Visit,
    entries: Iterable[AuditEntry],
    *,
    status: int = 200,
    action: str = "",
    verdict: Verdict | None = None,
    problem: str = "",
    given: str = "",
) -> web.Response:
    rows = list(entries)
    people = await visit.desk.staff.directory.named(sorted({name for row in rows for name in (row.actor, row.subject)}))
    return visit.page(
        "audit",
        status=status,
        rows=rows,
        people=people,
        actions=ACTIONS,
        action=action,
        verdict=verdict,
        problem=problem,
        given=given,
        more=rows[-1].sequence if len(rows) == A_PAGE else None,
    )
