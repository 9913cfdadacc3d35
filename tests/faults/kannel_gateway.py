"""A real Kannel in the place of the faked SMS gateway. We stand on both its sides: phones write to it and hear what it brings them; its
calls to our program, and our program's to it, pass through here to be noted.
"""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from bot.channels import report_token
from tests.faults.ledger import Told
from tests.faults.providers import Gateway
from tests.faults.stage import Stage
from tests.faults.trouble import dye_of
from tests.peers.kannel import PASSWORD, USERNAME, Part, Phone, joined, kannel

UNTROUBLED = 0.5
"""Seconds before a restart in which no phone begins to write: what the air loses, nobody has taken."""


class KannelGateway(Gateway):
    """Between phones, Kannel, and our program."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.ledger, stage.post, stage.web_url)
        self._attempts: dict[str, int] = defaultdict(int)
        self._under_way: dict[tuple[str, str], deque[Told]] = defaultdict(deque)
        self._arrived: Counter[tuple[str, str]] = Counter()
        self._parts: dict[tuple[str, int, int], dict[int, Part]] = defaultdict(dict)
        """By receiver, reference and their number."""
        self._phone: Phone | None = None
        self._on = asyncio.Event()
        self._writing = asyncio.Lock()

    def _routes(self) -> list[web.RouteDef]:
        return [web.get("/cgi-bin/sendsms", self._hand_over), web.get("/mo", self._bring)]

    @asynccontextmanager
    async def behind(self, directory: Path) -> AsyncIterator[None]:
        """With Kannel's data in `directory`, which is there; its logs, which quote people, are none of ours."""
        await self.start()
        async with aiohttp.ClientSession() as self._http, kannel(directory, f"{self.url}/mo") as self._kannel:
            phone = asyncio.create_task(self._keep_on())
            try:
                yield
            finally:
                phone.cancel()
                [ended] = await asyncio.gather(phone, return_exceptions=True)
                await self.stop()
            assert isinstance(ended, asyncio.CancelledError), ended

    def settings(self) -> dict[str, str]:
        return {**super().settings(), "SMS_SEND_USERNAME": USERNAME, "SMS_SEND_PASSWORD": PASSWORD}

    async def restart(self) -> None:
        """With whatever it has in hand."""
        async with self._writing:
            await asyncio.sleep(UNTROUBLED)
            self._on.clear()
            await self._kannel.stop()
            await self._kannel.start()

    def still_under_way(self) -> int:
        """How many SMS Kannel has taken and no phone has heard."""
        return sum(map(len, self._under_way.values()))

    # Phones

    async def receive(self, number: str, text: str) -> None:
        """A person writes: to the network, which tells them nothing."""
        async with self._writing:
            await self._on.wait()
            await self._phone.send(text, sender=number)

    async def _keep_on(self) -> None:
        """One phone with everybody's numbers, switched on whenever there is a network."""
        while True:
            with contextlib.suppress(OSError):
                async with self._kannel.phone() as self._phone:
                    self._on.set()
                    while True:
                        self._gather(await self._phone.receive_part())
            self._on.clear()
            await asyncio.sleep(0.1)

    def _gather(self, part: Part) -> None:
        """The parts of one message may come before a restart and after it."""
        reference, parts, number = part.place
        gathered = self._parts[part.receiver, reference, parts]
        gathered[number] = part
        if len(gathered) == parts:
            sms = joined([gathered[number] for number in sorted(gathered)])
            gathered.clear()
            self._arrived[_key(sms.receiver, sms.text)] += 1
            self._hear(_key(sms.receiver, sms.text))

    def _hear(self, key: tuple[str, str]) -> None:
        """A phone may have a message before we have heard from Kannel that it is taken."""
        while self._arrived[key] and self._under_way[key]:
            self._arrived[key] -= 1
            self._ledger.listeners[f"sms:{key[0]}"](self._under_way[key].popleft())

    # Between Kannel and us

    async def _hand_over(self, request: web.Request) -> web.Response:
        """Our SMS to Kannel; noted once it has it."""
        try:
            async with self._http.get(_same_query(self._kannel.send_url, request)) as answer:
                status, words = answer.status, await answer.text()
        except aiohttp.ClientError:
            return web.Response(status=502)
        if status == 202:
            self._note(request)
        return web.Response(status=status, text=words)

    def _note(self, request: web.Request) -> None:
        effect, pid = dye_of(request)
        number, text = request.query["to"], request.query["text"]
        conversation, _ = report_token.read(request.query["dlr-url"].replace("%%", "%").partition("id=")[2].partition("&")[0])
        to = conversation if conversation == f"sms:{number}" else f"sms:{number} for {conversation}"
        told = Told(to, text, effect, pid, time.monotonic())
        self._ledger.told.append(told)
        self._under_way[_key(number, text)].append(told)
        self._hear(_key(number, text))

    async def _bring(self, request: web.Request) -> web.Response:
        """Kannel's SMS to us; Kannel itself comes again until it hears 2xx."""
        id_ = request.query["id"]
        self._attempts[id_] += 1
        try:
            async with self._http.get(_same_query(self._hook, request)) as answer:
                status = answer.status
        except aiohttp.ClientError:
            status = 502
        if status == 200:
            self._ledger.accept(f"sms:{request.query['from']}", id_, self._attempts[id_])
        return web.Response(status=status)


def _same_query(url: str, request: web.Request) -> URL:
    """Byte for byte."""
    return URL(f"{url}?{request.rel_url.raw_query_string}", encoded=True)


def _key(number: str, text: str) -> tuple[str, str]:
    """Kannel and its fake network may change the white space."""
    return number, " ".join(text.split())
