"""What a check has found."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

SKEW_SECONDS = 5.0
"""Between two clocks, above which signatures and leases begin to suffer."""


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    NOTE = "note"
    """Nothing is broken, but an operator should know."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence for an operator; when something is wrong, it ends with what to do. Names settings, never their values."""

    level: Level
    says: str


def good(says: str) -> Finding:
    """All is well."""
    return Finding(Level.GOOD, says)


def note(says: str) -> Finding:
    """It works, and should be known."""
    return Finding(Level.NOTE, says)


def wrong(says: str) -> Finding:
    """It does not work, or will not for long."""
    return Finding(Level.WRONG, says)


def clock(whose: str, seconds: float) -> Finding:
    """`seconds`: how far another clock is ahead of ours."""
    if abs(seconds) <= SKEW_SECONDS:
        return good(f"The clock of {whose} agrees with ours.")
    way = "ahead of" if seconds > 0 else "behind"
    return wrong(f"The clock of {whose} is {abs(seconds):.0f} seconds {way} ours: let both machines keep time by NTP (timedatectl).")


def skew(date_header: str | None, now: datetime) -> float | None:
    """Seconds that an HTTP Date is ahead of `now`; None when there is none to read."""
    try:
        return (parsedate_to_datetime(date_header or "") - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
