"""Signing in: the password, then the second factor; wrong tries are slowed, and nobody is locked out.

Two queues slow a guesser: one an address, one an account. Behind the address's queue somebody who would wait too long is sent away; behind
the account's nobody is, else anybody could lock a colleague out by guessing. Codes have a queue of their own, which can only be reached
with the right password and is slow, because six digits are few.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot import metrics
from bot.clock import Now
from bot.staff.accounts import Accounts, normalise
from bot.staff.audit import Audit
from bot.staff.model import Account, Stage
from bot.staff.passwords import Passwords
from bot.staff.ports import AccountStore, AttemptStore
from bot.staff.sessions import Sessions, SignedIn

Sleep = Callable[[float], Awaitable[None]]

PATIENCE = timedelta(seconds=8)
"""How long an answer is held back at most."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How tries under one key are slowed."""

    name: str
    free: int
    """Tries that need not wait."""
    longest: timedelta
    """Between two tries."""
    forget: timedelta
    """After so long without a try."""
    refuses: bool
    """Send away who would wait longer than PATIENCE."""


_ADDRESS = Queue("address", free=10, longest=timedelta(seconds=30), forget=timedelta(minutes=30), refuses=True)
"""An office may be behind one address."""
_ACCOUNT = Queue("account", free=5, longest=timedelta(seconds=4), forget=timedelta(hours=24), refuses=False)
_CODE = Queue("code", free=5, longest=timedelta(seconds=60), forget=timedelta(hours=24), refuses=True)


@dataclass(frozen=True, slots=True)
class Entered:
    """It was right."""

    cookie: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Wrong:
    """Name, password or code was not right; which, nobody is told."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Too many tries: come again later."""

    wait: timedelta


class SignIn:
    """The ways in. `address`: where the browser is; `cookie`: what it came with."""

    def __init__(
        self,
        *,
        store: AccountStore,
        accounts: Accounts,
        sessions: Sessions,
        attempts: AttemptStore,
        passwords: Passwords,
        audit: Audit,
        now: Now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._sessions = sessions
        self._attempts = attempts
        self._passwords = passwords
        self._audit = audit
        self._now = now
        self._sleep = sleep

    async def with_password(self, login: str, password: str, *, address: str, cookie: str) -> Entered | Wrong | Slow:
        """The first step. Unknown names, switched-off accounts and wrong passwords take the same time and the same answer."""
        login = normalise(login)
        if slow := await self._queue((_ADDRESS, address), (_ACCOUNT, login)):
            return slow
        account = await self._store.find(login)
        right = await self._passwords.matches(password, account.password if account else None)
        if account is None or not right or not account.active:
            await self._audit.record("sign_in.failed", actor="", subject=account.id if account else "unknown", address=address)
            metrics.SIGN_IN.labels("wrong_password").inc()
            return Wrong()
        await self._attempts.clear(_key(_ACCOUNT, login))
        await self._attempts.forgive(_key(_ADDRESS, address))
        return await self._enter(account, _stage_after_password(account), address, cookie)

    async def with_code(self, there: SignedIn, code: str, *, address: str, cookie: str) -> Entered | Wrong | Slow:
        """The second step; a recovery code serves too, once."""
        account = there.account
        if slow := await self._queue((_ADDRESS, address), (_CODE, account.id)):
            return slow
        if not await self._accounts.spend_code(account, code):
            await self._audit.record("sign_in.code_failed", actor="", subject=account.id, address=address)
            metrics.SIGN_IN.labels("wrong_code").inc()
            return Wrong()
        await self._attempts.clear(_key(_CODE, account.id))
        await self._attempts.forgive(_key(_ADDRESS, address))
        return await self._enter(account, Stage.FULL, address, cookie)

    async def confirm(self, account: Account, password: str) -> bool | Slow:
        """Whether somebody who is signed in knows their password: before they may change what protects the account."""
        if slow := await self._queue((_CODE, f"{account.id} confirm")):
            return slow
        right = await self._passwords.matches(password, account.password)
        if right:
            await self._attempts.clear(_key(_CODE, f"{account.id} confirm"))
        else:
            await self._audit.record("sign_in.failed", actor=account.id, subject=account.id)
        return right

    async def enter(self, account: Account, *, address: str, cookie: str) -> Entered:
        """Whoever has just set their password with an invitation."""
        return await self._enter(account, _stage_after_password(account), address, cookie)

    async def enter_proved(self, account: Account, *, address: str, cookie: str) -> Entered:
        """Whoever has just proved their second factor, or their password once more: under a new cookie."""
        return await self._enter(account, Stage.FULL, address, cookie)

    async def _enter(self, account: Account, stage: Stage, address: str, cookie: str) -> Entered:
        if stage is Stage.FULL:
            await self._audit.record("sign_in.done", actor=account.id, subject=account.id, address=address)
            metrics.SIGN_IN.labels("done").inc()
        return Entered(await self._sessions.begin(account, stage, replaces=cookie), stage)

    async def _queue(self, *places: tuple[Queue, str]) -> Slow | None:
        """Wait for one's turn in each queue; `Slow` when that would take too long."""
        wait = timedelta()
        for queue, who in places:
            turn = await self._attempts.reserve(
                _key(queue, who), self._now(), free=queue.free, longest=queue.longest, patience=PATIENCE, forget=queue.forget
            )
            if turn > PATIENCE and queue.refuses:
                metrics.SIGN_IN.labels("slowed").inc()
                return Slow(turn)
            wait = max(wait, min(turn, PATIENCE))
        if wait:
            await self._sleep(wait.total_seconds())
        return None


def _stage_after_password(account: Account) -> Stage:
    if account.totp:
        return Stage.CODE
    return Stage.SETUP if account.second_factor else Stage.FULL


def _key(queue: Queue, who: str) -> str:
    """Addresses and what was typed as a name are kept as digests."""
    return f"{queue.name} {hashlib.sha256(who.encode(errors='replace')).hexdigest()}"
