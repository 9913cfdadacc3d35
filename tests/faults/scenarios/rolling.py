"""A rolling deploy, and back: two versions of the program share every conversation, message by message."""

import asyncio
import re
from collections.abc import Collection

from tests.faults.findings import Findings
from tests.faults.next_version import KEY
from tests.faults.scenario import Outcome, Request, judged, settled
from tests.faults.stage import Conditions, Stage, staged

MEDIA = ("telegram", "whatsapp", "sms") * 3
"""Of those who write at once; who is served gives place to another, until the last change of versions is over."""
_APPLIED = re.compile(r'"event_id":"([^"]+)".*"event":"applied_by_next"')


async def run(request: Request) -> Outcome:
    """Old alone, both, the next one alone, and old alone again, while people write."""
    conditions = Conditions(request.seed, alternate=True)
    async with staged(request.directory, conditions, request.mongod) as stage:
        await _started(stage, "old-1")
        enough = asyncio.Event()
        people = asyncio.create_task(stage.crowd.write_until(enough, MEDIA))
        await asyncio.sleep(2)
        await _started(stage, "next-1", "--next")
        await asyncio.sleep(5)
        await _stopped(stage, "old-1")
        await asyncio.sleep(2)
        await _started(stage, "old-2")
        await asyncio.sleep(2)
        await _stopped(stage, "next-1")
        await asyncio.sleep(2)
        enough.set()
        found = await settled(stage, people, 60.0)
        known, lost = _survived(found)
        outcome = judged(
            found,
            unknown_keys_survive=lost,
            both_versions_took_part=[] if known and known < len(stage.ledger.accepted) else [f"{known} by the next version"],
        )
    return Outcome({"by_next": known, **outcome.counts}, outcome.wrong)


async def _started(stage: Stage, name: str, *flags: str) -> None:
    await asyncio.gather(stage.start(f"{name}-web", "web", *flags), stage.start(f"{name}-worker", "worker", *flags))


async def _stopped(stage: Stage, name: str) -> None:
    await asyncio.gather(*(stage.running.pop(f"{name}-{role}").stop() for role in ("web", "worker")))


def _survived(found: Findings) -> tuple[int, list[str]]:
    """How many messages the next version has applied, by its log; and those of which its own key knows nothing any more."""
    said = {id_ for text in found.logs.values() for id_ in _APPLIED.findall(text)}
    kept = {id_ for document in found.conversations.values() for id_ in document["session"].get(KEY, ())}
    return len(said), [f"{id_} is forgotten" for id_ in sorted(said) if not _is_among(id_, kept)]


def _is_among(logged: str, ids: Collection[str]) -> bool:
    """A log redacts what could be a number, also in an id."""
    shown = logged.rpartition("]")[2]
    return logged in ids or (shown != logged and any(id_.endswith(shown) for id_ in ids))
