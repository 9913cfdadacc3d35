"""`python -m bot numbers`: the desk's numbers in the terminal, or one table of them as CSV."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.commands import running

if TYPE_CHECKING:
    from bot.app import App
    from bot.desk.figure_tables import Names, Table

LANGUAGES = ("id", "en")


def main(argv: Sequence[str]) -> int:
    """0 good, 2 wrong use."""
    options = _parser().parse_args(argv)
    return running.run(lambda: _act(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot numbers", description="Reports, redirects and drafts left, as a worker has counted them."
    )
    parser.add_argument("--days", type=_days, default=30, help="so many until today (30)")
    parser.add_argument("--office", default="", help="only what came through this office's admins")
    parser.add_argument(
        "--csv", metavar="TABLE", help="one table as CSV: days, channels, kinds, regions, seconds, messages, left, networks, admins"
    )
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0])
    return parser


def _days(text: str) -> int:
    from bot.figures.period import LONGEST

    with suppress(ValueError):
        if 1 <= int(text) <= LONGEST:
            return int(text)
    raise argparse.ArgumentTypeError(f"a number from 1 to {LONGEST}")


async def _act(options: argparse.Namespace) -> int:
    from bot.app import opened
    from bot.books.writing import delimited
    from bot.desk.figure_tables import NAMES, sheet, table
    from bot.figures.period import Period

    if options.csv not in (None, *NAMES):
        print(f"There is no table {options.csv!r}.", file=sys.stderr)
        return 2
    async with opened(running.loaded()) as app:
        summary = await app.figures.over(Period.until(app.figures.today(), options.days), options.office)
        names = await _names(app, sorted(summary.counts.sent_by), options.language)
    if options.csv:
        sys.stdout.buffer.write(delimited(sheet(table(options.csv, summary, names, exact=True))))
        return 0
    tables = [table(name, summary, names, exact=True) for name in NAMES]
    print("\n\n".join(_shown(each, names) for each in tables if each.rows))
    return 0


async def _names(app: "App", accounts: Sequence[str], language: str) -> "Names":
    from bot.desk.figure_tables import Names
    from bot.desk.words import Words
    from bot.wording import TEMPLATES

    words = Words(TEMPLATES / "desk" / "words")
    people = await app.store.accounts.named(accounts)
    return Names(words.into(language), words.keys.__contains__, app.area, {id_: person.name for id_, person in people.items()})


def _shown(table: "Table", names: "Names") -> str:
    """Its columns one beneath the other."""
    lines = [table.headings, *([row.label, *map(str, row.values)] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        f"{line[0]:<{widths[0]}}" + "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    ]
    return "\n".join([names.t(f"numbers.title_{table.name}").upper(), *rows])
