"""What waits to go out in a book, and the books that have gone: values, and what is asked of their store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

REPORT = "report"
"""The kind of a line that is a whole report; other kinds are operations on one."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A line of a book to be: a report, or something its citizen has added since."""

    id: str
    """The report's or the operation's id: the same twice is one line."""
    kind: str
    """`REPORT`, or messages, rating, withdrawal, reopening."""
    report: str
    """The report's id."""
    payload: bytes
    """As the core's API has it."""
    at: datetime


@dataclass(frozen=True, slots=True)
class OutBook:
    """A book that was made."""

    number: int
    made_by: str
    """An account's id."""
    made_at: datetime
    reports: int = 0
    follow_ups: int = 0
    media: tuple[str, ...] = ()
    """The files that its lines name."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for the next book."""

    reports: int
    follow_ups: int
    oldest: datetime | None


class Outbound(Protocol):
    """What is asked of a store."""

    async def add(self, line: Outgoing) -> None:
        """Let it wait; the same id again is no error and changes nothing."""

    async def waiting(self) -> Waiting:
        """How much does."""

    async def waits(self, report: str) -> bool | None:
        """Whether a report waits still; None when it never did."""

    async def reopened_since(self, report: str, since: datetime) -> bool:
        """Whether a book has carried the citizen's wish to open the report again, ordered since then."""

    async def open(self, by: str, at: datetime) -> OutBook:
        """The next number."""

    async def fill(self, number: int, reports: int, follow_ups: int) -> None:
        """Move up to so many waiting lines towards the book, oldest first; a follow-up in none before its report's."""

    async def lines(self, number: int) -> Sequence[Outgoing]:
        """What is on its way into the book, oldest first."""

    async def keep(self, book: OutBook, lines: Sequence[Outgoing], files: Mapping[str, bytes]) -> bool:
        """The book is these files and holds these lines, and no others, whatever else was on its way: that waits again. The first to say so
        is believed; False for others. The lines' payloads are let go.
        """

    async def mend(self) -> None:
        """Finish what `keep` had decided where its process died."""

    async def book(self, number: int) -> OutBook | None:
        """By number."""

    async def file(self, number: int, name: str) -> bytes | None:
        """One of its files."""

    async def newest(self, limit: int) -> Sequence[OutBook]:
        """Newest first."""

    async def unfinished(self, before: datetime) -> Sequence[OutBook]:
        """Books begun before then whose files were never made."""
