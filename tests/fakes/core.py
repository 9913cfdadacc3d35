"""A stand-in for the routing core that keeps the contract, and breaks it on demand in every way we know of."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from bot import clock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOKEN = "core-token"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DUE = {"verification": "2026-11-25", "response": "2026-12-02", "resolution": "2026-12-15", "reply": None}


class Fault(Enum):
    """What may go wrong with one request."""

    SERVER_ERROR = auto()
    """500, nothing done."""
    RATE_LIMITED = auto()
    """429 with Retry-After 7, nothing done."""
    CONFLICT = auto()
    """409."""
    REFUSED = auto()
    """422 with problem details that name title and location.lat."""
    REDIRECT = auto()
    """307 elsewhere, nothing done."""
    HTML = auto()
    """200 with a maintenance page, nothing done."""
    NOT_FOUND = auto()
    """404 of a proxy without a backend, nothing done."""
    DROPPED = auto()
    """The connection is cut before anything is done."""
    LOST_ANSWER = auto()
    """Done, then the connection is cut."""
    CUT = auto()
    """Done, then the connection is cut in the middle of the answer."""
    SLOW = auto()
    """Done, then `slowness` seconds pass."""
    EMPTY = auto()
    """Done, then 200 with nothing."""
    TRUNCATED = auto()
    """Done, then 200 with half the JSON."""
    INT_TICKET = auto()
    """Done, then the ticket as a number."""


DONE_FIRST = {Fault.LOST_ANSWER, Fault.CUT, Fault.SLOW, Fault.EMPTY, Fault.TRUNCATED, Fault.INT_TICKET}
"""What goes wrong only with the answer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class HeldReport:
    """A report the core took."""

    ticket: str
    key: str
    body: bytes
    status: str = "received"
    sequence: int = 0
    operations: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


class FakeCore:
    """Start it, point CORE_URL at `url`, tell it what to do wrong."""

    def __init__(self, token: str = TOKEN, secret: str = SECRET) -> None:
        self.token = token
        self.secret = secret
        self.requests: list[Seen] = []
        self.reports: dict[str, HeldReport] = {}
        self.events: list[Any] = []
        self.always: Fault | None = None
        self.slowness = 5.0
        self.overlooks_filter = False
        self.found: object = None
        self.page_size = 100
        self._answered: dict[str, tuple[str, bytes, dict[str, Any]]] = {}
        self._faults: deque[Fault | None] = deque()
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """CORE_URL; stable over `go_down` and `come_up`."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        app = web.Application(middlewares=[self._serve])
        app.router.add_post("/v1/reports", self._file)
        app.router.add_get("/v1/reports", self._search)
        app.router.add_get("/v1/reports/{ticket}", self._show)
        app.router.add_post("/v1/reports/{ticket}/{operation:messages|rating|withdrawal|reopening}", self._operate)
        app.router.add_get("/v1/events", self._events)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    go_down = stop
    come_up = start

    def fail_next(self, *faults: Fault | None) -> None:
        """One fault for each of the next requests, in order; None: that one goes well."""
        self._faults.extend(faults)

    def report_of(self, ticket: str) -> HeldReport | None:
        return next((report for report in self.reports.values() if report.ticket == ticket), None)

    # What the core says of its own accord.

    def event(self, key: str, status: str, **changes: Any) -> dict[str, Any]:
        """The next event of a report, remembered for polling as well."""
        report = self.reports[key]
        report.sequence += 1
        report.status = status
        event = {
            "id": f"evt-{report.ticket}-{report.sequence}",
            "type": "report.message" if changes.get("message") else "report.status_changed",
            "ticket": report.ticket,
            "idempotency_key": key,
            "sequence": report.sequence,
            "status": status,
            "agency": None,
            "note": None,
            "message": None,
            "missing": [],
            "due": DUE,
            "occurred_at": clock.now().isoformat(),
        } | changes
        self.events.append(event)
        return event

    def signed(self, event: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook by Standard Webhooks."""
        body, moment = orjson.dumps(event), clock.now()
        headers = {
            "webhook-id": event["id"],
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event["id"], moment, body.decode()),
            "content-type": "application/json",
        }
        return headers, body

    async def push(self, event: Mapping[str, Any], to: str, *, tries: int = 1, pause: float = 0.05) -> int:
        """Post a signed event until it is answered with 2xx; the last status, 0 when there was none."""
        status = 0
        async with aiohttp.ClientSession() as http:
            for attempt in range(tries):
                await asyncio.sleep(pause if attempt else 0)
                headers, body = self.signed(event)
                try:
                    async with http.post(to, headers=headers, data=body) as response:
                        status = response.status
                except aiohttp.ClientError:
                    status = 0
                if 200 <= status < 300:
                    break
        return status

    # Answering.

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Seen(request.method, request.path, dict(request.query), headers, await request.read()))
        if headers.get("authorization") != f"Bearer {self.token}":
            return _problem(401, "wrong token")
        fault = self._faults.popleft() if self._faults else self.always
        if fault is None:
            return await handler(request)
        answer = await handler(request) if fault in DONE_FIRST else web.Response()
        return await self._spoil(request, fault, answer)

    async def _spoil(self, request: web.Request, fault: Fault, answer: web.StreamResponse) -> web.StreamResponse:
        body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
        match fault:
            case Fault.SLOW:
                await asyncio.sleep(self.slowness)
                return answer
            case Fault.TRUNCATED:
                return web.Response(body=body[: len(body) // 2], content_type="application/json")
            case Fault.INT_TICKET:
                answered = orjson.loads(body)
                return _json(answered | {"ticket": int(answered.get("ticket", 1))})
            case Fault.CUT:
                return await _cut(request, body)
            case Fault.DROPPED | Fault.LOST_ANSWER:
                return _drop(request)
            case _:
                return _INSTEAD[fault]()

    async def _file(self, request: web.Request) -> web.Response:
        return await self._once(request, self._take)

    def _take(self, key: str, body: bytes) -> dict[str, Any]:
        report = self.reports[key] = HeldReport(str(1916449 + len(self.reports)), key, body)
        return {"ticket": report.ticket, "status": report.status, "due": DUE}

    async def _operate(self, request: web.Request) -> web.Response:
        report = self.report_of(request.match_info["ticket"])
        if report is None:
            return _problem(404, "no such ticket")

        def note(_key: str, body: bytes) -> dict[str, Any]:
            report.operations.append((request.match_info["operation"], orjson.loads(body)))
            return {"ticket": report.ticket, "status": report.status}

        return await self._once(request, note)

    async def _once(self, request: web.Request, act: Callable[[str, bytes], dict[str, Any]]) -> web.Response:
        """201 the first time, 200 with the same answer after that, 409 with another body under the key."""
        key, body = request.headers.get("Idempotency-Key", ""), await request.read()
        if not key or request.content_type != "application/json":
            return _problem(400, "Idempotency-Key and application/json are needed")
        if key in self._answered:
            path, first, answer = self._answered[key]
            return _json(answer) if (path, first) == (request.path, body) else _problem(409, "the key was used with another body")
        answer = act(key, body)
        self._answered[key] = (request.path, body, answer)
        return _json(answer, 201)

    async def _search(self, request: web.Request) -> web.Response:
        wanted = None if self.overlooks_filter else request.query.get("idempotency_key")
        found = [_shown(report) for report in self.reports.values() if wanted in (None, report.key)]
        return _json({"reports": found if self.found is None else self.found, "next": None})

    async def _show(self, request: web.Request) -> web.Response:
        report = self.report_of(request.match_info["ticket"])
        return _json(_shown(report)) if report else _problem(404, "no such ticket")

    async def _events(self, request: web.Request) -> web.Response:
        start = int(request.query.get("after", "0"))
        page = self.events[start : start + self.page_size]
        return _json({"events": page, "next": str(start + len(page)) if page else None})


def _shown(report: HeldReport) -> dict[str, Any]:
    return {
        "ticket": report.ticket,
        "idempotency_key": report.key,
        "status": report.status,
        "sequence": report.sequence,
        "due": DUE,
        "agency": None,
        "updated_at": clock.now().isoformat(),
    }


def _json(value: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")


def _problem(status: int, title: str, **more: Any) -> web.Response:
    body = orjson.dumps({"type": "about:blank", "status": status, "title": title} | more)
    return web.Response(status=status, body=body, content_type="application/problem+json")


_INSTEAD: Mapping[Fault, Callable[[], web.Response]] = {
    Fault.SERVER_ERROR: lambda: _problem(500, "out of order"),
    Fault.RATE_LIMITED: lambda: web.Response(status=429, headers={"Retry-After": "7"}),
    Fault.CONFLICT: lambda: _problem(409, "the key was used with another body"),
    Fault.REFUSED: lambda: _problem(422, "refused", errors=[{"pointer": "#/title"}, {"pointer": "#/location/lat"}]),
    Fault.REDIRECT: lambda: web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"}),
    Fault.HTML: lambda: web.Response(text="<html><body>We are improving our service</body></html>", content_type="text/html"),
    Fault.NOT_FOUND: lambda: web.Response(status=404, text="default backend - 404"),
    Fault.EMPTY: lambda: web.Response(status=200),
}


async def _cut(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _drop(request)
    return response


def _drop(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
