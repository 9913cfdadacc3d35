"""How the channels and queues are, as all processes together know it: each adds what it has counted to the database now and then.

The counters are those of the metrics: nothing is written for it on a message's way.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from prometheus_client import Counter

from bot import logs, metrics
from bot.clock import Now
from bot.errors import StoreUnavailable
from bot.pausing import pause

EVERY_SECONDS = 10.0
RECEIVED = "received"
SENT = "sent"

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """A channel over a time; the last of each also from before it."""

    channel: str
    received: int = 0
    sent: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    """Error code -> how often."""
    last_received: datetime | None = None
    last_sent: datetime | None = None
    last_failed: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """What waits in one place."""

    name: str
    """conversations, reports, held or parked."""
    waiting: int
    """Counted up to a bound."""
    oldest: datetime | None
    """Since when the first of them waits; a lease ahead of now while somebody works on it."""


class HealthStore(Protocol):
    """Where the processes' counts come together. All raise StoreUnavailable."""

    async def add(self, channel: str, counts: Mapping[str, int], at: datetime) -> None:
        """`counts`: received, sent, or an error code of sending -> how many more."""

    async def channels(self, since: datetime) -> Sequence[ChannelHealth]:
        """By name; counted by the hour since then."""

    async def queues(self, at_most: int) -> Sequence[QueueHealth]:
        """Each queue, counted up to `at_most`."""


class Pulse:
    """Adds what this process has counted since the last time."""

    def __init__(self, store: HealthStore, now: Now) -> None:
        self._store = store
        self._now = now
        self._told = dict(_counted())
        self._turn = asyncio.Lock()

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop; then once more."""
        while not stop.is_set():
            await pause(stop, EVERY_SECONDS)
            try:
                await self.beat()
            except StoreUnavailable:
                log.warning("store_unavailable")

    async def beat(self) -> None:
        """Raises StoreUnavailable; what could not be added is added the next time."""
        async with self._turn:
            for (channel, what), total in _counted():
                more = total - self._told.get((channel, what), 0)
                if more:
                    await self._store.add(channel, {what: more}, self._now())
                    self._told[channel, what] = total


def _counted() -> Iterable[tuple[tuple[str, str], int]]:
    """((channel, received | sent | error code of sending), total of this process)."""
    for channel, outcome, total in _totals(metrics.INBOUND):
        if outcome == "applied":
            yield (channel, RECEIVED), total
    for channel, outcome, total in _totals(metrics.SEND):
        yield (channel, outcome), total


def _totals(counter: Counter) -> Iterable[tuple[str, str, int]]:
    for family in counter.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                yield sample.labels["channel"], sample.labels["outcome"], int(sample.value)
