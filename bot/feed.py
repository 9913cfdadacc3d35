"""The feed: news of reports whose citizen is heard through an admin, kept until it has been passed on; and what is asked of its store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model import Network, Status
from bot.redirects import Scope


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a report."""

    id: str
    """The notice's: `report:key`. The same news comes once."""
    report: str
    """The report's id."""
    receipt: str
    ticket: str | None
    account: str
    """Of the admin who entered it."""
    office: str
    network: Network
    """Where the citizen waits for it."""
    kind: str
    """ticket, status, message, reminder, refused, conflict, operation_failed."""
    status: Status
    """As it was then."""
    at: datetime
    text: str = ""
    """The agency's words: a message, or the note to a status."""
    attachments: int = 0
    wants_answer: bool = False
    """The agency waits for the citizen."""
    read_at: datetime | None = None
    passed_at: datetime | None = None
    """When an admin had told the citizen."""


class Feed(Protocol):
    """The news."""

    async def add(self, news: News) -> None:
        """Keep it; the same id again is no error and changes nothing."""

    async def waiting(self, scope: Scope, limit: int) -> Sequence[News]:
        """What has not been passed on, the longest waiting first."""

    async def unread(self, scope: Scope) -> int:
        """How much of that nobody has read."""

    async def waiting_among(self, reports: Sequence[str]) -> frozenset[str]:
        """Those of these reports of which something has not been passed on."""

    async def of_report(self, report: str) -> Sequence[News]:
        """All of a report, oldest first."""

    async def read(self, report: str, at: datetime) -> None:
        """Somebody has read what there is of a report."""

    async def passed(self, scope: Scope, id_: str, at: datetime) -> bool:
        """The citizen has been told; False when there is no such news in that scope. Telling again changes nothing."""
