"""`python -m bot accounts`: who may work the desk. The first supervisor and every auditor are made here."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot import clock
from bot.commands import running
from bot.errors import SettingsError
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.audit import COMMAND_LINE
from bot.staff.model import Account, Role

if TYPE_CHECKING:
    from bot.staff.staff import Staff

LISTED_AT_MOST = 10_000


def main(argv: Sequence[str]) -> int:
    """0 good, 1 when there is no such account or its name is taken, 2 wrong use."""
    return running.run(lambda: _act(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot accounts", description="Who may work the desk.")
    actions = parser.add_subparsers(dest="action", required=True)
    adding = actions.add_parser("add", help="a new account; prints the one-time link for its owner")
    adding.add_argument("login")
    adding.add_argument("--name", required=True)
    adding.add_argument("--office", required=True, help="the agency they work for")
    adding.add_argument("--role", required=True, choices=[role.value for role in Role])
    listing = actions.add_parser("list", help="all, or those of one office")
    listing.add_argument("--office")
    for name, about in (
        ("disable", "signed out everywhere, and not in again"),
        ("enable", "as before"),
        ("reset", "a new one-time link; password and second factor are over"),
    ):
        actions.add_parser(name, help=about).add_argument("login")
    role = actions.add_parser("role", help="another role")
    role.add_argument("login")
    role.add_argument("role", choices=[role.value for role in Role])
    return parser


async def _act(options: argparse.Namespace) -> int:
    settings = running.loaded()
    async with staff_of(settings) as staff:
        if options.action == "list":
            for account in await staff.directory.list(options.office, LISTED_AT_MOST):
                print(_line(account))
            return 0
        if options.action == "add":
            return await _add(staff, settings, options)
        chosen = await staff.directory.find(accounts.normalise(options.login))
        if chosen is None:
            print(f"There is no account {options.login}.")
            return 1
        return await _change(staff, settings, chosen, options)


async def _add(staff: "Staff", settings: Settings, options: argparse.Namespace) -> int:
    login = accounts.normalise(options.login)
    if problems := accounts.problems(login, options.name, options.office):
        print("\n".join(f"{field}: {_PROBLEMS[problem]}" for field, problem in problems.items()))
        return 2
    invited = await staff.accounts.add(login, options.name, options.office, Role(options.role), by=COMMAND_LINE)
    if invited is None:
        print(f"The login {login} is taken.")
        return 1
    print(_link(settings, invited))
    return 0


async def _change(staff: "Staff", settings: Settings, account: Account, options: argparse.Namespace) -> int:
    match options.action:
        case "disable" | "enable":
            await staff.accounts.switch(account, active=options.action == "enable", by=COMMAND_LINE)
            print(f"{account.login} is {options.action}d.")
        case "role":
            await staff.accounts.assign(account, Role(options.role), by=COMMAND_LINE)
            print(f"{account.login} is {options.role} now.")
        case "reset":
            print(_link(settings, await staff.accounts.reset(account, by=COMMAND_LINE)))
    return 0


@asynccontextmanager
async def staff_of(settings: Settings) -> AsyncIterator["Staff"]:
    """The desk's use cases on the settings' database. Raises SettingsError when the desk is off, StoreUnsuitable, StoreUnavailable."""
    from bot.staff.staff import Staff
    from bot.store.store import Store

    if not settings.desk_keys:
        raise SettingsError(["DESK_KEY is not set: the desk is off."])
    store = await Store.open(settings["MONGODB_URL"])
    try:
        await store.ping()
        yield Staff(store, settings.desk_keys, clock.now)
    finally:
        await asyncio.shield(store.close())


_PROBLEMS = {
    "form": "3 to 32 lower-case letters, digits, dots, underscores or hyphens",
    "empty": "is empty",
    "long": f"has at most {accounts.LONGEST_NAME} characters",
}


def _line(account: Account) -> str:
    state = "off" if not account.active else "invited" if account.invitation else "on"
    return f"{account.login:<24} {account.role:<12} {state:<8} {account.office}: {account.name}"


def _link(settings: Settings, invited: accounts.Invited) -> str:
    hours = int(accounts.INVITED_FOR.total_seconds() // 3600)
    url = f"{settings.public_url}/desk/invitation/{invited.token}"
    return f"Pass this link on to {invited.account.name}; it serves once, for {hours} hours:\n{url}"
