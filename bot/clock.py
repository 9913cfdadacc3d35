"""The only place that reads a clock. Everything else is given the time.

There are two: real time, for leases, signatures and how long an id is remembered; and business time, for what citizens and offices live by
(docs/decisions/0009-two-clocks.md). They agree unless somebody has moved business time ahead, which only CLOCK=movable allows.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from time import time_ns

Now = Callable[[], datetime]

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian time. A fixed offset: Indonesia keeps no summer time, and a small system may lack the zone files."""


def now() -> datetime:
    """The present moment, aware, in UTC, to the millisecond (what MongoDB keeps)."""
    return datetime.fromtimestamp(time_ns() // 1_000_000 / 1000, UTC)


class BusinessClock:
    """Deadlines, reminders, drafts, retries: real time, or ahead of it."""

    def __init__(self, real: Now = now) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present moment of business."""
        return self._real() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of real time."""
        return self._ahead

    def move(self, ahead: timedelta) -> None:
        """Be so far ahead of real time. Never back: what was scheduled meanwhile would wait for as long."""
        self._ahead = max(self._ahead, ahead)
