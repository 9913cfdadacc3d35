"""Signing in and out, and the choice of language."""

from aiohttp import web

from bot.desk.visit import LANGUAGE_COOKIE, Visit
from bot.desk.words import LANGUAGES
from bot.staff.model import Stage
from bot.staff.sign_in import Entered, Slow, Wrong

_NEXT_STEP = {Stage.CODE: "/code", Stage.SETUP: "/setup"}


async def login_form(visit: Visit) -> web.StreamResponse:
    """Name and password."""
    if visit.there is not None and visit.there.stage is Stage.FULL:
        return visit.go("")
    return visit.page("login", problem="", login="", next=visit.text("next"))


async def login(visit: Visit) -> web.StreamResponse:
    """The first step."""
    outcome = await visit.desk.staff.sign_in.with_password(
        visit.text("login"), visit.secret("password"), address=visit.address, cookie=visit.cookie
    )
    if isinstance(outcome, Entered):
        return _further(visit, outcome)
    return _refused(visit, "login", outcome, login=visit.text("login"))


async def code_form(visit: Visit) -> web.StreamResponse:
    """The second factor."""
    return visit.page("code", problem="", next=visit.text("next"))


async def code(visit: Visit) -> web.StreamResponse:
    """The second step."""
    if visit.there is None:
        raise web.HTTPForbidden
    outcome = await visit.desk.staff.sign_in.with_code(visit.there, visit.text("code"), address=visit.address, cookie=visit.cookie)
    if isinstance(outcome, Entered):
        return _further(visit, outcome)
    return _refused(visit, "code", outcome)


async def logout(visit: Visit) -> web.StreamResponse:
    """From any stage."""
    if visit.there is not None and visit.there.stage is Stage.FULL:
        await visit.audit("sign_in.ended", visit.account.id)
    await visit.desk.staff.sessions.end(visit.cookie)
    response = visit.go("/login", done="signed_out")
    response.del_cookie(visit.desk.cookie_name, path="/", secure=visit.desk.secure, httponly=True, samesite="Lax")
    return response


async def language(visit: Visit) -> web.StreamResponse:
    """Remembered by the browser."""
    response = visit.go_back(visit.text("next"))
    chosen = visit.text("to")
    visit.set_cookie(response, LANGUAGE_COOKIE, chosen if chosen in LANGUAGES else LANGUAGES[0])
    return response


def _further(visit: Visit, entered: Entered) -> web.Response:
    """To the next step, or to the page that was asked for."""
    wanted = visit.text("next")
    if step := _NEXT_STEP.get(entered.stage):
        response = visit.go(step, next=wanted) if wanted else visit.go(step)
    else:
        response = visit.go_back(wanted)
    return visit.sign_in(response, entered)


def _refused(visit: Visit, page: str, outcome: Wrong | Slow, **kept: str) -> web.Response:
    slow = isinstance(outcome, Slow)
    response = visit.page(page, status=429 if slow else 422, problem="slow" if slow else "wrong", next=visit.text("next"), **kept)
    if isinstance(outcome, Slow):
        response.headers["Retry-After"] = str(int(outcome.wait.total_seconds()) + 1)
    return response
