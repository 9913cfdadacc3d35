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
