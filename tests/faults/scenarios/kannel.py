"""A real Kannel restarted in mid-flight, and a web process killed with it: every SMS of either side arrives."""

import asyncio

from tests.faults.kannel_gateway import KannelGateway
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged

MEDIA = ("sms",) * 6
PROCESSES = {"web-1": "web", "web-2": "web", "worker-1": "worker"}
RESTARTS = 3
BETWEEN = 2.5
"""Seconds."""


async def run(request: Request) -> Outcome:
    """While people write by SMS."""
    conditions = Conditions(request.seed, alternate=True)
    async with staged(request.directory, conditions, request.mongod) as stage:
        gateway, data = KannelGateway(stage), request.directory.with_name("kannel-data")
        data.mkdir()
        async with gateway.behind(data):
            before, stage.providers.gateway = stage.providers.gateway, gateway
            stage.environ |= gateway.settings()
            for name, role in PROCESSES.items():
                stage.keep(name, role)
            await stage.ready()
            people = asyncio.create_task(stage.crowd.each_lives(MEDIA, len(MEDIA)))
            await _restart(stage, gateway)
            found = await settled(stage, people, 90.0)
            await _all_heard(gateway)
            await stage.end()
            stage.providers.gateway = before
        left = gateway.still_under_way()
        outcome = judged(found, every_sms_reaches_its_phone=[f"{left} have not"] if left else [])
    return Outcome({"restarts": RESTARTS, **outcome.counts}, outcome.wrong)


async def _restart(stage: Stage, gateway: KannelGateway) -> None:
    for number in range(RESTARTS):
        await asyncio.sleep(BETWEEN)
        if number == RESTARTS - 1:
            stage.kill("web-1")
        await gateway.restart()


async def _all_heard(gateway: KannelGateway, seconds: float = 15.0) -> None:
    for _ in range(round(seconds / 0.1)):
        if not gateway.still_under_way():
            return
        await asyncio.sleep(0.1)
