"""The composition root: the API, the sender and the sweep over one database, until a signal."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import web

from core import api, cases, clock, logs, moving, officer_api
from core.clock import BusinessClock, Now
from core.errors import SettingsError, StoreUnavailable
from core.officer_api import Office
from core.sender import Sender
from core.settings import Database, Settings
from core.store.connection import connect
from core.store.event_log import EventLog
from core.store.moved_clock import MovedClock
from core.store.reports import Reports

POLL_SECONDS = 0.5
"""An officer's command writes to the database behind our back; this is how soon its event goes out."""
SWEEP_SECONDS = 60.0
CLOCK_SECONDS = 0.25
"""How soon a moved clock is followed."""
GRACE_SECONDS = 10.0
"""How long requests and calls in flight may take after a signal."""


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[tuple[Reports, EventLog, MovedClock]]:
    """The stores, ready for use. Raises StoreUnavailable."""
    async with connect(database.url, database.name) as mongo:
        reports, log = Reports(mongo), EventLog(mongo)
        await reports.prepare()
        await log.prepare()
        yield reports, log, MovedClock(mongo)


@asynccontextmanager
async def running(settings: Settings, now: Now = clock.now) -> AsyncIterator[int]:
    """The whole core at work; gives the port it listens on. Leaving it finishes what is in flight. `now`: real time."""
    business = BusinessClock(now)
    async with AsyncExitStack() as stack:
        reports, log, moved = await stack.enter_async_context(opened(settings.database))
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        sender = Sender(log, http, settings.subscription, now) if settings.subscription else None

        async def tell() -> bool:
            await log.append_waiting(now())
            return sender is not None and await sender.send_due() > 0

        async def sweep() -> bool:
            if ended := await cases.sweep(reports, business()):
                logs.get().info("reports_expired", count=ended)
            return False

        async def follow() -> bool:
            business.move(await moved.ahead())
            return False

        more = moving.routes(business, moved) if settings.movable else []
        if settings.movable:
            await stack.enter_async_context(_repeating("clock", follow, CLOCK_SECONDS))
        await stack.enter_async_context(_repeating("tell", tell, POLL_SECONDS))
        await stack.enter_async_context(_repeating("sweep", sweep, SWEEP_SECONDS))
        more += Office(reports, log, business).routes() if settings.officer_token else []
        apart = (officer_api.PREFIX, settings.officer_token)
        application = api.build(api.Api(reports, log, business, now), settings.token, more, apart=apart)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            where = f"CORE_PORT {settings.port} of {settings.host}"
            raise SettingsError([f"{where} cannot be listened on ({error.strerror}): end what has it, or set another."]) from None
        yield int(runner.addresses[0][1])


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreUnavailable or SettingsError when it cannot start."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with running(settings) as port:
        logs.get().info(
            "core_started", host=settings.host, port=port, database=settings.database.name, tells=settings.subscription is not None
        )
        await stopped.wait()
        logs.get().info("core_stopping")
    logs.get().info("core_stopped")


@asynccontextmanager
async def _repeating(name: str, work: Callable[[], Awaitable[bool]], seconds: float) -> AsyncIterator[None]:
    """Do `work` every `seconds`, at once again when it says there is more. It is never cut off in the middle unless it takes too long."""
    stopped = asyncio.Event()

    async def repeat() -> None:
        while not stopped.is_set():
            try:
                more = await work()
            except StoreUnavailable as error:
                logs.get().error("store_unavailable", error=str(error), work=name)
                more = False
            except Exception as error:  # noqa: BLE001  # a bug in one round must not end all rounds
                logs.get().error("round_failed", work=name, error=logs.where(error))
                more = False
            if not more:
                await _wait(stopped, seconds)

    task = asyncio.create_task(repeat(), name=f"core-{name}")
    try:
        yield
    finally:
        stopped.set()
        await asyncio.wait({task}, timeout=GRACE_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
