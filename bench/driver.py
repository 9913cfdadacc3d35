"""Citizens in a closed loop: each posts a message, waits for the 200 and for the reply at the stand-in, and answers it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Round:
    """What one round measured."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """Seconds from the post to the 200."""

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class StandIn:
    """Telegram's end, as cheap as it can be: takes sendMessage, and hands it to the waiting citizen."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._runner: web.AppRunner | None = None
        self._waiting: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self.url = ""

    async def start(self) -> None:
        """On a free port."""
        app = web.Application()
        app.router.add_post(f"/bot{self._token}/{{method}}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port."""
        if self._runner:
            await self._runner.cleanup()

    def inbox(self, chat: int) -> asyncio.Queue[dict[str, Any]]:
        """What comes for one citizen."""
        return self._waiting.setdefault(chat, asyncio.Queue())

    async def _take(self, request: web.Request) -> web.Response:
        if request.match_info["method"] != "sendMessage":
            return web.json_response({"ok": True, "result": True})
        sent = orjson.loads(await request.read()) if request.content_type == "application/json" else dict(await request.post())
        chat = int(str(sent["chat_id"]))
        self.inbox(chat).put_nowait(sent)
        result = {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "x"}
        return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


@dataclass(frozen=True, slots=True)
class Server:
    """Where messages are posted, and where its replies come out."""

    url: str
    headers: dict[str, str]
    standin: StandIn


Talk = Callable[["Citizen"], Awaitable[None]]


class Citizen:
    """One person."""

    def __init__(self, http: aiohttp.ClientSession, server: Server, number: int, measured: Round) -> None:
        self._http = http
        self._server = server
        self._inbox = server.standin.inbox(number)
        self._number = number
        self._measured = measured
        self._update = number * 1000

    async def says(self, text: str) -> None:
        """A text."""
        person = {"id": self._number, "is_bot": False, "first_name": "Warga"}
        message = {"message_id": self._update, "date": 1, "chat": {"id": self._number, "type": "private"}, "from": person, "text": text}
        await self._post({"message": message})

    async def taps(self, data: str) -> None:
        """A button."""
        person = {"id": self._number, "is_bot": False, "first_name": "Warga"}
        message = {"message_id": 1, "date": 1, "chat": {"id": self._number, "type": "private"}, "text": "x"}
        query = {"id": str(self._update), "from": person, "chat_instance": "1", "data": data, "message": message}
        await self._post({"callback_query": query})

    async def hears(self) -> dict[str, Any]:
        """The next reply."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._inbox.get()

    async def _post(self, content: dict[str, Any]) -> None:
        self._update += 1
        body = orjson.dumps({"update_id": self._update, **content})
        began = time.perf_counter()
        async with self._http.post(self._server.url, data=body, headers=self._server.headers) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"status {answer.status}")
        self._measured.latencies.append(time.perf_counter() - began)


async def round_of(talk: Talk, citizens: int, first: int, server: Server) -> Round:
    """`citizens` at once, numbered from `first`, each talking once."""
    measured = Round()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        people = [Citizen(http, server, first + n, measured) for n in range(citizens)]
        began = time.perf_counter()
        await asyncio.gather(*(talk(person) for person in people))
        measured.seconds = time.perf_counter() - began
    return measured
