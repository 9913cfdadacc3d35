"""PUT /clock: move business time ahead. There only where CORE_CLOCK=movable, for demonstrations and tests."""

import math
from datetime import timedelta

import orjson
from aiohttp import web

from core.clock import BusinessClock
from core.errors import Malformed
from core.problems import json_response
from core.store.moved_clock import MovedClock

_MOST = timedelta(days=3650)


def routes(business: BusinessClock, moved: MovedClock) -> list[web.RouteDef]:
    """The route, behind the same token as all others."""

    async def put(request: web.Request) -> web.Response:
        await moved.move(_ahead(await request.read()))
        business.move(await moved.ahead())
        return json_response({"now": business().isoformat()})

    return [web.put("/clock", put)]


def _ahead(body: bytes) -> timedelta:
    try:
        seconds = float(orjson.loads(body)["ahead_seconds"])
    except (ValueError, LookupError, TypeError):
        raise Malformed("ahead_seconds is a number") from None
    if not math.isfinite(seconds) or not 0 <= seconds <= _MOST.total_seconds():
        raise Malformed("ahead_seconds is out of range")
    return timedelta(seconds=seconds)
