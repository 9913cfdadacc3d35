"""SIGSTOP past the lease, then SIGCONT: others have carried on meanwhile, and the zombie writes nothing.

A web is frozen with further replies of the same conversation in hand, a worker before it forwards a report.
"""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

from tests.acceptance.processes import Process
from tests.faults.ledger import Fault
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import LEASE, Conditions, Stage, staged

MEDIA = ("telegram", "whatsapp", "sms", "sms")
TALKER = "+6285700000001"
BURST = 4
"""Messages of one person at once: their replies are in one lane."""


async def run(request: Request, *flags: str) -> Outcome:
    """`flags`: what else is done to every process."""
    conditions = Conditions(request.seed, lease=None if request.true_lease else LEASE, patience=6.0)
    async with staged(request.directory, conditions, request.mongod) as stage:
        web = await stage.start("web-1", "web", "--at", "after:send", "--signal", "STOP", *flags)
        worker = await stage.start("worker-1", "worker", "--at", "before:forward", "--signal", "STOP", *flags)
        talker = asyncio.create_task(_talk(stage))
        since = {"web-1": await _stopped(web)}
        await stage.start("web-2", "web", *flags)
        people = asyncio.create_task(stage.crowd.each_lives(MEDIA, len(MEDIA)))
        since["worker-1"] = await _stopped(worker)
        await stage.start("worker-2", "worker", *flags)
        found = await settled(stage, asyncio.gather(people, talker), 60.0)
        written = await _woken(stage, found, {"web-1": web, "worker-1": worker}, since)
        outcome = judged(await stage.findings(), zombies_write_nothing=written)
    return Outcome({"frozen": 2, **outcome.counts}, outcome.wrong)


async def _talk(stage: Stage) -> None:
    """One who writes several messages at once, so that a process has several replies in hand."""
    gateway = stage.providers.gateway
    all_applied = gateway.gates[TALKER] = asyncio.Event()  # the first reply is under way until then
    await asyncio.gather(*(gateway.receive(TALKER, "BANTUAN") for _ in range(BURST)))
    all_applied.set()


async def _stopped(process: Process) -> float:
    """Wait until it is frozen; since when."""
    async with asyncio.timeout(30):
        while _state(process.pid) != "T":  # noqa: ASYNC110  # the kernel tells nobody else
            await asyncio.sleep(0.02)
    return time.monotonic()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def _woken(stage: Stage, before: Any, zombies: dict[str, Process], since: dict[str, float]) -> list[str]:
    """Let them go on; which documents they have changed."""
    for name, process in zombies.items():
        process.signal(signal.SIGCONT)
        stage.ledger.faults.append(Fault("stopped", frozenset({process.pid}), since[name], time.monotonic()))
    await asyncio.sleep(3)
    after = await stage.findings()
    changed = [f"{id_.partition(':')[0]} conversation" for id_, one in before.conversations.items() if after.conversations[id_] != one]
    reports = {report["_id"]: report for report in after.reports}
    return changed + [f"report {report['_id']}" for report in before.reports if reports[report["_id"]] != report]
