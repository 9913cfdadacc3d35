"""The desk's use cases, built from a store and DESK_KEY."""

from collections.abc import Sequence
from typing import Protocol

from bot.clock import Now
from bot.staff.accounts import Accounts
from bot.staff.audit import Audit
from bot.staff.keys import Keys
from bot.staff.passwords import Passwords
from bot.staff.ports import AccountStore, AttemptStore, AuditStore, SessionStore
from bot.staff.sessions import Sessions
from bot.staff.sign_in import SignIn


class Stores(Protocol):
    """What is asked of the store."""

    @property
    def accounts(self) -> AccountStore:
        """Who there is."""

    @property
    def sessions(self) -> SessionStore:
        """Who is in."""

    @property
    def attempts(self) -> AttemptStore:
        """Who tries to get in."""

    @property
    def audit(self) -> AuditStore:
        """Who did what."""


class Staff:
    """All of them, sharing one audit log."""

    def __init__(self, store: Stores, secrets: Sequence[str], now: Now) -> None:
        """`secrets`: DESK_KEY's parts, the newest first."""
        self.keys = Keys(secrets)
        self.directory = store.accounts
        """The accounts as stored, to be read."""
        self.audit = Audit(store.audit, self.keys, now)
        self.passwords = Passwords()
        self.accounts = Accounts(store.accounts, self.audit, self.passwords, self.keys, now)
        """To be changed."""
        self.sessions = Sessions(store.sessions, store.accounts, now)
        self.sign_in = SignIn(
            store=store.accounts,
            accounts=self.accounts,
            sessions=self.sessions,
            attempts=store.attempts,
            passwords=self.passwords,
            audit=self.audit,
            now=now,
        )
