"""Practice is forgotten: what a visitor has made is erased a week after their last message, here and at the training core."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot import logs
from bot.clock import Now
from bot.errors import DeliveryError, Rejected, StoreUnavailable
from bot.pausing import pause
from bot.ports import Marks
from bot.simulator.office import Office
from bot.visitors import Visitors

KEPT_FOR = timedelta(days=7)
EVERY_SECONDS = 600.0
LEASE = timedelta(seconds=900)
VISITORS_A_ROUND = 50
REPORTS_AT_MOST = 10_000

log = logs.get_logger(__name__)


class PracticeSweeper:
    """Erases, in one process at a time. Its days are real ones: a clock that is moved ahead ends nobody's practice."""

    def __init__(
        self,
        *,
        visitors: Visitors,
        erase_uploads: Callable[[datetime], Awaitable[int]],
        office: Office | None,
        marks: Marks,
        holder: str,
        real: Now,
    ) -> None:
        """`erase_uploads`: of what has been here since before a time."""
        self._visitors = visitors
        self._erase_uploads = erase_uploads
        self._office = office
        self._marks = marks
        self._holder = holder
        self._real = real

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            now = self._real()
            try:
                if await self._marks.lease("sweep-practice", self._holder, now, now + LEASE):
                    await self.sweep()
            except StoreUnavailable:
                log.warning("store_unavailable")
            except DeliveryError as error:
                log.info("practice_kept", code=error.code)  # until the core answers
            except Exception:  # whatever it was, the next round must come
                log.exception("sweep_failed", sweep="practice")
            await pause(stop, EVERY_SECONDS)

    async def sweep(self) -> int:
        """How many visitors were forgotten. At the core first: afterwards nobody knows their tickets.

        Raises DeliveryError or StoreUnavailable: they are forgotten another time.
        """
        before = self._real() - KEPT_FOR
        quiet = await self._visitors.quiet(before, VISITORS_A_ROUND)
        for id_ in quiet:
            reports = await self._visitors.reports(id_, REPORTS_AT_MOST)
            for ticket in [report.ticket for report in reports if report.ticket]:
                if self._office:
                    with contextlib.suppress(Rejected):  # another core than the one it was filed with: there is nothing to erase
                        await self._office.erase(ticket)
            await self._visitors.erase(id_)
        await self._erase_uploads(before)
        return len(quiet)
