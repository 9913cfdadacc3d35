"""`python -m bot audit`: whether the desk's audit log is whole, and its head to be printed."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.commands import running
from bot.commands.accounts import staff_of
from bot.staff.audit import Verdict
from bot.staff.model import Head

if TYPE_CHECKING:
    from bot.staff.staff import Staff

_REASONS = {
    "missing": "an entry is missing",
    "relinked": "it does not follow from the one before",
    "altered": "it was altered, or made without the key",
    "cut": "the head that was given is not there: entries were cut off or replaced",
}


def main(argv: Sequence[str]) -> int:
    """0 when it is intact, 1 when it is broken, 2 wrong use."""
    return running.run(lambda: _act(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot audit", description="The desk's audit log.")
    actions = parser.add_subparsers(dest="action", required=True)
    verifying = actions.add_parser("verify", help="follow the chain; says where it is broken")
    verifying.add_argument("--head", type=_head, help="SEQUENCE:MAC as printed before: is that entry still there?")
    actions.add_parser("head", help="print the newest entry's SEQUENCE:MAC, to be kept elsewhere")
    actions.add_parser("list", help="the newest entries").add_argument("--limit", type=int, default=50)
    return parser


async def _act(options: argparse.Namespace) -> int:
    async with staff_of(running.loaded()) as staff:
        match options.action:
            case "verify":
                return _say(await staff.audit.verify(options.head))
            case "head":
                print(await staff.audit.head() or "The audit log is empty.")
            case _:
                await _list(staff, options.limit)
    return 0


def _say(verdict: Verdict) -> int:
    if verdict.intact:
        print(f"Intact: {verdict.entries} entries. Head: {verdict.head or 'none'}")
        return 0
    print(f"Broken at entry {verdict.broken_at}: {_REASONS[verdict.reason]}. Good before it: {verdict.entries}.")
    return 1


async def _list(staff: "Staff", limit: int) -> None:
    for entry in await staff.audit.newest(limit):
        details = " ".join(f"{name}={value}" for name, value in entry.details.items())
        print(
            f"{entry.sequence:>8}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.action:<32} {entry.actor or '-'} {entry.subject} {details}".rstrip()
        )


def _head(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
