"""The only place that reads a clock. Everything else is given the time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

Now = Callable[[], datetime]

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian time, by which the offices count their days."""


def now() -> datetime:
    """The present moment, aware, in UTC, to the millisecond (what MongoDB keeps)."""
    moment = datetime.now(UTC)  # noqa: TID251  # the one place that reads a clock
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def day_of(moment: datetime) -> date:
    """The calendar day in the offices' time zone."""
    return moment.astimezone(WIB).date()


class BusinessClock:
    """What offices and citizens live by: real time, or moved ahead of it for a demonstration. Signatures and retries keep real time."""

    def __init__(self, real: Now = now) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present moment of business."""
        return self._real() + self._ahead

    def move(self, ahead: timedelta) -> None:
        """Be so far ahead of real time; never back."""
        self._ahead = max(self._ahead, ahead)
