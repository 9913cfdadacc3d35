"""Group commit: one bulk write in flight per collection; what arrives meanwhile rides the next.

A majority write costs the same for one operation as for hundreds, and nobody waits for company: the first arrival starts at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from bot.errors import LaporError, StoreUnavailable, Unstorable
from bot.store.connection import CODEC, Document, translated

MAX_OPERATIONS = 128
"""Beyond that a bulk saves nothing more, and everybody in it waits for the last one."""
MAX_BYTES = 8 << 20
MAX_DOCUMENT = 16 << 20
"""MongoDB's own limit."""

PATIENCE = 0.5
"""Seconds a patient write waits for company."""

_DUPLICATE_KEY = 11000
_REFUSED_CODES = frozenset({2, 9, 14, 28, 52, 54, 56, 57, 121, 10334, 17419, 17420, 31034, 51270})
"""The server's words for a document it will not take (bad value, type or field name, too large): trying again is no use."""

Update = dict[str, Any] | Sequence[Mapping[str, Any]]
BulkWrite = Callable[[list[UpdateOne]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    operation: UpdateOne
    size: int
    outcome: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def resolve(self, outcome: bool | LaporError) -> None:  # noqa: FBT001  # an outcome is no switch
        if self.outcome.done():  # its caller has gone
            return
        if isinstance(outcome, LaporError):
            self.outcome.set_exception(outcome)
        else:
            self.outcome.set_result(outcome)


class Group:
    """The writes of one collection."""

    def __init__(self, bulk_write: BulkWrite) -> None:
        """`bulk_write`: the collection's, unordered."""
        self._bulk_write = bulk_write
        self._queue: deque[_Waiting] = deque()
        self._urgent = False
        """Somebody in the queue waits for the next bulk, not for company."""
        self._runner: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def update(self, filter_: Document, update: Update, *, upsert: bool = False, patient: bool = False) -> bool:
        """Write in the next bulk; `patient`: at most PATIENCE later. Returns when it is durable.

        False: an upsert whose filter missed a document that is there (its `_id` is taken). Raises StoreUnavailable: the outcome is unknown;
        Unstorable: not written, and never will be.
        """
        return await self.hand_in(filter_, update, upsert=upsert, patient=patient)

    def hand_in(self, filter_: Document, update: Update, *, upsert: bool = False, patient: bool = False) -> asyncio.Future[bool]:
        """`update` without waiting for it: what is handed in later is written later."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        waiting = _encode(filter_, update, upsert=upsert)
        self._queue.append(waiting)
        if not patient:
            self._start()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._start)
        return waiting.outcome

    async def close(self) -> None:
        """Write what waits, then refuse."""
        self._closed = True
        if self._queue:
            self._start()
        if self._runner is not None:
            await self._runner

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._urgent = True
        if self._runner is None or self._runner.done():
            self._runner = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._urgent and self._queue:
            batch = self._take()
            self._urgent = bool(self._queue)  # what did not fit goes next, without a pause
            await self._write(batch)
        self._urgent = False

    def _take(self) -> list[_Waiting]:
        batch = [self._queue.popleft()]
        size = batch[0].size
        while self._queue and len(batch) < MAX_OPERATIONS and size + self._queue[0].size <= MAX_BYTES:
            batch.append(self._queue.popleft())
            size += batch[-1].size
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        unknown: LaporError
        try:
            with translated():
                try:
                    await self._bulk_write([waiting.operation for waiting in batch])
                except BulkWriteError as error:
                    _resolve(batch, error.details or {})
                    return
        except StoreUnavailable as error:
            unknown = error
        except Exception as error:  # noqa: BLE001  # whatever it was, nobody may wait for ever
            unknown = StoreUnavailable(type(error).__name__)
        else:
            for waiting in batch:
                waiting.resolve(True)
            return
        for waiting in batch:
            waiting.resolve(unknown)


def _encode(filter_: Document, update: Update, *, upsert: bool) -> _Waiting:
    """Encode here, where an error belongs to one operation: inside a bulk it would fail the neighbours too."""
    try:
        raw: Any
        if isinstance(update, dict):
            encoded = bson.encode(update, codec_options=CODEC)
            raw, size = RawBSONDocument(encoded), len(encoded)
        else:
            raw = [RawBSONDocument(bson.encode(stage, codec_options=CODEC)) for stage in update]
            size = sum(len(stage.raw) for stage in raw)
    except (BSONError, OverflowError, UnicodeError, TypeError) as error:
        raise Unstorable(type(error).__name__) from None  # the error's text quotes the document
    if size > MAX_DOCUMENT:
        raise Unstorable(f"{size} bytes")
    return _Waiting(UpdateOne(filter_, raw, upsert=upsert), size)


def _resolve(batch: list[_Waiting], details: Mapping[str, Any]) -> None:
    """Bulk results are totals, but errors carry the index of their operation: the others succeeded."""
    if details.get("writeConcernErrors"):
        for waiting in batch:
            waiting.resolve(StoreUnavailable("write concern"))
        return
    for error in details.get("writeErrors", ()):
        batch[error["index"]].resolve(_outcome(error))
    for waiting in batch:
        waiting.resolve(True)


def _outcome(error: Mapping[str, Any]) -> bool | LaporError:
    code = error.get("code")
    if code == _DUPLICATE_KEY:
        keys = list(error.get("keyPattern", {"_id": 1}))
        return False if keys == ["_id"] else Unstorable(f"duplicate {', '.join(keys)}")
    return Unstorable(f"refused {code}") if code in _REFUSED_CODES else StoreUnavailable(f"write error {code}")
