"""A whole installation in one process: any number of web and worker Apps on one real database, with fakes of everything outside.

    async def test_x(stage):
        await stage.web()                    # answers on a free port, and is registered with Telegram's fake
        await stage.worker()                 # carries out what is due
        siti = stage.citizen("Lampu jalan mati")
        await siti.report(stage.telegram)    # a scripted citizen, until the receipt
        ticket = await stage.ticket(siti)

Everything is quick: polling and settling take hundredths of a second. At the end no log line may hold anything of a citizen.
"""

import asyncio
import functools
import io
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import orjson

import bot.app
from bot import delivery, logs, sweeping
from bot.app import App
from bot.settings import Settings
from bot.store import group
from bot.store.store import Store
from bot.wording import Wording
from tests.acceptance.citizens import TelegramCitizen
from tests.fakes.core import FakeCore
from tests.fakes.telegram import TelegramServer
from tests.fakes.twilio import SETTINGS as TWILIO
from tests.fakes.twilio import FakeTwilio
from tests.ports import free_port

SECRET = "telegram-webhook-secret"
CANARY = "KENARI-7431"
"""Stands in every text of a scripted citizen, and in no log line."""

_wording = functools.cache(Wording)
_names = itertools.count(1)


class Stage:
    """What a test sees of the installation."""

    def __init__(self, mongodb_url: str, store: Store, telegram: TelegramServer, core: FakeCore) -> None:
        self.store = store
        """A connection of the test's own."""
        self.telegram = telegram
        self.core = core
        self.log = io.StringIO()
        self.url = f"http://127.0.0.1:{free_port()}"
        """PUBLIC_BASE_URL: the first web."""
        self.twilio = FakeTwilio(self.url)
        self.more: dict[str, str] = {}
        """Settings of the test's own; "" unsets one."""
        self._mongodb_url = mongodb_url
        self._webs: list[str] = []
        self._stack = AsyncExitStack()

    def settings(self, port: int = 0, **more: str) -> Settings:
        """As an operator would set them."""
        return Settings(
            {
                "MONGODB_URL": self._mongodb_url,
                "PUBLIC_BASE_URL": self.url,
                "PORT": str(port or int(self.url.rpartition(":")[2])),
                "CORE_URL": self.core.url,
                "CORE_TOKEN": self.core.token,
                "CORE_WEBHOOK_SECRET": self.core.secret,
                **self.telegram.settings(SECRET),
                **TWILIO,
                "TWILIO_API_URL": self.twilio.url,
                **self.more,
                **more,
            }
        )

    async def app(self, settings: Settings | None = None, store: Store | None = None) -> App:
        """One process's everything, with a connection of its own; neither serving nor working yet."""
        store = store or await Store.open(self._mongodb_url, self.store._db.name)
        self._stack.push_async_callback(store.close)
        http = await self._stack.enter_async_context(aiohttp.ClientSession())
        return App(settings or self.settings(), store, http, None)

    async def web(self, store: Store | None = None) -> App:
        """One more web process. The first answers at `url`, which Telegram and Twilio know; a further one at `urls[n]`."""
        port = free_port() if self._webs else 0
        settings = self.settings(port)
        app = await self.app(settings, store)
        await self._stack.enter_async_context(app.serving())
        self._webs.append(f"http://127.0.0.1:{settings.port}")
        return app

    async def worker(self) -> App:
        """One more worker process, which has read the core's events once."""
        app = await self.app()
        polls = self._polls()
        await self._stack.enter_async_context(app.working())
        async with asyncio.timeout(5):
            while self._polls() == polls:  # noqa: ASYNC110  # the fake only records
                await asyncio.sleep(0.005)
        return app

    def _polls(self) -> int:
        return sum(seen.path == "/v1/events" for seen in self.core.requests)

    @property
    def urls(self) -> list[str]:
        """Where the web processes answer."""
        return self._webs

    # Citizens

    def citizen(self, text: str = "Sampah menumpuk di pasar lama", name: str | None = None) -> TelegramCitizen:
        """A person with Telegram and something to report."""
        return TelegramCitizen(self.telegram.citizen(name or f"Wargawati{next(_names)}"), f"{text} {CANARY}")

    async def filed(self, text: str = "Sampah menumpuk di pasar lama") -> TelegramCitizen:
        """A citizen who has been given a ticket."""
        citizen = self.citizen(text)
        await citizen.report(self.telegram)
        await self.ticket(citizen)
        return citizen

    async def report_of(self, citizen: TelegramCitizen) -> Any:
        """The document of a citizen's report, once it is filed: that waits for no speech, nor speech for it."""
        return await self.until_true(lambda: self.store.reports.find(citizen.receipt))

    async def ticket(self, citizen: TelegramCitizen) -> str:
        """Wait until the ticket has been told."""
        report = await self.until_true(lambda: self.report_of(citizen), lambda report: report.ticket)
        await self.telegram.until(lambda: any(report.ticket in sent.text for sent in citizen.person.heard))
        return report.ticket

    async def says(self, citizen: TelegramCitizen, text: str, answers: int = 1) -> list[str]:
        """Say something and wait for so many further messages; what they say."""
        before = len(citizen.person.heard)
        citizen.person.says(text)
        heard = await citizen.person.hears(before + answers)
        return [sent.text for sent in heard[before:]]

    def by_hand(self) -> None:
        """From now on the test itself delivers the updates that citizens make."""
        self.telegram.webhook = None

    # Calling our routes

    async def post(self, path: str, body: bytes, headers: Mapping[str, str], url: str = "") -> int:
        """The status of one POST."""
        async with aiohttp.ClientSession() as http, http.post((url or self.url) + path, data=io.BytesIO(body), headers=headers) as answer:
            return answer.status

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers of one GET."""
        async with aiohttp.ClientSession() as http, http.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers

    async def deliver(self, update: Mapping[str, Any] | bytes, url: str = "", secret: str | None = SECRET) -> int:
        """Telegram's call with one update; the status."""
        headers = {"Content-Type": "application/json"} | ({"X-Telegram-Bot-Api-Secret-Token": secret} if secret is not None else {})
        body = update if isinstance(update, bytes) else orjson.dumps(update)
        return await self.post("/hooks/telegram", body, headers, url)

    async def core_says(self, event: Mapping[str, Any], url: str = "") -> int:
        """The core's webhook with one signed event; the status."""
        return await self.core.push(event, f"{url or self.url}/hooks/core")

    # Waiting and looking

    async def until_true(self, look: Callable[[], Any], good: Callable[[Any], Any] = bool, *, seconds: float = 5.0) -> Any:
        """Look until it is good; what was seen."""
        async with asyncio.timeout(seconds):
            while not good(seen := await look()):  # noqa: ASYNC110  # what is looked at is in the database
                await asyncio.sleep(0.01)
        return seen

    async def quiet(self, *, seconds: float = 5.0) -> None:
        """Wait until every update is delivered, nothing is held, and no effect is left anywhere."""
        if self.telegram.webhook:
            await self.telegram.drained(seconds=seconds)

        async def pending() -> int:
            counts = [
                await self.store._db[name].count_documents(where)
                for name, where in (("conversations", {"effects.0": {"$exists": True}}), ("reports", {"effects.0": {"$exists": True}}))
            ]
            return sum(counts) + await self.store._db["held"].count_documents({})

        await self.until_true(pending, lambda count: count == 0, seconds=seconds)

    async def parked(self) -> list[Any]:
        """All that is parked, oldest first."""
        return list(await self.store.parked.list(1000))

    async def documents(self) -> dict[str, int]:
        """How many documents each collection holds."""
        names = await self.store._db.list_collection_names()
        return {name: await self.store._db[name].count_documents({}) for name in sorted(names)}

    def assert_nothing_personal_is_logged(self) -> None:
        """No text, name, chat id or phone number of anybody in any log line."""
        logged = self.log.getvalue()
        personal = {CANARY, *(str(chat.id) for chat in self.telegram.chats.values())}
        personal |= {chat.first_name for chat in self.telegram.chats.values()} | {"6281234567890", "81234567890"}
        found = {each for each in personal if each in logged}
        assert not found, [line for line in logged.splitlines() if any(each in line for each in found)][:5]


@asynccontextmanager
async def staged(mongodb_url: str, store: Store, monkeypatch: Any) -> AsyncIterator[Stage]:
    """Everything around the Apps running, and patient intervals made short."""
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(group, "PATIENCE", 0.02)
    monkeypatch.setattr(sweeping, "HELD_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(bot.app, "Wording", _wording)  # compiled once: half a second each time
    core = FakeCore()
    await core.start()
    try:
        async with TelegramServer(backoff=0.01, longest_wait=0.1) as telegram:
            stage = Stage(mongodb_url, store, telegram, core)
            await stage.twilio.start()
            logs.configure(key="stage", level="DEBUG", stream=stage.log)
            async with stage._stack:
                yield stage
            await stage.twilio.stop()
            stage.assert_nothing_personal_is_logged()
    finally:
        await core.stop()


def later(app: App, by: timedelta) -> None:
    """Let so much business time have passed for an App."""
    app.business.move(by)
