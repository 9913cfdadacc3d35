"""The audit log: who did what to what, in a chain that shows whatever is changed, inserted or taken out.

Each entry holds the MAC of the one before, and is sealed by a MAC under DESK_KEY: whoever can write to the database but lacks the key
cannot make an entry. Entries cut off at the end leave no gap; for that the newest entry's `sequence:mac` (the head) is logged with each
entry and can be printed: `verify` says whether that entry is still there.

What is audited is recorded before it is done: an entry may stand for something that then failed, but nothing happens without an entry.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bot import logs
from bot.clock import Now
from bot.errors import StoreUnavailable
from bot.staff.keys import Keys
from bot.staff.model import AuditEntry, Head
from bot.staff.ports import AuditStore

COMMAND_LINE = "command line"
"""The actor where no account is signed in."""
_START = "0" * 64
_WRITERS_AT_MOST = 100
_BREATHE_EVERY = 200
"""Entries verified before others get their turn."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found."""

    entries: int
    """How many were good, from the first on."""
    head: Head | None
    """The newest good one."""
    broken_at: int | None = None
    """The sequence at which the chain breaks."""
    reason: str = ""
    """A key: missing, relinked, altered, or cut (the head that was given is not there)."""

    @property
    def intact(self) -> bool:
        """Nothing was found."""
        return not self.reason


class Audit:
    """Records and verifies."""

    def __init__(self, entries: AuditStore, keys: Keys, now: Now) -> None:
        self._entries = entries
        self._keys = keys
        self._now = now
        self._turn = asyncio.Lock()

    async def record(self, action: str, *, actor: str, subject: str = "", **details: str) -> AuditEntry:
        """Add an entry; durable when it returns. `details` hold no number and no name of a citizen. Raises StoreUnavailable."""
        async with self._turn:
            for attempt in range(_WRITERS_AT_MOST):
                entry = self._next(await self._entries.last(), action, actor, subject, details)
                if await self._entries.append(entry):
                    log.info("audited", action=action, sequence=entry.sequence, mac=entry.mac)
                    return entry
                await asyncio.sleep(0.001 * attempt)
        raise StoreUnavailable("too many writers on the audit log")

    async def newest(self, limit: int, *, before: int | None = None, action: str | None = None) -> Sequence[AuditEntry]:
        """Newest first; those below a sequence, of one action."""
        return await self._entries.newest(limit, before=before, action=action)

    async def head(self) -> Head | None:
        """To be printed; None while nothing has happened."""
        last = await self._entries.last()
        return Head(last.sequence, last.mac) if last else None

    async def verify(self, printed: Head | None = None) -> Verdict:
        """Follow the chain from its first entry; `printed`: a head of before that must still be part of it."""
        good, previous, seen = 0, _START, printed is None
        async for entry in self._entries.walk():
            if reason := self._fault(entry, good, previous):
                return Verdict(good, Head(good, previous) if good else None, good + 1, reason)
            good, previous = entry.sequence, entry.mac
            seen = seen or printed == Head(good, previous)
            if good % _BREATHE_EVERY == 0:
                await asyncio.sleep(0)
        head = Head(good, previous) if good else None
        if printed is not None and not seen:
            return Verdict(good, head, printed.sequence, "cut")
        return Verdict(good, head)

    def _next(self, last: AuditEntry | None, action: str, actor: str, subject: str, details: dict[str, str]) -> AuditEntry:
        sequence, previous = (last.sequence + 1, last.mac) if last else (1, _START)
        entry = AuditEntry(sequence, self._now(), actor, action, subject, details, previous, "")
        return AuditEntry(sequence, entry.at, actor, action, subject, details, previous, self._keys.mac("audit", canonical(entry)))

    def _fault(self, entry: AuditEntry, good: int, previous: str) -> str:
        if entry.sequence != good + 1:
            return "missing"
        if entry.previous != previous:
            return "relinked"
        return "" if self._keys.is_mac("audit", canonical(entry), entry.mac) else "altered"


def canonical(entry: AuditEntry) -> bytes:
    """The bytes a MAC covers: JSON with sorted keys, times in UTC to the millisecond."""
    covered: dict[str, Any] = {
        "sequence": entry.sequence,
        "at": round(entry.at.timestamp() * 1000),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": dict(entry.details),
        "previous": entry.previous,
    }
    return orjson.dumps(covered, option=orjson.OPT_SORT_KEYS)
