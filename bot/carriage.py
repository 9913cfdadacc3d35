"""What effects mean, and one process's work on the effects of one document: in order within a lane, under a lease with a fence."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot import logs, metrics, retry, tracing
from bot.clock import Now
from bot.errors import DeliveryError, LaporError, ServerFault, StoreUnavailable, Unanswered, UnknownEffect
from bot.model import Effect
from bot.ports import LEASE_SECONDS, Done, Lanes, Settlement

LEASE = timedelta(seconds=LEASE_SECONDS)
SETTLE_SECONDS = 0.5
"""How long what is done may stay unsettled while another lane is still busy."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Carried:
    """The effect has happened."""

    provider_id: str | None = None
    words: Effect | None = None
    """See `ports.Done`."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing went wrong, but it is not time yet."""

    until: datetime


Handler = Callable[[str, Effect, Sequence[Effect]], Coroutine[Any, Any, Carried | Wait]]
Handlers = Mapping[str, Handler]


def handler(handlers: Handlers, effect: Effect) -> Handler:
    """Who carries it out. Raises UnknownEffect."""
    known = handlers.get(effect.kind)
    if known is None:
        raise UnknownEffect
    return known


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

    def forget(self, owner: str) -> None:
        """Called when what this process remembers of the document is no longer to be trusted."""


class Carriage:
    """One process's work on one document while it holds the lease."""

    def __init__(
        self, errands: Errands, owner: str, fence: int, effects: Sequence[Effect], *, now: Now, real: Now, jitter: Callable[[], float]
    ) -> None:
        """`now`: business time, by which effects are due; `real`: by which the lease ends."""
        self._errands = errands
        self._owner = owner
        self._fence = fence
        self._now = now
        self._real = real
        self._jitter = jitter
        self._lease_end = real() + LEASE
        self._queues: dict[str, list[Effect]] = {}
        self._busy: dict[str, asyncio.Task[Any] | None] = {}
        """By lane. One of them may be the task that `run` is in."""
        self._known: set[str] = set()
        self._done: list[Done] = []
        self._changed: dict[str, Effect] = {}
        self._turns = 0
        self._moved: asyncio.Future[None] | None = None
        """Done when something has ended that `run` waits for. No event, nor deques above: hundreds of carriages are under way at a time."""
        self._timer: asyncio.TimerHandle | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._failure: Exception | None = None
        self.closed = False
        self._stopped = False
        self._cutting = False
        self._cut = False
        self.extend(effects)

    @property
    def fence(self) -> int:
        """Of the lease it works under."""
        return self._fence

    @contextmanager
    def awaiting_a_turn(self) -> Iterator["Carriage"]:
        """Do not end while a turn that may add to it is being written."""
        self._turns += 1
        try:
            yield self
        finally:
            self._turns -= 1
            self._move()

    def extend(self, effects: Sequence[Effect]) -> None:
        """Take further effects of the document, pushed while the lease is held."""
        for effect in effects:
            if effect.id not in self._known:
                self._known.add(effect.id)
                self._queues.setdefault(effect.lane, []).append(effect)
        if self._busy:
            self._start(self._idle_lanes())

    def knows(self, effects: Sequence[Effect]) -> bool:
        """Whether all of these have come here."""
        return all(effect.id in self._known for effect in effects)

    async def run(self) -> None:
        """Carry out all that is due, each lane by itself, then settle. Raises StoreUnavailable: some of it may be carried out again."""
        self._keep_soon()
        try:
            while await self._work():
                pass
        finally:
            self.closed = True
            if self._timer is not None:
                self._timer.cancel()
            await self._end_lanes()
        if self._failure is not None:
            raise self._failure
        if self._cut:  # whoever takes over when the lease lapses knows that this may have happened
            await self._settle(next_due=self._lease_end, renews=True)
        else:
            await self._settle(next_due=min((queue[0].due for queue in self._queues.values() if queue), default=None))

    def stop(self) -> None:
        """Begin nothing more: what is left is due for others as soon as what has begun has ended."""
        self._stopped = True

    def cut(self) -> None:
        """Wait no longer for what has begun: it is left to the lease."""
        self.stop()
        self._cutting = True
        for task in self._busy.values():
            if task is not None:
                task.cancel()

    async def _work(self) -> bool:
        """Carry out what is due, or wait for what has begun; False when there is neither."""
        if lanes := self._idle_lanes():
            first, *others = lanes
            self._start(others)
            this = self._busy[first] = asyncio.current_task()
            await self._lane(first)  # usually the only one, which needs no task of its own
            if self._cutting and this is not None:
                this.uncancel()
            return True
        if not (self._busy or self._turns or self._keeping):
            return False
        self._moved = asyncio.get_running_loop().create_future()
        await self._moved
        return True

    def _move(self) -> None:
        if self._moved is not None and not self._moved.done():
            self._moved.set_result(None)

    def _idle_lanes(self) -> list[str]:
        """Those with something due that nobody has begun."""
        if self.closed:
            return []
        return [lane for lane, queue in self._queues.items() if lane not in self._busy and self._ready(queue)]

    def _start(self, lanes: Sequence[str]) -> None:
        for lane in lanes:
            self._busy[lane] = asyncio.create_task(self._lane(lane))

    async def _lane(self, lane: str) -> None:
        """All that is due on it."""
        try:
            await self._run_lane(self._queues[lane])
        except asyncio.CancelledError:
            if not self._cutting:
                raise
            self._cut = True
        except Exception as error:  # noqa: BLE001  # `run` raises it, when the other lanes have ended
            self._fail(error)
        finally:
            del self._busy[lane]
            self._move()

    def _fail(self, error: Exception) -> None:
        self.closed = True
        self._failure = self._failure or error

    async def _end_lanes(self) -> None:
        """Those that somebody who cancels `run` has left; none after a usual end."""
        left = [task for task in (*self._busy.values(), self._keeping) if task is not None]
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)

    def _ready(self, queue: list[Effect]) -> bool:
        return bool(queue) and not self._stopped and queue[0].due <= self._now()

    async def _run_lane(self, queue: list[Effect]) -> None:
        while self._ready(queue) and await self._still_ours():
            effect = queue[0]
            if _superseded(effect, queue):
                outcome: Done | Effect = Done(effect.id)
            else:
                with tracing.bound(tracing.of(effect)):
                    outcome = await self._carry(effect)
            if isinstance(outcome, Effect):
                queue[0] = outcome
                self._changed[effect.id] = outcome
            else:
                del queue[0]
                self._changed.pop(effect.id, None)
                self._done.append(outcome)

    async def _still_ours(self) -> bool:
        """Renew the lease when half of it is over. A process that slept through its end asks whether another has taken over."""
        now = self._real()
        if self.closed:
            return False
        if now >= self._lease_end and not await self._errands.lanes.held_by(self._owner, self._fence):
            log.warning("lease_lost", fence=self._fence)
            self.closed = True
            return False
        if now >= self._lease_end - LEASE / 2:
            self._lease_end = now + LEASE
            await self._settle(next_due=self._lease_end, renews=True)
        return True

    def _keep_soon(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._start_keeping)

    def _start_keeping(self) -> None:
        self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """While lanes take their time: settle what has been done, and take what other processes have pushed meanwhile."""
        try:
            if self._busy and await self._still_ours():
                if self._done:
                    await self._settle(next_due=self._lease_end, renews=True)
                self.extend(await self._errands.lanes.effects(self._owner, self._fence))
        except Exception as error:  # noqa: BLE001  # as in a lane
            self._fail(error)
        finally:
            self._keeping = None
            self._move()
            if not self.closed:
                self._keep_soon()

    async def _carry(self, effect: Effect) -> Done | Effect:
        """Done, or the effect as it is to be tried again."""
        try:
            outcome = await self._errands.carry(self._owner, effect, [each for queue in self._queues.values() for each in queue])
        except DeliveryError as error:
            return await self._failed(effect, error)
        except StoreUnavailable as error:
            return self._again(effect, ServerFault(str(error)), self._now() + timedelta(seconds=2))
        except Exception as error:  # a bug in one effect must not block what comes after it: it is parked
            log.exception("effect_failed", effect=effect.id, kind=effect.kind)
            return await self._give_up(effect, error)
        if isinstance(outcome, Wait):
            return replace(effect, due=outcome.until)
        return Done(effect.id, outcome.provider_id, outcome.words)

    async def _failed(self, effect: Effect, error: DeliveryError) -> Done | Effect:
        policy = retry.DEPLOYING if isinstance(error, UnknownEffect) else self._errands.policy(effect)
        due = retry.next_attempt(error, effect.attempts + 1, self._now(), jitter=self._jitter(), policy=policy)
        if due is None:
            return await self._give_up(effect, error)
        log.info("effect_retried", effect=effect.id, kind=effect.kind, code=error.code, attempts=effect.attempts + 1)
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
        except Exception:  # not even parking it works: it must neither be lost nor block the document
            log.exception("give_up_failed", effect=effect.id, kind=effect.kind)
            return self._again(effect, ServerFault(), self._now() + timedelta(minutes=5))
        return Done(effect.id)

    async def _settle(self, next_due: datetime | None, *, renews: bool = False) -> None:
        settlement = Settlement(
            id=self._owner,
            fence=self._fence,
            at=self._now(),
            done=tuple(self._done),
            changed=tuple(self._changed.values()),
            known=frozenset(self._known),
            next_due=next_due,
            renews=renews,
        )
        self._done, self._changed = [], {}
        self._errands.settled(self._owner, frozenset(done.effect for done in settlement.done), settlement.changed)
        await self._errands.lanes.settle(settlement)


def _superseded(effect: Effect, queue: list[Effect]) -> bool:
    mark = effect.data.get("coalesce")
    return bool(mark) and any(later is not effect and later.data.get("coalesce") == mark for later in queue)
