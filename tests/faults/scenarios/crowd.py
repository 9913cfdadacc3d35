"""Those who would harm others: messages that the program stumbles over, a flood from one sender, machines that answer us, connections that
take for ever. In one run of the same processes, beside a time without any of them: others wait no longer.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp

from tests.acceptance.test_slow_connections import BODY, HEADERS, dawdle
from tests.faults.citizens import draw_canary
from tests.faults.ledger import Told
from tests.faults.others import Others, ask, p99
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged
from tests.faults.victim import POISON

MEDIA = ("telegram", "whatsapp", "sms")
PROCESSES = {"web-1": "web", "worker-1": "worker"}
FLAGS = ("--poison",)
RATE, SECONDS = 30.0, 7.0
"""Of the others: messages a second, and for how long."""
POISONED_EVERY = 100
FLOODED_A_MINUTE = 1000
FLOOD = "+6286000000001"
HELD = re.compile(r"^lapor_held_total (\S+)$", re.MULTILINE)
SLOW = 500
MACHINES: Mapping[str, str] = {
    "+6286000000011": "Terima kasih atas pesan Anda. Saat ini kami sedang di luar kantor dan akan membalas secepatnya.",
    "+6286000000012": "Selamat datang di Toko Makmur, pesanan Anda sedang diproses.",
}
"""By number, what each answers to whatever it is told."""
EXCHANGES_AT_MOST = 30
"""With one machine."""
HARMED_BY, HARMED_FROM = 5.0, 1.0
"""Others are harmed when their p99 is so many times that without harm, and above so many seconds."""


@dataclass(slots=True)
class Seen:
    """What there is to be told of a run."""

    p99: dict[str, float] = field(default_factory=dict)
    poisoned: int = 0
    held: int = 0
    slow: int = 0


async def run(request: Request) -> Outcome:
    """One harm after the other."""
    seen = Seen()
    async with staged(request.directory, Conditions(request.seed, lease=None), request.mongod) as stage:
        for name, role in PROCESSES.items():
            stage.keep(name, role, lambda: FLAGS)
        await stage.ready()
        people = asyncio.create_task(stage.crowd.each_lives(MEDIA, len(MEDIA)))
        others = Others(stage, RATE)
        await others.write(2.0)  # warm
        seen.p99["alone"] = p99(await others.write(SECONDS))
        for name, harm in HARMS.items():
            async with harm(stage, seen):
                seen.p99[name] = p99(await others.write(SECONDS))
        found = await settled(stage, people, 60.0)
        reasons = Counter(document["reason"] for document in found.parked)
        outcome = judged(
            replace(found, may_be_parked=frozenset({POISON, MUTED})),
            nobody_else_is_harmed=_harmed(seen.p99),
            every_poison_is_parked=[] if seen.poisoned == reasons[POISON] else [f"{reasons[POISON]} of {seen.poisoned}"],
            the_flood_is_held=[] if seen.held else ["nothing was held"],
            every_machine_is_muted_and_reported=_unmuted(stage, found.parked),
            slow_connections_were_there=[] if seen.slow > SLOW / 2 else [f"{seen.slow} of {SLOW}"],
        )
    waits = {f"p99_ms_{name}": round(seconds * 1000) for name, seconds in seen.p99.items()}
    return Outcome({"poisoned": seen.poisoned, "held": seen.held, "slow": seen.slow, **waits, **outcome.counts}, outcome.wrong)


@asynccontextmanager
async def _poison(stage: Stage, seen: Seen) -> AsyncIterator[None]:
    """One message in a hundred."""
    seen.poisoned = round(RATE * SECONDS / POISONED_EVERY)

    async def poison() -> None:
        for _ in range(seen.poisoned):
            await asyncio.gather(ask(stage, f"{POISON} {draw_canary(stage.chance)}"), asyncio.sleep(POISONED_EVERY / RATE))

    async with _besides(poison()):
        yield


@asynccontextmanager
async def _flood(stage: Stage, seen: Seen) -> AsyncIterator[None]:
    """From one sender."""

    async def flood() -> None:
        sent = []
        for _ in range(round(FLOODED_A_MINUTE / 60 * SECONDS)):
            sent.append(asyncio.create_task(stage.providers.gateway.receive(FLOOD, "BANTUAN")))
            await asyncio.sleep(60 / FLOODED_A_MINUTE)
        await asyncio.gather(*sent)

    async with _besides(flood()):
        yield
    async with aiohttp.ClientSession() as http, http.get(f"{stage.web_url}/metrics") as answer:
        seen.held = round(float(HELD.search(await answer.text())[1]))


@asynccontextmanager
async def _machines(stage: Stage, _seen: Seen) -> AsyncIterator[None]:
    """That take us for a person, or another machine."""
    answers: set[asyncio.Task[None]] = set()

    def answering(number: str, words: str) -> Callable[[Told], None]:
        def answer(_told: Told) -> None:
            task = asyncio.create_task(stage.providers.gateway.receive(number, words))
            answers.add(task)
            task.add_done_callback(answers.discard)

        return answer

    for number, words in MACHINES.items():
        stage.ledger.listeners[f"sms:{number}"] = answering(number, words)
        await stage.providers.gateway.receive(number, "Halo")
    yield
    await asyncio.gather(*answers)


@asynccontextmanager
async def _slow_connections(stage: Stage, seen: Seen) -> AsyncIterator[None]:
    """That bring a byte a second."""
    port = int(stage.web_url.rpartition(":")[2])
    slow = [asyncio.create_task(dawdle(port, (HEADERS, BODY)[number % 2])) for number in range(SLOW)]
    try:
        await asyncio.sleep(1)
        seen.slow = sum(not task.done() for task in slow)
        yield
    finally:
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


MUTED = "automatic_answerer"
"""Why a machine's words are parked."""

HARMS: Mapping[str, Callable[[Stage, Seen], AbstractAsyncContextManager[None]]] = {
    "poison": _poison,
    "flood": _flood,
    "machines": _machines,
    "slow": _slow_connections,
}


@asynccontextmanager
async def _besides(work) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    yield
    await task


def _harmed(waits: Mapping[str, float]) -> list[str]:
    limit = max(HARMED_FROM, HARMED_BY * waits["alone"])
    return [f"by {name}: {seconds:.2f} s in place of {waits['alone']:.2f} s" for name, seconds in waits.items() if seconds > limit]


def _unmuted(stage: Stage, parked) -> list[str]:
    """Machines that were not reported, or were talked to for too long."""
    reported = {document["_id"].partition("/")[0] for document in parked if document["reason"] == MUTED}
    told = Counter(each.conversation for each in stage.ledger.told)
    machines = {f"sms:{number}" for number in MACHINES}
    talkative = [f"a machine was answered {told[machine]} times" for machine in machines if told[machine] > EXCHANGES_AT_MOST]
    return talkative + [f"{len(machines - reported)} machines are not reported"] * bool(machines - reported)
