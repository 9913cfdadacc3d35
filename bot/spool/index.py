"""What waits in the spool, lane by lane, in order. Pure: it knows where entries stand and how large they are, not what they say."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an entry stands."""

    lane: str
    at: datetime
    """When it came."""
    path: Path
    size: int
    """Bytes on the disk."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How full the spool is."""

    entries: int
    size: int
    """Bytes."""
    oldest: datetime | None


class Index:
    """The slots of all lanes; those still being written count, but are not yet to be taken out."""

    def __init__(self) -> None:
        self._lanes: dict[str, deque[Slot]] = {}
        self._unwritten: set[Path] = set()
        self._entries = 0
        self._size = 0

    def holds(self, lane: str) -> bool:
        """Whether anything of this lane waits, or is being written."""
        return lane in self._lanes

    def has_room(self, size: int, *, entries: int, in_all: int) -> bool:
        """Whether one more entry of `size` bytes keeps within so many entries and so many bytes in all."""
        return self._entries < entries and self._size + size <= in_all

    def reserve(self, slot: Slot) -> None:
        """Put it behind all of its lane; it is not taken out before it is `written`."""
        self._lanes.setdefault(slot.lane, deque()).append(slot)
        self._unwritten.add(slot.path)
        self._count(slot, 1)

    def written(self, slot: Slot) -> None:
        """It is durable."""
        self._unwritten.discard(slot.path)

    def adopt(self, slots: Iterable[Slot]) -> None:
        """Take over what one other process has kept, in its order; among what is here already by the time of arrival."""
        lanes: dict[str, list[Slot]] = {}
        for slot in slots:
            lanes.setdefault(slot.lane, []).append(slot)
            self._count(slot, 1)
        for lane, theirs in lanes.items():
            self._lanes[lane] = deque(merge(theirs, self._lanes.get(lane, ()), key=lambda slot: slot.at))

    def remove(self, slot: Slot) -> None:
        """It is applied, or could not be written."""
        waiting = self._lanes[slot.lane]
        waiting.remove(slot)
        if not waiting:
            del self._lanes[slot.lane]
        self._unwritten.discard(slot.path)
        self._count(slot, -1)

    def lanes(self, limit: int) -> list[str]:
        """Some with an entry that can be taken out, in the order in which they came."""
        ready = (lane for lane, waiting in self._lanes.items() if waiting[0].path not in self._unwritten)
        return list(islice(ready, limit))

    def first(self, lane: str) -> Slot | None:
        """The next of a lane that can be taken out."""
        waiting = self._lanes.get(lane)
        return waiting[0] if waiting and waiting[0].path not in self._unwritten else None

    def usage(self) -> Usage:
        """How much waits, and since when."""
        oldest = min((waiting[0].at for waiting in self._lanes.values()), default=None)
        return Usage(self._entries, self._size, oldest)

    def _count(self, slot: Slot, sign: int) -> None:
        self._entries += sign
        self._size += sign * slot.size
