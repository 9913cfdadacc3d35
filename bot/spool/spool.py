"""The spool of one process: what it has written itself, and what it has taken over from processes that have ended.

All work on the disk is done in one thread of its own. Arrivals that come while a write is under way are written together in the next.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from bot import logs, metrics
from bot.errors import SpoolRefused, SpoolUnreadable
from bot.spool.arrival import Arrival, Spooled, decode, encode, lane
from bot.spool.index import Index, Slot, Usage
from bot.spool.sealing import Seal
from bot.spool.segment import ASIDE, Segment, segments

ENTRIES_AT_MOST = 50_000
ENTRIES_A_WRITE = 100
LONGEST_ENTRY = 16 << 20
"""Bytes; a webhook has one MiB at most, so that anything longer is not ours."""

T = TypeVar("T")
log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was set aside."""

    name: str
    """In the folder `aside`."""
    reason: str
    """An error code."""
    size: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    slot: Slot
    data: bytes
    outcome: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def resolve(self, error: Exception | None) -> None:
        if self.outcome.done():  # its caller has gone
            return
        if error is not None:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(None)


class Spool:
    """Keeps arrivals on the disk until they are applied."""

    def __init__(self, directory: Path, seal: Seal, own: Segment, *, bytes_at_most: int, entries_at_most: int) -> None:
        """By `open`."""
        self._directory = directory
        self._seal = seal
        self._own = own
        self._bytes_at_most = bytes_at_most
        self._entries_at_most = entries_at_most
        self._adopted: dict[Path, Segment] = {}
        self._index = Index()
        self.unreadable: deque[Unreadable] = deque()
        """What was set aside; whoever parks it takes it from here."""
        self._queue: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "spool")

    @classmethod
    async def open(cls, directory: Path, seal: Seal, *, bytes_at_most: int, entries_at_most: int = ENTRIES_AT_MOST) -> Self:
        """With a new segment, and all that dead processes have left. Raises OSError when the folder cannot be used.

        The bounds are this process's own, what it has taken over included.
        """
        own = await asyncio.to_thread(Segment.create, directory)
        spool = cls(directory, seal, own, bytes_at_most=bytes_at_most, entries_at_most=entries_at_most)
        await spool.adopt()
        return spool

    def holds(self, lane: str) -> bool:
        """Whether anything of this lane is here: then what comes later has to wait behind it."""
        return self._index.holds(lane)

    @property
    def has_room(self) -> bool:
        """Whether another arrival may be kept."""
        return self._index.has_room(1, entries=self._entries_at_most, in_all=self._bytes_at_most)

    def add(self, arrival: Arrival, at: datetime) -> Awaitable[None]:
        """Keep it, from now on behind all that its lane has here; to be awaited until it is durable. Raises SpoolRefused, then or now:
        nothing of it is kept. A caller who goes away while waiting leaves it being kept.
        """
        data = self._seal.close(encode(arrival, at))
        if not self._index.has_room(len(data), entries=self._entries_at_most, in_all=self._bytes_at_most):
            metrics.SPOOL.labels("refused").inc()
            raise SpoolRefused("the spool is full")
        waiting = _Waiting(Slot(lane(arrival), at, self._own.next(), len(data)), data)
        self._index.reserve(waiting.slot)
        self._queue.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return waiting.outcome

    def lanes(self, limit: int) -> list[str]:
        """Some with entries, in the order in which they came."""
        return self._index.lanes(limit)

    def first(self, lane: str) -> Slot | None:
        """The next entry of a lane; None when there is none, or when it is still being written."""
        return self._index.first(lane)

    def usage(self) -> Usage:
        """How full it is."""
        return self._index.usage()

    async def read(self, slot: Slot) -> Spooled:
        """Take an entry out; it stays until it is removed. Raises SpoolUnreadable."""
        return await self._in_thread(lambda: self._read(slot.path))

    async def remove(self, slot: Slot) -> None:
        """It is applied. Should the disk not keep that, the next start applies it again, which does no harm."""
        try:
            await self._in_thread(partial(slot.path.unlink, missing_ok=True))
        except OSError as error:
            log.exception("spool_remove_failed", errno=error.errno)
        self._index.remove(slot)

    async def set_aside(self, slot: Slot, error: SpoolUnreadable) -> None:
        """It can no longer be read; the rest of its lane goes on."""
        await self._in_thread(lambda: self._set_aside(slot.path, error))
        self._index.remove(slot)

    async def adopt(self) -> None:
        """Take over the segments of processes that have ended, and what lies aside and can be read now. Raises OSError."""
        for slots in await asyncio.to_thread(self._take_over):  # not in the thread that arrivals wait for
            self._index.adopt(slots)

    async def close(self) -> None:
        """Write what waits, then let others take over what is left."""
        if self._writer is not None:
            await self._writer
        for segment in (self._own, *self._adopted.values()):
            await self._in_thread(segment.release)
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(ENTRIES_A_WRITE, len(self._queue)))]
            try:
                outcomes = await self._in_thread(partial(self._own.write, [(waiting.slot.path, waiting.data) for waiting in batch]))
            except BaseException:
                for waiting in batch:
                    self._refuse(waiting, "the write was given up")
                raise
            for waiting, error in zip(batch, outcomes, strict=True):
                if error is None:
                    self._index.written(waiting.slot)
                    metrics.SPOOL.labels("spooled").inc()
                    waiting.resolve(None)
                else:
                    self._refuse(waiting, f"the disk refuses ({error.strerror})")
            if failures := [error for error in outcomes if error]:
                log.error("spool_write_failed", entries=len(failures), errno=failures[0].errno)

    def _refuse(self, waiting: _Waiting, why: str) -> None:
        self._index.remove(waiting.slot)
        metrics.SPOOL.labels("refused").inc()
        waiting.resolve(SpoolRefused(why))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # In a thread

    def _read(self, path: Path) -> Spooled:
        try:
            if path.stat().st_size > LONGEST_ENTRY:
                raise SpoolUnreadable("too long to be ours")
            return decode(self._seal.open(path.read_bytes()))
        except OSError as error:
            raise SpoolUnreadable(f"the disk does not give it ({error.strerror})") from None

    def _set_aside(self, path: Path, error: SpoolUnreadable) -> None:
        aside = self._directory / ASIDE
        name = path.name if path.parent == aside else f"{path.parent.name}-{path.name}"
        try:
            size = path.stat().st_size
            aside.mkdir(mode=0o700, exist_ok=True)
            path.rename(aside / name)
        except OSError as failure:
            log.exception("spool_aside_failed", file=name, errno=failure.errno)  # it stays where it is
            return
        log.error("spool_entry_unreadable", file=name, code=error.code, detail=str(error))
        metrics.SPOOL.labels("unreadable").inc()
        self.unreadable.append(Unreadable(name, error.code, size))

    def _take_over(self) -> list[list[Slot]]:
        """The slots of each segment that nobody else holds, in order; empty ones of ours are given up."""
        aside = self._directory / ASIDE
        for path, segment in list(self._adopted.items()):
            if path != aside and not segment.entries():
                self._adopted.pop(path).release()
        there = [*segments(self._directory), *([aside] if aside.is_dir() else [])]
        return [self._taken(path) for path in there if path != self._own.path and path not in self._adopted]

    def _taken(self, path: Path) -> list[Slot]:
        """What one segment holds; nothing while another process has it, or when it is not ours to use."""
        try:
            segment = Segment.take(path)
            entries = segment.entries() if segment else []
        except OSError as error:
            log.exception("spool_segment_unusable", segment=path.name, errno=error.errno)
            return []
        if segment:
            self._adopted[path] = segment
            log.info("spool_segment_adopted", segment=path.name, entries=len(entries))
        slots = [slot for entry in entries if (slot := self._slot(entry))]
        return sorted(slots, key=lambda slot: slot.at) if path.name == ASIDE else slots

    def _slot(self, entry: Path) -> Slot | None:
        try:
            spooled = self._read(entry)
            return Slot(lane(spooled.arrival), spooled.at, entry, entry.stat().st_size)
        except SpoolUnreadable as error:
            self._set_aside(entry, error)
            return None
