"""What could not be handled, for supervisors: why, since when; looked at for a reason, tried again, removed."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.desk.numbers import Masked
from bot.desk.reasons import reason_of
from bot.desk.visit import Visit
from bot.parking import LATER
from bot.ports import ParkedItem

SHOWN_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Row:
    """A parked thing as the page shows it. Its id may hold a number, so it is named by `ref` and meant by `sealed`."""

    ref: str
    sealed: str
    what: str
    reason: str
    at: datetime
    transport: str
    number: Masked | None
    """Of the conversation it belongs to."""
    report: str


async def show(visit: Visit) -> web.StreamResponse:
    """The oldest ones."""
    items = await visit.desk.parked.list(SHOWN_AT_MOST)
    return visit.page("parked", rows=[_row(visit, item) for item in items], full=len(items) == SHOWN_AT_MOST, shown=SHOWN_AT_MOST)


async def show_one(visit: Visit) -> web.StreamResponse:
    """All that is kept of it, which may be a citizen's words: for a reason, which is audited. Their number takes a reason of its own."""
    item = await _item(visit)
    reason = reason_of(visit)
    await visit.audit("parked.shown", visit.desk.staff.keys.ref(item.id), reason=reason)
    row, kept = _row(visit, item), await visit.desk.parking.shown(item.id) or ""
    if row.number:
        kept = kept.replace(item.owner.partition(":")[2], row.number.shown)
    return visit.page("parked_item", row=row, kept=kept)


async def replay(visit: Visit) -> web.StreamResponse:
    """Try it again."""
    item = await _item(visit)
    await visit.audit("parked.replayed", visit.desk.staff.keys.ref(item.id))
    outcome = await visit.desk.parking.replay(item.id)
    if outcome is None:
        raise web.HTTPNotFound
    return visit.go("/parked", done="not_replayable" if outcome is LATER else "replayed")


async def remove(visit: Visit) -> web.StreamResponse:
    """Forget it, for a reason, which is audited."""
    item = await _item(visit)
    await visit.audit("parked.removed", visit.desk.staff.keys.ref(item.id), reason=reason_of(visit), what=item.what, code=item.reason)
    await visit.desk.parked.remove(item.id)
    return visit.go("/parked", done="removed")


async def _item(visit: Visit) -> ParkedItem:
    item = await visit.desk.parked.load(visit.unseal("item"))
    if item is None:
        raise web.HTTPNotFound
    return item


def _row(visit: Visit, item: ParkedItem) -> Row:
    transport, colon, number = item.owner.partition(":")
    ref = visit.desk.staff.keys.ref(item.id)
    return Row(
        ref=ref,
        sealed=visit.seal("item", item.id),
        what=item.what,
        reason=item.reason,
        at=item.at,
        transport=transport if colon else "",
        number=visit.masked(number, ref) if colon else None,
        report="" if colon else item.owner,
    )
