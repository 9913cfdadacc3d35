"""Reading what was counted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import WIB, Now
from bot.figures.model import ALL, Counts, FiguresStore
from bot.figures.period import Period
from bot.figures.tally import total


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of a period."""

    period: Period
    reports: Mapping[date, int]
    """Each day of the period."""
    counts: Counts
    counted_at: datetime | None
    """When the newest of it was counted; None when nothing has been."""


class Figures:
    """What the desk and the command show."""

    def __init__(self, store: FiguresStore, now: Now) -> None:
        """`now`: business time, by which reports are filed."""
        self._store = store
        self._now = now

    def today(self) -> date:
        """In Jakarta."""
        return self._now().astimezone(WIB).date()

    async def offices(self) -> Sequence[str]:
        """Those through whose admins anything came. Raises StoreUnavailable."""
        return await self._store.offices()

    async def over(self, period: Period, office: str = ALL) -> Summary:
        """Of what came through an office, or of everything. Raises StoreUnavailable."""
        days = await self._store.days(period.first, period.last, office)
        reports = dict.fromkeys(period.days, 0) | {day.day: day.counts.reports for day in days}
        counts = await asyncio.to_thread(total, [day.counts for day in days])  # messages that come meanwhile do not wait for a long period
        return Summary(period, reports, counts, max((day.at for day in days), default=None))
