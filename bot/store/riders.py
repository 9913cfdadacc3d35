"""Settlements that ride with their citizen's next turn, which records them in its own write: one update less in the database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import LaporError
from bot.ports import Settlement
from bot.store import group

Write = Callable[[Settlement], asyncio.Future[bool]]

SOON = 0.05
"""Seconds after which a few go by themselves. Their citizens take their time, and the database has it: what is settled will not be said
again after a crash, and holds up no other process.
"""
CROWD = 8
"""So many wait on: by then their turns come as fast as the database takes them, and each spares it a write."""


@dataclass(frozen=True, slots=True)
class Rider:
    """A settlement on its way. Nothing of the document is left to be carried out once it is recorded."""

    settlement: Settlement
    _write: Write
    _own_write: asyncio.Future[asyncio.Future[bool] | None]

    def arrive(self) -> None:
        """A turn's write has recorded it, durably."""
        self._tell(None)

    def get_off(self) -> None:
        """It is to be written by itself. Handed in at once: a turn handed in from now on must find it written."""
        try:
            self._tell(self._write(self.settlement))
        except LaporError as error:
            if not self._own_write.done():
                self._own_write.set_exception(error)

    async def settled(self) -> None:
        """Returns when it is durable."""
        own_write = await self._own_write
        if own_write is not None:
            await own_write

    def _tell(self, own_write: asyncio.Future[bool] | None) -> None:
        if not self._own_write.done():  # else whoever waited for it has gone
            self._own_write.set_result(own_write)


class Riders:
    """Those who wait for a turn, no longer than a patient write waits for company."""

    def __init__(self, write: Write) -> None:
        """`write`: hands a settlement in to be written by itself."""
        self._write = write
        self._waiting: dict[str, Rider] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def settle(self, settlement: Settlement) -> None:
        """Have it recorded by a turn, or else by itself. One that leaves something to do is no rider: no turn could take it over."""
        if former := self._waiting.pop(settlement.id, None):
            former.get_off()
        if settlement.changed or settlement.renews:
            await self._write(settlement)
            return
        loop = asyncio.get_running_loop()
        rider = self._waiting[settlement.id] = Rider(settlement, self._write, loop.create_future())
        if self._timer is None:
            self._timer = loop.call_later(min(SOON, group.PATIENCE), self._look)
        await rider.settled()

    def pick_up(self, conversation: str, fence: int) -> Rider | None:
        """The settlement under this fence that waits for a turn of the conversation. Whoever takes it lets it arrive, or get off."""
        rider = self._waiting.get(conversation)
        if rider is None or rider.settlement.fence != fence:
            return None
        return self._waiting.pop(conversation)

    def _look(self) -> None:
        if len(self._waiting) < CROWD:
            self.all_get_off()
        else:
            self._timer = asyncio.get_running_loop().call_later(group.PATIENCE - SOON, self.all_get_off)

    def all_get_off(self) -> None:
        """Together, so that they share a bulk."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for rider in waiting.values():
            rider.get_off()
