"""Accounts: made with a one-time invitation, changed, switched off, never deleted. Every change is audited first."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Now
from bot.errors import StoreUnavailable
from bot.staff import second_factor
from bot.staff.audit import Audit
from bot.staff.keys import Keys
from bot.staff.model import Account, Invitation, Role
from bot.staff.passwords import Passwords
from bot.staff.ports import AccountStore

INVITED_FOR = timedelta(hours=72)
LONGEST_NAME = 80
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
_CONFLICTS_AT_MOST = 20

Change = Callable[[Account], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Invited:
    """An account that waits for its owner."""

    account: Account
    token: str = field(repr=False)
    """Opens it once; kept only as a digest."""


def normalise(login: str) -> str:
    """As stored."""
    return login.strip().casefold()


def problems(login: str, name: str, office: str) -> Mapping[str, str]:
    """Field -> what is wrong with it, as a key: form, empty or long. `login` is normalised."""
    found = {} if _LOGIN.fullmatch(login) else {"login": "form"}
    for what, text in (("name", name), ("office", office)):
        if not text.strip():
            found[what] = "empty"
        elif len(text) > LONGEST_NAME:
            found[what] = "long"
    return found


def manages(supervisor: Account, account: Account) -> bool:
    """A supervisor looks after the others of their own office; auditors, who watch supervisors, are looked after on the command line."""
    return (
        supervisor.role is Role.SUPERVISOR
        and supervisor.office == account.office
        and supervisor.id != account.id
        and account.role is not Role.AUDITOR
    )


class Accounts:
    """Makes and changes accounts. `by`: the actor, for the audit log."""

    def __init__(self, store: AccountStore, audit: Audit, passwords: Passwords, keys: Keys, now: Now) -> None:
        self._store = store
        self._audit = audit
        self._passwords = passwords
        self._keys = keys
        self._now = now

    async def add(self, login: str, name: str, office: str, role: Role, *, by: str) -> Invited | None:
        """A new account; None when the login is taken. The fields have no `problems`."""
        invitation, token = _invitation(self._now())
        account = Account(secrets.token_hex(8), login, name.strip(), office.strip(), role, self._now(), invitation=invitation)
        if await self._store.find(login) is not None:
            return None
        await self._audit.record("account.added", actor=by, subject=account.id, login=login, role=role.value, office=account.office)
        return Invited(account, token) if await self._store.insert(account) else None

    async def add_ready(self, login: str, name: str, office: str, role: Role, password: str) -> None:
        """For demo: with a password, and no second factor demanded. Nothing when the login is taken."""
        if await self._store.find(login) is not None:
            return
        hashed = await self._passwords.hash(password)
        account = Account(secrets.token_hex(8), login, name, office, role, self._now(), password=hashed, second_factor=False)
        await self._audit.record("account.added", actor="demo", subject=account.id, login=login, role=role.value, office=office)
        await self._store.insert(account)

    async def reset(self, account: Account, *, by: str) -> Invited:
        """A new invitation; password, second factor and sessions are over."""
        invitation, token = _invitation(self._now())
        await self._audit.record("account.reset", actor=by, subject=account.id)
        over = {"password": None, "totp": None, "totp_step": 0, "recovery": (), "second_factor": True, "invitation": invitation}
        changed = await self._change(account.id, lambda now: {**over, "epoch": now.epoch + 1})
        return Invited(changed, token)

    async def switch(self, account: Account, *, active: bool, by: str) -> None:
        """Off: they are signed out everywhere, and cannot sign in. On again: as before."""
        await self._audit.record("account.enabled" if active else "account.disabled", actor=by, subject=account.id)
        await self._change(account.id, lambda now: {"active": active, "epoch": now.epoch + 1})

    async def assign(self, account: Account, role: Role, *, by: str) -> None:
        """Another role; sessions of the old one are over."""
        await self._audit.record("account.role_changed", actor=by, subject=account.id, role=role.value)
        await self._change(account.id, lambda now: {"role": role, "epoch": now.epoch + 1})

    async def invited(self, token: str) -> Account | None:
        """Whose invitation this is; None when it is nobody's, over, or the account is switched off."""
        account = await self._store.invited(_digest(token))
        if account is None or account.invitation is None or not account.active:
            return None
        return account if account.invitation.ends_at > self._now() else None

    async def take_up(self, token: str, password: str) -> Account | None:
        """Set the first password; the invitation is spent. None as `invited`. The password has no `problem`."""
        account = await self.invited(token)
        if account is None:
            return None
        hashed = await self._passwords.hash(password)
        await self._audit.record("account.invitation_taken_up", actor=account.id, subject=account.id)

        def spend(now: Account) -> Mapping[str, Any] | None:
            same = now.invitation is not None and now.invitation.digest == _digest(token)
            return {"password": hashed, "invitation": None, "epoch": now.epoch + 1} if same and now.active else None

        changed = await self._change(account.id, spend)
        return changed if changed.password == hashed else None

    async def set_password(self, account: Account, password: str) -> Account:
        """Another one; sessions of before are over."""
        hashed = await self._passwords.hash(password)
        await self._audit.record("account.password_changed", actor=account.id, subject=account.id)
        return await self._change(account.id, lambda now: {"password": hashed, "epoch": now.epoch + 1})

    async def end_sessions(self, account: Account) -> Account:
        """Sign out everywhere."""
        await self._audit.record("account.signed_out_everywhere", actor=account.id, subject=account.id)
        return await self._change(account.id, lambda now: {"epoch": now.epoch + 1})

    async def set_second_factor(self, account: Account, secret: str, step: int) -> tuple[Account, tuple[str, ...]]:
        """From now on; also the recovery codes, which nobody can be shown again. `step`: of the code that proved it."""
        codes = second_factor.draw_recovery_codes()
        await self._audit.record("account.second_factor_set", actor=account.id, subject=account.id)
        changes = {
            "totp": self._keys.seal("totp", secret, self._now()),
            "totp_step": step,
            "recovery": self._digests(codes),
            "second_factor": True,
        }
        return await self._change(account.id, lambda now: {**changes, "epoch": now.epoch + 1}), codes

    async def renew_recovery_codes(self, account: Account) -> tuple[str, ...]:
        """Ten new ones; the old ones serve no more."""
        codes = second_factor.draw_recovery_codes()
        await self._audit.record("account.recovery_codes_renewed", actor=account.id, subject=account.id)
        await self._change(account.id, lambda _: {"recovery": self._digests(codes)})
        return codes

    async def spend_code(self, account: Account, code: str) -> bool:
        """Whether a second factor's code, or a recovery code, is right; it serves once, also when two processes are asked at once."""
        spent = False

        def spend(now: Account) -> Mapping[str, Any] | None:
            nonlocal spent
            changes = self._spending(now, code)
            spent = changes is not None
            return changes

        await self._change(account.id, spend)
        return spent

    def _spending(self, account: Account, code: str) -> Mapping[str, Any] | None:
        """What changes when this code is taken; None when it is wrong."""
        secret = self._keys.open("totp", account.totp, self._now()) if account.totp else None
        if secret and (step := second_factor.matching_step(secret, code, self._now(), after=account.totp_step)) is not None:
            return {"totp_step": step}
        data = _recovery_data(code)
        left = tuple(digest for digest in account.recovery if not self._keys.is_mac("recovery", data, digest))
        return {"recovery": left} if len(left) < len(account.recovery) else None

    def _digests(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._keys.mac("recovery", _recovery_data(code)) for code in codes)

    async def _change(self, id_: str, decide: Change) -> Account:
        """The account after the change, or as it is when `decide` answers None. LookupError: there is none."""
        for _ in range(_CONFLICTS_AT_MOST):
            before = await self._store.load(id_)
            if before is None:
                raise LookupError(id_)
            changes = decide(before)
            if changes is None:
                return before
            if await self._store.update(before, changes):
                return await self._store.load(id_) or before
        raise StoreUnavailable("too many writers on one account")


def _invitation(now: datetime) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(32)
    return Invitation(_digest(token), now + INVITED_FOR), token


def _digest(token: str) -> str:
    """What is kept of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _recovery_data(code: str) -> bytes:
    return second_factor.normalise(code).encode()
