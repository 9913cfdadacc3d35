"""The database: that it keeps what we promise, has our indexes, room, and the same time."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot import clock_moving
from bot.checks import finding
from bot.checks.finding import Finding, good, note, wrong
from bot.errors import LaporError
from bot.settings import Settings
from bot.store.server_state import ServerState
from bot.store.store import Store

SLOW_SECONDS = 0.5
"""For one write: a turn waits for it, and a provider for the turn."""
FEW_MEMBERS = 3
LITTLE_ROOM = 0.05
"""Of the disk."""


async def check(settings: Settings) -> AsyncIterator[Finding]:
    """What is right and wrong with MONGODB_URL."""
    try:
        store = await Store.open(settings["MONGODB_URL"])
        try:
            missing, state = await store.missing_indexes(), await store.server_state()
            ahead = await clock_moving.ahead(store.marks)
        finally:
            await store.close()
    except LaporError as error:
        yield wrong(f"MONGODB_URL: {error}. Look whether a primary is there (rs.status()), and whether it is reached from here.")
        return
    for each in judge(state):
        yield each
    if missing:
        yield wrong(f"The database lacks indexes ({', '.join(missing)}): run `python -m bot migrate`.")
    else:
        yield good("The database has all its indexes.")
    for each in judge_clock(settings["CLOCK"], ahead):
        yield each


def judge(state: ServerState) -> list[Finding]:
    """What a server's health means."""
    return [_write(state), *_members(state), *_room(state), finding.clock("the database", state.ahead_seconds)]


def _write(state: ServerState) -> Finding:
    told = f"MongoDB {state.version} took a majority-acknowledged, journaled write in {state.write_seconds * 1000:.0f} ms"
    if state.write_seconds <= SLOW_SECONDS:
        return good(f"{told}.")
    return wrong(f"{told}, and a turn waits as long: look at its disks, and at how far secondaries are behind.")


def _members(state: ServerState) -> list[Finding]:
    found = []
    if state.unhealthy:
        found.append(
            wrong(f"Members of the replica set are {', '.join(state.unhealthy)}: look at rs.status(); one more may stop all writes.")
        )
    if state.members is not None and state.members < FEW_MEMBERS:
        found.append(
            note(f"The replica set has {state.members} member(s) with data: production needs three, or the loss of one loses messages.")
        )
    return found


def _room(state: ServerState) -> list[Finding]:
    if state.free_bytes is None or not state.total_bytes:
        return []
    free = f"{state.free_bytes / 2**30:.0f} GiB ({state.free_bytes / state.total_bytes:.0%})"
    if state.free_bytes / state.total_bytes < LITTLE_ROOM:
        return [wrong(f"Only {free} are free on the database's disk: make room; when it is full, nothing more is taken in.")]
    return [good(f"On the database's disk {free} are free.")]


def judge_clock(setting: str, ahead: timedelta) -> list[Finding]:
    """Whether business time is real."""
    if setting == "real":
        return []
    days = ahead / timedelta(days=1)
    return [note(f"CLOCK is movable, and business time {days:.1f} days ahead: for demonstrations and tests only, never in production.")]
