"""One request to the desk, as a page's handler sees it: who is there, what was sent, and how to answer."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.desk import dates
from bot.desk.desk import Desk
from bot.desk.numbers import Masked, masked
from bot.desk.permission import Verdict
from bot.desk.route import PREFIX, Route
from bot.desk.words import LANGUAGES, Translate
from bot.staff.model import Account, AuditEntry, Stage
from bot.staff.sessions import ABSOLUTE, SignedIn
from bot.staff.sign_in import Entered

Form = MultiDictProxy[str | bytes | bytearray | web.FileField]

LANGUAGE_COOKIE = "desk_language"
_ONE_YEAR = timedelta(days=365)
_SAFE = re.compile(rf"{PREFIX}(/[\w~-][\w.~-]*)*(\?[\w.~%&=+-]*)?", re.ASCII)
"""A page of ours, whatever a browser makes of it: no host, no dots that lead out."""


@dataclass(slots=True)
class Visit:
    """Made for each request; lives as long as it does."""

    desk: Desk
    request: web.Request
    route: Route
    cookie: str
    """What identifies the browser; drawn anew for one that came without."""
    there: SignedIn | None
    routes: Sequence[Route]
    form: Form = field(default_factory=lambda: MultiDictProxy(MultiDict()))

    @property
    def account(self) -> Account:
        """Who is signed in; only for routes that ask for it."""
        if self.there is None:
            raise web.HTTPForbidden
        return self.there.account

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.desk.now()

    @property
    def language(self) -> str:
        """The browser's choice."""
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, LANGUAGES[0])
        return chosen if chosen in LANGUAGES else LANGUAGES[0]

    @property
    def t(self) -> Translate:
        """Key -> words in the visitor's language."""
        return self.desk.words.into(self.language)

    @property
    def csrf(self) -> str:
        """The token of this browser's forms: follows from the cookie, and does not tell it."""
        return hashlib.blake2b(self.cookie.encode(), digest_size=24, person=b"desk csrf").hexdigest()

    @property
    def address(self) -> str:
        """Where the browser is: behind N proxies the Nth from the end of X-Forwarded-For, which nobody outside can forge."""
        forwarded = [part.strip() for part in ",".join(self.request.headers.getall("X-Forwarded-For", [])).split(",")]
        if 0 < self.desk.proxies <= len(forwarded):
            return forwarded[-self.desk.proxies]
        return self.request.remote or ""

    def is_own_form(self) -> bool:
        """Whether the form sent carries this browser's token."""
        return hmac.compare_digest(self.text("csrf").encode(errors="replace"), self.csrf.encode())

    def text(self, name: str) -> str:
        """A field of the form, or of the query where there is no form; "" when it was not sent. Without blanks around."""
        value = self.form.get(name, "") if self.request.method == "POST" else self.request.query.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def secret(self, name: str) -> str:
        """A field of the form as typed: blanks may be part of a password."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def came_from(self) -> str:
        """The page of ours whose form was sent; home when the browser does not say."""
        path = urlsplit(self.request.headers.get("Referer", "")).path
        return path if _SAFE.fullmatch(path) else PREFIX

    # Answers

    def page(self, template: str, *, status: int = 200, **params: object) -> web.Response:
        """`templates/desk/<template>.html.j2` in the visitor's language; `params` are escaped."""
        html = self.desk.render(f"desk/{template}", **self._frame(), **params)
        return web.Response(text=html, status=status, content_type="text/html")

    def go(self, path: str, *, done: str = "", **query: str) -> web.Response:
        """To another page of the desk, which says `done.<done>` above itself."""
        query = {**query, "done": done} if done else query
        return web.Response(status=303, headers={"Location": PREFIX + path + (f"?{urlencode(query)}" if query else "")})

    def go_back(self, path: str) -> web.Response:
        """To a path that came from outside, if it is one of ours; else home."""
        return web.Response(status=303, headers={"Location": path if _SAFE.fullmatch(path) else PREFIX})

    def sign_in(self, response: web.Response, entered: Entered) -> web.Response:
        """The answer, with the new session's cookie."""
        self.set_cookie(response, self.desk.cookie_name, entered.cookie)
        return response

    def set_cookie(self, response: web.StreamResponse, name: str, value: str) -> None:
        """For the whole site, out of scripts' reach; over TLS only where we are reached so."""
        age = _ONE_YEAR if name == LANGUAGE_COOKIE else ABSOLUTE
        response.set_cookie(name, value, max_age=int(age.total_seconds()), path="/", httponly=True, samesite="Lax", secure=self.desk.secure)

    @property
    def menu(self) -> Sequence[Route]:
        """The pages this person may open."""
        return [route for route in self.routes if route.menu and route.permission.verdict(self.there) is Verdict.WELCOME]

    # What pages do with what they show

    def seal(self, purpose: str, text: str) -> str:
        """For a form's hidden field: nobody can read or make it, and it serves this account only."""
        return self.desk.staff.keys.seal(f"{purpose} of {self.account.id}", text, self.now)

    def unseal(self, purpose: str) -> str:
        """What the form's field of that name holds. Raises HTTPBadRequest when it is not ours."""
        opened = self.desk.staff.keys.open(f"{purpose} of {self.account.id}", self.text(purpose), self.now, within=ABSOLUTE)
        if opened is None:
            raise web.HTTPBadRequest
        return opened

    def masked(self, number: str, subject: str) -> Masked:
        """A citizen's number as a page shows it: with `ui.number` it can be asked for, with a reason. `subject`: whose, as an id."""
        return masked(number, self.seal("number", f"{subject}\n{number}"))

    async def audit(self, action: str, subject: str = "", **details: str) -> AuditEntry:
        """Record what this person is about to do. `details` hold no number and no name of a citizen."""
        return await self.desk.staff.audit.record(action, actor=self.account.id, subject=subject, **details)

    def _frame(self) -> Mapping[str, Any]:
        """What the layout and the macros need."""
        done = f"done.{self.request.query.get('done', '')}"
        return {
            "t": self.t,
            "language": self.language,
            "csrf": self.csrf,
            "known": lambda key: key in self.desk.words.keys,
            "named": lambda prefix, name: self.t(prefix + name) if prefix + name in self.desk.words.keys else name,
            "asset": self.desk.asset,
            "count": lambda number: f"{number:,}".replace(",", self.t("desk.thousands")),
            "when": lambda moment: dates.when(moment, self.t),
            "day": lambda date: dates.day(date, self.t),
            "lasting": lambda seconds: dates.lasting(seconds, self.t),
            "age": lambda moment: dates.age(moment, self.now, self.t),
            "person": self.there.account if self.there else None,
            "inside": self.there is not None and self.there.stage is Stage.FULL,
            "menu": self.menu,
            "here": self.route,
            "path": self.request.path if any(route.path == self.route.path and route.method == "GET" for route in self.routes) else PREFIX,
            "prefix": PREFIX,
            "done": self.t(done) if done in self.desk.words.keys else "",
        }
