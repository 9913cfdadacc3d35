"""Rounds: so many citizens at once in a closed loop, and what that cost whom."""

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.citizens import Citizen, Lines, Server, Talk, Timings, Unanswered
from bench.usage import cpu_seconds
from bench.wire import Connection

QUIET_SECONDS = 0.7
"""After a round: what a server does behind its answers belongs to it. The bot settles at most half a second later."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round measured."""

    messages: int
    seconds: float
    server_cpu: float
    """Of the server's processes together, in seconds; so are the next two."""
    mongod_cpu: float
    driver_cpu: float
    timings: Timings
    unanswered: tuple[str, ...]
    """Messages after which a citizen gave up. There should be none."""

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def server_microseconds(self) -> float:
        """Of the server's CPU, a message."""
        return 1e6 * self.server_cpu / self.messages

    @property
    def mongod_microseconds(self) -> float:
        """Of mongod's CPU, a message."""
        return 1e6 * self.mongod_cpu / self.messages

    @property
    def driver_busy(self) -> float:
        """Share of one CPU that the driver took: near 1 it is the driver that was measured."""
        return self.driver_cpu / self.seconds


@dataclass(frozen=True, slots=True)
class Medians:
    """Over several rounds of the same; what each figure is stands with `Round`."""

    rate: float
    p50: float
    """Of what citizens waited, in milliseconds; so is p99."""
    p99: float
    answered: float
    """p50 of what the provider waited, in milliseconds."""
    server_microseconds: float
    mongod_microseconds: float
    driver_busy: float
    unanswered: int
    """In all rounds together."""


def medians(rounds: Sequence[Round]) -> Medians:
    """Of at least one round."""

    def median(figure: Callable[[Round], float]) -> float:
        return statistics.median(map(figure, rounds))

    return Medians(
        rate=median(lambda each: each.rate),
        p50=median(lambda each: quantile(each.timings.turned, 0.5)),
        p99=median(lambda each: quantile(each.timings.turned, 0.99)),
        answered=median(lambda each: quantile(each.timings.answered, 0.5)),
        server_microseconds=median(lambda each: each.server_microseconds),
        mongod_microseconds=median(lambda each: each.mongod_microseconds),
        driver_busy=median(lambda each: each.driver_busy),
        unanswered=sum(len(each.unanswered) for each in rounds),
    )


def quantile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def play(server: Server, talk: Talk, *, at_once: int, people: int, mongod: int, roaming: bool = False) -> Round:
    """`people` talk once each, `at_once` of them at a time. `mongod`: its pid.

    Each stays on one connection, and so with one of several processes on a port; `roaming`: each message takes any connection that is free.
    """
    timings = Timings()
    unanswered: list[str] = []
    connections = [await Connection.open(server.port) for _ in range(at_once)]
    waiting = iter(range(people))

    async def one_after_the_other(lines: Lines) -> None:
        for _ in waiting:  # shared: each takes the next
            try:
                await talk(Citizen(server, lines, timings))
            except Unanswered as error:
                unanswered.append(str(error))

    pids = server.pids
    gc.collect()
    gc.disable()  # its pauses would be counted as the server's
    try:
        servers, database, driver = sum(map(cpu_seconds, pids)), cpu_seconds(mongod), time.process_time()
        began = time.perf_counter()
        await asyncio.gather(*map(one_after_the_other, _lines(connections, shared=roaming)))
        seconds, driver = time.perf_counter() - began, time.process_time() - driver
    finally:
        gc.enable()
        for connection in connections:
            connection.close()
    await asyncio.sleep(QUIET_SECONDS)
    server.standin.forget()
    played = Round(
        messages=len(timings.turned),
        seconds=seconds,
        server_cpu=sum(map(cpu_seconds, pids)) - servers,
        mongod_cpu=cpu_seconds(mongod) - database,
        driver_cpu=driver,
        timings=timings,
        unanswered=tuple(unanswered),
    )
    # So that whoever waits ten minutes sees that it goes on.
    print(f"{server.name}: {played.messages} messages by {at_once} at once in {seconds:.1f} s", file=sys.stderr)
    return played


def _lines(connections: Sequence[Connection], *, shared: bool) -> list[Lines]:
    """For each citizen the connections they may use: one of their own, or all."""
    common: Lines = asyncio.Queue()
    lines: list[Lines] = [common if shared else asyncio.Queue() for _ in connections]
    for line, connection in zip(lines, connections, strict=True):
        line.put_nowait(connection)
    return lines
