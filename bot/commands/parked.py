"""`python -m bot parked`: what could not be handled, and why; replay it when the cause is mended."""

import argparse
from collections.abc import Sequence

from bot.commands import running


def main(argv: Sequence[str]) -> int:
    """0 good, 1 when there is no such item, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="python -m bot parked", description="What could not be handled, with its reason.")
    actions = parser.add_subparsers(dest="action")
    listing = actions.add_parser("list", help="oldest first (the default)")
    listing.add_argument("--limit", type=int, default=100)
    for name, about in (
        ("show", "everything that is kept of it: may hold a citizen's words"),
        ("replay", "try again what was parked"),
        ("remove", "forget it"),
    ):
        actions.add_parser(name, help=about).add_argument("id")
    options = parser.parse_args(argv)
    return running.run(lambda: _act(options))


async def _act(options: argparse.Namespace) -> int:
    from bot.app import opened
    from bot.parking import Parking

    async with opened(running.loaded()) as app:
        parking = Parking(app.store, app.intake, app.amending)
        match options.action:
            case None | "list":
                for line in await parking.lines(getattr(options, "limit", 100)):
                    print(line)
                return 0
            case "show":
                shown = await parking.shown(options.id)
            case "replay":
                shown = await parking.replay(options.id)
            case _:
                shown = "Removed." if await app.store.parked.remove(options.id) else None
    print(shown or f"There is nothing parked under {options.id}.")
    return 0 if shown else 1
