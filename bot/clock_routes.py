"""Moving business time by hand, behind the simulator's token; mounted in demo only. The routing core's is moved with it.

GET  /sim/clock                    -> {now, ahead_seconds}
POST /sim/clock {"ahead_seconds"}  -> the same, moved; never back
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import orjson
from aiohttp import web

from bot import clock_moving
from bot.clock import BusinessClock
from bot.errors import Malformed
from bot.ports import Marks
from bot.simulator_routes import check

PATH = "/sim/clock"

MoveCore = Callable[[timedelta], Awaitable[None]]
"""Have the routing core's business time so far ahead, where it can be; raises DeliveryError."""


def routes(business: BusinessClock, marks: Marks, move_core: MoveCore, *, token: str) -> list[web.RouteDef]:
    """The routes. They raise Forbidden without the token, Malformed, StoreUnavailable, or what `move_core` raises."""

    async def get(request: web.Request) -> web.Response:
        check(request.headers, token)
        business.move(await clock_moving.ahead(marks))
        return _shown(business)

    async def post(request: web.Request) -> web.Response:
        check(request.headers, token)
        moved = await clock_moving.move(marks, _ahead(await request.read()))
        business.move(moved)
        await move_core(moved)
        return _shown(business)

    return [web.get(PATH, get), web.post(PATH, post)]


def _ahead(body: bytes) -> timedelta:
    try:
        ahead = timedelta(seconds=float(orjson.loads(body)["ahead_seconds"]))
    except (ValueError, LookupError, TypeError, OverflowError):
        raise Malformed("ahead_seconds is a number") from None
    if not timedelta(0) <= ahead <= clock_moving.MOST:
        raise Malformed("ahead_seconds is out of range")
    return ahead


def _shown(business: BusinessClock) -> web.Response:
    shown = {"now": business().isoformat(), "ahead_seconds": business.ahead.total_seconds()}
    return web.Response(body=orjson.dumps(shown), content_type="application/json")
