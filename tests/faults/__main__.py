"""`python -m tests.faults [SCENARIO ...]`: break the program in every way we know, and say what it cost.

Prints the seed and the commit, a line for each scenario with its counts, and what does not hold, by name. Exit status 1 when anything does
not. `make faults` runs all of them within ten minutes; `make faults WARM=1000 COLD=50` takes half an hour.
"""

import argparse
import asyncio
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import uvloop

from bot.store.mongod import EmbeddedMongod
from tests.faults.scenario import Outcome, Request

SCENARIOS: Mapping[str, str] = {
    "kills": "kill -9 at every named step and at random, web, worker and the database",
    "frozen": "SIGSTOP past the lease, then SIGCONT",
    "redelivery": "every message three to ten times, over two web processes",
    "failover": "the database's primary killed, frozen and cut off, and its majority lost, while a spool takes what comes",
    "core": "the routing core spoils what it says, loses its answers, refuses, and is away for six hours; its events forged and shuffled",
    "providers": "providers that refuse, err, lose answers and messages, are blocked or out of their window, and report backwards",
    "kannel": "a real SMS gateway restarted in mid-flight",
    "crowd": "poison among others' messages, a flood, two machines in talk, slow connections: nobody else is harmed",
    "disk": "the spool's disk full while the database is away",
    "rolling": "two versions of the program side by side",
    "checker": "deliberate defects, each of which must be seen",
}
"""A scenario is a module of `scenarios` with `run`, and a line here."""

PATIENT = ("frozen", "core", "providers", "kannel", "disk", "rolling")
"""Those that wait more than they work: they run beside each other, after the others."""
AT_ONCE = 3

SHOWN = 5
"""Lines of each thing that does not hold."""


def main(argv: Sequence[str]) -> int:
    """0 when everything holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", epilog="\n".join(f"{name}: {what}" for name, what in SCENARIOS.items()))
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}; all when none is named")
    parser.add_argument("--seed", type=int, default=None, help="of everything that is drawn; drawn itself when it is not given")
    parser.add_argument("--warm", type=int, default=60, help="how many web and worker processes are killed (60)")
    parser.add_argument("--cold", type=int, default=3, help="how often the database is killed with them (3)")
    parser.add_argument("--ids", type=int, default=5000, help="how many messages are redelivered (5000)")
    parser.add_argument("--failovers", type=int, default=3, help="how often the database's primary is lost (3)")
    parser.add_argument("--true-lease", action="store_true", help="freeze for the product's own 30 seconds")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--keep", type=Path, help="where to keep logs and data")
    given = parser.parse_args(argv)
    if strange := set(given.scenarios) - set(SCENARIOS):
        parser.error(f"no scenario: {', '.join(sorted(strange))}")
    return uvloop.run(_run(given))


async def _run(given: argparse.Namespace) -> int:
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    commit = _commit()
    print(f"seed {seed}, commit {commit}", flush=True)
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as temporary:
        directory = given.keep or Path(temporary)
        mongod = EmbeddedMongod(directory / "mongod")
        await mongod.start()
        try:
            outcomes = await _played(given, seed, directory, mongod)
        finally:
            await mongod.stop()
    if given.json:
        figures = {"seed": seed, "commit": commit, "scenarios": {name: dict(each.counts) for name, each in outcomes.items()}}
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
    _table(seed, commit, outcomes)
    return 1 if any(outcome.wrong for outcome in outcomes.values()) else 0


async def _played(given: argparse.Namespace, seed: int, directory: Path, mongod: EmbeddedMongod) -> Mapping[str, Outcome]:
    """The outcomes of all that were asked for."""
    outcomes: dict[str, Outcome] = {}
    gate = asyncio.Semaphore(AT_ONCE)

    async def play(name: str) -> None:
        async with gate:
            began = time.monotonic()
            request = Request(
                seed, directory / name, mongod, given.warm, given.cold, given.ids, given.failovers, true_lease=given.true_lease
            )
            outcomes[name] = await import_module(f"tests.faults.scenarios.{name}").run(request)
            _tell(name, outcomes[name], time.monotonic() - began)

    names = list(dict.fromkeys(given.scenarios or SCENARIOS))
    for name in names:
        if name not in PATIENT:
            await play(name)
    await asyncio.gather(*(play(name) for name in names if name in PATIENT))
    return outcomes


def _tell(name: str, outcome: Outcome, seconds: float) -> None:
    counts = ", ".join(f"{what} {number}" for what, number in outcome.counts.items())
    print(f"{name:<12}{'RED' if outcome.wrong else 'ok':<5}{counts}; {seconds:.0f} s", flush=True)
    for invariant, lines in outcome.wrong.items():
        print(f"  {invariant}: {len(lines)}")
        for line in lines[:SHOWN]:
            print(f"    {line}")


def _table(seed: int, commit: str, outcomes: Mapping[str, Outcome]) -> None:
    """Lines that can be pasted into docs/reliability.md."""
    for name, outcome in outcomes.items():
        counts = outcome.counts
        faults = ", ".join(f"{what} {number}" for what, number in counts.items() if what not in _COLUMNS)
        print(f"| {name} | {faults} | {' | '.join(str(counts.get(column, 0)) for column in _COLUMNS)} | {seed} | {commit} |")


_COLUMNS = ("accepted", "lost", "duplicated", "recovered", "told", "tickets", "parked")


def _commit() -> str:
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607  # the PATH's git
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
