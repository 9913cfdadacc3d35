"""Deliberate defects: the product as if it had forgotten one of its promises. Each must turn a run red, or the checker is blind.

They patch the product inside a victim's process, and nowhere else.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import uuid4

import orjson
from pymongo.errors import PyMongoError

from tests.faults.victim import wrap

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Defect:
    """One promise forgotten."""

    install: Callable[[], None]
    expected: frozenset[str]
    """The invariants of which at least one must say so."""
    at: tuple[str, ...] = ()
    """Points at which processes must be struck for it to show."""
    by_any: bool = False
    """By each kind of process: which of them carries out an effect is a matter of chance."""
    frozen: bool = False
    """It shows when a process sleeps past its lease."""
    cold: bool = False
    """It shows when the database is killed."""
    copies: tuple[int, int] = (1, 1)
    """How often each message comes."""
    held: float = 0.0
    """The share of the core's events that are overtaken."""


def _around(place: str, defective: Callable[..., Any]) -> Callable[[], None]:
    """`defective(true, *args)` stands at `place` from now on."""

    def wrapper(true: Function) -> Function:
        @functools.wraps(true)
        def called(*args: Any, **kwargs: Any) -> Any:
            return defective(true, *args, **kwargs)

        return called

    return lambda: wrap(place, wrapper)


def _drop_the_unique_id() -> None:
    """And the index that would refuse the receipt: a process that starts does not make it again."""
    from bot.store import schema

    indexes = schema.INDEXES[schema.REPORTS]
    schema.INDEXES[schema.REPORTS] = [index for index in indexes if index.document["name"] != "receipt"]
    _around("bot.store.reports:Reports.insert", _file_under_a_new_id)()


async def _file_under_a_new_id(true: Function, self: Any, report: Any) -> None:
    with suppress(PyMongoError):  # another process has dropped it already
        await self._collection.drop_index("receipt")
    id_ = uuid4().hex
    await true(self, replace(report, id=id_, body={**report.body, "id": id_}))


_answered_early: set[asyncio.Task[None]] = set()


async def _answer_before_the_write(true: Function, services: Any, received: Any) -> None:
    async def later() -> None:
        await asyncio.sleep(0.2)
        await true(services, received)

    task = asyncio.create_task(later())
    _answered_early.add(task)
    task.add_done_callback(_answered_early.discard)


async def _held_by_anybody(_true: Function, _self: Any, _id: str, _fence: int) -> bool:
    return True


def _drop_the_fence() -> None:
    _around("bot.store.lanes:Lanes.held_by", _held_by_anybody)()
    _around("bot.store.settlement:_holds", lambda _true, _settlement: {"$literal": True})()


_attempts = count(1)


async def _file_under_a_new_key(true: Function, self: Any, report_id: str, payload: bytes, *, unsure: bool) -> Any:
    """Each further attempt gets a key of its own."""
    if not unsure:
        return await true(self, report_id, payload, unsure=False)
    key = f"{report_id}-{next(_attempts)}"
    return await true(self, key, orjson.dumps(orjson.loads(payload) | {"id": key}), unsure=False)


def _write_to_memory_only(true: Function, url: str, database: str | None = None, **more: Any) -> Any:
    from pymongo import WriteConcern
    from pymongo.read_concern import ReadConcern

    return true(url, database, **more).with_options(write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local"))


_settled = count(1)


async def _forget_to_settle(true: Function, self: Any, settlement: Any) -> None:
    """Every third time."""
    if next(_settled) % 3 or not settlement.done:
        await true(self, settlement)


def _push_in_front(_true: Function, self: Any, effects: Sequence[Any]) -> None:
    """What comes later goes first."""
    for effect in effects:
        if effect.id not in self._known:
            self._known.add(effect.id)
            queue = self._queues.setdefault(effect.lane, deque())
            queue.insert(min(1, len(queue)) if self._busy else 0, effect)
    if self._busy:
        self._start_lanes()


async def _apply_whatever_comes(_true: Function, self: Any, conversation: str, batch: Sequence[Any], *, refused: bool = False) -> None:
    """Without looking whether it is known."""
    for _ in range(20):
        stored = self._live.get(conversation) or await self._conversations.load(conversation)
        if await self._apply_new(stored, batch, refused=refused):
            return


async def _log_what_is_said(true: Function, self: Any, message: Any) -> None:
    from bot import logs

    logs.get_logger(__name__).info("heard", text=message.text)
    await true(self, message)


_spoken_to: dict[str, list[str]] = {}
"""By transport: the last two people to whom this process has said something."""


async def _say_to_another_as_well(true: Function, self: Any, owner: str, effect: Any, pending: Any) -> Any:
    """Every word goes also to whom something was said before on the same transport: the right one gets it too, so that the talks go on."""
    latest = _spoken_to.setdefault(owner.partition(":")[0], [])
    if owner not in latest:
        latest[:] = [*latest[-1:], owner]
    for another in latest:
        if another != owner:
            await true(self, another, effect, pending)
    return await true(self, owner, effect, pending)


def _forget_the_sequence(true: Function, report: Any, event: Any, now: Any) -> Any:
    return true(replace(report, sequence=0), event, now)


async def _keep_the_ticket_quiet(true: Function, self: Any, owner: str, filed: Any) -> None:
    """Taken over without a word."""
    from bot.report_change import Change, change

    del true
    await change(self._reports, owner, lambda report: None if report.ticket else Change({"ticket": filed.ticket}), self._now())


DEFECTS: Mapping[str, Defect] = {
    "unique-id-dropped": Defect(
        _drop_the_unique_id,
        frozenset({"every_receipt_is_one_report", "every_ticket_is_one_report"}),
        at=("after:file", "after:file", "after:file"),
        by_any=True,
    ),
    "answer-before-write": Defect(
        _around("bot.web:_apply", _answer_before_the_write),
        frozenset({"every_accepted_message_is_applied_once"}),
        at=("after:answer", "after:answer", "after:answer"),
    ),
    "no-fence": Defect(_drop_the_fence, frozenset({"repeats_follow_a_fault", "zombies_write_nothing"}), frozen=True),
    "new-key-a-retry": Defect(
        _around("bot.forwarder.core:CoreTarget.file", _file_under_a_new_key),
        frozenset({"every_report_has_one_ticket", "every_ticket_is_one_report"}),
        at=("after:forward", "after:forward"),
    ),
    "memory-only-writes": Defect(
        _around("bot.store.connection:connect", _write_to_memory_only),
        frozenset({"every_accepted_message_is_applied_once"}),
        cold=True,
    ),
    "settle-forgotten": Defect(
        _around("bot.store.conversations:Conversations.settle", _forget_to_settle),
        frozenset({"repeats_follow_a_fault", "queues_are_empty"}),
    ),
    "lane-order-lost": Defect(_around("bot.carriage:Carriage.extend", _push_in_front), frozenset({"replies_come_in_order"})),
    "dedupe-forgotten": Defect(
        _around("bot.intake:Intake._apply", _apply_whatever_comes),
        frozenset({"every_accepted_message_is_applied_once"}),
        copies=(2, 3),
    ),
    "words-logged": Defect(_around("bot.intake:Intake.apply", _log_what_is_said), frozenset({"nobody_stands_in_a_log"})),
    "words-to-another": Defect(_around("bot.speech:Speech.say", _say_to_another_as_well), frozenset({"nothing_reaches_another"})),
    "status-backwards": Defect(_around("bot.tracking:_decide", _forget_the_sequence), frozenset({"status_never_goes_back"}), held=0.5),
    "ticket-untold": Defect(_around("bot.report_effects:ReportErrands.adopt", _keep_the_ticket_quiet), frozenset({"every_ticket_is_told"})),
}
"""By name."""
