"""Settlements that ride with their citizen's next turn, which records them in its own write: one update less in the database."""

import asyncio
from dataclasses import dataclass

from bot.ports import Settlement
from bot.store import group


@dataclass(frozen=True, slots=True)
class Rider:
    """A settlement on its way. Nothing of the document is left to be carried out once it is recorded."""

    settlement: Settlement
    _recorded: asyncio.Future[bool]

    def arrive(self, *, recorded: bool) -> None:
        """Whether the turn's write is durable. If not, or if that is unknown, the settlement is written by itself."""
        if not self._recorded.done():  # else whoever waited for it has gone
            self._recorded.set_result(recorded)


class Riders:
    """Those who wait for a turn, no longer than a patient write waits for company."""

    def __init__(self) -> None:
        self._waiting: dict[str, Rider] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def ride(self, settlement: Settlement) -> bool:
        """True: a turn has recorded it, durably. False: none has come."""
        if self._closed or settlement.changed or settlement.renews:
            return False
        loop = asyncio.get_running_loop()
        recorded: asyncio.Future[bool] = loop.create_future()
        if former := self._waiting.get(settlement.id):
            former.arrive(recorded=False)
        self._waiting[settlement.id] = Rider(settlement, recorded)
        if self._timer is None:
            self._timer = loop.call_later(group.PATIENCE, self._let_off)
        return await recorded

    def pick_up(self, conversation: str, fence: int) -> Rider | None:
        """The settlement under this fence that waits for a turn of the conversation. Whoever takes it tells it how it ended."""
        rider = self._waiting.get(conversation)
        if rider is None or rider.settlement.fence != fence:
            return None
        return self._waiting.pop(conversation)

    async def close(self) -> None:
        """Let everybody off, now and from now on; returns when they have handed in their own writes."""
        self._closed = True
        self._let_off()
        await asyncio.sleep(0)

    def _let_off(self) -> None:
        """All together, so that they share a bulk."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for rider in waiting.values():
            rider.arrive(recorded=False)
