"""The second use case: effects are carried out, in order within a lane, under a lease with a fence.

Whoever holds the lease of a document (its `due`) works on its effects; lanes of one document do not wait for each other. What is done
is settled in one write at the end, or earlier when a lane takes its time; a process that dies before leaves the lease to lapse and the
effects to the next.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from bot import ending, logs, metrics
from bot.carriage import LEASE, Carriage, Errands
from bot.clock import Now
from bot.errors import DeliveryError, StoreUnavailable
from bot.model import Effect, Inbound
from bot.pausing import pause

POLL_SECONDS = 0.5
CARRIAGES_AT_MOST = 200
"""Documents of one kind that a process works on at once: a core that hangs takes no room from speech, nor a provider from reports."""

_NONE = nullcontext()

log = logs.get_logger(__name__)


class Delivery:
    """Starts carriages: for turns of this process right after their write, and for whatever is due in the store."""

    def __init__(
        self,
        *,
        conversations: Errands,
        reports: Errands,
        acknowledge: Callable[[Inbound], Coroutine[Any, Any, None] | None],
        now: Now,
        real: Now,
        jitter: Callable[[], float],
    ) -> None:
        self._conversations = conversations
        self._reports = reports
        self._acknowledgement = acknowledge
        self._now = now
        self._real = real
        self._jitter = jitter
        self._carriages: dict[Errands, dict[str, Carriage]] = {conversations: {}, reports: {}}
        for name, errands in (("conversations", conversations), ("reports", reports)):
            metrics.CARRIAGES.labels(name).set_function(
                self._carriages[errands].__len__
            )  # counted when somebody asks, not for every message
        self._tasks: set[asyncio.Task[None]] = set()

    def carrying(self, conversation: str, fence: int) -> AbstractContextManager[Carriage | None]:
        """The carriage at work on a conversation in this process, kept going meanwhile; none once its settlement is on its way."""
        carriage = self._carriages[self._conversations].get(conversation)
        if carriage is None or carriage.closed or carriage.fence != fence:
            return _NONE
        return carriage.awaiting_a_turn()

    def take(self, conversation: str, fence: int, new: Sequence[Effect], *, after: Sequence[Effect], carrying: object | None) -> None:
        """See `intake.Carriers.take`."""
        if isinstance(carrying, Carriage):
            # What another process has pushed before them must not be overtaken: then the carriage finds both in the document, in order.
            if not carrying.closed and carrying.knows(after):
                carrying.extend(new)
            return
        self._start(self._conversations, conversation, fence, new)

    def acknowledge(self, message: Inbound) -> None:
        """Best effort, outside the lanes."""
        if acknowledgement := self._acknowledgement(message):
            self._own(self._try_to_acknowledge(acknowledgement))

    async def _try_to_acknowledge(self, acknowledgement: Coroutine[Any, Any, None]) -> None:
        try:
            await acknowledgement
        except DeliveryError as error:
            log.info("acknowledge_failed", code=error.code)

    async def work(self, stop: asyncio.Event) -> None:
        """Poll what is due until told to stop."""
        while not stop.is_set():
            try:
                busy = await self._claim(self._conversations) + await self._claim(self._reports)
            except StoreUnavailable:
                log.warning("store_unavailable")
                busy = 0
            except Exception:  # whatever it was, the next round must come
                log.exception("claim_failed")
                busy = 0
            if not busy:
                await pause(stop, POLL_SECONDS)

    async def _claim(self, errands: Errands) -> int:
        room = CARRIAGES_AT_MOST - len(self._carriages[errands])
        if room <= 0:
            return 0
        now = self._real()
        claims = await errands.lanes.claim(now, now + LEASE, room, scheduled=self._now())
        for claim in claims:
            errands.forget(claim.id)
            self._start(errands, claim.id, claim.fence, claim.effects)
        return len(claims)

    def _start(self, errands: Errands, owner: str, fence: int, effects: Sequence[Effect]) -> None:
        carriage = Carriage(errands, owner, fence, effects, now=self._now, real=self._real, jitter=self._jitter)
        self._carriages[errands][owner] = carriage
        self._own(self._run(errands, owner, carriage))

    async def _run(self, errands: Errands, owner: str, carriage: Carriage) -> None:
        try:
            await carriage.run()
        except StoreUnavailable:
            log.warning("settlement_lost")  # the lease lapses, and another carries out what is left
            errands.forget(owner)
        finally:
            if self._carriages[errands].get(owner) is carriage:
                del self._carriages[errands][owner]

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("carriage_failed", exc_info=error)

    async def close(self, *, sends: float = ending.SENDS_SECONDS, calls: float = ending.CALLS_SECONDS) -> None:
        """Carry out what is due for so many seconds, then wait so many for calls that have begun; the rest is left to others."""
        await self._wait(sends)
        for carriage in self._at_work():
            carriage.stop()
        await self._wait(calls)
        for carriage in self._at_work():
            carriage.cut()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=left)

    def _at_work(self) -> list[Carriage]:
        return [carriage for each in self._carriages.values() for carriage in each.values()]
