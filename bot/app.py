"""The only composition root: builds everything from Settings, and starts and ends it."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import aiohttp
from aiohttp import web

from bot import clock, clock_moving, clock_routes, ending, gaps, logs, metrics, monitoring, privacy, server, sweeping
from bot import web as routes
from bot.admin_copies import AdminCopies
from bot.amending import Amending
from bot.arrivals import Arrivals
from bot.assets import Assets
from bot.channels import registry, simulator
from bot.channels.protocol import Acknowledges, Channel, Links
from bot.channels.ways import ways
from bot.conversation.tables import Tables
from bot.conversation.understanding.area import Places
from bot.conversation.understanding.day import read_day
from bot.conversation.understanding.reading import read, read_note
from bot.conversation_effects import ConversationErrands
from bot.delivery import Delivery
from bot.entering import Entering
from bot.errors import DeliveryError
from bot.figures.counting import Counting
from bot.figures.figures import Figures
from bot.following import Following
from bot.forwarder import core_clock
from bot.forwarder import registry as targets
from bot.health import Pulse
from bot.intake import Intake
from bot.live import Live
from bot.model import Address, Capabilities, Inbound
from bot.reception import Reception, receiving
from bot.redirect_replies import Ways
from bot.redirecting import Redirecting
from bot.report_effects import ReportErrands
from bot.settings import Settings
from bot.speech import Speech
from bot.store.store import Store
from bot.telegram_polling import Poller, Polling
from bot.tracking import Tracking
from bot.wording import TEMPLATES, Wording

if TYPE_CHECKING:
    from bot.books.books import Books
    from bot.desk_building import DeskBuilding
    from bot.simulator.simulation import Simulation
    from bot.staff.staff import Staff

log = logs.get_logger(__name__)

PRIVACY_PATH = "/privasi"
Job = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Work that repeats until the event is set."""
_SOON = timedelta(minutes=5)
"""What is due later (a reminder) is not waited for at the end of a chat."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What only demo and chat switch on."""

    token: str
    """Opens the simulator's routes."""
    log: TextIO
    """Where log lines go."""


class App:
    """Everything, wired. `open` builds it; `web` and `worker` run it."""

    def __init__(self, settings: Settings, store: Store, http: aiohttp.ClientSession, demo: Demo | None) -> None:
        self.settings = settings
        self.store = store
        self.demo = demo
        self.business = business = clock.BusinessClock()
        """By which citizens and offices live; real time is `clock.now`."""
        self._http = http
        self._stopping = asyncio.Event()
        simulates = demo is not None or settings.simulates
        self.simulation = self._simulation() if simulates else None
        self._channels = _channels(settings, store, http, simulated=business if simulates else None)
        self._acknowledging = {name: channel for name, channel in self._channels.items() if isinstance(channel, Acknowledges)}
        self._wording = Wording(TEMPLATES)
        self._assets = Assets(TEMPLATES / "assets")
        self._pulse = Pulse(store.health, clock.now)
        self._live = live = Live()
        self._target = targets.TARGETS[settings["FORWARD_TARGET"]].build(settings.values, http, store.books_out)
        self.amending = Amending(conversations=store.conversations, live=live, capabilities=self.capabilities, now=business)
        self._speech = Speech(
            conversations=store.conversations,
            channel=self._channels.get,
            by_sms=lambda address: simulator.by_sms(address) or registry.by_sms(address, self._channels),
            keeper=self.amending,
            now=business,
        )
        self._conversation_errands = ConversationErrands(
            conversations=store.conversations,
            reports=store.reports,
            media=store.media,
            held=store.held,
            redirects=store.redirects,
            drafts_left=store.drafts_left,
            parked=store.parked,
            live=live,
            speech=self._speech,
            capabilities=self.capabilities,
            notice=self._notice,
            now=business,
        )
        self._report_errands = ReportErrands(
            reports=store.reports,
            feed=store.feed,
            media=store.media,
            parked=store.parked,
            target=self._target,
            media_url=lambda media_id: f"{settings.private_url}/media/{media_id}",
            capabilities=self.capabilities,
            notice=self._notice,
            now=business,
        )
        self.delivery = Delivery(
            conversations=self._conversation_errands,
            reports=self._report_errands,
            acknowledge=self._acknowledge,
            now=business,
            real=clock.now,
            jitter=random.random,
        )
        self._places = places = Places.load()
        tables = Tables(
            privacy_url=settings.public_url + PRIVACY_PATH,
            notice_version=privacy.VERSION,
            places=places,
            read_day=read_day,
            read=partial(read, places=places),
            read_note=partial(read_note, places=places),
            out_of_scope=settings.out_of_scope,
        )
        self.intake = Intake(
            conversations=store.conversations,
            reports=store.reports,
            redirects=store.redirects,
            parked=store.parked,
            held=store.held,
            live=live,
            carriers=self.delivery,
            render=self._wording.render,
            brief=self._wording.brief,
            capabilities=self.capabilities,
            tables=tables,
            now=business,
            real=clock.now,
        )
        self.tracking = Tracking(
            reports=store.reports,
            parked=store.parked,
            marks=store.marks,
            source=self._target,
            holder=_holder(),
            now=business,
            real=clock.now,
        )
        self.arrivals = Arrivals(
            receive=self.intake.receive,
            reported=self._speech.reported,
            tracking=self.tracking,
            core_secrets=settings.core_secrets,
            parked=store.parked,
            now=clock.now,
        )
        self.redirecting = Redirecting(redirects=store.redirects, reports=store.reports, tables=tables, now=business)
        self.entering = Entering(reports=store.reports, media=store.media, tables=tables, reach=self._by_phone, now=business)
        self.following = Following(reports=store.reports, feed=store.feed, now=business)
        self.figures = Figures(store.figures, business)
        self.copies = AdminCopies(self._wording.reply, partial(self._ways, terminal=demo is not None), partial(self._ways, terminal=False))
        self._desk = self._desk_building(places) if settings.desk_keys else None
        self.staff: Staff | None = self._desk.staff if self._desk else None
        self.books: Books | None = self._desk.books if self._desk else None

    def _simulation(self) -> "Simulation":
        from bot.simulator.simulation import Simulation  # only where it is on

        return Simulation(self.settings, self.store, self._http, self.business, self._move_core)

    def _desk_building(self, places: Places) -> "DeskBuilding":
        from bot.desk_building import DeskBuilding, Parts  # only where there is a desk: it takes ten megabytes

        return DeskBuilding(
            Parts(
                settings=self.settings,
                store=self.store,
                intake=self.intake,
                amending=self.amending,
                tracking=self.tracking,
                report_errands=self._report_errands,
                entering=self.entering,
                following=self.following,
                redirecting=self.redirecting,
                figures=self.figures,
                copies=self.copies,
                places=places,
                wording=self._wording,
                assets=self._assets,
                channels=tuple(self._channels),
                business=self.business,
            )
        )

    async def _ways(self, *, terminal: bool) -> Ways:
        return await ways(self.settings.values, self._channels, terminal=terminal)

    def area(self, code: str) -> str:
        """An area in full; "" for none, or one that the tables do not have."""
        with suppress(KeyError):
            return self._places.name(code) if code else ""
        return ""

    def _by_phone(self, typed: str) -> Address | None:
        """Where a typed number is told of news; in a demo nobody's real phone rings."""
        address = registry.by_phone(typed, self._channels)
        return Address(simulator.NAME, f"sms:{address.id}") if address and self.demo else address

    def capabilities(self, address: Address) -> Capabilities:
        """What the channel of an address can carry, also when it is switched off now."""
        channel = self._channels.get(address.transport)
        return registry.capabilities(channel, address) if channel else registry.SWITCHED_OFF[address.medium]

    async def _notice(self, conversation: str, notice: Any) -> None:
        await self.intake.notice(conversation, notice)

    def _acknowledge(self, message: Inbound) -> Coroutine[Any, Any, None] | None:
        channel = self._acknowledging.get(message.address.transport)
        return channel.acknowledge(message) if channel else None

    def _receiving(self, directory: Path) -> AbstractAsyncContextManager[Reception]:
        return receiving(
            directory,
            self.settings.spool_keys,
            self.settings.spool_bytes,
            apply=self.arrivals.apply,
            probe=lambda: self.store.marks.put("spool-probe", _holder()),
            ping=self.store.ping,
            parked=self.store.parked,
            now=clock.now,
        )

    def application(self, reception: Reception | None = None) -> web.Application:
        """The routes of `web`; `reception`: what takes messages in while the database is away."""
        services = routes.Services(
            hooks=[(name, hook) for name, channel in self._channels.items() for hook in channel.hooks],
            receive=self.intake.receive,
            delivered=self.arrivals.delivered,
            core_event=self.arrivals.core_event,
            park=self.arrivals.park,
            media=self.store.media,
            core_token=self.settings["CORE_TOKEN"],
            privacy=lambda language: self._wording.page(
                "privasi", language, **privacy.parameters(self.settings["AGENCY_NAME"], self.settings["AGENCY_CONTACT"])
            ),
            ready=self.store.ping,
            draining=self._stopping.is_set,
            now=clock.now,
        )
        if reception is not None:
            services = replace(
                services, receive=reception.receive, delivered=reception.delivered, park=reception.park, ready=reception.ready
            )
        return routes.application(services, [*self._demo_routes(services.receive), *self._simulator_routes(), *self._desk_routes()])

    def _demo_routes(self, receive: Callable[[Sequence[Inbound]], Awaitable[None]]) -> Iterable[web.AbstractRouteDef]:
        if self.demo is None:
            return ()
        from bot.simulator_routes import routes as simulator_routes  # only in a demo
        from bot.standin import StandIns

        outbox = self.store.outbox
        sim = simulator_routes(
            receive,
            outbox,
            self.store.uploads.save,
            self._pending,
            marks=self.store.marks,
            stopping=self._stopping,
            token=self.demo.token,
            now=self.business,
        )
        moving = clock_routes.routes(self.business, self.store.marks, self._move_core, token=self.demo.token)
        return [*StandIns(outbox, clock.now).routes(), *sim, *moving]

    def _simulator_routes(self) -> Iterable[web.AbstractRouteDef]:
        if self.simulation is None:
            return ()
        place = self._places.name
        return self.simulation.routes(
            self.intake.receive, place=place, page=self._wording.page, asset=self._assets.url, stopping=self._stopping
        )

    async def _move_core(self, ahead: timedelta) -> None:
        await core_clock.move(self._http, self.settings["CORE_URL"], self.settings["CORE_TOKEN"], ahead)

    def _desk_routes(self) -> Iterable[web.AbstractRouteDef]:
        return [self._assets.route(), *(self._desk.routes() if self._desk else ())]

    async def _pending(self, address: Address, *, later: bool) -> bool:
        """Whether more is about to be said to a simulated phone; `later`: whether anything is left at all."""
        conversation, now = str(address), self.business()
        copy = self._live.get(conversation) or await self.store.conversations.load(conversation)
        if any(later or effect.due <= now for effect in copy.effects):
            return True
        if not later:
            return False
        mine = await self.store.reports.of_conversation(conversation, 10)
        soon = any(effect.due <= now + _SOON for report in mine for effect in report.effects)
        return soon or any(report.ticket is None and not report.refused for report in mine)

    def _gaps(self) -> gaps.Gaps:
        return gaps.Gaps(
            {name: channel for name, channel in self._channels.items() if isinstance(channel, gaps.Lister)},
            conversations=self.store.conversations,
            held=self.store.held,
            marks=self.store.marks,
            intake=self.intake,
            holder=_holder(),
            real=clock.now,
        )

    async def close(self) -> None:
        """Finish what is in flight."""
        await self.intake.close()
        await self.delivery.close()

    @asynccontextmanager
    async def serving(self, notice: float = 0.0) -> AsyncIterator[None]:
        """Answer on HOST:PORT; at the end be unready for `notice` seconds, then finish what is in flight.

        Raises SettingsError when the spool cannot be used.
        """
        self._stopping.clear()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.close)
            directory = self.settings.spool_dir
            reception = await stack.enter_async_context(self._receiving(directory)) if directory else None
            application, host = self.application(reception), self.settings["HOST"]
            await stack.enter_async_context(server.listening(application, host, self.settings.port, stopping=self._stopping, notice=notice))
            for name, channel in self._channels.items():
                try:
                    await channel.start()
                except DeliveryError as error:
                    log.warning("channel_start_failed", channel=name, code=error.code)
            log.info("web_ready", port=self.settings.port)
            async with self._beating():
                yield
                metrics.DRAINING.set(1)
                self._stopping.set()

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Add what this process counts of its channels to what all of them know."""
        stop = asyncio.Event()
        task = asyncio.create_task(self._pulse.work(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry out what is due; at the end finish what is in flight."""
        async with AsyncExitStack() as stack:
            stop = asyncio.Event()
            if port := self.settings.worker_port:
                await stack.enter_async_context(monitoring.listening(self.settings["HOST"], port, self.store.ping, stop))
            tasks = [asyncio.create_task(job(stop)) for job in self._jobs()]
            log.info("worker_ready")
            try:
                yield
            finally:
                metrics.DRAINING.set(1)
                stop.set()
                await ending.jobs(tasks)
                await self.close()

    def _jobs(self) -> list[Job]:
        """What a worker does, again and again until it is told to stop."""
        sweeper = sweeping.Sweeper(self.store, self.intake, self.amending, _holder(), self.business, target=self.settings["FORWARD_TARGET"])
        jobs: list[Job] = [self.delivery.work, self.tracking.work, sweeper.work, self._gaps().work, self._pulse.work]
        jobs.append(Counting(self.store.figures, self.store.marks, _holder(), self.business, clock.now).work)
        if self.books:
            jobs.append(self.books.jobs.work)
        if self.simulation:
            jobs.append(self.simulation.sweeper(_holder(), clock.now).work)
        if self.settings["TELEGRAM_TOKEN"] and self.settings["TELEGRAM_MODE"] == "polling":
            telegram = self._channels["telegram"]
            if isinstance(telegram, Poller):
                jobs.append(Polling(telegram, self.store.marks, self.intake, _holder(), clock.now).work)
        return jobs


@asynccontextmanager
async def opened(settings: Settings, demo: Demo | None = None) -> AsyncIterator[App]:
    """Connect to the database and build everything. Raises StoreUnavailable, StoreUnsuitable or SettingsError."""
    async with AsyncExitStack() as stack:
        logs.configure(key=settings["CORE_TOKEN"] or settings["DESK_KEY"], secrets=_secrets(settings), stream=demo.log if demo else None)
        store = await Store.open(settings["MONGODB_URL"])
        stack.push_async_callback(store.close)
        connector = aiohttp.TCPConnector(limit=200, limit_per_host=100, keepalive_timeout=30)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, auto_decompress=True))
        app = App(settings, store, http, demo)
        if settings["CLOCK"] == "movable":
            await stack.enter_async_context(clock_moving.followed(store.marks, app.business))
        stack.push_async_callback(app.close)
        yield app


def _channels(settings: Settings, store: Store, http: aiohttp.ClientSession, *, simulated: clock.Now | None) -> dict[str, Channel]:
    links = Links(public=settings.public_url, private=settings.private_url)
    entries, _ = registry.enabled(settings.values)
    channels = {entry.name: entry.build(settings.values, links, http) for entry in entries}
    if simulated:
        channels["sim"] = simulator.Simulator(store.outbox, store.uploads, simulated)
    return channels


def _secrets(settings: Settings) -> Sequence[str]:
    names = [name for name in settings.values if name.endswith(("_TOKEN", "_SECRET", "_PASSWORD", "_KEY"))]
    return [part for name in names for part in settings.values[name].split()]


def _holder() -> str:
    """Who takes a lease: this process."""
    return f"{socket.gethostname()}:{os.getpid()}"
