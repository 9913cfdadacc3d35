"""Several web processes on one port: `python -m bench sharing`."""

import re
import statistics
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from bench import driver, results, servers
from bench.citizens import Server, guided_report
from bench.driver import Medians, Round, medians
from bench.results import Goal, Section
from bench.servers import Site
from bench.wire import HOST

TITLE = "Several web processes on one port"
AT_ONCE = 64
PEOPLE = 192
_ASKED_AT_MOST = 400
"""Times that /metrics is asked until every process has answered; the system picks one each time."""

_APPLIED = re.compile(r'^lapor_inbound_total\{channel="telegram",outcome="applied"\} (\S+)$', re.MULTILINE)
_STARTED = re.compile(r"^process_start_time_seconds (\S+)$", re.MULTILINE)

Applied = dict[str, float]
"""Messages applied so far, by the time the process was started at: no two have the same."""


@dataclass(frozen=True, slots=True)
class Way:
    """How many processes, and whether a person's messages all go to the same."""

    processes: int
    roaming: bool

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.processes} web" + (", roaming" if self.roaming else "")


WAYS = (Way(1, roaming=False), Way(2, roaming=False), Way(4, roaming=False), Way(2, roaming=True))
_ONE = WAYS[0]


@dataclass(frozen=True, slots=True)
class Taken:
    """One round, and what each process did of it."""

    round: Round
    shares: tuple[float, ...]
    """Of the messages."""


async def measure(site: Site, rounds: int) -> Section:
    """Interleaved rounds, 64 citizens at once; the first warms up."""
    async with AsyncExitStack() as stack:
        started = {
            way: await stack.enter_async_context(
                servers.bot(site, way.name, f"sharing_{number}", processes=way.processes, workers=int(way.roaming))
            )
            for number, way in enumerate(WAYS)
        }
        taken: dict[Way, list[Taken]] = {way: [] for way in WAYS}
        for turn in range(rounds + 1):
            for way, server in started.items():
                each = await _round(site, way, server)
                if turn:
                    taken[way].append(each)
    return Section(TITLE, f"{_WORDS.format(rounds=rounds)}\n\n{_figures(taken)}\n\n{results.goals(_goals(taken))}")


async def _round(site: Site, way: Way, server: Server) -> Taken:
    before = await _applied(server)
    played = await driver.play(server, guided_report, at_once=AT_ONCE, people=PEOPLE, mongod=site.mongod, roaming=way.roaming)
    after = await _applied(server)
    done = [after[process] - before[process] for process in after]
    return Taken(played, tuple(sorted(each / sum(done) for each in done)))


async def _applied(server: Server) -> Applied:
    """Asked on new connections until every process has answered. Raises RuntimeError when one never does."""
    found: Applied = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        for _ in range(_ASKED_AT_MOST):
            async with http.get(f"http://{HOST}:{server.port}/metrics") as answer:
                text = await answer.text()
            started, applied = _STARTED.search(text), _APPLIED.search(text)
            assert started is not None
            found[started[1]] = float(applied[1]) if applied else 0.0
            if len(found) == len(server.pids):
                return found
    raise RuntimeError(f"{server.name}: a process of {len(server.pids)} gets no connections")


_WORDS = """Medians of {rounds} interleaved rounds, 64 citizens at once; the shares are the least and the most that one process took of the
messages. Each citizen stays on a connection and so with one process; the system deals connections to the processes by a hash, so that
shares of few connections differ by chance. `roaming`: each message takes any connection that is free, as a provider's calls do, and with no
pause between a reply and the next message, which is harder than life; a worker runs beside, because a process may then find that effects
of another's turn are still in hand."""


def _figures(taken: Mapping[Way, Sequence[Taken]]) -> str:
    one = _medians(taken[_ONE]).rate
    rows = [
        (
            way.name,
            f"{_medians(each).rate:.0f}",
            f"{_medians(each).rate / one:.2f}",
            f"{_medians(each).p50:.2f}",
            f"{_medians(each).p99:.2f}",
            f"{_medians(each).server_microseconds:.0f}",
            f"{_share(each, 0):.0%}",
            f"{_share(each, -1):.0%}",
            _medians(each).unanswered,
        )
        for way, each in taken.items()
    ]
    return results.table(("", "messages/s", "to one", "p50 ms", "p99 ms", "CPU us", "least share", "most share", "unanswered"), rows)


def _goals(taken: Mapping[Way, Sequence[Taken]]) -> list[Goal]:
    """A share is fair when it is at least half of an even one: connections are dealt by a hash."""
    one = _medians(taken[_ONE]).rate
    found = []
    for way, each in taken.items():
        if way.processes > 1 and not way.roaming:
            found.append(Goal(f"messages/s of {way.name} to one", _medians(each).rate / one, 0.8, more_is_better=True))
            found.append(Goal(f"least share of {way.name} to an even one", _share(each, 0) * way.processes, 0.5, more_is_better=True))
    return found


def _medians(taken: Sequence[Taken]) -> Medians:
    return medians([each.round for each in taken])


def _share(taken: Sequence[Taken], place: int) -> float:
    """`place`: 0 the least, -1 the most."""
    return statistics.median(each.shares[place] for each in taken)
