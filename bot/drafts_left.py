"""Drafts that came to nothing, as they are counted: which question was open on which day, and nothing of whose they were."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class How(StrEnum):
    """What became of a draft that was not filed."""

    CANCELLED = "cancelled"
    """Its writer dropped it."""
    REFUSED = "refused"
    """Its writer did not agree to the privacy notice."""
    EXPIRED = "expired"
    """It was not finished within a week. It may be finished yet, if its writer had agreed to the notice."""
    ERASED = "erased"
    """Its writer had everything erased."""


@dataclass(frozen=True, slots=True)
class DraftLeft:
    """One of them."""

    id: str
    """Drawn: it leads back to nobody."""
    day: date
    """In Jakarta. No finer: a moment could be looked up in a provider's own records."""
    how: How
    question: str
    """The one that was open."""
    office: str = ""
    """Of the admin who had sent its writer."""


class DraftsLeft(Protocol):
    """Where they are kept."""

    async def add(self, left: DraftLeft) -> None:
        """Keep it; the same id again changes nothing. Raises StoreUnavailable."""
