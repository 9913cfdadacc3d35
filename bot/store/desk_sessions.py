"""Sessions of the desk, and how often somebody has tried to get in. The server erases both when they are over."""

from dataclasses import asdict
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from bot.staff.model import Session, Stage
from bot.store.connection import Collection, Document, translated

_STEEPEST = 30
"""Powers of two that are worked out: beyond, every `longest` is reached."""


class Sessions:
    """Implements `staff.ports.SessionStore`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def insert(self, session: Session, idle_ends_at: datetime) -> None:
        """Keep it."""
        document = {**asdict(session), "stage": session.stage.value, "idle_ends_at": idle_ends_at, "_id": session.id}
        del document["id"]
        with translated():
            await self._collection.insert_one(document)

    async def load(self, id_: str, now: datetime) -> Session | None:
        """By id, unless it is over: the server takes up to a minute to erase it."""
        with translated():
            document = await self._collection.find_one({"_id": id_, "idle_ends_at": {"$gt": now}})
        return None if document is None else _session(document)

    async def seen(self, id_: str, at: datetime, idle_ends_at: datetime) -> None:
        """Somebody is still there."""
        with translated():
            await self._collection.update_one({"_id": id_}, {"$max": {"seen_at": at, "idle_ends_at": idle_ends_at}})

    async def keep_secret(self, id_: str, secret: str) -> None:
        """Set `secret`."""
        with translated():
            await self._collection.update_one({"_id": id_}, {"$set": {"secret": secret}})

    async def delete(self, id_: str) -> None:
        """End it."""
        with translated():
            await self._collection.delete_one({"_id": id_})


class Attempts:
    """Implements `staff.ports.AttemptStore`: a document a key, `{count, next_at, forget_at}`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def reserve(self, key: str, now: datetime, *, free: int, longest: timedelta, patience: timedelta, forget: timedelta) -> timedelta:
        """One more attempt, in one atomic write; how long to wait for it. See `staff.ports.AttemptStore`."""
        # A key that is forgotten but not yet erased counts from the start.
        count = {"$cond": [{"$gt": ["$forget_at", now]}, {"$ifNull": ["$count", 0]}, 0]}
        start = {"$max": [now, {"$ifNull": ["$next_at", now]}]}
        wait = {"$subtract": ["$start", now]}
        doublings = {"$min": [{"$subtract": ["$count", free]}, _STEEPEST]}
        pause = {"$min": [{"$multiply": [{"$pow": [2, doublings]}, 1000]}, longest.total_seconds() * 1000]}
        taken = {
            "count": {"$add": ["$count", 1]},
            "next_at": {"$add": ["$start", {"$cond": [{"$lt": ["$count", free]}, 0, pause]}]},
            "wait": wait,
            "forget_at": now + forget,
        }
        sent_away = {"count": "$count", "next_at": "$start", "wait": wait, "forget_at": {"$ifNull": ["$forget_at", now + forget]}}
        impatient = {"$gt": [wait, patience.total_seconds() * 1000]}
        with translated():
            document = await self._collection.find_one_and_update(
                {"_id": key},
                [
                    {"$set": {"count": count, "start": start}},
                    {"$replaceWith": {"$mergeObjects": [{"_id": "$_id"}, {"$cond": [impatient, sent_away, taken]}]}},
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return timedelta(milliseconds=document["wait"])

    async def forgive(self, key: str) -> None:
        """It was the right one: one attempt less, and nobody waits for it."""
        with translated():
            await self._collection.update_one({"_id": key, "count": {"$gt": 0}}, {"$inc": {"count": -1}, "$unset": {"next_at": ""}})

    async def clear(self, key: str) -> None:
        """Forget them all."""
        with translated():
            await self._collection.delete_one({"_id": key})


def _session(document: Document) -> Session:
    return Session(
        id=document["_id"],
        account=document["account"],
        epoch=document["epoch"],
        stage=Stage(document["stage"]),
        started_at=document["started_at"],
        seen_at=document["seen_at"],
        ends_at=document["ends_at"],
        secret=document["secret"],
    )
