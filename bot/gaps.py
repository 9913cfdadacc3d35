"""Messages that a provider has and we have not: its own list is compared with what we have applied, and what is missing is taken in.

A webhook may fail for longer than its provider tries. The list gives the same message under the same id, so that whatever comes both ways,
also at the same moment, is applied once.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from bot import logs, metrics, tracing
from bot.clock import Now
from bot.errors import DeliveryError, StoreUnavailable
from bot.model import Inbound
from bot.pausing import pause
from bot.ports import Conversations, Held, Marks

LEASE_NAME = "gaps"
EVERY_SECONDS = 180.0
LEASE = timedelta(minutes=6)
GRACE = timedelta(minutes=2)
"""Webhooks and their repetitions come first."""
OVERLAP = timedelta(minutes=1)
"""A list may name a message a little late."""
WINDOW = timedelta(hours=1)
"""Of the list, that are held in memory at once."""
FARTHEST = timedelta(hours=47)
"""How far back, after an outage of ours: what is older may have been applied, and is not known any more."""

log = logs.get_logger(__name__)


@runtime_checkable
class Lister(Protocol):
    """A channel whose provider lists what it has received for us."""

    async def received(self, since: datetime, until: datetime) -> Sequence[Inbound]:
        """What came from `since` on and before `until`, oldest first. Raises DeliveryError."""


class Receiver(Protocol):
    """What is needed of intake."""

    async def apply(self, message: Inbound) -> None:
        """Durable when it returns."""


class Gaps:
    """Looks for gaps, in one process at a time."""

    def __init__(
        self,
        channels: Mapping[str, Lister],
        *,
        conversations: Conversations,
        held: Held,
        marks: Marks,
        intake: Receiver,
        holder: str,
        real: Now,
    ) -> None:
        """`real`: real time, which is what providers write down."""
        self._channels = channels
        self._conversations = conversations
        self._held = held
        self._marks = marks
        self._intake = intake
        self._holder = holder
        self._real = real

    async def work(self, stop: asyncio.Event) -> None:
        """Every few minutes until told to stop, if there is anything to look at."""
        while self._channels and not stop.is_set():
            now = self._real()
            try:
                if await self._marks.lease(LEASE_NAME, self._holder, now, now + LEASE):
                    for name, channel in self._channels.items():
                        await self.look(name, channel)
            except DeliveryError as error:
                log.warning("gaps_not_looked_for", code=error.code)
            except StoreUnavailable:
                log.warning("store_unavailable")
            except Exception:  # whatever it was, the next round must come
                log.exception("gaps_not_looked_for")
            await pause(stop, EVERY_SECONDS)

    async def look(self, name: str, channel: Lister) -> int:
        """Take in what is missing since the last look; how many messages. Raises DeliveryError or StoreUnavailable."""
        mark, end = f"{LEASE_NAME} {name}", self._real() - GRACE
        known = await self._marks.get(mark)
        if known is None:  # the first look: what the number received before was not for us
            await self._marks.put(mark, (end + OVERLAP).isoformat())
            return 0
        found, since = 0, max(datetime.fromisoformat(known), end - FARTHEST)
        while since < end:
            until = min(since + WINDOW, end)
            for message in await channel.received(since - OVERLAP, until):
                found += await self._take(name, message)
            await self._marks.put(mark, until.isoformat())
            since = until
        return found

    async def _take(self, name: str, message: Inbound) -> bool:
        """Whether it was missing."""
        conversation = str(message.address)
        if message.id in {applied.id for applied in (await self._conversations.load(conversation)).applied}:
            return False
        if await self._held.has(conversation):  # it may be among what is held: that goes in order, and knows its ids
            await self._held.hold(message, self._real())
            return False
        with tracing.bound(tracing.new()):
            await self._intake.apply(message)
            log.warning("message_recovered", channel=name, message_id=message.id, conversation=logs.ref(conversation))
        metrics.RECOVERED.labels(name).inc()
        return True
