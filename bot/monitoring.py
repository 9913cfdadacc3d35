"""What operators ask of a process: whether it lives, whether it is ready for work, and its metrics. `web` has the routes among its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot import VERSION, logs, metrics, server
from bot.errors import StoreUnavailable

READY_SECONDS = 2

log = logs.get_logger(__name__)

Ready = Callable[[], Awaitable[None]]
"""Raises StoreUnavailable when the database does not answer."""


def routes(ready: Ready, draining: Callable[[], bool]) -> list[web.RouteDef]:
    """GET /healthz, /readyz and /metrics. A process that is ending is not ready, while it still answers what it has taken."""

    async def answer_ready(_request: web.Request) -> web.Response:
        if draining():
            return web.Response(status=503, text="ending\n")
        try:
            async with asyncio.timeout(READY_SECONDS):
                await ready()
        except (StoreUnavailable, TimeoutError):
            return web.Response(status=503, text="the database does not answer\n")
        return web.Response(text="ready\n")

    metrics.BUILD_INFO.labels(VERSION).set(1)
    return [web.get("/healthz", _health), web.get("/readyz", answer_ready), web.get("/metrics", _metrics)]


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=metrics.render(), headers={"Content-Type": metrics.CONTENT_TYPE})


@asynccontextmanager
async def listening(host: str, port: int, ready: Ready, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Answer them on a port of their own, for a process that serves nothing else. Raises OSError when it is taken."""
    app = web.Application()
    app.add_routes(routes(ready, stopping.is_set))
    async with server.listening(app, host, port, stopping=stopping, notice=0):
        log.info("monitoring_ready", port=port)
        yield
