"""The second use case: effects are carried out, in order within a lane, under a lease with a fence.

Whoever holds the lease of a document (its `due`) works on its effects; lanes of one document do not wait for each other. What is done
is settled in one write at the end; a process that dies before leaves the lease to lapse and the effects to the next.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot import logs, metrics, retry
from bot.clock import Now
from bot.errors import DeliveryError, LaporError, ServerFault, StoreUnavailable, Unanswered
from bot.model import Effect, Inbound
from bot.ports import LEASE_SECONDS, Done, Lanes, Settlement

LEASE = timedelta(seconds=LEASE_SECONDS)
POLL_SECONDS = 0.5
CARRIAGES_AT_MOST = 200
"""Documents a worker works on at once."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Carried:
    """The effect has happened."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing went wrong, but it is not time yet."""

    until: datetime


class Errands(Protocol):
    """What the effects of one kind of document mean."""

    @property
    def lanes(self) -> Lanes:
        """The documents."""

    async def carry(self, owner: str, effect: Effect, pending: Sequence[Effect]) -> Carried | Wait:
        """Carry out one effect. `pending`: all that are left of this document. Raises DeliveryError or StoreUnavailable."""

    def policy(self, effect: Effect) -> retry.Policy:
        """How patiently to retry."""

    async def give_up(self, owner: str, effect: Effect, error: Exception) -> None:
        """Park it and tell whom it concerns; may happen twice for one effect."""

    def settled(self, owner: str, done: frozenset[str], changed: Sequence[Effect]) -> None:
        """Called when a settlement is on its way to the store."""


class Carriage:
    """One process's work on one document while it holds the lease."""

    def __init__(
        self, errands: Errands, owner: str, fence: int, effects: Sequence[Effect], *, now: Now, jitter: Callable[[], float]
    ) -> None:
        self._errands = errands
        self._owner = owner
        self._fence = fence
        self._now = now
        self._jitter = jitter
        self._lease_end = now() + LEASE
        self._queues: dict[str, deque[Effect]] = {}
        self._known: set[str] = set()
        self._done: list[Done] = []
        self._changed: dict[str, Effect] = {}
        self.closed = False
        self.extend(effects)

    def extend(self, effects: Sequence[Effect]) -> None:
        """Take further effects of the document, pushed while the lease is held."""
        for effect in effects:
            if effect.id not in self._known:
                self._known.add(effect.id)
                self._queues.setdefault(effect.lane, deque()).append(effect)

    async def run(self) -> None:
        """Carry out all that is due, then settle."""
        while not self.closed and (ready := [queue for queue in self._queues.values() if self._ready(queue)]):
            await asyncio.gather(*(self._run_lane(queue) for queue in ready))
        self.closed = True
        await self._settle(next_due=min((queue[0].due for queue in self._queues.values() if queue), default=None))

    def _ready(self, queue: deque[Effect]) -> bool:
        return bool(queue) and queue[0].due <= self._now()

    async def _run_lane(self, queue: deque[Effect]) -> None:
        while self._ready(queue) and await self._still_ours():
            effect = queue[0]
            if _superseded(effect, queue):
                outcome: Done | Effect = Done(effect.id)
            else:
                outcome = await self._carry(effect)
            if isinstance(outcome, Effect):
                queue[0] = outcome
                self._changed[effect.id] = outcome
            else:
                queue.popleft()
                self._changed.pop(effect.id, None)
                self._done.append(outcome)

    async def _still_ours(self) -> bool:
        """Renew the lease when half of it is over. A process that slept through its end asks whether another has taken over."""
        now = self._now()
        if self.closed:
            return False
        if now >= self._lease_end and not await self._errands.lanes.held_by(self._owner, self._fence):
            log.warning("lease_lost", fence=self._fence)
            self.closed = True
            return False
        if now >= self._lease_end - LEASE / 2:
            self._lease_end = now + LEASE
            await self._settle(next_due=self._lease_end)
        return True

    async def _carry(self, effect: Effect) -> Done | Effect:
        """Done, or the effect as it is to be tried again."""
        try:
            outcome = await self._errands.carry(self._owner, effect, [each for queue in self._queues.values() for each in queue])
        except DeliveryError as error:
            return await self._failed(effect, error)
        except StoreUnavailable as error:
            return self._again(effect, ServerFault(str(error)), self._now() + timedelta(seconds=2))
        except Exception as error:  # a bug in one effect must not block what comes after it: it is parked
            log.exception("effect_failed", effect_id=effect.id, kind=effect.kind)
            return await self._give_up(effect, error)
        if isinstance(outcome, Wait):
            return replace(effect, due=outcome.until)
        return Done(effect.id, outcome.provider_id)

    async def _failed(self, effect: Effect, error: DeliveryError) -> Done | Effect:
        policy = self._errands.policy(effect)
        due = retry.next_attempt(error, effect.attempts + 1, self._now(), jitter=self._jitter(), policy=policy)
        if due is None:
            return await self._give_up(effect, error)
        log.info("effect_retried", effect_id=effect.id, kind=effect.kind, code=error.code, attempts=effect.attempts + 1)
        return self._again(effect, error, due)

    def _again(self, effect: Effect, error: DeliveryError, due: datetime) -> Effect:
        unsure = effect.unsure or isinstance(error, Unanswered | ServerFault)
        return replace(effect, due=due, attempts=effect.attempts + 1, unsure=unsure)

    async def _give_up(self, effect: Effect, error: Exception) -> Done | Effect:
        try:
            if not await self._errands.lanes.held_by(self._owner, self._fence):
                self.closed = True
                return effect
            metrics.PARKED.labels(error.code if isinstance(error, LaporError) else "bug").inc()
            await self._errands.give_up(self._owner, effect, error)
        except StoreUnavailable as unavailable:
            return self._again(effect, ServerFault(str(unavailable)), self._now() + timedelta(seconds=2))
        return Done(effect.id)

    async def _settle(self, next_due: datetime | None) -> None:
        settlement = Settlement(
            id=self._owner,
            fence=self._fence,
            at=self._now(),
            done=tuple(self._done),
            changed=tuple(self._changed.values()),
            known=frozenset(self._known),
            next_due=next_due,
        )
        self._done, self._changed = [], {}
        self._errands.settled(self._owner, frozenset(done.effect for done in settlement.done), settlement.changed)
        await self._errands.lanes.settle(settlement)


def _superseded(effect: Effect, queue: deque[Effect]) -> bool:
    mark = effect.data.get("coalesce")
    return bool(mark) and any(later is not effect and later.data.get("coalesce") == mark for later in queue)


class Delivery:
    """Starts carriages: for turns of this process right after their write, and for whatever is due in the store."""

    def __init__(
        self,
        *,
        conversations: Errands,
        reports: Errands,
        acknowledge: Callable[[Inbound], Coroutine[Any, Any, None]],
        now: Now,
        jitter: Callable[[], float],
    ) -> None:
        self._conversations = conversations
        self._reports = reports
        self._acknowledge = acknowledge
        self._now = now
        self._jitter = jitter
        self._carriages: dict[str, Carriage] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def carrying(self, conversation: str) -> Carriage | None:
        """The carriage at work on a conversation in this process; none once its settlement is on its way."""
        carriage = self._carriages.get(conversation)
        return carriage if carriage is not None and not carriage.closed else None

    def take(self, conversation: str, fence: int, new: Sequence[Effect], carrying: object | None) -> None:
        """See `intake.Carriers.take`."""
        if isinstance(carrying, Carriage):
            if not carrying.closed:
                carrying.extend(new)
            return
        self._start(self._conversations, conversation, fence, new)

    def acknowledge(self, message: Inbound) -> None:
        """Best effort, outside the lanes."""
        self._own(self._try_to_acknowledge(message))

    async def _try_to_acknowledge(self, message: Inbound) -> None:
        try:
            await self._acknowledge(message)
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
            if not busy:
                await _pause(stop, POLL_SECONDS)

    async def _claim(self, errands: Errands) -> int:
        room = CARRIAGES_AT_MOST - len(self._carriages)
        if room <= 0:
            return 0
        now = self._now()
        claims = await errands.lanes.claim(now, now + LEASE, room)
        for claim in claims:
            self._start(errands, claim.id, claim.fence, claim.effects)
        return len(claims)

    def _start(self, errands: Errands, owner: str, fence: int, effects: Sequence[Effect]) -> None:
        carriage = Carriage(errands, owner, fence, effects, now=self._now, jitter=self._jitter)
        self._carriages[owner] = carriage
        self._own(self._run(owner, carriage))

    async def _run(self, owner: str, carriage: Carriage) -> None:
        try:
            await carriage.run()
        except StoreUnavailable:
            log.warning("settlement_lost")  # the lease lapses, and another carries out what is left
        finally:
            carriage.closed = True
            if self._carriages.get(owner) is carriage:
                del self._carriages[owner]

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("carriage_failed", exc_info=error)

    async def close(self) -> None:
        """Finish what is in flight."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


Handler = Callable[[str, Effect, Sequence[Effect]], Coroutine[Any, Any, Carried | Wait]]
Handlers = Mapping[str, Handler]
