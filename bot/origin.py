"""Reports that came through a desk: by whom, and which of them are asked for."""

from dataclasses import dataclass

from bot.history import Waits
from bot.model import Network, Status


@dataclass(frozen=True, slots=True)
class Origin:
    """How a report came through a desk: by redirect or by entry."""

    account: str
    office: str
    network: Network
    """Where its citizen wrote."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reports that came through a desk are asked for."""

    waits: Waits | None = None
    status: Status | None = None
    network: Network | None = None
    channel: str | None = None
    """A medium, or `desk` for what admins entered."""
    area: str = ""
    """An area's code: what happened there, or in a part of it."""
    words: str = ""
    """Words of the place as it was written, one after the other; the last may be only begun. What they find comes in no order."""
