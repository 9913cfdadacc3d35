"""The worker's part: each day is counted from what is stored, as often as anything may still be added to it.

Counting a day again replaces what was counted before, so that whoever dies over it leaves nothing to mend, and what a slower process
writes too late is put right by the next round.
"""

import asyncio
from datetime import date, datetime, timedelta

from bot import logs
from bot.clock import WIB, Now
from bot.errors import StoreUnavailable
from bot.figures.model import FiguresStore
from bot.figures.tally import tally
from bot.pausing import pause
from bot.ports import Marks

EVERY_SECONDS = 60.0
LEASE = timedelta(minutes=5)
DAYS_A_ROUND = 20
"""More than a round can count within the lease would be too many."""

KEPT_UP = 1
"""Today and yesterday are counted in every round."""
OPEN = 30
"""Days: a redirect waits two weeks for its citizen and is finished later still; a report is filed late when the database was away."""
OPEN_EVERY = timedelta(hours=6)
FURTHEST = 400
"""Days back. What is older is not looked for: drafts that were left are not kept so long."""

log = logs.get_logger(__name__)


class Counting:
    """Counts what has to be counted, in one process at a time."""

    def __init__(self, store: FiguresStore, marks: Marks, holder: str, now: Now, real: Now) -> None:
        """`now`: business time, by which reports are filed; `real`: of the lease."""
        self._store = store
        self._marks = marks
        self._holder = holder
        self._now = now
        self._real = real

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await self._under_lease(stop)
            except StoreUnavailable:
                log.warning("store_unavailable")
            except Exception:  # whatever it was, the next round must come
                log.exception("counting_failed")
            await pause(stop, EVERY_SECONDS)

    async def _under_lease(self, stop: asyncio.Event) -> None:
        """All there is to count, a few days at a time."""
        waiting = True
        while waiting and not stop.is_set() and await self._marks.lease("figures", self._holder, now := self._real(), now + LEASE):
            waiting = await self.count() == DAYS_A_ROUND

    async def count(self) -> int:
        """Some of the days that have to be counted, the latest first; how many. Raises StoreUnavailable."""
        now = self._now()
        today = now.astimezone(WIB).date()
        begins = max(await self._store.begins() or today, today - timedelta(days=FURTHEST))
        counted = await self._store.counted(begins)
        days = [today - timedelta(days=age) for age in range((today - begins).days + 1)]
        waiting = [day for day in days if is_stale(day, counted.get(day), now)][:DAYS_A_ROUND]
        for day in waiting:
            counts = await asyncio.to_thread(tally, await self._store.facts(day))  # so that words to citizens need not wait for it
            await self._store.keep(day, counts, now)
        return len(waiting)


def is_stale(day: date, counted_at: datetime | None, now: datetime) -> bool:
    """Whether a day is to be counted again: always at first, then seldom, once more when it is closed, and then never."""
    if counted_at is None:
        return True
    age = (now.astimezone(WIB).date() - day).days
    if age <= KEPT_UP:
        return True
    if age <= OPEN:
        return now - counted_at >= OPEN_EVERY
    return (counted_at.astimezone(WIB).date() - day).days <= OPEN
