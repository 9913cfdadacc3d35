"""How long commands take to begin: `python -m bench start`."""

import statistics
import subprocess
import sys
import time

import aiohttp

from bench import results
from bench.results import Goal, Section
from bench.servers import ROOT, Site, migrate, running, settings
from bench.wire import HOST
from bot import tcp_port

TITLE = "Start"


async def measure(site: Site, rounds: int) -> Section:
    """Medians; a first time, from a cold disk, does not count."""
    await migrate(site, "start")
    web = [await _web(site) for _ in range(rounds + 1)][1:]
    commands = {"--help": _help("--help", rounds=rounds), "web --help": _help("web", "--help", rounds=rounds)}
    found = [
        Goal("`python -m bot web` until /readyz answers 200", statistics.median(web), 1.5, unit="s"),
        *(Goal(f"`python -m bot {command}`", statistics.median(taken), 0.3, unit="s") for command, taken in commands.items()),
    ]
    return Section(TITLE, f"Medians of {rounds}.\n\n{results.goals(found)}")


async def _web(site: Site) -> float:
    """Seconds."""
    port = tcp_port.free()
    began = time.perf_counter()
    async with running(site, "bot", "web", environ=settings(site, "start", port)) as program, aiohttp.ClientSession() as http:

        async def ready() -> bool:
            try:
                async with http.get(f"http://{HOST}:{port}/readyz") as answer:
                    return answer.status == 200
            except aiohttp.ClientConnectionError:
                return False

        await program.until(ready)
        return time.perf_counter() - began


def _help(*arguments: str, rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)  # noqa: S603  # our own program
        taken.append(time.perf_counter() - began)
    return taken[1:]
