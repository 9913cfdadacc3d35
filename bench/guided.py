"""A guided report beside floors and peers, all in one run: `python -m bench guided`."""

import statistics
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from bench import driver, results, servers
from bench.citizens import MESSAGES, Server, Talk, floor_talk, guided_report
from bench.driver import Round
from bench.peers import questionnaire
from bench.results import Goal, Section
from bench.servers import Site
from bench.usage import peak_megabytes

TITLE = "Guided reports"
ECHO, WRITE, FLOOR, OURS = "echo", "write", "write and reply", "this bot"
AIOGRAM, AIOGRAM_ONE, PTB = "aiogram", "aiogram, one write", "python-telegram-bot"
DURABLE_PEERS = (AIOGRAM, AIOGRAM_ONE, PTB)
ALONE, MANY, CROWD = 1, 64, 512


@dataclass(frozen=True, slots=True)
class Load:
    """So many at once, so many in all a round."""

    at_once: int
    people: int
    with_peers: bool


LOADS = (Load(ALONE, 25, with_peers=True), Load(MANY, 192, with_peers=True), Load(CROWD, 1024, with_peers=False))
"""At 512 a round of a peer takes longer than all the others' together, and no goal asks for it."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One that is measured, and how people talk to it."""

    server: Server
    talk: Talk

    @property
    def is_peer(self) -> bool:
        """Whether it is left out where peers are."""
        return self.server.name in DURABLE_PEERS


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one load: the rounds of each contestant, and what it held at most until then."""

    load: Load
    rounds: dict[str, list[Round]]
    peaks: dict[str, float]
    """Megabytes."""

    def median(self, name: str, figure: Callable[[Round], float]) -> float:
        """Over the rounds."""
        return statistics.median(figure(each) for each in self.rounds[name])


async def measure(site: Site, loads: Sequence[Load], rounds: int) -> Section:
    """Interleaved rounds; the first of each load warms up and does not count."""
    async with _contestants(site) as contestants:
        taken = [await _measure(site, load, rounds, contestants) for load in loads]
    parts = [_words(rounds, contestants), *(_figures(each) for each in taken)]
    return Section(TITLE, "\n\n".join([*parts, "### Goals", results.goals(_goals(taken))]))


@asynccontextmanager
async def _contestants(site: Site) -> AsyncIterator[list[Contestant]]:
    async with AsyncExitStack() as stack:

        async def floor(name: str, path: str, *, replies: bool) -> Contestant:
            server = await stack.enter_async_context(servers.server(site, name, "bench.floors", path=path, replies=replies))
            return Contestant(server, floor_talk)

        async def peer(name: str, *arguments: str) -> Contestant:
            server = await stack.enter_async_context(servers.server(site, name, *arguments, path="/hooks/telegram"))
            return Contestant(server, questionnaire.answers)

        floors = [
            await floor(ECHO, "/echo", replies=False),
            await floor(WRITE, "/write", replies=False),
            await floor(FLOOR, "/reply", replies=True),
        ]
        ours = Contestant(await stack.enter_async_context(servers.bot(site, OURS)), guided_report)
        peers = [await peer(PTB, "bench.peers.ptb_bot")]
        if find_spec("aiogram"):  # only in the environment of `make bench`
            peers += [await peer(AIOGRAM, "bench.peers.aiogram_bot", "two"), await peer(AIOGRAM_ONE, "bench.peers.aiogram_bot", "one")]
        yield [*floors, ours, *peers]


async def _measure(site: Site, load: Load, rounds: int, contestants: Sequence[Contestant]) -> Measured:
    present = [each for each in contestants if load.with_peers or not each.is_peer]
    taken: dict[str, list[Round]] = {each.server.name: [] for each in present}
    for turn in range(rounds + 1):
        shift = turn % len(present)  # nobody is always the first after a pause
        for each in [*present[shift:], *present[:shift]]:
            measured = await driver.play(each.server, each.talk, at_once=load.at_once, people=load.people, mongod=site.mongod)
            if turn:
                taken[each.server.name].append(measured)
    peaks = {each.server.name: sum(map(peak_megabytes, each.server.pids)) for each in present}
    return Measured(load, taken, peaks)


def _words(rounds: int, contestants: Sequence[Contestant]) -> str:
    return (
        f"Medians of {rounds} interleaved rounds of {len(contestants)} servers on one mongod. A report takes {MESSAGES} messages; each is a "
        "webhook call, and a citizen goes on when the 200 and the reply are both there: p50 and p99 are of that time. `CPU us` and `mongod "
        "us` are a message's share of the server's and of mongod's CPU; `driver` is how much of one CPU the driver took."
    )


def _figures(measured: Measured) -> str:
    rows = [
        (
            name,
            f"{measured.median(name, lambda each: each.rate):.0f}",
            f"{measured.median(name, lambda each: each.rate) / measured.median(FLOOR, lambda each: each.rate):.2f}",
            f"{measured.median(name, lambda each: each.turned(0.5)):.2f}",
            f"{measured.median(name, lambda each: each.turned(0.99)):.2f}",
            f"{measured.median(name, lambda each: each.answered(0.5)):.2f}",
            f"{measured.median(name, lambda each: each.server_microseconds):.0f}",
            f"{measured.median(name, lambda each: each.mongod_microseconds):.0f}",
            f"{measured.peaks[name]:.0f}",
            f"{measured.median(name, lambda each: each.driver_busy):.0%}",
        )
        for name in measured.rounds
    ]
    load = measured.load
    head = ("", "messages/s", "to floor", "p50 ms", "p99 ms", "p50 of 200", "CPU us", "mongod us", "peak MB", "driver")
    return f"### {load.at_once} at once, {load.people} reports a round\n\n{results.table(head, rows)}"


def _goals(taken: Sequence[Measured]) -> list[Goal]:
    found: list[Goal] = []
    for measured in taken:
        load = measured.load.at_once

        def ratio(figure: Callable[[Round], float], to: str = FLOOR, measured: Measured = measured) -> float:
            return measured.median(OURS, figure) / measured.median(to, figure)

        rate = {ALONE: (0.75, 0.9), MANY: (1.5, 2.0), CROWD: (1.5, 2.5)}.get(load)
        if rate:
            found.append(Goal(f"messages/s to the floor at {load}", ratio(_rate), *rate, more_is_better=True))
        if load == ALONE:
            found.append(Goal("p50 to the floor alone", ratio(lambda each: each.turned(0.5)), 1.3, 1.1))
        if load == MANY:
            peers = [ratio(_rate, name) for name in DURABLE_PEERS if measured.rounds.get(name)]
            found.append(Goal(f"messages/s to the better durable peer at {load}", min(peers), 6, 8, more_is_better=True))
            found.append(Goal(f"server CPU a message to the floor at {load}", ratio(lambda each: each.server_microseconds), 0.9, 0.6))
        if load == CROWD:
            found.append(Goal(f"p99 to the floor at {load}", ratio(lambda each: each.turned(0.99)), 0.6, 0.35))
            found.append(Goal(f"memory at {load}", measured.peaks[OURS], 120, 80, unit="MB"))
    return found


def _rate(measured: Round) -> float:
    return measured.rate
