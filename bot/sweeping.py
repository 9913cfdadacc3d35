"""What the worker does now and then: apply held messages, erase drafts without consent, count what is pending."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Protocol

from bot import clock, logs, measuring
from bot.amending import Amending
from bot.clock import Now
from bot.errors import StoreUnavailable
from bot.intake import Intake
from bot.pausing import pause
from bot.ports import Conversations, Held, Marks, Media, Parked, Reports
from bot.redirects import Redirects

HELD_EVERY_SECONDS = 1.0
EXPIRED_EVERY_SECONDS = 60.0
MEASURE_EVERY_SECONDS = 10.0
LEASE = timedelta(seconds=60)
MESSAGES_A_ROUND = 20
CONVERSATIONS_A_ROUND = 50
UNFILED_MEDIA_FOR = timedelta(days=30)
"""A file whose draft never became a report."""

log = logs.get_logger(__name__)


class Stores(Protocol):
    """What is read of the store."""

    @property
    def held(self) -> Held:
        """Messages of senders who write too fast."""

    @property
    def marks(self) -> Marks:
        """Leases."""

    @property
    def media(self) -> Media:
        """Files."""

    @property
    def redirects(self) -> Redirects:
        """Whose words have expired."""

    @property
    def conversations(self) -> Conversations:
        """Which drafts have expired."""

    @property
    def reports(self) -> Reports:
        """What is pending."""

    @property
    def parked(self) -> Parked:
        """What a person must look at."""


class Sweeper:
    """Each kind of work in one process at a time, under a lease; measuring in each."""

    def __init__(
        self, store: Stores, intake: Intake, amending: Amending, holder: str, now: Now, *, real: Now = clock.now, target: str = "core"
    ) -> None:
        """`now`: business time, by which drafts expire; `real`: of the leases."""
        self._store = store
        self._intake = intake
        self._amending = amending
        self._holder = holder
        self._now = now
        self._real = real
        self._target = target

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        await asyncio.gather(
            self._again(stop, "held", HELD_EVERY_SECONDS, self.apply_held),
            self._again(stop, "expired", EXPIRED_EVERY_SECONDS, self.erase_expired),
            self._again(stop, "", MEASURE_EVERY_SECONDS, self.measure),
        )

    async def _again(self, stop: asyncio.Event, name: str, seconds: float, once: Callable[[], Coroutine[Any, Any, int]]) -> None:
        """Without a name every process does it; with one, whoever has the lease."""
        while not stop.is_set():
            now = self._real()
            try:
                if not name or await self._store.marks.lease(f"sweep-{name}", self._holder, now, now + LEASE):
                    await once()
            except StoreUnavailable:
                log.warning("store_unavailable")
            except Exception:  # whatever it was, the next round must come
                log.exception("sweep_failed", sweep=name)
            await pause(stop, seconds)

    async def apply_held(self) -> int:
        """Some of each conversation's held messages, in the order they came; how many."""
        waiting = await self._store.held.waiting(CONVERSATIONS_A_ROUND)
        applied = await asyncio.gather(*(self._apply_held_of(conversation) for conversation in waiting), return_exceptions=True)
        if failures := [each for each in applied if isinstance(each, Exception)]:  # the others have gone on
            raise failures[0]
        return sum(each for each in applied if isinstance(each, int))

    async def _apply_held_of(self, conversation: str) -> int:
        messages = await self._store.held.oldest(conversation, MESSAGES_A_ROUND)
        await asyncio.gather(*(self._intake.apply(message) for message in messages))
        await self._store.held.remove(messages)
        return len(messages)

    async def erase_expired(self) -> int:
        """Drafts that had no consent in time, files of drafts that never became a report, words of redirects that have ended; how many."""
        now = self._now()
        expired = await self._store.conversations.expired(now, CONVERSATIONS_A_ROUND)
        for conversation in expired:
            await self._amending.expire(conversation)
        ended = await self._store.redirects.erase_expired(now)
        return len(expired) + ended + await self._store.media.erase_unfiled(now - UNFILED_MEDIA_FOR)

    async def measure(self) -> int:
        """How much waits, for the metrics; how many documents have effects."""
        return await measuring.measure(self._store, self._target, self._now(), self._real())
