"""A replica set loses its primary under load: killed, frozen, cut off; and at last its majority for longer than anybody waits.

With a spool every webhook is answered 200 in time all the while, and nothing is lost.
"""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.faults.others import WORDS, ask
from tests.faults.replica_set import Member, ReplicaSet, replica_set
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged

SLOTS = ("telegram",) * 4 + ("whatsapp",) * 3 + ("sms",) * 3
PROCESSES = {"web-1": "web", "web-2": "web", "worker-1": "worker"}
LEASE = 10.0
"""Seconds. Who renews it has half of it left, and a call to the database may take four: as with the true one, that must be enough."""
ANSWERED_WITHIN = 4.0
"""Seconds."""
LOAD_BEFORE, LOAD_WITHOUT = 2.0, 3.0
"""Seconds of load before each fault, and with the next primary before what is broken comes back."""
NEWCOMERS = 10
"""Who write while the majority is away: those who wrote before may all be waiting for answers."""
MAJORITY_AWAY = 8.0
"""Seconds: more than the program and the database's driver wait."""


FAULTS: Mapping[str, Callable[[ReplicaSet, Member], Awaitable[None]]] = {
    "killed": ReplicaSet.kill,
    "frozen": ReplicaSet.freeze,
    "cut_off": ReplicaSet.cut_off,
    "silent": ReplicaSet.silence,
    "refused": ReplicaSet.refuse,
}
"""In turn. Silent and refused it still reaches the others, who do not reach it."""


async def run(request: Request) -> Outcome:
    """So many primaries, each by the next fault, then the majority."""
    conditions = Conditions(request.seed, lease=LEASE, repeated=0.1, alternate=True)
    async with replica_set(request.directory / "mongod") as members, staged(request.directory, conditions, members) as stage:
        spool = with_spool(stage)
        for name, role in PROCESSES.items():
            stage.keep(name, role)
        await stage.ready()
        enough = asyncio.Event()
        people = asyncio.create_task(stage.crowd.write_until(enough, SLOTS))
        for number in range(request.failovers):
            await _lose_the_primary(stage, members, list(FAULTS)[number % len(FAULTS)])
        spooled = await _lose_the_majority(stage, members, spool)
        enough.set()
        found = await settled(stage, people, 90.0)
        outcome = judged(
            found,
            every_webhook_is_answered_in_time=_late_answers(stage),
            the_spool_is_used_and_empty=[] if spooled and not entries(spool) else [f"{spooled} were in it, {entries(spool)} are left"],
        )
    slowest = round(max(stage.ledger.took) * 1000)
    return Outcome({"failovers": request.failovers, "spooled": spooled, "slowest_ms": slowest, **outcome.counts}, outcome.wrong)


def with_spool(stage: Stage) -> Path:
    """Give the web processes to come a spool; its folder."""
    folder = stage.directory / "spool"
    folder.mkdir()
    stage.environ |= {"SPOOL_DIR": str(folder), "SPOOL_KEY": b64encode(secrets.token_bytes(32)).decode()}
    return folder


def entries(spool: Path) -> int:
    """How many messages wait in it."""
    return len(list(spool.glob("segment-*/*.entry")))


async def _lose_the_primary(stage: Stage, members: ReplicaSet, fault: str) -> None:
    await asyncio.sleep(LOAD_BEFORE)
    primary = await members.primary()
    with stage.ledger.breaking(fault):
        await FAULTS[fault](members, primary)
        await members.primary(members.others(primary))
        await asyncio.sleep(LOAD_WITHOUT)
        await members.mend()
        await members.healthy()


async def _lose_the_majority(stage: Stage, members: ReplicaSet, spool: Path) -> int:
    """How many messages the spool held at the end of it."""
    await asyncio.sleep(LOAD_BEFORE)
    primary = await members.primary()
    with stage.ledger.breaking("majority"):
        for other in members.others(primary):
            await members.freeze(other)
        newcomers = [asyncio.create_task(ask(stage, WORDS)) for _ in range(NEWCOMERS)]
        await asyncio.sleep(MAJORITY_AWAY)
        spooled = entries(spool)
        await members.mend()
        await members.healthy()
    await asyncio.gather(*newcomers)
    return spooled


def _late_answers(stage: Stage) -> list[str]:
    refused = [f"{calls} calls were answered {status}" for status, calls in stage.ledger.calls.items() if status != "200"]
    return refused + [f"one took {seconds:.1f} s" for seconds in stage.ledger.took if seconds > ANSWERED_WITHIN]
