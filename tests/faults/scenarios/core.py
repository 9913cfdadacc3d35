"""The routing core answers with errors, pages, nothing, halves and lies, loses its answers, refuses reports, and is away for six hours of
business time; its events are forged, repeated and shuffled. Every report gets its one ticket all the same, and nobody is mute meanwhile.
"""

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from bot import clock_moving
from tests.acceptance.citizens import receipt
from tests.acceptance.processes import command
from tests.fakes.core import Fault
from tests.faults.faulty_core import FaultyCore
from tests.faults.findings import Document
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged

MEDIA = ("telegram", "whatsapp", "sms") * 4
LATE_MEDIA = ("telegram", "whatsapp", "sms") * 2
"""Of those who write while the core is away."""
PROCESSES = {"web-1": "web", "worker-1": "worker", "worker-2": "worker"}
PATIENCE = ("--core-seconds", "1.0")
SLOWNESS = 2.0
"""Seconds of a slow answer: longer than this patience."""
REFUSALS: Mapping[Fault, str] = {Fault.CONFLICT: "conflict", Fault.REFUSED: "refused"}
"""409 and 422, and as what the report is parked then."""
AWAY = timedelta(hours=6)
STEP = timedelta(minutes=20)
"""By which business time moves while the core is away."""
HURRY = timedelta(seconds=90)
"""By which it moves each half second at other times: nobody sits through a back-off of five minutes."""


async def run(request: Request) -> Outcome:
    """Spoilt, then away, then back and mended; the reports that were refused are replayed by an operator."""
    conditions = Conditions(request.seed, held=0.3, repeated=0.3, forged=0.3)
    async with staged(request.directory, conditions, request.mongod) as stage:
        core = FaultyCore(stage.environ["CORE_URL"], stage.chance, slowness=SLOWNESS, refusals=tuple(REFUSALS))
        await core.start()
        stage.environ |= {"CORE_URL": core.url, "CLOCK": "movable"}
        for name, role in PROCESSES.items():
            stage.keep(name, role, lambda: PATIENCE)
        await stage.ready()
        people = asyncio.create_task(stage.crowd.each_lives(MEDIA, len(MEDIA)))
        async with _hurrying(stage):
            await asyncio.wait({people}, timeout=15)
        latecomers = asyncio.create_task(stage.crowd.each_lives(LATE_MEDIA, len(LATE_MEDIA)))
        mute = await _away(stage, core)
        async with _hurrying(stage):
            core.pardon()
            refused = await _replayed(stage)
            found = await settled(stage, asyncio.gather(people, latecomers), 90.0)
        await core.stop()
        outcome = judged(
            found,
            nobody_is_mute_meanwhile=mute,
            every_refused_report_is_parked_with_its_reason=_differing(refused),
            no_forged_event_is_believed=[f"{times} answered {status}" for status, times in stage.line.forgeries.items() if status != 403],
            every_fault_is_made=[fault.name.lower() for fault in REFUSALS if not core.spoilt.get(fault.name.lower())],
        )
    spoilt = {"spoilt": sum(core.spoilt.values()), "answers_lost": core.spoilt.get("lost_answer", 0)}
    forged = {"forged": sum(stage.line.forgeries.values()), "refused": len(refused)}
    return Outcome({"hours_away": AWAY // timedelta(hours=1), **spoilt, **forged, **outcome.counts}, outcome.wrong)


async def _away(stage: Stage, core: FaultyCore) -> list[str]:
    """Six hours without a core; who has no receipt at the end of it, though their words are known to us."""
    await core.go_down()
    for _ in range(AWAY // STEP):
        await asyncio.sleep(0.5)
        await _move(stage, STEP)
    mute = [str(number) for number, each in enumerate(stage.crowd.citizens) if not receipt(told.text for told in each.heard)]
    await core.come_up()
    return mute


async def _replayed(stage: Stage) -> list[Document]:
    """What is parked, as it was, once an operator has replayed it."""
    parked = await stage.store._db["parked"].find({"what": "report"}, {"reason": 1}).to_list(None)
    for document in parked:
        done = await command("bot", "parked", "replay", document["_id"], cwd=stage.directory, environ=stage.environ)
        assert done.status == 0, done.err
    return parked


def _differing(parked: list[Document]) -> list[str]:
    reasons = sorted(document["reason"] for document in parked)
    return [] if sorted(REFUSALS.values()) == reasons else [f"parked: {', '.join(reasons) or 'nothing'}"]


@asynccontextmanager
async def _hurrying(stage: Stage):
    """Business time runs faster meanwhile."""

    async def hurry() -> None:
        while True:
            await asyncio.sleep(0.5)
            await _move(stage, HURRY)

    task = asyncio.create_task(hurry())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _move(stage: Stage, by: timedelta) -> None:
    marks = stage.store.marks
    await clock_moving.move(marks, await clock_moving.ahead(marks) + by)
