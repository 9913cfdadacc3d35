"""What a scenario is: a coroutine that breaks things on a stage, and an outcome that says what was counted and what does not hold."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.store.mongod import EmbeddedMongod
from tests.faults.findings import Findings
from tests.faults.invariants import LOSSES, broken
from tests.faults.stage import Stage


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    seed: int
    directory: Path
    """For logs and data of this scenario."""
    mongod: EmbeddedMongod
    """Shared by the scenarios that leave it alone."""
    warm: int
    """Web or worker processes to be killed."""
    cold: int
    """The same with the database, all at once."""
    ids: int
    """Messages to be redelivered."""
    failovers: int
    """How often a replica set loses its primary."""
    true_lease: bool
    """Freeze processes past the product's own lease, not a shortened one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one run."""

    counts: Mapping[str, int]
    wrong: Mapping[str, list[str]]
    """What does not hold, by the invariant's name; empty when all is well."""


Scenario = Callable[[Request], Awaitable[Outcome]]


async def settled(stage: Stage, people: Awaitable[object], seconds: float) -> Findings:
    """Wait for everybody to be served and for everything to be quiet, but no longer than this; what is found then."""
    with contextlib.suppress(TimeoutError):  # an invariant says who still waits
        await asyncio.wait_for(people, seconds)
    await stage.post.finished(10.0)
    await stage.quiet(seconds)
    return await stage.findings()


def judged(found: Findings, **more: list[str]) -> Outcome:
    """The outcome by all invariants; `more`: what a scenario has found by itself."""
    wrong = {**broken(found), **{name: lines for name, lines in more.items() if lines}}
    return Outcome(counts(found, wrong), wrong)


def counts(found: Findings, wrong: Mapping[str, list[str]]) -> dict[str, int]:
    """What every run prints."""
    ledger = found.ledger
    return {
        "accepted": len(ledger.accepted),
        "lost": sum(len(lines) for name, lines in wrong.items() if name in LOSSES),
        "duplicated": len(ledger.repeats()),
        "recovered": sum(each.attempts > 1 for each in ledger.accepted.values()),
        "told": len(ledger.told),
        "tickets": len(found.filed),
        "parked": len(found.parked),
    }


def total(outcomes: list[Mapping[str, int]]) -> dict[str, int]:
    """Several runs' counts together."""
    together: Counter[str] = Counter()
    for each in outcomes:
        together.update(each)
    return dict(together)
