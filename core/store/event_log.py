"""The log of events, in one stable order, and what of it the intake has not taken yet.

An event is born in its report's `outbox` and moves here afterwards. Its position is the last one plus one, written by insertion under a
unique key: position N exists only after N-1 does, so a reader who has seen N will never find anything new below it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from core.store.connection import Document, MongoDatabase, available

_BATCH = 100
_DUPLICATE_KEY = 11000


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event at its position."""

    position: int
    event: Mapping[str, Any]
    """As it is told."""
    due: datetime | None
    """When the next attempt to send it may begin; None once it is delivered."""
    attempts: int
    """Begun so far."""


class EventLog:
    """The collection `events`; it takes what it holds from `reports`."""

    def __init__(self, database: MongoDatabase) -> None:
        self._reports = database["reports"]
        self._events = database["events"]
        self._appending = asyncio.Lock()

    @available
    async def prepare(self) -> None:
        """Make the indexes; harmless when they are there."""
        await self._reports.create_index("unlogged", sparse=True)
        await self._events.create_index("event.id", unique=True)
        await self._events.create_index("due", partialFilterExpression={"due": {"$exists": True}})

    @available
    async def append_waiting(self, now: datetime) -> int:
        """Move what waits in outboxes into the log; how many events."""
        moved = 0
        async with self._appending:
            while waiting := await self._reports.find({"unlogged": True}, {"outbox": 1, "version": 1}).limit(_BATCH).to_list(_BATCH):
                moved += await self._append([event for report in waiting for event in report["outbox"]], now)
                await self._clear(waiting)
        return moved

    @available
    async def after(self, position: int, limit: int) -> Sequence[LoggedEvent]:
        """The events beyond `position`, in order."""
        found = self._events.find({"_id": {"$gt": position}}).sort("_id", 1).limit(limit)
        return [_logged(document) async for document in found]

    @available
    async def claim_due(self, now: datetime, until: datetime, limit: int) -> Sequence[LoggedEvent]:
        """Take events to be sent now, and hide them from other senders until `until`. Only the first undelivered one of each ticket:
        a ticket's events go out in their order.
        """
        heads = self._events.aggregate(
            [
                {"$match": {"due": {"$exists": True}}},
                {"$project": {"ticket": "$event.ticket", "due": 1}},
                {"$sort": {"_id": 1}},
                {"$group": {"_id": "$ticket", "position": {"$first": "$_id"}, "due": {"$first": "$due"}}},
                {"$match": {"due": {"$lte": now}}},
                {"$sort": {"position": 1}},
                {"$limit": limit},
            ]
        )
        claimed = [
            await self._events.find_one_and_update(
                {"_id": head["position"], "due": head["due"]}, {"$set": {"due": until}, "$inc": {"attempts": 1}}, return_document=True
            )
            async for head in heads
        ]
        return [_logged(document) for document in claimed if document is not None]

    @available
    async def delivered(self, claimed: LoggedEvent, now: datetime) -> None:
        """The intake has it, whoever else may have claimed it meanwhile."""
        await self._events.update_one({"_id": claimed.position}, {"$unset": {"due": ""}, "$set": {"delivered_at": now}})

    @available
    async def put_off(self, claimed: LoggedEvent, until: datetime) -> None:
        """Try again at `until`; no effect when the claim has been lost."""
        await self._events.update_one({"_id": claimed.position, "due": claimed.due}, {"$set": {"due": until}})

    @available
    async def erase(self, ticket: str) -> None:
        """Forget a ticket's events, all but the newest of the log: the next position follows from it."""
        newest = await self._events.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        await self._events.delete_many({"event.ticket": ticket, "_id": {"$lt": newest["_id"] if newest else 0}})

    async def _append(self, events: Sequence[Document], now: datetime) -> int:
        """Give the new ones the next positions. None when another process appends at this moment: the next turn finds them again."""
        ids = [event["id"] for event in events]
        known = {document["event"]["id"] async for document in self._events.find({"event.id": {"$in": ids}}, {"event.id": 1})}
        last = await self._events.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        first = 1 if last is None else last["_id"] + 1
        fresh = [event for event in events if event["id"] not in known]
        documents = [{"_id": position, "event": event, "due": now, "attempts": 0} for position, event in enumerate(fresh, first)]
        if not documents:
            return 0
        try:
            await self._events.insert_many(documents, ordered=True)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
                raise
            return int(error.details["nInserted"])
        return len(documents)

    async def _clear(self, waiting: Sequence[Document]) -> None:
        """Empty the outboxes whose events are all in the log, unless a report has moved on since: then the next turn does."""
        ids = [event["id"] for report in waiting for event in report["outbox"]]
        known = {document["event"]["id"] async for document in self._events.find({"event.id": {"$in": ids}}, {"event.id": 1})}
        done = [report for report in waiting if all(event["id"] in known for event in report["outbox"])]
        if not done:
            return
        await self._reports.bulk_write(
            [
                UpdateOne({"_id": report["_id"], "version": report["version"]}, {"$set": {"outbox": []}, "$unset": {"unlogged": ""}})
                for report in done
            ],
            ordered=False,
        )


def _logged(document: Document) -> LoggedEvent:
    return LoggedEvent(document["_id"], document["event"], document.get("due"), document["attempts"])
