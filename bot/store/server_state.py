"""How the database server does, for `doctor`: asked, and tried with a write as a turn makes it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo.errors import OperationFailure

from bot import clock
from bot.store.connection import Database, translated
from bot.store.schema import MARKS


@dataclass(frozen=True, slots=True)
class ServerState:
    """What was found."""

    version: str
    members: int | None
    """Of the replica set that hold data; None behind a mongos."""
    unhealthy: tuple[str, ...] | None
    """`state` of each member that is neither primary nor secondary; None when we may not ask."""
    write_seconds: float
    """One majority-acknowledged, journaled write."""
    ahead_seconds: float
    """How far the server's clock is ahead of ours."""
    free_bytes: int | None
    """On its disk, where it tells."""
    total_bytes: int | None


_GOOD_STATES = ("PRIMARY", "SECONDARY", "ARBITER")


async def examine(db: Database) -> ServerState:
    """Raises StoreUnavailable."""
    with translated():
        before = clock.now()
        hello = await db.client.admin.command("hello")
        between = before + (clock.now() - before) / 2
        version = (await db.client.admin.command("buildInfo"))["version"]
        stats = await db.command("dbStats")
        took = await _write(db)
    total, used = stats.get("fsTotalSize"), stats.get("fsUsedSize")
    return ServerState(
        version=str(version),
        members=len(hello["hosts"]) + len(hello.get("passives", ())) if "hosts" in hello else None,
        unhealthy=await _unhealthy(db),
        write_seconds=took,
        ahead_seconds=(_aware(hello["localTime"]) - between) / timedelta(seconds=1),
        free_bytes=None if total is None or used is None else int(total - used),
        total_bytes=None if total is None else int(total),
    )


async def _write(db: Database) -> float:
    began = time.perf_counter()
    await db[MARKS].update_one({"_id": "doctor"}, {"$set": {"at": clock.now()}}, upsert=True)
    return time.perf_counter() - began


async def _unhealthy(db: Database) -> tuple[str, ...] | None:
    with translated():
        try:
            status = await db.client.admin.command("replSetGetStatus")
        except OperationFailure:  # our user may not, or this is a mongos
            return None
    return tuple(str(member["stateStr"]) for member in status["members"] if member["stateStr"] not in _GOOD_STATES)


def _aware(moment: datetime) -> datetime:
    """Commands on `admin` answer without our codec."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
