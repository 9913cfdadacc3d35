"""`python -m bench [PART ...] [--write]`: what is measured, beside floors and peers, on a real mongod of its own."""

import argparse
import asyncio
import shlex
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import growth, guided, results, sharing, soak, start, understanding
from bench.results import RESULTS, Section
from bench.servers import Site, site

Options = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is measured by itself."""

    title: str
    measure: Callable[[Site, Options], Awaitable[Section]]
    usual: bool
    """In every run; the others take longer and are asked for."""


async def _understanding(_site: Site, _options: Options) -> Section:
    return await asyncio.to_thread(understanding.measure)


PARTS: Mapping[str, Part] = {
    "guided": Part(guided.TITLE, lambda site, options: guided.measure(site, options.loads, options.rounds), usual=True),
    "sharing": Part(sharing.TITLE, lambda site, options: sharing.measure(site, options.rounds), usual=True),
    "start": Part(start.TITLE, lambda site, options: start.measure(site, options.rounds), usual=True),
    "understanding": Part(understanding.TITLE, _understanding, usual=True),
    "growth": Part(growth.TITLE, lambda site, options: growth.measure(site, options.sizes, options.rounds), usual=False),
    "soak": Part(soak.TITLE, lambda site, options: soak.measure(site, options.messages), usual=False),
}
USUAL = [name for name, part in PARTS.items() if part.usual]


def main(argv: Sequence[str]) -> None:
    """Parse, measure, print, and keep what was measured if told to."""
    options = _parser().parse_args(argv)
    # As Ctrl-C does: what was started is ended, by force where it takes its time.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = shlex.join(["python", "-m", "bench", *argv])
    for name in PARTS if "all" in options.parts else options.parts:
        section = uvloop.run(_measured(PARTS[name], options, command))
        print(f"## {section.title}\n\n{section.text}\n", flush=True)
        if options.write:
            old = RESULTS.read_text() if RESULTS.exists() else ""
            RESULTS.write_text(results.merged(old, results.PREFACE.read_text(), [section], [part.title for part in PARTS.values()]))


async def _measured(part: Part, options: Options, command: str) -> Section:
    """Each part on a mongod of its own: what one leaves behind is no burden to the next."""
    provenance = results.provenance(command)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        async with site(Path(directory)) as place:
            section = await part.measure(place, options)
    return Section(section.title, f"{provenance}\n\n{section.text}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parts = f"{', '.join(PARTS)}, or all; by default {' '.join(USUAL)}"
    parser.add_argument("parts", nargs="*", type=_part, default=USUAL, metavar="PART", help=parts)
    parser.add_argument("--write", action="store_true", help=f"put what was measured into bench/{RESULTS.name}, and leave the rest of it")
    parser.add_argument("--rounds", type=int, default=5, help="that count, of everything but the soak (default 5)")
    parser.add_argument(
        "--loads", type=_loads, default=guided.LOADS, metavar="N,N", help="citizens at once, of 1, 64 and 512 (default all)"
    )
    parser.add_argument(
        "--sizes", type=_numbers, default=growth.SIZES, metavar="N,N", help="stored reports, of growth (default 10000,1000000)"
    )
    parser.add_argument("--messages", type=int, default=100_000, help="of the soak (default 100000)")
    return parser


def _part(text: str) -> str:
    # Not argparse's own `choices`: there must also be none, which it refuses.
    if text not in (*PARTS, "all"):
        raise argparse.ArgumentTypeError(f"there is no {text!r}")
    return text


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(","))


def _loads(text: str) -> tuple[guided.Load, ...]:
    return tuple(load for load in guided.LOADS if load.at_once in _numbers(text))


if __name__ == "__main__":
    main(sys.argv[1:])
