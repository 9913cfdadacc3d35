"""What is counted, and what is asked of a store for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Protocol

from bot.drafts_left import DraftLeft

ALL = ""
"""Instead of an office: everything, also what came through none."""
Counted = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Filed:
    """A report, as far as it is counted."""

    channel: str
    """A medium, or `desk` for what an admin entered."""
    kind: str
    area: str
    """An area's code; "" where it is not known."""
    office: str
    """Of the admin through whom it came; else ""."""
    seconds: int | None = None
    """From its first message to the receipt; None for what an admin entered, and where it is not known. So is the next."""
    messages: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A redirect, as far as it is counted."""

    office: str
    account: str
    network: str
    opened: bool
    completed: bool
    """A report has been filed, whenever that was."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that belongs to a day: the reports filed on it, the drafts left on it, the redirects made on it."""

    filed: Iterable[Filed] = ()
    left: Iterable[DraftLeft] = ()
    sent: Iterable[Sent] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each, over a day or several. What is not there is 0."""

    channels: Counted = field(default_factory=dict)
    kinds: Counted = field(default_factory=dict)
    regions: Counted = field(default_factory=dict)
    """By regency, or province where the regency is not known; "" where neither is."""
    seconds: Counted = field(default_factory=dict)
    """From the first message to the receipt, to two digits: 47, 130, 5200."""
    messages: Counted = field(default_factory=dict)
    left: Counted = field(default_factory=dict)
    """By question and how, a blank between."""
    sent: Counted = field(default_factory=dict)
    """Redirects by network; so are the next two, of the same redirects."""
    opened: Counted = field(default_factory=dict)
    completed: Counted = field(default_factory=dict)
    sent_by: Counted = field(default_factory=dict)
    """The same by account; only for an office."""
    opened_by: Counted = field(default_factory=dict)
    completed_by: Counted = field(default_factory=dict)

    @property
    def reports(self) -> int:
        """All of them: each came by one channel."""
        return sum(self.channels.values())


NAMES = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, slots=True)
class Day:
    """What was counted of a day, for an office or for all."""

    day: date
    counts: Counts
    at: datetime
    """When it was counted."""


class FiguresStore(Protocol):
    """Where it is kept. All raise StoreUnavailable."""

    async def facts(self, day: date) -> Facts:
        """What there is to count of a day in Jakarta."""

    async def keep(self, day: date, by_office: Mapping[str, Counts], at: datetime) -> None:
        """In the place of what was counted of that day before. What is kept under ALL comes last: it says that the day is complete."""

    async def days(self, first: date, last: date, office: str) -> Sequence[Day]:
        """Those that have been counted, in order."""

    async def counted(self, first: date) -> Mapping[date, datetime]:
        """When each complete day since then was counted last."""

    async def begins(self) -> date | None:
        """The day of the first report; None before there is one."""

    async def offices(self) -> Sequence[str]:
        """Those of which anything was counted, by name."""
