"""The routes at /try. A page and its script; everything else is JSON, asked for by that script and by nobody else.

The visitor is a random cookie; what changes anything wants a header that no other site's form can send. No address and no token of the
installation ever leaves it: the page speaks of phones by name, and we know whose they are.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from bot import gsm, media_type
from bot.errors import DeliveryError, Forbidden, Malformed, MediaUnsupported, StoreUnavailable
from bot.pausing import pause
from bot.simulator import shown
from bot.simulator.practice import Practice
from bot.simulator.visit import Bounded, visitor_id
from bot.simulator_routes import BODY_AT_MOST

ROUTES: Sequence[tuple[str, str]] = (
    ("GET", "/try"),
    ("GET", "/try/live"),
    ("POST", "/try/say"),
    ("POST", "/try/citizen"),
    ("POST", "/try/clock"),
    ("GET", "/try/reports"),
    ("POST", "/try/reports/{ticket}/{step}"),
    ("GET", "/try/stored"),
    ("GET", "/try/files/{sequence}/{place}"),
)
"""What is there where the simulator is on."""

COOKIE = "lapor_try"
COOKIE_SECONDS = 7 * 24 * 3600
HEADER = "X-Lapor-Try"
"""A form cannot send it, and a script of another site only where we allowed it, which we do nowhere."""
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ALPHABET = {"basic": "".join(sorted(gsm.BASIC)), "extension": "".join(sorted(gsm.EXTENSION))}
"""By which the page counts SMS parts while somebody types."""
LOOK_SECONDS = 0.3
"""How soon a page hears what happened."""
STATE_EVERY = 3
"""Looks for messages between two looks at everything else."""
QUIET_LOOKS = 50
"""After so many looks without news a comment is sent, so that nobody takes the connection for dead."""
_SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/3gpp", "video/quicktime")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page(Protocol):
    """The words of pages: `Wording.page`."""

    def __call__(self, name: str, language: str, **params: object) -> str:
        """HTML."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the page is made."""

    page: Page
    asset: Callable[[str], str]
    """The address of a style sheet, script or picture."""
    sms_price: int
    """Rupiah for one part."""
    public_url: str
    """Where browsers reach us."""
    stopping: asyncio.Event


class Pages:
    """The handlers."""

    def __init__(self, practice: Practice, look: Look) -> None:
        self._practice = practice
        self._look = look
        # Made once, so that a mistake in the templates stops the start.
        given = {"asset": look.asset, "sms_price": look.sms_price, "movable": practice.movable, "alphabet": ALPHABET}
        self._html = {language: look.page("try", language, **given) for language in ("id", "en")}

    def routes(self) -> list[web.RouteDef]:
        """To be mounted where the simulator is on; the same as ROUTES."""
        handlers = (
            self.page,
            self.live,
            self.say,
            self.renew,
            self.advance,
            self.reports,
            self.step,
            self.stored,
            self.file,
        )
        return [web.route(method, path, _bounded(handler)) for (method, path), handler in zip(ROUTES, handlers, strict=True)]

    async def page(self, request: web.Request) -> web.Response:
        """The page, and a cookie for who has none."""
        language = "en" if request.query.get("lang") == "en" else "id"
        response = web.Response(text=self._html[language], content_type="text/html", headers=HEADERS)
        if not request.cookies.get(COOKIE):
            response.set_cookie(
                COOKIE,
                secrets.token_urlsafe(24),
                max_age=COOKIE_SECONDS,
                path="/try",
                httponly=True,
                secure=self._look.public_url.startswith("https:"),
                samesite="Lax",
            )
        return response

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: each message once, in order, and the state whenever it has changed."""
        id_ = _visitor(request)
        after = _number(request.headers.get("Last-Event-ID") or request.query.get("after") or "0")
        with self._practice.doors.streaming(id_):
            response = web.StreamResponse(
                headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            )
            await response.prepare(request)
            # Whatever ends it, the browser comes again by itself, and says what it had last.
            with contextlib.suppress(ConnectionError, StoreUnavailable):
                await self._tell(request, response, id_, after)
            return response

    async def _tell(self, request: web.Request, response: web.StreamResponse, id_: str, after: int) -> None:
        told, looks, quiet = b"", 0, 0
        while not (self._look.stopping.is_set() or request.transport is None or request.transport.is_closing()):
            if looks % STATE_EVERY == 0:
                visitor, state = await self._practice.state(id_)
                if (now := orjson.dumps(state)) != told:
                    told, quiet = now, 0
                    await response.write(b"event: state\ndata: " + now + b"\n\n")
            looks += 1
            items = await self._practice.dialogue(visitor, after)
            for item in items:
                after, looks, quiet = item.sequence, 0, 0
                await response.write(b"id: %d\nevent: message\ndata: %s\n\n" % (item.sequence, orjson.dumps(shown.message(item))))
            quiet += 1
            if quiet % QUIET_LOOKS == 0:
                await response.write(b": still here\n\n")
            await pause(self._look.stopping, LOOK_SECONDS)

    async def say(self, request: web.Request) -> web.Response:
        """{phone, id?, text?, pick?, pin?, files?, ref?, edits?} -> {id}."""
        id_ = self._actor(request)
        given = _object(await request.clone(client_max_size=BODY_AT_MOST).read())
        return _json({"id": await self._practice.say(id_, given)})

    async def renew(self, request: web.Request) -> web.Response:
        """{case?, templates?}: a new citizen with empty phones."""
        id_, given = self._actor(request), _object(await request.read())
        case = str(given.get("case") or "")[:40]
        visitor = await self._practice.doors.renew(id_, templates=bool(given.get("templates")), case=case)
        return _json({"citizen": visitor.citizen})

    async def advance(self, request: web.Request) -> web.Response:
        """{by: 1h | 25h | 5wd}."""
        id_, given = self._actor(request), _object(await request.read())
        try:
            await self._practice.advance(id_, given.get("by"))
        except DeliveryError as error:
            return _json({"code": error.code}, 502)
        return _json({})

    async def reports(self, request: web.Request) -> web.Response:
        """What the core knows of this visitor's reports."""
        return _json(asdict(await self._practice.dossiers(_visitor(request))))

    async def step(self, request: web.Request) -> web.Response:
        """The officer's words -> the report's dossier; or the core's problem details."""
        path = request.match_info
        try:
            reply = await self._practice.step(self._actor(request), path["ticket"], path["step"], await request.read())
        except DeliveryError as error:
            return _json({"code": error.code}, 502)
        return _json(reply.body, reply.status)

    async def stored(self, request: web.Request) -> web.Response:
        """All about one phone, as it lies in the database."""
        return _json(await self._practice.stored(_visitor(request), request.query.get("phone")))

    def _actor(self, request: web.Request) -> str:
        """Who wants to change something, from our own page. Raises Forbidden for anybody else's."""
        origin = request.headers.get("Origin")
        ours = (request.host, urlsplit(self._look.public_url).netloc)  # a proxy may have changed the first
        foreign = origin is not None and urlsplit(origin).netloc not in ours
        if request.headers.get(HEADER) != "1" or foreign or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise Forbidden
        return _visitor(request)

    async def file(self, request: web.Request) -> web.Response:
        """A file that a visitor sent, for their own eyes."""
        path = request.match_info
        data = await self._practice.upload(_visitor(request), int(_number(path["sequence"])), int(_number(path["place"])))
        if data is None:
            return web.Response(status=404)
        try:
            mime = media_type.sniff(data)
        except MediaUnsupported:
            mime = "application/octet-stream"
        shown_as = "inline" if mime in _SHOWN_INLINE else "attachment"
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": shown_as, "Cache-Control": "private, max-age=3600"}
        return web.Response(body=data, content_type=mime, headers=headers | {"Content-Security-Policy": "default-src 'none'; sandbox"})


def _bounded(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Bounded:
            return web.Response(status=429, headers={"Retry-After": "20"})

    return handle


def _visitor(request: web.Request) -> str:
    """Whose cookie it is. Raises Forbidden without one."""
    secret = request.cookies.get(COOKIE, "")
    if len(secret) < 32:
        raise Forbidden
    return visitor_id(secret)


def _object(body: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("not a JSON object")
    return value


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Malformed("not a number")
    return int(text)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(value, default=_plain), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _plain(value: object) -> object:
    """What JSON does not know."""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    raise TypeError(type(value).__name__)
