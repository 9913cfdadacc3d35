"""One's own account: another password, new recovery codes, signing out everywhere."""

from aiohttp import web

from bot.desk.enrolment import password_problem, show_recovery_codes
from bot.desk.visit import Visit
from bot.staff.model import Account
from bot.staff.sign_in import Slow


async def show(visit: Visit) -> web.StreamResponse:
    """What one may do with it."""
    return _page(visit)


async def change_password(visit: Visit) -> web.StreamResponse:
    """With the present one."""
    if problem := await _unconfirmed(visit) or password_problem(visit, visit.account.login):
        return _page(visit, status=422, section="password", problem=problem)
    account = await visit.desk.staff.accounts.set_password(visit.account, visit.secret("password"))
    return await _again(visit, account, done="password_changed")


async def end_sessions(visit: Visit) -> web.StreamResponse:
    """Everywhere but here."""
    account = await visit.desk.staff.accounts.end_sessions(visit.account)
    return await _again(visit, account, done="sessions_ended")


async def renew_recovery_codes(visit: Visit) -> web.StreamResponse:
    """With the password."""
    if not visit.account.totp:
        raise web.HTTPNotFound
    if problem := await _unconfirmed(visit):
        return _page(visit, status=422, section="recovery", problem=problem)
    return show_recovery_codes(visit, await visit.desk.staff.accounts.renew_recovery_codes(visit.account))


async def _unconfirmed(visit: Visit) -> str | None:
    """A key under `password.` unless the present password was given."""
    confirmed = await visit.desk.staff.sign_in.confirm(visit.account, visit.secret("present"))
    if isinstance(confirmed, Slow):
        return "slow"
    return None if confirmed else "wrong"


async def _again(visit: Visit, account: Account, *, done: str) -> web.StreamResponse:
    """This browser stays in, under a new cookie."""
    entered = await visit.desk.staff.sign_in.enter_proved(account, address=visit.address, cookie=visit.cookie)
    return visit.sign_in(visit.go("/me", done=done), entered)


def _page(visit: Visit, *, status: int = 200, section: str = "", problem: str = "") -> web.Response:
    return visit.page("me", status=status, section=section, problem=problem)
