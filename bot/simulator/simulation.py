"""The simulator put together: its pages, its clock, its officer and its sweeper, over what the rest of the bot has."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import aiohttp
from aiohttp import web

from bot import clock, clock_moving
from bot.clock import BusinessClock, Now
from bot.model import Inbound
from bot.settings import Settings
from bot.simulator.office import Office
from bot.simulator.pages import Look, Page, Pages
from bot.simulator.practice import Clock, Parts, Practice
from bot.simulator.sweeping import PracticeSweeper
from bot.store.store import Store


class Simulation:
    """What `app` builds where the simulator is on."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        http: aiohttp.ClientSession,
        business: BusinessClock,
        move_core: Callable[[timedelta], Awaitable[None]],
    ) -> None:
        """`move_core`: have the offices' clock so far ahead; raises DeliveryError."""
        self._settings = settings
        self._store = store
        self._business = business
        self._move_core = move_core
        token = settings["CORE_OFFICER_TOKEN"]
        self.office = Office(http, settings["CORE_URL"].rstrip("/"), token) if token else None

    def routes(
        self,
        receive: Callable[[Sequence[Inbound]], Awaitable[None]],
        *,
        place: Callable[[str], str],
        page: Page,
        asset: Callable[[str], str],
        stopping: asyncio.Event,
    ) -> list[web.RouteDef]:
        """The pages at /try. `place`: an area's name by its code; `asset`: an asset's address by its name."""
        settings, store = self._settings, self._store
        parts = Parts(
            receive=receive,
            outbox=store.outbox,
            save_upload=store.uploads.save,
            read_upload=store.uploads,
            visitors=store.visitors,
            conversations=store.conversations,
            place=place,
            clock=self._clock(),
            office=self.office,
            real=clock.now,
        )
        price = int(settings["SIMULATOR_SMS_PRICE"])
        look = Look(page=page, asset=asset, sms_price=price, public_url=settings.public_url, stopping=stopping)
        return Pages(Practice(parts), look).routes()

    def sweeper(self, holder: str, real: Now) -> PracticeSweeper:
        """To work in a worker."""
        store = self._store
        return PracticeSweeper(
            visitors=store.visitors, erase_uploads=store.uploads.erase, office=self.office, marks=store.marks, holder=holder, real=real
        )

    def _clock(self) -> Clock:
        movable = self._settings["CLOCK"] == "movable"
        return Clock(self._business, lambda: self._business.ahead, self._move if movable else None)

    async def _move(self, ahead: timedelta) -> None:
        """Here first: the offices must not be told of a future that we do not know."""
        moved = await clock_moving.move(self._store.marks, ahead)
        self._business.move(moved)
        await self._move_core(moved)
        if self.office:
            await self.office.sweep()
