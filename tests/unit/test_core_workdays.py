"""Indonesian working days in the core."""

from datetime import UTC, date, datetime

import pytest

from core import workdays
from core.clock import day_of


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 3, 17), 3, date(2026, 3, 27)),  # Nyepi, Idul Fitri and their cuti bersama lie between
        (date(2026, 12, 24), 5, date(2027, 1, 4)),  # Christmas and New Year
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # from a Saturday
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 8, 14), 1, date(2026, 8, 18)),  # 17 August is a Monday
    ],
)
def test_adds_working_days(start, days, expected):
    assert expected == workdays.add(start, days)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 3, 19), False),  # Nyepi
        (date(2026, 3, 20), False),  # cuti bersama
    ],
)
def test_knows_when_offices_are_open(day, expected):
    assert expected == workdays.is_working_day(day)


def test_days_are_counted_by_western_indonesian_time():
    assert date(2026, 11, 24) == day_of(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    assert date(2026, 11, 23) == day_of(datetime(2026, 11, 23, 16, 59, tzinfo=UTC))
