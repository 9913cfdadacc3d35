"""What comes in from outside, each kind to whoever takes it: by a webhook, or out of the spool."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot import media_type
from bot.clock import Now
from bot.errors import Malformed
from bot.forwarder.events import verify_event
from bot.model import DeliveryReport, Inbound
from bot.ports import Parked, ParkedItem
from bot.spool.arrival import Arrival, Unread
from bot.tracking import Tracking

_PAUSES = (0.7, 1.3, 0.0)
"""Seconds. A provider may be faster than our settling: then the message it reports on is known a moment later."""


class Arrivals:
    """All its methods raise StoreUnavailable; what they were given is then not applied."""

    def __init__(
        self,
        *,
        receive: Callable[[Sequence[Inbound]], Awaitable[None]],
        reported: Callable[[DeliveryReport], Awaitable[bool]],
        tracking: Tracking,
        core_secrets: Sequence[str],
        parked: Parked,
        now: Now,
    ) -> None:
        """`receive`: the intake's; `reported`: whether the message a report is about is known; `core_secrets`: of the core's events."""
        self._receive = receive
        self._reported = reported
        self._tracking = tracking
        self._core_secrets = core_secrets
        self._parked = parked
        self._now = now

    async def delivered(self, report: DeliveryReport) -> None:
        """A report on something we sent; one on what nobody knows is dropped."""
        for pause in _PAUSES:
            if await self._reported(report):
                return
            await asyncio.sleep(pause)

    async def core_event(self, headers: Mapping[str, str], body: bytes) -> None:
        """Verify, then apply; what is signed but not readable is parked, so that the core need not send it for ever.

        Raises Forbidden.
        """
        try:
            event = verify_event(self._core_secrets, headers, body)
        except Malformed as error:
            await self._tracking.park(headers.get("webhook-id", "unknown"), "event_malformed", {"body": body, "detail": str(error)})
            return
        await self._tracking.receive(event)

    async def park(self, transport: str, reason: str, body: bytes) -> None:
        """A webhook's body that nobody could read."""
        digest = media_type.digest(body)
        await self._parked.park(
            ParkedItem(f"{transport}/{digest}", "webhook", reason, "", {"transport": transport, "body": body}, self._now())
        )

    async def apply(self, arrival: Arrival) -> None:
        """What the reception has taken in, once the database is there."""
        match arrival:
            case Inbound():
                await self._receive([arrival])
            case DeliveryReport():
                await self.delivered(arrival)
            case Unread():
                await self.park(arrival.transport, arrival.reason, arrival.body)
