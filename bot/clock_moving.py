"""Moving business time ahead: where CLOCK=movable allows it, every process follows what one mark in the database says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot import logs, metrics
from bot.clock import BusinessClock
from bot.errors import StoreUnavailable
from bot.pausing import pause
from bot.ports import Marks

MARK = "business-clock"
"""Seconds ahead of real time."""
FOLLOW_SECONDS = 0.25
MOST = timedelta(days=3650)

log = logs.get_logger(__name__)


async def ahead(marks: Marks) -> timedelta:
    """How far business time has been moved. Raises StoreUnavailable."""
    return timedelta(seconds=float(await marks.get(MARK) or 0))


async def move(marks: Marks, by: timedelta) -> timedelta:
    """Be so far ahead of real time, in all processes soon; how far that is now, because it never goes back. Raises StoreUnavailable."""
    moved = max(await ahead(marks), min(by, MOST))
    await marks.put(MARK, str(moved.total_seconds()))
    return moved


@asynccontextmanager
async def followed(marks: Marks, business: BusinessClock) -> AsyncIterator[None]:
    """Inside, `business` is where the mark says, a quarter of a second later at most."""
    stop = asyncio.Event()
    task = asyncio.create_task(_follow(marks, business, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _follow(marks: Marks, business: BusinessClock, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            business.move(await ahead(marks))
            metrics.CLOCK_AHEAD_SECONDS.set(business.ahead.total_seconds())
        except StoreUnavailable:
            log.info("clock_not_followed")  # the next round does
        await pause(stop, FOLLOW_SECONDS)
