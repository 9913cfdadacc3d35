"""Between the forwarder and the real core: it spoils what passes, refuses some reports for good, and can be away."""

import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes.core import DONE_FIRST, FakeCore, Fault
from tests.ports import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SHARES: Mapping[Fault | None, float] = {
    Fault.LOST_ANSWER: 0.30,
    Fault.SERVER_ERROR: 0.06,
    Fault.HTML: 0.06,
    Fault.EMPTY: 0.06,
    Fault.TRUNCATED: 0.06,
    Fault.INT_TICKET: 0.06,
    Fault.SLOW: 0.04,
    None: 0.36,
}
"""How often each happens to a call."""


class FaultyCore(FakeCore):
    """The fake's ways to spoil an answer, over what the core at `target` says."""

    def __init__(self, target: str, chance: random.Random, *, slowness: float, refusals: tuple[Fault, ...] = ()) -> None:
        """`slowness`: seconds that a slow answer takes. `refusals`: each is for one report, whatever number of times it comes."""
        super().__init__()
        self._port = free_port()  # it is left, and taken again
        self.slowness = slowness
        self.spoils = True
        self.spoilt: dict[str, int] = {}
        """How often each fault has happened."""
        self._target = target
        self._chance = chance
        self._to_refuse = deque(refusals)
        self._refused: dict[str, Fault] = {}

    async def start(self) -> None:
        self._http = aiohttp.ClientSession()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        await self._http.close()

    go_down = stop
    come_up = start

    def pardon(self) -> None:
        """Refuse no report any more."""
        self._refused = dict.fromkeys(self._refused, None)

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        del handler
        fault = self._refusal_of(request) or self._draw()
        answer = await self._pass_on(request) if fault is None or fault in DONE_FIRST else web.Response()
        if fault is None:
            return answer
        self.spoilt[fault.name.lower()] = self.spoilt.get(fault.name.lower(), 0) + 1
        return await self._spoil(request, fault, answer)

    def _draw(self) -> Fault | None:
        return self._chance.choices(list(SHARES), list(SHARES.values()))[0] if self.spoils else None

    def _refusal_of(self, request: web.Request) -> Fault | None:
        """By its key: a report that is refused is refused again."""
        if (request.method, request.path) != ("POST", "/v1/reports"):
            return None
        key = request.headers["Idempotency-Key"]
        if key not in self._refused:
            self._refused[key] = self._to_refuse.popleft() if self._to_refuse else None
        return self._refused[key]

    async def _pass_on(self, request: web.Request) -> web.Response:
        headers: dict[str, Any] = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")}
        call = self._http.request(request.method, self._target + request.path_qs, data=await request.read() or None, headers=headers)
        try:
            async with call as answer:
                return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)
        except aiohttp.ClientError:
            return web.Response(status=502)
