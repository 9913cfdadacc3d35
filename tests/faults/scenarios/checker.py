"""The checker is checked: each deliberate defect must turn a small run red, by the invariant that is there for it."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import count

from bot.store.mongod import EmbeddedMongod
from tests.faults.defects import DEFECTS, Defect
from tests.faults.findings import Findings
from tests.faults.invariants import AT_ANY_TIME, broken
from tests.faults.scenario import Outcome, Request, judged, settled, total
from tests.faults.scenarios import frozen
from tests.faults.stage import Conditions, Stage, staged
from tests.faults.steps import WEB, WORKER, role_of

AT_ONCE = 2
"""Defects tried at the same time."""
MEDIA = ("telegram", "whatsapp", "sms", "telegram", "sms", "whatsapp")
COLD_ROUNDS = 3
BURST = 20
"""Messages at once."""
PATIENCE = 45.0
"""Seconds until nobody waits any more for a defective program."""
JOURNAL_MS = 500
"""How long the database may keep in memory what nobody asked it to write down: its longest."""


async def run(request: Request) -> Outcome:
    """All of them."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def tried(name: str) -> Outcome:
        async with gate:
            return await _tried(replace(request, directory=request.directory / name), name)

    names = list(DEFECTS)
    outcomes = await asyncio.gather(*map(tried, names))
    wrong = {name: lines for outcome in outcomes for name, lines in outcome.wrong.items()}
    counts = {"defects": len(names), "seen": len(names) - len(wrong), "accepted": total([each.counts for each in outcomes])["accepted"]}
    return Outcome(counts, wrong)


async def _tried(request: Request, name: str) -> Outcome:
    """Red by what was expected: then nothing is wrong with the checker."""
    defect = DEFECTS[name]
    if defect.frozen:
        outcome = await frozen.run(request, "--defect", name)
    elif defect.cold:
        mongod = EmbeddedMongod(request.directory / "mongod")
        await mongod.start()
        try:
            outcome = await _run(replace(request, mongod=mongod), name, defect)
        finally:
            await mongod.stop()
    else:
        outcome = await _run(request, name, defect)
    if defect.expected & outcome.wrong.keys():
        return Outcome(outcome.counts, {})
    seen = ", ".join(outcome.wrong) or "nothing"
    return Outcome(outcome.counts, {f"blind_to_{name}": [f"expected {' or '.join(sorted(defect.expected))}, saw {seen}"]})


async def _run(request: Request, name: str, defect: Defect) -> Outcome:
    conditions = Conditions(request.seed, copies=defect.copies, held=defect.held, lease=2.0, pause=0.05)
    async with staged(request.directory, conditions, request.mongod) as stage:
        points = list(defect.at)

        def flags(role: str) -> Sequence[str]:
            point = next((point for point in points if defect.by_any or role_of(point) == role), None)
            if point is None:
                return ("--defect", name)
            points.remove(point)
            return ("--defect", name, "--at", point)

        for process, role in {"web-1": WEB, "web-2": WEB, "worker-1": WORKER}.items():
            stage.keep(process, role, lambda role=role: flags(role))
        if defect.cold:
            await _lose_what_was_only_in_memory(stage)
            return judged(await stage.findings())
        people = asyncio.create_task(stage.crowd.each_lives(MEDIA, len(MEDIA)))
        return judged(await _seen_or_settled(stage, people, defect.expected))


async def _seen_or_settled(stage: Stage, people: asyncio.Task[None], expected: Collection[str]) -> Findings:
    """What is found as soon as it shows what is expected; else once everybody is served, or has no patience any more."""
    checks = [check for check in AT_ANY_TIME if check.__name__ in expected]
    until = time.monotonic() + PATIENCE
    while not people.done() and time.monotonic() < until:
        found = await stage.findings()
        if broken(found, checks):
            people.cancel()
            return found
        await asyncio.sleep(1)
    return await settled(stage, people, 10.0)


async def _lose_what_was_only_in_memory(stage: Stage) -> None:
    """Kill the database at the moment in which it has said that it has everything."""
    numbers = count(857_000_001)
    for _ in range(COLD_ROUNDS):
        await stage.ready()
        await stage.store._db.client.admin.command({"setParameter": 1, "journalCommitInterval": JOURNAL_MS})
        await asyncio.gather(*(stage.providers.gateway.receive(f"+62{next(numbers)}", "BANTUAN") for _ in range(BURST)))
        stage.kill_all_and_mongod()
        await stage.restart_mongod()
