"""Indonesian working days: Monday to Friday, less national holidays and cuti bersama (government closings)."""

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

_SATURDAY = 5


@cache
def _closings() -> "HolidayBase":
    from holidays import GOVERNMENT, PUBLIC, country_holidays

    # PUBLIC alone leaves cuti bersama out.
    return country_holidays("ID", categories=(PUBLIC, GOVERNMENT))


def is_working_day(day: date) -> bool:
    """Whether offices are open on `day`."""
    return day.weekday() < _SATURDAY and day not in _closings()


def add(day: date, working_days: int) -> date:
    """The day that is `working_days` working days after `day`; `day` itself does not count."""
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= is_working_day(day)
    return day
