"""How much waits, and for how long: read from the database for the metrics, each worker by itself.

Every question is answered by an index and looks at a bounded number of documents (`ports.Waiting` and its like say how many), so that a
backlog of a million costs no more than one of a few thousand.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot import metrics
from bot.ports import Held, Lanes, Parked, Queue


class Stores(Protocol):
    """What is read of the store."""

    @property
    def conversations(self) -> Lanes:
        """Words, files, filing."""

    @property
    def reports(self) -> Lanes:
        """Calls to the core, notices."""

    @property
    def parked(self) -> Parked:
        """What a person must look at."""

    @property
    def held(self) -> Held:
        """Messages of those who write too fast."""


async def measure(store: Stores, target: str, now: datetime, real: datetime) -> int:
    """Set the gauges; how many documents have effects. Raises StoreUnavailable.

    `target`: what reports are forwarded to; `now`: business time, by which effects are due.
    """
    pending = 0
    waiting: list[tuple[str, Queue]] = []
    for name, lanes in (("conversations", store.conversations), ("reports", store.reports)):
        backlog = await lanes.backlog()
        metrics.PENDING_EFFECTS.labels(name).set(backlog.pending)
        metrics.DUE_LAG_SECONDS.labels(name).set(_age(backlog.oldest, now))
        pending += backlog.pending
        waiting += [(name, queue) for queue in await lanes.waiting()]
    _show_waiting(waiting, target, now)
    _show_parked(await store.parked.backlog(), real)
    held = await store.held.backlog()
    metrics.HELD_SENDERS.set(held.count)
    metrics.HELD_OLDEST_SECONDS.set(_age(held.oldest, real))
    return pending


def _show_waiting(waiting: Sequence[tuple[str, Queue]], target: str, now: datetime) -> None:
    """Without a pause in between, so that no scrape sees half of it; what waits no more must not stay on show."""
    metrics.WAITING_EFFECTS.clear()
    metrics.WAITING_OLDEST_SECONDS.clear()
    for collection, queue in waiting:
        labels = (collection, queue.channel or target, queue.kind)
        metrics.WAITING_EFFECTS.labels(*labels).set(queue.count)
        metrics.WAITING_OLDEST_SECONDS.labels(*labels).set(_age(queue.oldest, now))


def _show_parked(parked: Sequence[Queue], now: datetime) -> None:
    metrics.PARKED_ITEMS.clear()
    metrics.PARKED_OLDEST_SECONDS.clear()
    for queue in parked:
        metrics.PARKED_ITEMS.labels(queue.kind).set(queue.count)
        metrics.PARKED_OLDEST_SECONDS.labels(queue.kind).set(_age(queue.oldest, now))


def _age(oldest: datetime | None, now: datetime) -> float:
    """Seconds; what is due later has not waited."""
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
