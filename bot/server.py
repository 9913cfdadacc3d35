"""How we listen: slow and idle connections end by themselves, there is a bound on how many there are, and the end is graceful.

A proxy in front does all this too, and more (docs/operations.md). Here it is so that a process by itself holds its ground.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import SettingsError

HEADERS_SECONDS = 30.0
"""A connection that has not brought a whole request's headers by then, its first or its next, is closed."""
BODY_SECONDS = 10.0
"""For the body of a webhook call, one MiB at most, once its headers are there."""
LINGERING_SECONDS = 2.0
"""For a body that nobody wants any more."""
CONNECTIONS_AT_MOST = 4_000
"""Of one process; a further one is closed at once, so that open files never run out."""
OTHER_FILES = 500
"""Open files that a process needs besides: the database, providers, the core."""
BACKLOG = 1_024

NOTICE_SECONDS = 1.0
"""Between "not ready" and the closed door: who asks /readyz looks elsewhere, and connections that are kept alive end with an answer."""
REQUESTS_SECONDS = 4.0
"""For requests that have been accepted: as long as the database may take."""


@asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, *, stopping: asyncio.Event, notice: float = NOTICE_SECONDS
) -> AsyncIterator[None]:
    """Serve. At the end: `stopping` is set, `notice` seconds later nothing new is accepted, and what was accepted is answered.

    Raises SettingsError when the port cannot be had. Several processes may share it, where the system can spread connections over them.
    """
    app.on_response_prepare.append(_last_answers(stopping))
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        shutdown_timeout=REQUESTS_SECONDS,
        keepalive_timeout=HEADERS_SECONDS,
        lingering_time=LINGERING_SECONDS,
    )
    await runner.setup()
    door: asyncio.Server | None = None
    try:
        shared = hasattr(socket, "SO_REUSEPORT") or None
        loop = asyncio.get_running_loop()
        try:
            door = await loop.create_server(_bounded(runner), host, port, reuse_port=shared, backlog=BACKLOG)
        except OSError as error:
            raise SettingsError(
                [f"Port {port} of {host} cannot be listened on ({error.strerror}): end what has it, or set another."]
            ) from None
        yield
    finally:
        stopping.set()
        if door is not None:
            await asyncio.sleep(notice)
            door.close()
        await runner.cleanup()


def _bounded(runner: web.AppRunner) -> Callable[[], asyncio.Protocol]:
    most = min(CONNECTIONS_AT_MOST, _files(CONNECTIONS_AT_MOST + OTHER_FILES) - OTHER_FILES)

    def connected() -> asyncio.Protocol:
        server = runner.server
        return server() if server is not None and len(server.connections) < most else _Refused()

    return connected


def _files(wanted: int) -> int:
    """How many files this process may have open, after asking for as many as `wanted`."""
    try:
        import resource
    except ImportError:  # not made for Windows
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= wanted:
        return wanted
    allowed = wanted if hard == unlimited else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


class _Refused(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _last_answers(stopping: asyncio.Event) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        if stopping.is_set():
            response.force_close()
            response.headers["Connection"] = "close"  # by now the library has written its headers

    return prepare


async def body(request: web.Request) -> bytes:
    """The whole body. Raises HTTPRequestTimeout when it trickles, HTTPRequestEntityTooLarge above what the application takes."""
    if request.content.is_eof():  # it has come with the headers, as it nearly always does
        return await request.read()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
