"""Sessions: kept in the database, known to the browser by a random cookie of which only the digest is stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Now
from bot.staff.model import Account, Session, Stage
from bot.staff.ports import AccountStore, SessionStore

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
HALF_WAY = timedelta(minutes=15)
"""How long somebody may take between the password and the second factor."""
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is there."""

    session: Session
    account: Account

    @property
    def stage(self) -> Stage:
        """How far they have come."""
        return self.session.stage


class Sessions:
    """Begins, finds and ends them."""

    def __init__(self, store: SessionStore, accounts: AccountStore, now: Now) -> None:
        self._store = store
        self._accounts = accounts
        self._now = now

    async def begin(self, account: Account, stage: Stage, *, replaces: str, secret: str = "") -> str:
        """What the new cookie holds: never what the browser came with, so that nobody can plant one. `replaces`: the former cookie."""
        now, cookie = self._now(), secrets.token_urlsafe(32)
        ends_at = now + (ABSOLUTE if stage is Stage.FULL else HALF_WAY)
        session = Session(_id(cookie), account.id, account.epoch, stage, now, now, ends_at, secret)
        await self._store.insert(session, _idle_ends_at(session, now))
        await self.end(replaces)
        return cookie

    async def current(self, cookie: str) -> SignedIn | None:
        """Who that is; None when the session is over, its account switched off, or its epoch past."""
        now = self._now()
        session = await self._store.load(_id(cookie), now) if cookie else None
        if session is None:
            return None
        account = await self._accounts.load(session.account)
        if account is None or not account.active or account.epoch != session.epoch:
            return None
        if now - session.seen_at >= _NOTED_EVERY:
            await self._store.seen(session.id, now, _idle_ends_at(session, now))
        return SignedIn(session, account)

    async def keep_secret(self, session: Session, secret: str) -> None:
        """Of the second factor that is being set up, sealed."""
        await self._store.keep_secret(session.id, secret)

    async def end(self, cookie: str) -> None:
        """Sign out."""
        if cookie:
            await self._store.delete(_id(cookie))


def _id(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _idle_ends_at(session: Session, now: datetime) -> datetime:
    return min(now + IDLE, session.ends_at)
