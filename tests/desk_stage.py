"""The desk of a real `web` on a real database, and people who use it: over HTTP here, in a browser in tests/browser.

async def test_x(desk):
    budi = await desk.person(Role.SUPERVISOR)            # an account with a password; `totp=True`: with a second factor too
    async with desk.browser(budi) as browser:            # signed in; without a person: a stranger
        page = await browser.get("/desk/accounts")
        page = await browser.post("/desk/accounts", name="Siti", login="siti", role="entry")
"""

import functools
import io
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from argon2 import PasswordHasher
from yarl import URL

import bot.app
from bot import clock, logs
from bot.app import App
from bot.settings import Settings
from bot.staff import passwords, second_factor
from bot.staff.model import Account, Role, Stage
from bot.store.store import Store
from bot.wording import Wording
from tests.ports import free_port

KEY = "a-desk-key-of-the-tests-0123456789-abcdefgh"
PASSWORD = "gajah makan rambutan di teras"
OFFICE = "Pemerintah Kota Contoh"
NAMES = {Role.ENTRY: "Sari Wulandari", Role.SUPERVISOR: "Bambang Hartono", Role.AUDITOR: "Dewi Lestari"}

_wording = functools.cache(Wording)
_numbers = itertools.count(1)
_CHEAP = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}
"""What the passwords of tests cost: the real parameters take a tenth of a second each."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    account: Account
    password: str = PASSWORD
    totp: str = ""
    """The secret, if they have a second factor."""

    def code(self, steps: int = 0) -> str:
        """What their phone shows; `steps` of 30 s from now."""
        return second_factor.code_at(self.totp, clock.now() + timedelta(seconds=steps * second_factor.STEP_SECONDS))


@dataclass(frozen=True)
class Page:
    """An answer."""

    status: int
    html: str
    headers: Any
    cookies: Any

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers.get("Location", "")

    @property
    def csrf(self) -> str:
        """The token of its forms."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.html)
        return found[1] if found else ""

    def hidden(self, name: str) -> str:
        """The value of the first hidden field of that name."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.html)
        assert found, f"no field {name}"
        return found[1]


class Browser:
    """Cookies, and the headers a browser sends with a form."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http
        self.csrf = ""

    async def get(self, path: str, **headers: str) -> Page:
        """One GET; redirects are not followed."""
        async with self.http.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return self._seen(await answer.text(), answer)

    async def post(self, path: str, *, headers: dict[str, str] | None = None, csrf: str | None = None, **fields: str) -> Page:
        """One form, sent as from one of our pages, with the token of the last page seen; `headers`, `csrf`: otherwise."""
        sent = {"csrf": self.csrf if csrf is None else csrf, **fields}
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        async with self.http.post(self.url + path, data=sent, headers=own, allow_redirects=False) as answer:
            return self._seen(await answer.text(), answer)

    async def sign_in(self, login: str, password: str = PASSWORD) -> Page:
        """Through the door."""
        await self.get("/desk/login")
        return await self.post("/desk/login", login=login, password=password)

    def cookie(self, name: str = "desk") -> str:
        """What the jar holds."""
        return next((each.value for each in self.http.cookie_jar if each.key == name), "")

    def set_cookie(self, value: str, name: str = "desk") -> None:
        """Plant one."""
        self.http.cookie_jar.update_cookies({name: value}, URL(self.url))

    def _seen(self, html: str, answer: aiohttp.ClientResponse) -> Page:
        page = Page(answer.status, html, answer.headers, answer.cookies)
        self.csrf = page.csrf or self.csrf
        return page


class DeskStage:
    """What a test sees."""

    def __init__(self, app: App, store: Store, url: str, log: io.StringIO) -> None:
        self.app = app
        self.store = store
        self.url = url
        self.log = log

    @property
    def staff(self) -> Any:
        """The use cases."""
        return self.app.staff

    async def person(self, role: Role, *, office: str = OFFICE, login: str = "", name: str = "", totp: bool = False) -> Person:
        """Somebody with an account and a password."""
        login = login or f"{role.value}{next(_numbers)}"
        await self.staff.accounts.add_ready(login, name or NAMES[role], office, role, PASSWORD)
        account = await self.store.accounts.find(login)
        secret = ""
        if totp:
            secret = second_factor.draw_secret()
            account, _ = await self.staff.accounts.set_second_factor(account, secret, 0)
        return Person(account, totp=secret)

    async def session(self, person: Person, stage: Stage = Stage.FULL) -> str:
        """The cookie of somebody who has signed in."""
        return await self.staff.sessions.begin(await self.store.accounts.load(person.account.id), stage, replaces="")

    @asynccontextmanager
    async def browser(self, person: Person | None = None, stage: Stage = Stage.FULL) -> AsyncIterator[Browser]:
        """A browser of its own."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            browser = Browser(self.url, http)
            if person is not None:
                browser.set_cookie(await self.session(person, stage))
                await browser.get("/desk/none-such")  # for the token of its forms
            yield browser

    async def actions(self) -> list[tuple[str, str]]:
        """(action, actor) of every audit entry, oldest first."""
        return [(entry.action, entry.actor) for entry in reversed(await self.store.audit.newest(1000))]


@asynccontextmanager
async def desk_staged(store: Store, monkeypatch: Any, **more: str) -> AsyncIterator[DeskStage]:
    """A `web` with the desk on; `more`: settings of the test's own."""
    monkeypatch.setattr(bot.app, "Wording", _wording)  # compiled once: half a second each time
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(**_CHEAP))
    log = io.StringIO()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        {
            "MONGODB_URL": "mongodb://is-given",
            "PUBLIC_BASE_URL": url,
            "PORT": str(port),
            "CORE_URL": "http://127.0.0.1:9",
            "CORE_TOKEN": "core-token-of-the-tests",
            "CORE_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "DESK_KEY": KEY,
            **more,
        }
    )
    async with aiohttp.ClientSession() as http:
        app = App(settings, store, http, None)
        logs.configure(key="desk", level="DEBUG", stream=log)
        async with app.serving():
            yield DeskStage(app, store, url, log)


async def desk_of(stage: Any, monkeypatch: Any) -> DeskStage:
    """The desk in the `web` of a whole installation (tests.stage), with providers and core."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(**_CHEAP))
    stage.more["DESK_KEY"] = KEY
    app = await stage.web()
    return DeskStage(app, stage.store, stage.url, stage.log)
