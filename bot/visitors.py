"""Who practises in the simulator, as the store keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports import StoredReport


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who practises in the simulator, and the citizen they play now."""

    id: str
    """Lower-case hexadecimal digits."""
    citizen: int = 0
    """Rises with each new one; all have phones of their own."""
    templates: bool = False
    """Whether this citizen's WhatsApp has content templates."""
    case: str = ""
    """The case study they have begun; "" for none."""
    uploaded: int = 0
    """Bytes of all files so far."""


class Visitors(Protocol):
    """Who practises in the simulator; forgotten with all they have made a week after their last message."""

    async def load(self, id_: str) -> Visitor:
        """The visitor as they were left; new when never seen."""

    async def renew(self, id_: str, *, templates: bool, case: str, at: datetime) -> Visitor:
        """The same visitor with the next citizen."""

    async def seen(self, id_: str, at: datetime, *, uploaded: int = 0) -> None:
        """They are still here, and have sent so many bytes."""

    async def quiet(self, since: datetime, limit: int) -> Sequence[str]:
        """Those not seen since then."""

    async def reports(self, id_: str, limit: int) -> Sequence[StoredReport]:
        """All that their citizens have filed, newest first."""

    async def erase(self, id_: str) -> None:
        """Everything of theirs, and them."""
