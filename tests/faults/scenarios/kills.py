"""kill -9 at every named step, before and after, and at random, under a steady load: web and worker (warm), and the database too (cold)."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace

from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged
from tests.faults.steps import POINTS, WEB, WORKER, role_of, step_at

SLOTS = ("telegram",) * 4 + ("whatsapp",) * 3 + ("sms",) * 3
"""How many citizens write at once, and by what: enough that no process waits for its pass, and few enough to leave it the time to start."""
NAMES = {"web-1": WEB, "web-2": WEB, "worker-1": WORKER, "worker-2": WORKER}
RANDOM = "random"
ONE_KILL_WITHIN = 20.0
"""Seconds: a run takes no longer than this for each kill."""


class Plan:
    """Which process is to be struck next, and where."""

    def __init__(self, warm: int, chance: random.Random) -> None:
        self._chance = chance
        named = list(POINTS)
        chance.shuffle(named)
        drawn = [chance.choice((*POINTS, RANDOM, RANDOM, RANDOM)) for _ in range(warm - len(named))]
        self._waiting = {role: deque(point for point in named if role_of(point) == role) for role in (WEB, WORKER)}
        for point in drawn:
            role = chance.choice((WEB, WORKER)) if point == RANDOM else role_of(point)
            self._waiting[role].append(point)
        self._given: dict[str, str] = {}

    def next_for(self, name: str, role: str) -> Sequence[str]:
        """A victim's options. What its predecessor was given and did not come to is given again."""
        waiting = self._waiting[role]
        if not waiting:
            self._given.pop(name, None)
            return ()
        point = self._given[name] = waiting.popleft()
        return () if point == RANDOM else ("--at", point, "--nth", str(self._chance.randint(1, step_at(point).passes)))

    def give_back(self, names: Sequence[str]) -> None:
        """These were killed by something else."""
        for name in names:
            if point := self._given.pop(name, None):
                self._waiting[NAMES[name]].append(point)

    def is_random(self, name: str) -> bool:
        return self._given.get(name) == RANDOM


async def run(request: Request) -> Outcome:
    """Until all are killed; then everybody is served, and everything must hold. Every point is struck, however few kills are asked for."""
    request = replace(request, warm=max(request.warm, len(POINTS)))
    conditions = Conditions(request.seed, held=0.2, repeated=0.2, alternate=True)
    async with staged(request.directory, conditions, request.mongod) as stage:
        plan = Plan(request.warm, stage.chance)
        for name, role in NAMES.items():
            stage.keep(name, role, lambda name=name, role=role: plan.next_for(name, role))
        enough = asyncio.Event()
        people = asyncio.create_task(stage.crowd.write_until(enough, SLOTS))
        try:
            async with asyncio.timeout(30 + ONE_KILL_WITHIN * (request.warm / 4 + request.cold)):
                await _kill(stage, plan, request)
        except TimeoutError:
            pass  # what was not struck is told below
        enough.set()
        found = await settled(stage, people, 90.0)
    struck = Counter(fault.what for fault in stage.ledger.faults)
    warm = sum(number for what, number in struck.items() if what in (*POINTS, RANDOM))
    outcome = judged(
        found,
        every_step_is_struck=[f"{point} was never struck" for point in POINTS if not struck[point]],
        as_many_kills_as_asked=[] if warm >= request.warm else [f"{warm} of {request.warm}"],
    )
    return Outcome({"warm": warm, "cold": struck["mongod"], "steps": len(set(struck) & set(POINTS)), **outcome.counts}, outcome.wrong)


async def _kill(stage: Stage, plan: Plan, request: Request) -> None:
    """The random kills and the cold ones; those at a step happen by themselves."""
    cold_at = [request.warm * (number + 1) // (request.cold + 1) for number in range(request.cold)]
    while (struck := _warm(stage)) < request.warm:
        if cold_at and struck >= cold_at[0]:
            cold_at.pop(0)
            await _kill_everything(stage, plan)
        for name in NAMES:
            if plan.is_random(name) and stage.is_ready(name) and stage.chance.random() < 0.2:
                stage.kill(name)
        stage.check()
        await asyncio.sleep(0.1)
    while cold_at:
        cold_at.pop(0)
        await asyncio.sleep(2)
        await _kill_everything(stage, plan)


async def _kill_everything(stage: Stage, plan: Plan) -> None:
    plan.give_back(stage.kill_all_and_mongod())
    await stage.restart_mongod()


def _warm(stage: Stage) -> int:
    return sum(fault.what not in ("cold", "mongod") for fault in stage.ledger.faults)
