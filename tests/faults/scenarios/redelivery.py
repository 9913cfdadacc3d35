"""Every message three to ten times, in parallel and shuffled, over two web processes on one port: applied once, answered once."""

import asyncio

from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, staged

AT_ONCE = 48
IDS = {"telegram": 12, "whatsapp": 12, "sms": 5}
"""How many messages a citizen's story takes."""


async def run(request: Request) -> Outcome:
    """So many ids in all, a third of the citizens on each medium."""
    conditions = Conditions(request.seed, copies=(3, 10), spread=4.0, pause=0.0, lease=None)
    citizens = -(-request.ids // sum(IDS.values()))
    async with staged(request.directory, conditions, request.mongod) as stage:
        for name, role in {"web-1": "web", "web-2": "web", "worker-1": "worker"}.items():
            stage.keep(name, role)
        await stage.ready()
        people = asyncio.create_task(stage.crowd.each_lives(tuple(IDS) * citizens, AT_ONCE))
        found = await settled(stage, people, 60.0 + request.ids / 20)
        outcome = judged(found)
    ids = len(stage.ledger.accepted)
    short = [] if ids >= request.ids else [f"{ids} of {request.ids}"]
    wrong = {**outcome.wrong, **({"as_many_ids_as_asked": short} if short else {})}
    return Outcome({"deliveries": stage.ledger.calls["200"], **outcome.counts}, wrong)
