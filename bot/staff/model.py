"""Values about the people who work the desk. Frozen; secrets and digests stay out of the repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody does at the desk."""

    ENTRY = "entry"
    """Turns direct messages into reports."""
    SUPERVISOR = "supervisor"
    """The same, and looks after the accounts of an office and what could not be handled."""
    AUDITOR = "auditor"
    """Reads the audit log; changes nothing."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link with which somebody sets a password of their own."""

    digest: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One person. Never deleted: the audit log names it."""

    id: str
    login: str
    """Lower case; unique."""
    name: str
    office: str
    """The agency they work for."""
    role: Role
    created_at: datetime
    active: bool = True
    password: str | None = field(default=None, repr=False)
    """An argon2id hash; None until the invitation is taken up."""
    second_factor: bool = True
    """Whether one is demanded; only demo accounts go without."""
    totp: str | None = field(default=None, repr=False)
    """The shared secret, sealed (see `Keys`); None until it is set up."""
    totp_step: int = 0
    """The last time step whose code was taken: a code serves once."""
    recovery: tuple[str, ...] = field(default=(), repr=False)
    """Digests of the recovery codes that are left."""
    invitation: Invitation | None = None
    epoch: int = 0
    """Sessions of an earlier epoch are over: raised by whatever must end them all."""
    version: int = 1


class Stage(StrEnum):
    """How far somebody has come in signing in."""

    CODE = "code"
    """The password was right; the second factor is asked for."""
    SETUP = "setup"
    """The password is set; the second factor must be set up."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has proved something. Its id is the digest of what the cookie holds."""

    id: str = field(repr=False)
    account: str
    epoch: int
    stage: Stage
    started_at: datetime
    seen_at: datetime
    """To the minute: not every page is worth a write."""
    ends_at: datetime
    """At the latest, whatever is done until then."""
    secret: str = field(default="", repr=False)
    """In SETUP: the second factor that is being set up, sealed."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did. `mac` covers everything else, the former entry's `mac` included: a chain."""

    sequence: int
    """From 1, without a gap."""
    at: datetime
    actor: str
    """The account's id; `command line`; "" where nobody has proved who they are."""
    action: str
    """`area.what`, for instance `account.disabled`."""
    subject: str
    """What it was done to: an id, never a number or a name."""
    details: Mapping[str, str]
    previous: str
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry at some time, as printed: `sequence:mac`."""

    sequence: int
    mac: str

    def __str__(self) -> str:
        """What `parse` reads back."""
        return f"{self.sequence}:{self.mac}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read `sequence:mac`; ValueError when it is not of that form."""
        sequence, _, mac = text.strip().partition(":")
        if not (sequence.isascii() and sequence.isdigit() and len(mac) == 64):
            raise ValueError("a head is written sequence:mac")
        return cls(int(sequence), mac.lower())
