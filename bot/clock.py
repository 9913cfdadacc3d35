"""The only place that reads a clock. Everything else is given the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Now = Callable[[], datetime]

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian time. A fixed offset: Indonesia keeps no summer time, and a small system may lack the zone files."""


def now() -> datetime:
    """The present moment, aware, in UTC, to the millisecond (what MongoDB keeps)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
