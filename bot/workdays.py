"""Indonesian working days: Monday to Friday, less national holidays and cuti bersama (government closings)."""

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


@cache
def _calendar() -> "HolidayBase":
    from holidays import GOVERNMENT, PUBLIC, country_holidays

    return country_holidays("ID", categories=(PUBLIC, GOVERNMENT))


def shift(day: date, count: int) -> date:
    """The day `count` working days after `day`; before it when negative."""
    calendar, step = _calendar(), timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= calendar.is_working_day(day)
    return day


def until(today: date, day: date) -> int:
    """Working days after `today` up to and with `day`; negative when `day` is past, counted the same way."""
    if day < today:
        return -until(day, today)
    calendar = _calendar()
    return sum(calendar.is_working_day(today + timedelta(days=n)) for n in range(1, (day - today).days + 1))
