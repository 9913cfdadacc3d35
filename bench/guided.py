"""A guided report beside floors and peers, all in one run: `python -m bench guided`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from bench import driver, results, servers
from bench.citizens import MESSAGES, PATIENCE_SECONDS, Server, Talk, floor_talk, guided_report
from bench.driver import Medians, Round, medians
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


LOADS = (Load(ALONE, 25, with_peers=True), Load(MANY, 128, with_peers=True), Load(CROWD, 1024, with_peers=False))
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
    """One load: the medians of each contestant, and the megabytes it held at most until then."""

    load: Load
    medians: dict[str, Medians]
    peaks: dict[str, float]


async def measure(site: Site, loads: Sequence[Load], rounds: int) -> Section:
    """Interleaved rounds; the first of each load warms up and does not count."""
    async with _contestants(site) as contestants:
        taken = [await _measure(site, load, rounds, contestants) for load in loads]
    parts = [_words(rounds, contestants), *(_figures(each) for each in taken)]
    return Section(TITLE, "\n\n".join([*parts, "### Goals", results.goals(goal for each in taken for goal in _goals(each))]))


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
            played = await driver.play(each.server, each.talk, at_once=load.at_once, people=load.people, mongod=site.mongod)
            if turn:
                taken[each.server.name].append(played)
    peaks = {each.server.name: sum(map(peak_megabytes, each.server.pids)) for each in present}
    return Measured(load, {name: medians(each) for name, each in taken.items()}, peaks)


def _words(rounds: int, contestants: Sequence[Contestant]) -> str:
    return (
        f"Medians of {rounds} interleaved rounds of {len(contestants)} servers on one mongod. A report takes {MESSAGES} messages; each is "
        "a webhook call, and a citizen goes on when the 200 and the reply are both there: p50 and p99 are of that time. `CPU us` and "
        "`mongod us` are a message's share of the server's and of mongod's CPU; `driver` is how much of one CPU the driver took; "
        f"`unanswered` counts messages whose citizen gave up after {PATIENCE_SECONDS} s."
    )


def _figures(measured: Measured) -> str:
    floor, load = measured.medians[FLOOR], measured.load
    rows = [
        (
            name,
            f"{each.rate:.0f}",
            f"{each.rate / floor.rate:.2f}",
            f"{each.p50:.2f}",
            f"{each.p99:.2f}",
            f"{each.answered:.2f}",
            f"{each.server_microseconds:.0f}",
            f"{each.mongod_microseconds:.0f}",
            f"{measured.peaks[name]:.0f}",
            f"{each.driver_busy:.0%}",
            each.unanswered,
        )
        for name, each in measured.medians.items()
    ]
    head = ("", "messages/s", "to floor", "p50 ms", "p99 ms", "p50 of 200", "CPU us", "mongod us", "peak MB", "driver", "unanswered")
    return f"### {load.at_once} at once, {load.people} reports a round\n\n{results.table(head, rows)}"


def _goals(measured: Measured) -> list[Goal]:
    at_once, ours, floor = measured.load.at_once, measured.medians[OURS], measured.medians[FLOOR]
    rate, rated = ours.rate / floor.rate, f"messages/s to the floor at {at_once}"
    if at_once == ALONE:
        return [
            Goal(rated, rate, 0.75, 0.9, more_is_better=True),
            Goal("p50 to the floor alone", ours.p50 / floor.p50, 1.3, 1.1),
        ]
    if at_once == MANY:
        peer = max(measured.medians[name].rate for name in DURABLE_PEERS if name in measured.medians)
        return [
            Goal(rated, rate, 1.5, 2.0, more_is_better=True),
            Goal(f"messages/s to the best durable peer at {at_once}", ours.rate / peer, 6, 8, more_is_better=True),
            Goal(f"server CPU a message to the floor at {at_once}", ours.server_microseconds / floor.server_microseconds, 0.9, 0.6),
        ]
    return [
        Goal(rated, rate, 1.5, 2.5, more_is_better=True),
        Goal(f"p99 to the floor at {at_once}", ours.p99 / floor.p99, 0.6, 0.35),
        Goal(f"memory at {at_once}", measured.peaks[OURS], 120, 80, unit="MB"),
    ]
