"""The checker is checked: each deliberate defect must turn a small run red, by the invariant that is there for it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from bot.store.mongod import EmbeddedMongod
from tests.faults.defects import DEFECTS, Defect
from tests.faults.scenario import Outcome, Request, judged, settled, total
from tests.faults.scenarios import frozen
from tests.faults.stage import Conditions, Stage, staged
from tests.faults.steps import WEB, WORKER, role_of

AT_ONCE = 2
"""Defects tried at the same time."""
MEDIA = ("telegram", "whatsapp", "sms", "telegram", "sms", "whatsapp")
COLD_ROUNDS = 3
PATIENCE = 25.0
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
        points = {role: deque(point for point in defect.at if role_of(point) == role) for role in (WEB, WORKER)}

        def flags(role: str) -> Sequence[str]:
            return ("--defect", name, *(("--at", points[role].popleft()) if points[role] else ()))

        for process, role in {"web-1": WEB, "web-2": WEB, "worker-1": WORKER}.items():
            stage.keep(process, role, lambda role=role: flags(role))
        if defect.cold:
            people = asyncio.create_task(_written_and_lost(stage))
        else:
            people = asyncio.create_task(stage.crowd.each_lives(MEDIA, len(MEDIA)))
        found = await settled(stage, people, PATIENCE)
        return judged(found)


async def _written_and_lost(stage: Stage) -> None:
    """People write while the database is killed, again and again."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as people:
        people.create_task(stage.crowd.write_until(enough, MEDIA))
        for _ in range(COLD_ROUNDS):
            await stage.store._db.client.admin.command({"setParameter": 1, "journalCommitInterval": JOURNAL_MS})
            await stage.ready()
            await asyncio.sleep(2)
            stage.kill_all_and_mongod()
            await stage.restart_mongod()
        enough.set()
