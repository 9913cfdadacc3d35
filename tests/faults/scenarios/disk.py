"""The database is away, and the spool's disk is full: what no longer fits is answered 503, nothing is half written, and what was answered
200 is applied when the database is back.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from bot.store.mongod import EmbeddedMongod
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.scenarios.failover import LEASE, entries, with_spool
from tests.faults.stage import Conditions, Stage, staged
from tests.freezing import freeze

ROOM_KIB = 96
"""How much the disk holds: some dozens of messages."""
WORDS = "BANTUAN " + "tolong " * 150
MESSAGES = 120
AT_ONCE = 10
WRITERS = ("telegram", "sms")
"""Who writes before and after, so that there is something to lose."""


async def run(request: Request) -> Outcome:
    """Fill it."""
    request.directory.mkdir(parents=True, exist_ok=True)
    mongod = EmbeddedMongod(request.directory / "mongod")
    await mongod.start()
    try:
        async with staged(request.directory, Conditions(request.seed, lease=LEASE), mongod) as stage:
            return await _fill(stage, mongod)
    finally:
        await mongod.stop()


async def _fill(stage: Stage, mongod: EmbeddedMongod) -> Outcome:
    spool = with_spool(stage)
    with small(spool) as is_mounted:
        if not is_mounted:
            stage.environ["SPOOL_MEGABYTES"] = str(ROOM_KIB / 1024)
        for name, role in {"web-1": "web", "worker-1": "worker"}.items():
            stage.keep(name, role)
        await stage.ready()
        people = asyncio.create_task(stage.crowd.each_lives(WRITERS, len(WRITERS)))
        await asyncio.sleep(1)
        with stage.ledger.breaking("mongod"):
            freeze(mongod.pid)
            taken = await _write(stage)
            kept, halves = entries(spool), [path.name for path in spool.rglob("*.new")]
            os.kill(mongod.pid, signal.SIGCONT)
        found = await settled(stage, people, 60.0)
        left = entries(spool)
        await stage.end()  # before its disk goes
    refused = stage.ledger.calls["503"]
    outcome = judged(
        found,
        the_disk_is_full=[] if 0 < taken < MESSAGES and refused else [f"{taken} of {MESSAGES} were taken, {refused} calls refused"],
        nothing_is_half_written=halves,
        the_spool_is_empty_at_the_end=[f"{left} entries"] if left else [],
    )
    return Outcome({"small_disk": int(is_mounted), "spooled": kept, "refused": refused, **outcome.counts}, outcome.wrong)


async def _write(stage: Stage) -> int:
    """Others write, each until they are taken or were refused once; how many were taken."""
    numbers, gate = count(858_000_001), asyncio.Semaphore(AT_ONCE)

    async def one() -> bool:
        async with gate:
            return await stage.providers.gateway.tries(f"+62{next(numbers)}", WORDS)

    return sum(await asyncio.gather(*(one() for _ in range(MESSAGES))))


@contextmanager
def small(folder: Path) -> Iterator[bool]:
    """A disk of its own for this folder, in memory; False where nobody may mount one."""
    is_mounted = _done("mount", "-t", "tmpfs", "-o", f"size={ROOM_KIB}k", "tmpfs", str(folder))
    try:
        yield is_mounted
    finally:
        if is_mounted:
            assert _done("umount", str(folder))


def _done(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603  # our own words
