"""The frame around every page: who is there, whether they may, whether the form is ours, and what every answer's headers say."""

import re
import secrets
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot import logs
from bot.desk.desk import Desk
from bot.desk.permission import ANYBODY, Verdict
from bot.desk.route import PREFIX, Route
from bot.desk.visit import Form, Visit
from bot.errors import StoreUnavailable
from bot.staff.model import Stage

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that a browser sends `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
_COOKIE = re.compile(r"[\w-]{43}", re.ASCII)
_PAGES = frozenset({400, 403, 404, 413, 503})
"""Statuses that have words; others are told as 500."""

log = logs.get_logger(__name__)


class Frame:
    """Makes aiohttp's routes of ours."""

    def __init__(self, desk: Desk, routes: Sequence[Route]) -> None:
        self._desk = desk
        self._routes = routes

    def mounted(self) -> list[web.RouteDef]:
        """What `web` adds to its own; below the prefix nothing is left to others."""
        table = [web.route(route.method, route.path, self._handler(route)) for route in self._routes]
        return [*table, web.route("*", _STRAY.path, self._handler(_STRAY))]

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            given = request.cookies.get(self._desk.cookie_name, "")
            cookie = given if _COOKIE.fullmatch(given) else ""
            visit = Visit(self._desk, request, route, cookie or secrets.token_urlsafe(32), None, self._routes)
            response = await self._answer(visit, came_with=cookie)
            response.headers.update(_HEADERS | (_TLS_ONLY if self._desk.secure else {}))
            if not cookie and self._desk.cookie_name not in response.cookies:
                visit.set_cookie(response, self._desk.cookie_name, visit.cookie)
            return response

        return handle

    async def _answer(self, visit: Visit, *, came_with: str) -> web.StreamResponse:
        """The page, or one that says what went wrong."""
        try:
            visit.there = await self._desk.staff.sessions.current(came_with)
            return await self._admitted(visit)
        except web.HTTPException as answer:
            status = answer.status
        except StoreUnavailable:
            log.warning("store_unavailable", route=visit.route.path)
            status = 503
        except Exception:  # whatever it was, the visitor gets a page, and it tells nothing of the error
            log.exception("page_failed", route=visit.route.path)
            status = 500
        finally:
            _close_files(visit.form)
        response = visit.page("problem", status=status, what=status if status in _PAGES else 500)
        if status == 503:
            response.headers["Retry-After"] = "5"
        return response

    async def _admitted(self, visit: Visit) -> web.StreamResponse:
        route, request = visit.route, visit.request
        if request.method == "POST" and not self._is_from_our_pages(request):
            raise web.HTTPForbidden
        match route.permission.verdict(visit.there):
            case Verdict.SIGN_IN:
                return _to_the_door(visit)
            case Verdict.ELSEWHERE:
                return visit.go("")
            case Verdict.FORBIDDEN:
                raise web.HTTPForbidden
            case Verdict.WELCOME:
                pass
        if request.method == "POST":
            visit.form = await _sent(request, route.body)
            if not visit.is_own_form():
                raise web.HTTPForbidden
        return await route.handler(visit)

    def _is_from_our_pages(self, request: web.Request) -> bool:
        """By what the browser says, and no page can make it say: told before the body is read. The form's token is asked for besides."""
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site is None and origin is None:
            return False
        same = origin is None or origin == self._desk.origin or origin.partition("://")[2] == request.host
        return same and site in (None, "same-origin", "none")


async def _sent(request: web.Request, at_most: int) -> Form:
    """Raises HTTPRequestEntityTooLarge, or HTTPBadRequest for what is no form, whatever it calls itself."""
    try:
        return await request.clone(client_max_size=at_most).post()
    except (ValueError, LookupError, HttpProcessingError):
        raise web.HTTPBadRequest from None


def _close_files(form: Form) -> None:
    """The larger ones lie on the disk."""
    for part in form.values():
        if isinstance(part, web.FileField):
            part.file.close()


async def _stray(visit: Visit) -> web.StreamResponse:
    if visit.request.path == f"{PREFIX}/":
        return visit.go("")
    raise web.HTTPNotFound


_STRAY = Route("*", PREFIX + "/{rest:.*}", ANYBODY, _stray)


def _to_the_door(visit: Visit) -> web.Response:
    """The step of signing in that comes next; afterwards back to the page that was asked for."""
    if visit.there is not None:
        return visit.go("/code" if visit.there.stage is Stage.CODE else "/setup")
    if visit.request.method == "GET" and visit.request.path != PREFIX:
        return visit.go("/login", next=visit.request.path_qs)
    return visit.go("/login")
