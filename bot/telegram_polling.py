"""Long polling for operators without a public address. One process polls, under a lease; the offset moves only after the durable write."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from bot import logs
from bot.clock import Now
from bot.errors import DeliveryError, StoreUnavailable
from bot.model import Inbound
from bot.pausing import pause
from bot.ports import Marks

MARK = "telegram-polling"
LEASE = timedelta(seconds=60)
POLL_SECONDS = 25
PAUSE_SECONDS = 3.0

log = logs.get_logger(__name__)


@runtime_checkable
class Poller(Protocol):
    """What polling needs of the Telegram channel."""

    async def poll(self, offset: int, *, seconds: int) -> tuple[Sequence[Inbound], int]:
        """Wait up to `seconds` for updates from `offset` on; answers them and the next offset."""


class Receiver(Protocol):
    """What polling needs of intake."""

    async def receive(self, messages: Sequence[Inbound]) -> None:
        """Durable when it returns."""


class Polling:
    """Asks Telegram for updates."""

    def __init__(self, channel: Poller, marks: Marks, intake: Receiver, holder: str, now: Now) -> None:
        self._channel = channel
        self._marks = marks
        self._intake = intake
        self._holder = holder
        self._now = now

    async def work(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. A poll under way is given up: its updates come again."""
        while not stop.is_set():
            poll = asyncio.create_task(self._once())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({poll, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not poll.done():
                poll.cancel()
            tired = (await asyncio.gather(poll, return_exceptions=True))[0]
            if isinstance(tired, Exception):
                log.error("polling_failed", exc_info=tired)
            if tired is not False:
                await pause(stop, PAUSE_SECONDS)

    async def _once(self) -> bool:
        """One poll; whether to pause before the next."""
        now = self._now()
        try:
            if not await self._marks.lease(MARK, self._holder, now, now + LEASE):
                return True
            offset = int(await self._marks.get(MARK) or 0)
            messages, following = await self._channel.poll(offset, seconds=POLL_SECONDS)
            await self._intake.receive(messages)
            if following != offset:
                await self._marks.put(MARK, str(following))
        except (DeliveryError, StoreUnavailable) as error:
            log.warning("polling_failed", code=error.code)
            return True
        return False
