"""Redirects: what admins have prepared for citizens to claim, and what is asked of their store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.model import Network


@dataclass(frozen=True, slots=True)
class Author:
    """An admin, as far as their work names them."""

    account: str
    """The account's id."""
    office: str
    """The office's name, as citizens read it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose entries may be seen: an admin's own, or with `account` None all of an office."""

    office: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bot's understanding has read from the words, to be shown to the admin. The conversation reads them again."""

    kind: str | None = None
    area: str | None = None
    """An area code."""
    day: date | None = None
    category: str | None = None
    anonymous: bool = False
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """A citizen's words from a network, kept under a one-time code."""

    code: str
    author: Author
    network: Network
    created_at: datetime
    expires_at: datetime
    text: str = ""
    """The citizen's words; "" once they are erased."""
    link: str | None = None
    """Where they stand on the network."""
    facts: Facts = Facts()
    claimed_by: str | None = None
    """The first conversation that came with the code; None again once that person has had their data erased."""
    opened_at: datetime | None = None
    """When it came. A code that has been opened is nobody else's, whatever becomes of `claimed_by`."""
    note: str = ""
    """The admin's words about the text, where it was not read rightly: what they name wins."""
    withdrawn_at: datetime | None = None
    """When the admin took the code back, before anybody came with it."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of an admin's redirects on a network came through."""

    network: Network
    account: str
    sent: int
    opened: int
    completed: int
    """A report has been filed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which redirects are asked for."""

    network: Network | None = None
    opened: bool | None = None
    """Whether anybody has come."""
    since: datetime | None = None
    """Those made at this moment or later."""
    serves_at: datetime | None = None
    """Those whose code still serves at this moment."""
    over_at: datetime | None = None
    """Those that have ended by then, or were withdrawn."""


ALL = Wanted()


class Redirects(Protocol):
    """The redirects."""

    async def add(self, redirect: Redirect) -> bool:
        """Keep it; False when its code is taken."""

    async def load(self, code: str) -> Redirect | None:
        """By code, also an ended one."""

    async def claim(self, code: str, conversation: str, now: datetime) -> Redirect | None:
        """Bind it to the first conversation that comes, in one write; the same conversation gets it again. None: there is no such code, it
        has ended, or it is another's. Durable when it returns. Raises StoreUnavailable.
        """

    async def made(self, scope: Scope, before: datetime, limit: int, wanted: Wanted = ALL) -> Sequence[Redirect]:
        """Those made before a moment, newest first."""

    async def note(self, scope: Scope, code: str, note: str, facts: Facts, now: datetime) -> Redirect | None:
        """Set note and facts as long as nobody has come and the code serves; None when that is over, or there is none in that scope."""

    async def withdraw(self, scope: Scope, code: str, now: datetime) -> bool:
        """End the code and erase its words, unless somebody has come with it or it has ended; False then, or when there is none in that
        scope.
        """

    async def shares(self, scope: Scope, since: datetime) -> Sequence[Share]:
        """Of those made since then, by network and admin."""

    async def erase_expired(self, now: datetime) -> int:
        """Erase the words, links and facts of those that have ended, and keep what is counted; how many."""

    async def forget(self, conversation: str) -> int:
        """Erase the words of those that a person has claimed, and who it was; how many. Their codes stay used."""
