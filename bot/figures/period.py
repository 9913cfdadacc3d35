"""The days that numbers are asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

LONGEST = 366
"""Days."""


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included, in Jakarta."""

    first: date
    last: date

    @classmethod
    def until(cls, today: date, days: int) -> Self:
        """So many days, today being the last."""
        return cls(today - timedelta(days=days - 1), today)

    @classmethod
    def between(cls, first: str, last: str) -> Self:
        """From days as a form sends them. Raises ValueError for what is no day, for days in the wrong order, and for more than LONGEST."""
        period = cls(date.fromisoformat(first), date.fromisoformat(last))
        if not 1 <= len(period) <= LONGEST:
            raise ValueError("too many days, or none")
        return period

    def __len__(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        """All of them."""
        return [self.first + timedelta(days=number) for number in range(len(self))]
