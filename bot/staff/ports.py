"""What the desk's use cases ask of a store; `bot.store` keeps these promises with MongoDB. All raise StoreUnavailable."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.staff.model import Account, AuditEntry, Session


class AccountStore(Protocol):
    """The accounts."""

    async def insert(self, account: Account) -> bool:
        """False when the login is taken."""

    async def load(self, id_: str) -> Account | None:
        """By id."""

    async def find(self, login: str) -> Account | None:
        """By login, in lower case."""

    async def invited(self, digest: str) -> Account | None:
        """By the digest of an invitation."""

    async def list(self, office: str | None, limit: int) -> Sequence[Account]:
        """By login; of one office, or of all."""

    async def named(self, ids: Sequence[str]) -> Mapping[str, Account]:
        """Those of these ids that are there."""

    async def update(self, before: Account, changes: Mapping[str, Any]) -> bool:
        """Set fields of Account on the version read. False: another version stands."""


class SessionStore(Protocol):
    """The sessions; those that are over vanish by themselves."""

    async def insert(self, session: Session, idle_ends_at: datetime) -> None:
        """Keep it."""

    async def load(self, id_: str, now: datetime) -> Session | None:
        """By id, unless it is over."""

    async def seen(self, id_: str, at: datetime, idle_ends_at: datetime) -> None:
        """Somebody is still there."""

    async def keep_secret(self, id_: str, secret: str) -> None:
        """Set `secret`."""

    async def delete(self, id_: str) -> None:
        """End it."""


class AttemptStore(Protocol):
    """How often somebody has tried to get in, by key."""

    async def reserve(self, key: str, now: datetime, *, free: int, longest: timedelta, patience: timedelta, forget: timedelta) -> timedelta:
        """Count one more attempt, and take the next place in the queue of this key; how long to wait for it.

        The first `free` places stand at once; then each keeps the next one waiting, 1 s, 2 s, 4 s ... at most `longest`. Who would have to
        wait longer than `patience` is told so, takes no place and is not counted. A key is forgotten `forget` after its last attempt.
        """

    async def forgive(self, key: str) -> None:
        """It was the right one: one attempt less."""

    async def clear(self, key: str) -> None:
        """Forget them all."""


class AuditStore(Protocol):
    """The audit log: entries are added and read, nothing else."""

    async def last(self) -> AuditEntry | None:
        """The newest."""

    async def append(self, entry: AuditEntry) -> bool:
        """False when there is an entry of this sequence already."""

    async def newest(self, limit: int, *, before: int | None = None, action: str | None = None) -> Sequence[AuditEntry]:
        """Newest first; those below a sequence, of one action."""

    def walk(self) -> AsyncIterator[AuditEntry]:
        """All of them, oldest first."""
