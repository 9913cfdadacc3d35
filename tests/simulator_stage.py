"""An installation with the simulator and a training core in one process, and its visitors without a browser."""

import asyncio
import io
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp
import orjson

from bot.app import Demo, opened
from bot.settings import Settings
from bot.simulator import visit
from bot.simulator.pages import COOKIE, HEADER
from bot.store.store import Store
from core import app as core_app
from core.settings import Settings as CoreSettings
from core.settings import Subscription
from tests.fakes import reference_core
from tests.fakes.reference_core import SECRET, TOKEN
from tests.ports import free_port

OFFICER = "officer-token"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
FIRST = "LAPOR lampu jalan mati di kec Cibodas Kota Tangerang kemarin"


class Visitor:
    """A browser at /try: its cookie, and nothing of its script."""

    def __init__(self, url, cookies=None):
        self.url = url
        jar = aiohttp.CookieJar(unsafe=True)
        self.http = aiohttp.ClientSession(url, cookie_jar=jar, cookies=cookies)

    async def comes(self, language=""):
        async with self.http.get(f"/try{language}") as answer:
            return answer.status, await answer.text(), answer.headers

    @property
    def id(self):
        (secret,) = [each.value for each in self.http.cookie_jar if each.key == COOKIE]
        return visit.visitor_id(secret)

    async def send(self, path, body, **headers):
        data = io.BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
        async with self.http.post(path, data=data, headers={HEADER: "1", **headers}) as answer:
            content = await answer.read()
        return answer.status, orjson.loads(content) if content else {}

    async def get(self, path):
        async with self.http.get(path) as answer:
            return answer.status, await answer.read(), answer.headers

    async def json(self, path):
        status, content, _ = await self.get(path)
        assert 200 == status
        return orjson.loads(content)

    async def says(self, text="", phone="sms", **more):
        status, _ = await self.send("/try/say", {"phone": phone, "text": text, **more})
        return status

    async def told(self, until, seconds=10.0, after=0):
        """What the stream tells until something holds of all messages and the last state."""
        messages, state = [], {}
        async with asyncio.timeout(seconds), self.http.get("/try/live", params={"after": str(after)}) as answer:
            assert 200 == answer.status
            kind = ""
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind == "message":
                    messages.append(orjson.loads(value))
                elif name == "data":
                    state = orjson.loads(value)
                if until(messages, state):
                    return messages, state
        raise AssertionError("the stream ended")

    async def files_a_report(self):
        """By SMS; the ticket."""
        assert 200 == await self.says(FIRST)
        await self.told(lambda messages, _: sum(not each["said"] for each in messages) >= 1)
        assert 200 == await self.says("1")
        _, state = await self.told(lambda _, state: state and state["reports"] and state["reports"][0]["ticket"])
        return state["reports"][0]["ticket"]


@asynccontextmanager
async def installation(mongodb_url, store, log, **more):
    """An App that serves and works, and a training core beside it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with reference_core.database(mongodb_url) as database:
        subscription = Subscription(f"{url}/hooks/core", (SECRET,))
        core = CoreSettings(database=database, token=TOKEN, port=0, subscription=subscription, officer_token=OFFICER, movable=True)
        async with core_app.running(core) as core_port:
            base, _, options = mongodb_url.partition("?")
            settings = {
                "MONGODB_URL": f"{base.rstrip('/')}/{store._db.name}?{options}",
                "PUBLIC_BASE_URL": url,
                "PORT": str(port),
                "CORE_URL": f"http://127.0.0.1:{core_port}",
                "CORE_TOKEN": TOKEN,
                "CORE_WEBHOOK_SECRET": SECRET,
                "CORE_OFFICER_TOKEN": OFFICER,
                "CLOCK": "movable",
                **more,
            }
            values = Settings({name: value for name, value in settings.items() if value})
            demo = None if values["SIMULATOR"] == "on" or more.get("SIMULATOR") == "" else Demo(token="sim-token", log=log)
            async with opened(values, demo) as app, app.working(), app.serving():
                yield app, url


@asynccontextmanager
async def practising(mongodb_url):
    """The installation on a database of its own; its App and its address."""
    store = await Store.open(mongodb_url, f"test_{uuid4().hex[:12]}")
    await store.migrate()
    async with installation(mongodb_url, store, io.StringIO()) as (app, url):
        yield app, url
    await store._db.client.drop_database(store._db.name)
    await store.close()


@asynccontextmanager
async def arrivals(url):
    """How visitors come; they leave at the end."""
    visitors = []

    async def arrive(cookies=None):
        visitors.append(Visitor(url, cookies))
        await visitors[-1].comes()
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        await visitor.http.close()
