"""What webhooks bring, taken in though the database does not answer: then it is spooled, and applied in order when it does.

A provider waits some seconds for our answer, and Twilio does not come again after a 503. So what has no acknowledgement after
ANSWER_WITHIN_SECONDS goes to the durable spool. Whether it was applied after all does not matter: applying it again is noticed by its id.
Messages of one person are taken one after the other, and none passes an earlier one that waits in the spool.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from weakref import WeakValueDictionary

from bot import inbound_record, logs, metrics
from bot.clock import Now
from bot.errors import LaporError, SettingsError, SpooledTooLong, SpoolUnreadable, StoreUnavailable
from bot.intake import APPLIED_FOR
from bot.model import DeliveryReport, Inbound
from bot.pausing import pause
from bot.ports import Parked, ParkedItem
from bot.spool.arrival import Arrival, Spooled, Unread, lane
from bot.spool.index import Slot
from bot.spool.sealing import Seal
from bot.spool.segment import ASIDE
from bot.spool.spool import Spool
from bot.spool.survey import problem

ANSWER_WITHIN_SECONDS = 3.0
ROUND_EVERY_SECONDS = 0.25
ADOPT_EVERY_ROUNDS = 40
MEASURE_EVERY_SECONDS = 1.0
LANES_AT_ONCE = 50
ENTRIES_A_LANE = 100
"""Before others have their turn."""

log = logs.get_logger(__name__)


class Reception:
    """Takes arrivals in for `bot.web`, and drains the spool."""

    def __init__(
        self,
        *,
        spool: Spool,
        apply: Callable[[Arrival], Awaitable[None]],
        probe: Callable[[], Awaitable[None]],
        ping: Callable[[], Awaitable[None]],
        parked: Parked,
        now: Now,
    ) -> None:
        """`apply`, `probe` (a durable write) and `ping` raise StoreUnavailable."""
        self._spool = spool
        self._apply = apply
        self._probe = probe
        self._ping = ping
        self._parked = parked
        self._now = now
        self._away = False
        """The last thing asked of the database had no answer: until the probe has one, it is asked nothing else."""
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, messages: Sequence[Inbound]) -> None:
        """Take in what citizens sent; durable when it returns, in the database or in the spool. Raises SpoolRefused."""
        for message in messages:
            await self._take(inbound_record.storable(message))

    async def delivered(self, report: DeliveryReport) -> None:
        """What a provider says of a message of ours: Twilio says it once, and a late refusal makes us tell the citizen otherwise."""
        await self._take(report)

    async def park(self, transport: str, reason: str, body: bytes) -> None:
        """Keep what a channel could not read because of a bug."""
        await self._take(Unread(transport, reason, body))

    async def ready(self) -> None:
        """Raises StoreUnavailable when neither the database answers nor the spool has room."""
        if not self._away:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_SECONDS / 2):
                    await self._ping()
            except (StoreUnavailable, TimeoutError):
                self._doubt()
        if self._away and not self._spool.has_room:
            raise StoreUnavailable

    async def _take(self, arrival: Arrival) -> None:
        until, at, mine = asyncio.get_running_loop().time() + ANSWER_WITHIN_SECONDS, self._now(), lane(arrival)
        async with self._turns.setdefault(mine, asyncio.Lock()):
            if not self._away and not self._spool.holds(mine):
                try:
                    async with asyncio.timeout_at(until):
                        await self._apply(arrival)
                        return
                except (StoreUnavailable, TimeoutError):
                    self._doubt()
            kept = self._spool.add(arrival, at)
        await kept  # in line already: the next need not wait for the disk

    def _doubt(self) -> None:
        if not self._away:
            log.warning("database_away")
        self._away = True

    # Draining

    @asynccontextmanager
    async def draining(self) -> AsyncIterator[None]:
        """Meanwhile. An entry that is being applied at the end stays, and is applied again by whoever takes it over."""
        stop = asyncio.Event()
        task = asyncio.create_task(self.work(stop))
        try:
            yield
        finally:
            stop.set()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def work(self, stop: asyncio.Event) -> None:
        """Drain until told to stop, and tell how much waits: also while the database lets us wait for its answer."""
        await asyncio.gather(self._drain(stop), self._measure(stop))

    async def _measure(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            usage = self._spool.usage()
            metrics.SPOOL_ENTRIES.set(usage.entries)
            metrics.SPOOL_BYTES.set(usage.size)
            metrics.SPOOL_OLDEST_SECONDS.set((self._now() - usage.oldest).total_seconds() if usage.oldest else 0.0)
            await pause(stop, MEASURE_EVERY_SECONDS)

    async def _drain(self, stop: asyncio.Event) -> None:
        rounds = 0
        while not stop.is_set():
            rounds += 1
            try:
                await self._round(adopting=rounds % ADOPT_EVERY_ROUNDS == 0)
            except StoreUnavailable:
                self._doubt()
            except Exception:  # whatever it was, the next round must come
                log.exception("spool_round_failed")
            await pause(stop, ROUND_EVERY_SECONDS)

    async def _round(self, *, adopting: bool) -> None:
        if self._away:
            await self._probe()
            self._away = False
            log.info("database_back", entries=self._spool.usage().entries)
        if adopting:
            await self._spool.adopt()
        await self._park_unreadable()
        while not self._away and (lanes := self._spool.lanes(LANES_AT_ONCE)):
            await self._drain_lanes(lanes)

    async def _park_unreadable(self) -> None:
        """The files stay where they are: with the right key, the next start takes them up again."""
        unreadable = self._spool.unreadable
        while unreadable:
            file = unreadable[0]
            kept = {"file": f"{ASIDE}/{file.name}", "bytes": file.size}
            await self._parked.park(ParkedItem(_aside(file.name), "spool", file.reason, "", kept, self._now()))
            metrics.PARKED.labels("spool").inc()
            unreadable.popleft()

    async def _drain_lanes(self, lanes: Sequence[str]) -> None:
        """Some of each lane. Raises StoreUnavailable once all that have begun have ended."""
        ended = await asyncio.gather(*map(self._drain_lane, lanes), return_exceptions=True)
        if failures := [each for each in ended if isinstance(each, BaseException)]:
            raise failures[0]

    async def _drain_lane(self, lane_: str) -> None:
        for _ in range(ENTRIES_A_LANE):
            slot = self._spool.first(lane_)
            if slot is None or self._away:
                return
            await self._settle(slot)

    async def _settle(self, slot: Slot) -> None:
        """Apply one entry, or park it; raises StoreUnavailable: it stays."""
        try:
            spooled = await self._spool.read(slot)
        except SpoolUnreadable as error:
            await self._spool.set_aside(slot, error)
            return
        outcome = await self._applied_or_parked(spooled)
        if slot.path.parent.name == ASIDE:
            await self._parked.remove(_aside(slot.path.name))
        await self._spool.remove(slot)
        metrics.SPOOL.labels(outcome).inc()

    async def _applied_or_parked(self, spooled: Spooled) -> str:
        if self._now() - spooled.at >= APPLIED_FOR:
            await self._park(spooled, SpooledTooLong.code)
            return "parked"
        try:
            await self._apply(spooled.arrival)
        except StoreUnavailable:
            raise
        except Exception as error:  # a bug must not block what comes after it
            log.exception("spooled_failed", lane=logs.ref(lane(spooled.arrival)))
            await self._park(spooled, error.code if isinstance(error, LaporError) else type(error).__name__)
            return "parked"
        return "applied"

    async def _park(self, spooled: Spooled, reason: str) -> None:
        match spooled.arrival:
            case Inbound() as message:
                conversation, kept = str(message.address), {"message": inbound_record.record(message)}
                item = ParkedItem(f"{conversation}/{message.id}", "inbound", reason, conversation, kept, self._now())
            case DeliveryReport() as report:
                id_ = f"{report.conversation}/{report.effect}/{report.state}"
                item = ParkedItem(id_, "delivery", reason, report.conversation, asdict(report), self._now())
            case Unread():
                await self._apply(spooled.arrival)  # which parks it, at any age
                return
        await self._parked.park(item)
        metrics.PARKED.labels("spool").inc()


def _aside(file: str) -> str:
    """The id under which a file that was set aside is parked."""
    return f"spool/{file}"


@asynccontextmanager
async def receiving(
    directory: Path,
    keys: Sequence[bytes],
    bytes_at_most: int,
    *,
    apply: Callable[[Arrival], Awaitable[None]],
    probe: Callable[[], Awaitable[None]],
    ping: Callable[[], Awaitable[None]],
    parked: Parked,
    now: Now,
) -> AsyncIterator[Reception]:
    """A reception with its spool opened and being drained. Raises SettingsError when the folder cannot keep one."""
    if sentence := problem(directory):
        raise SettingsError([sentence])
    spool = await Spool.open(directory, Seal(keys), bytes_at_most=bytes_at_most)
    reception = Reception(spool=spool, apply=apply, probe=probe, ping=ping, parked=parked, now=now)
    try:
        async with reception.draining():
            yield reception
    finally:
        await spool.close()
