"""The core's side of a run: an officer who moves every report on, and the line its events come by, which may shuffle and repeat them."""

import asyncio
import base64
import contextlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Self

import aiohttp
import orjson
from aiohttp import web

from core import cases, clock, workflow
from core.app import opened
from core.errors import CoreError, StoreUnavailable
from core.model import Status
from core.sender import sign
from core.settings import Database
from core.store.reports import Reports
from tests.faults.citizens import CANARY
from tests.faults.post import Letter, Post

CORE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVERY = 0.3
"""Seconds between an officer's looks at the list."""


class Officer:
    """Disposes every report that comes in, begins the work, and answers; each time in words that only this citizen may read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def work(self) -> None:
        """Until cancelled. A core without a database is looked at again."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                async with opened(self._database) as (reports, *_):
                    while True:
                        await self._round(reports)
                        await asyncio.sleep(EVERY)
            await asyncio.sleep(EVERY)

    async def _round(self, reports: Reports) -> None:
        for status in (Status.RECEIVED, Status.DISPOSED):
            for record, filing in await reports.newest(status, 50):
                words = CANARY.search(filing.body)[0]
                await asyncio.gather(self._move(reports, record.case.ticket, status, words))

    async def _move(self, reports: Reports, ticket: str, status: Status, words: str) -> None:
        steps = {
            Status.RECEIVED: (workflow.Dispose("Dinas Pekerjaan Umum", f"Diteruskan {words}"),),
            Status.DISPOSED: (workflow.Progress(f"Dikerjakan {words}"), workflow.Answer(f"Lampunya sudah diganti {words}")),
        }
        for step in steps[status]:
            with contextlib.suppress(CoreError):  # the citizen was faster, or the write's outcome is unknown: the next round looks again
                await cases.act(reports, ticket, step, "officer", clock.now())


class Line:
    """Between the core's events and our webhook. An event that is held back is overtaken by those after it."""

    def __init__(
        self,
        post: Post,
        chance: random.Random,
        hook: str,
        *,
        held: float = 0.0,
        repeated: float = 0.0,
        forged: float = 0.0,
        alternate: bool = False,
    ) -> None:
        """`held`, `repeated`, `forged`: which share of the events; `alternate`: each over a connection of its own."""
        self._post = post
        self._chance = chance
        self._hook = hook
        self._held = held
        self._repeated = repeated
        self._forged = forged
        self._alternate = alternate
        self.forgeries: Counter[int] = Counter()
        """How often a forged event was answered with each status."""
        self._late: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/events", self._receive)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/events"
        # One that is kept brings everything to the same web process until that dies.
        connector = aiohttp.TCPConnector(force_close=self._alternate)
        self._http = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=4))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        await self._runner.cleanup()
        await self._http.close()

    @property
    def idle(self) -> bool:
        """Nothing is held back."""
        return not self._late

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name.lower().startswith(("webhook-", "content-type"))}
        if self._chance.random() < self._forged:
            await self._forge(headers, body)
        letter = Letter("core", orjson.loads(body)["id"], "POST", self._hook, headers, body)
        if self._chance.random() < self._held:
            self._later(letter)
            return web.Response()
        if self._chance.random() < self._repeated:
            self._later(letter)
        try:
            async with self._http.post(self._hook, data=body, headers=headers) as answer:
                return web.Response(status=answer.status)
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=502)

    async def _forge(self, headers: Mapping[str, str], body: bytes) -> None:
        """What others could send who see an event pass, or once had one."""
        for forged_headers, forged_body in forgeries(headers, body):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._http.post(self._hook, data=forged_body, headers=forged_headers) as answer:
                    self.forgeries[answer.status] += 1

    def _later(self, letter: Letter) -> None:
        task = asyncio.create_task(self._deliver(letter, self._chance.uniform(0.5, 2.0)))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _deliver(self, letter: Letter, wait: float) -> None:
        await asyncio.sleep(wait)
        await self._post.deliver(letter)


def forgeries(headers: Mapping[str, str], body: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """Of a signed event: other words under its signature, signed by somebody else, signed long ago, and not signed at all."""
    event = orjson.loads(body)
    words = orjson.dumps(event | {"status": "completed", "sequence": event["sequence"] + 50})
    yield headers, words
    now, long_ago = clock.now(), clock.now() - timedelta(hours=1)
    strangers = "whsec_" + base64.b64encode(b"a stranger's secret, 32 bytes...").decode()
    yield sign((strangers,), event["id"], words, now), words
    yield sign((CORE_SECRET,), event["id"], body, long_ago), body
    yield {name: value for name, value in headers.items() if name.lower() != "webhook-signature"}, words
