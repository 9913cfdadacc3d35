"""How many redirects came through, by network and by admin, for supervisors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from bot.desk.visit import Visit
from bot.redirects import Scope, Share

PERIODS = (7, 30, 90, 365)
"""Days."""
_USUAL = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    name: str
    sent: int
    opened: int
    completed: int

    @property
    def percent(self) -> int:
        """How many of a hundred became a report."""
        return round(100 * self.completed / self.sent) if self.sent else 0


async def show(visit: Visit) -> web.StreamResponse:
    """Of the office, over some days."""
    days = next((days for days in PERIODS if str(days) == visit.text("days")), _USUAL)
    shares = await visit.desk.redirecting.shares(Scope(visit.account.office), visit.now - timedelta(days=days))
    people = await visit.desk.staff.directory.named(sorted({share.account for share in shares}))
    return visit.page(
        "shares",
        days=days,
        periods=PERIODS,
        total=_line("", shares),
        by_network=_lines(shares, lambda share: share.network.value),
        by_admin=_lines(shares, lambda share: people[share.account].name if share.account in people else share.account),
    )


def _lines(shares: Sequence[Share], name: Callable[[Share], str]) -> Sequence[Line]:
    """The largest first."""
    lines = [_line(each, [share for share in shares if name(share) == each]) for each in {name(share) for share in shares}]
    return sorted(lines, key=lambda line: (-line.sent, line.name))


def _line(name: str, shares: Iterable[Share]) -> Line:
    counted = [(share.sent, share.opened, share.completed) for share in shares]
    sent, opened, completed = (sum(each) for each in zip(*counted, strict=True)) if counted else (0, 0, 0)
    return Line(name, sent, opened, completed)
