"""The real core on a database of its own, and an intake that takes its events."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import aiohttp
import orjson
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from core import app, clock
from core.settings import Database, Settings, Subscription
from core.store.connection import connect

TOKEN = "core-token"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def report(key: str, **changes: Any) -> dict[str, Any]:
    """A report as the intake sends it."""
    return {
        "id": key,
        "kind": "pengaduan",
        "title": "Jalan rusak di depan sekolah",
        "body": "Sudah tiga hari jalan di depan SDN 1 rusak parah",
        "occurred_on": "2026-11-19",
        "location": {"text": "Cibodas, Kota Tangerang", "area_code": "36.71", "lat": None, "lon": None},
        "category": "jalan",
        "agency": None,
        "anonymous": False,
        "confidential": False,
        "reporter": {"name": "Budi", "channel": "sms", "address": "+6281234567890"},
        "channel": "sms",
        "entered_by": None,
        "attachments": [],
        "submitted_at": "2026-11-20T10:00:00+07:00",
    } | changes


@dataclass(frozen=True, slots=True)
class Client:
    """Calls the API as an intake does."""

    http: aiohttp.ClientSession
    url: str

    async def get(self, path: str, **params: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.http.get(f"{self.url}{path}", params=params, headers=headers) as answer:
            return answer.status, orjson.loads(await answer.read())

    async def post(self, path: str, body: dict[str, Any] | bytes, key: str | None = None) -> tuple[int, Any]:
        """`key`: the Idempotency-Key, if it is not the body's id."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = key if key is not None else body["id"]
        async with self.http.post(f"{self.url}{path}", data=data, headers=headers) as answer:
            return answer.status, orjson.loads(await answer.read())

    async def file(self, key: str, **changes: Any) -> str:
        """File a new report; its ticket."""
        status, answer = await self.post("/v1/reports", report(key, **changes))
        assert 201 == status, answer
        return answer["ticket"]


@dataclass
class Intake:
    """Takes events, and refuses as told: `answers` go first, each a status, a status with Retry-After, or None for a dropped connection."""

    url: str = ""
    answers: deque[int | tuple[int, str] | None] = field(default_factory=deque)
    refuse_tickets: set[str] = field(default_factory=set)
    attempts: list[tuple[str, bytes]] = field(default_factory=list)
    """Every attempt that proved itself: webhook-id and body."""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    """Of those attempts; names in lower case."""
    taken: list[dict[str, Any]] = field(default_factory=list)
    """The events answered 2xx."""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def has_taken(self, number: int) -> None:
        """Return once so many different events are taken; TimeoutError after 20 seconds (a killed sender's events wait for ten)."""
        async with asyncio.timeout(20), self._arrived:
            await self._arrived.wait_for(lambda: len({event["id"] for event in self.taken}) >= number)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(SECRET).verify(body, dict(request.headers))
        event = orjson.loads(body)
        self.attempts.append((request.headers["webhook-id"], body))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        answer = self.answers.popleft() if self.answers else 200
        if answer is None:
            request.transport.abort()
            return web.Response()
        status, headers = (answer, {}) if isinstance(answer, int) else (answer[0], {"Retry-After": answer[1]})
        if event["ticket"] in self.refuse_tickets:
            status = 500
        if 200 <= status < 300:
            self.taken.append(event)
            async with self._arrived:
                self._arrived.notify_all()
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def intake(port: int = 0) -> AsyncIterator[Intake]:
    """An intake; on a free port unless one is given."""
    self = Intake()
    application = web.Application()
    application.router.add_post("/hooks/core", self.receive)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/core"
    try:
        yield self
    finally:
        await runner.cleanup()


@asynccontextmanager
async def database(mongodb_url: str) -> AsyncIterator[Database]:
    """A new database, dropped afterwards."""
    name = f"core_{uuid4().hex[:12]}"
    parts = urlsplit(mongodb_url)
    url = urlunsplit(parts._replace(path=f"/{name}", query=f"{parts.query}&authSource=admin" if parts.username else parts.query))
    try:
        yield Database(url, name)
    finally:
        async with connect(url, name) as mongo:
            await mongo.client.drop_database(name)


@asynccontextmanager
async def running(at: Database, events_url: str | None = None, now: clock.Now = clock.now) -> AsyncIterator[Client]:
    """The core at work in this process."""
    subscription = Subscription(events_url, (SECRET,)) if events_url else None
    settings = Settings(database=at, token=TOKEN, port=0, subscription=subscription)
    async with app.running(settings, now) as port, aiohttp.ClientSession() as http:
        yield Client(http, f"http://127.0.0.1:{port}")
