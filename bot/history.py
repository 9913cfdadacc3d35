"""What has happened to a report, as its timeline tells it, and whose turn it is: kept with the report, in the write that made it so.

The words that were exchanged are no part of it. They belong to the citizen and the agency; those that an admin passes on wait in the feed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model import Status

_OVER = frozenset({Status.NOT_OUR_AUTHORITY, Status.ARCHIVED, Status.COMPLETED, Status.WITHDRAWN})
_ASKS_THE_CITIZEN = frozenset({Status.POSTPONED, Status.ANSWERED})
_SAID_BY_THE_CITIZEN = frozenset({"messages", "reopening"})


class Waits(StrEnum):
    """Whose turn it is with a report."""

    AGENCY = "agency"
    CITIZEN = "citizen"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that happened."""

    kind: str
    """ticket, status, message (what the core said); messages, rating, withdrawal, reopening (what the citizen did); refused, conflict,
    operation_failed (what went wrong); bound (the citizen has taken it over).
    """
    at: datetime
    key: str = ""
    """Of the notice that told it. For a citizen who hears through an admin, its words stand in the feed, as `report:key`."""
    status: Status | None = None
    """Of kind `status`: the new one."""
    agency: str | None = None
    account: str | None = None
    """Of the admin who did it for the citizen."""
    text: str = ""
    """The citizen's words, where that admin carried them."""


def turn(before: Waits | None, happened: Milestone, status: Status, *, wants_answer: bool) -> Waits | None:
    """Whose turn it is after a milestone; None when it is over. `status`, `wants_answer`: as they are after it."""
    if happened.kind in _SAID_BY_THE_CITIZEN:
        return Waits.AGENCY
    if happened.kind == "message":
        return Waits.CITIZEN if wants_answer else before
    if happened.kind != "status":
        return before
    if status in _OVER:
        return None
    return Waits.CITIZEN if wants_answer or status in _ASKS_THE_CITIZEN else Waits.AGENCY
