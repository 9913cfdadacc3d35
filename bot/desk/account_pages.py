"""The accounts of an office, for its supervisors: add, invite again, switch off and on, change the role."""

from aiohttp import web

from bot.desk.route import PREFIX
from bot.desk.visit import Visit
from bot.staff import accounts
from bot.staff.accounts import Invited
from bot.staff.model import Account, Role

SHOWN_AT_MOST = 500
ROLES = (Role.ENTRY, Role.SUPERVISOR)
"""What a supervisor may give: auditors, who watch supervisors, are made on the command line."""


async def show(visit: Visit) -> web.StreamResponse:
    """All of one's own office."""
    return await _list(visit, {}, {})


async def add(visit: Visit) -> web.StreamResponse:
    """A new account, and its invitation to be passed on."""
    fields = {"login": accounts.normalise(visit.text("login")), "name": visit.text("name"), "role": visit.text("role")}
    problems = dict(accounts.problems(fields["login"], fields["name"], visit.account.office))
    role = _role(fields["role"])
    if role is None:
        problems["role"] = "choose"
    if problems or role is None:
        return await _list(visit, problems, fields, status=422)
    added = await visit.desk.staff.accounts.add(fields["login"], fields["name"], visit.account.office, role, by=visit.account.id)
    if added is None:
        return await _list(visit, {"login": "taken"}, fields, status=422)
    return _invitation(visit, added)


async def show_one(visit: Visit) -> web.StreamResponse:
    """What can be done with it."""
    return visit.page("account", account=await _managed(visit), roles=ROLES)


async def reset(visit: Visit) -> web.StreamResponse:
    """A new invitation: for a forgotten password, or a lost phone."""
    return _invitation(visit, await visit.desk.staff.accounts.reset(await _managed(visit), by=visit.account.id))


async def disable(visit: Visit) -> web.StreamResponse:
    """Signed out everywhere, and not in again."""
    return await _switch(visit, active=False, done="account_disabled")


async def enable(visit: Visit) -> web.StreamResponse:
    """As it was."""
    return await _switch(visit, active=True, done="account_enabled")


async def assign(visit: Visit) -> web.StreamResponse:
    """Another role."""
    account, role = await _managed(visit), _role(visit.text("role"))
    if role is None:
        raise web.HTTPBadRequest
    await visit.desk.staff.accounts.assign(account, role, by=visit.account.id)
    return visit.go(f"/accounts/{account.id}", done="role_changed")


async def _switch(visit: Visit, *, active: bool, done: str) -> web.StreamResponse:
    account = await _managed(visit)
    await visit.desk.staff.accounts.switch(account, active=active, by=visit.account.id)
    return visit.go(f"/accounts/{account.id}", done=done)


async def _managed(visit: Visit) -> Account:
    """The account of the path. One that is not theirs to manage looks like one that is not there."""
    account = await visit.desk.staff.directory.load(visit.request.match_info["id"])
    if account is None or not accounts.manages(visit.account, account):
        raise web.HTTPNotFound
    return account


async def _list(visit: Visit, problems: dict[str, str], fields: dict[str, str], *, status: int = 200) -> web.Response:
    found = await visit.desk.staff.directory.list(visit.account.office, SHOWN_AT_MOST)
    rows = [(account, accounts.manages(visit.account, account)) for account in found]
    return visit.page("accounts", status=status, rows=rows, problems=problems, fields=fields, roles=ROLES)


def _invitation(visit: Visit, invited: Invited) -> web.Response:
    """In the answer itself: the link can be shown to nobody again."""
    link = f"{visit.desk.public_url}{PREFIX}/invitation/{invited.token}"
    return visit.page("invited", account=invited.account, link=link, hours=int(accounts.INVITED_FOR.total_seconds() // 3600))


def _role(text: str) -> Role | None:
    return next((role for role in ROLES if role.value == text), None)
