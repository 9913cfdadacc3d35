"""Taking up an invitation: a password of one's own, then the second factor, then the recovery codes, shown once."""

import segno
from aiohttp import web

from bot.desk.visit import Visit
from bot.staff import passwords, second_factor
from bot.staff.model import Account
from bot.staff.sign_in import Entered

ISSUER = "LAPOR!"


async def invitation_form(visit: Visit) -> web.StreamResponse:
    """Looking at it does not spend it: messengers open links to preview them."""
    account = await _invited(visit)
    return visit.page("invitation", invited=account, problem="")


async def take_up(visit: Visit) -> web.StreamResponse:
    """Set the first password."""
    account = await _invited(visit)
    if problem := password_problem(visit, account.login):
        return visit.page("invitation", status=422, invited=account, problem=problem)
    owner = await visit.desk.staff.accounts.take_up(visit.request.match_info["token"], visit.secret("password"))
    if owner is None:
        raise web.HTTPNotFound
    entered = await visit.desk.staff.sign_in.enter(owner, address=visit.address, cookie=visit.cookie)
    return visit.sign_in(visit.go("/setup"), entered)


async def setup_form(visit: Visit) -> web.StreamResponse:
    """The secret as a QR code and in letters; the same one until it is proved."""
    return _setup_page(visit, await _secret(visit))


async def setup(visit: Visit) -> web.StreamResponse:
    """A code proves that the phone has it."""
    secret = await _secret(visit)
    step = second_factor.matching_step(secret, visit.text("code"), visit.now, after=0)
    if step is None:
        return _setup_page(visit, secret, status=422, problem="wrong")
    account, codes = await visit.desk.staff.accounts.set_second_factor(visit.account, secret, step)
    entered = await visit.desk.staff.sign_in.enter_proved(account, address=visit.address, cookie=visit.cookie)
    return show_recovery_codes(visit, codes, entered)


def show_recovery_codes(visit: Visit, codes: tuple[str, ...], entered: Entered | None = None) -> web.StreamResponse:
    """In the answer itself: they can be shown to nobody again."""
    if entered is not None:
        visit.cookie = entered.cookie  # the forms of this page belong to the new session
    response = visit.page("recovery", codes=codes)
    return visit.sign_in(response, entered) if entered else response


def password_problem(visit: Visit, login: str) -> str | None:
    """A key under `password.`; None when what the form has twice may be set."""
    if visit.secret("password") != visit.secret("again"):
        return "different"
    return passwords.problem(visit.secret("password"), login)


async def _invited(visit: Visit) -> Account:
    account = await visit.desk.staff.accounts.invited(visit.request.match_info["token"])
    if account is None:
        raise web.HTTPNotFound
    return account


async def _secret(visit: Visit) -> str:
    """Kept with the session, so that the QR code on the screen stays true when the page is loaded again."""
    if visit.there is None:
        raise web.HTTPForbidden
    session = visit.there.session
    if session.secret and (secret := visit.desk.staff.keys.open("setup", session.secret, visit.now)):
        return secret
    secret = second_factor.draw_secret()
    await visit.desk.staff.sessions.keep_secret(session, visit.desk.staff.keys.seal("setup", secret, visit.now))
    return secret


def _setup_page(visit: Visit, secret: str, *, status: int = 200, problem: str = "") -> web.Response:
    qr = segno.make(second_factor.uri(secret, visit.account.login, ISSUER), error="m", micro=False)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return visit.page("setup", status=status, problem=problem, qr=qr.svg_data_uri(scale=4, border=2), secret=grouped)
