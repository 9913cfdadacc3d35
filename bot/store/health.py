"""How the channels and queues are: `{_id: channel, last_*}` for each channel, `{_id: "hour channel", ...}` for what it did in an hour."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.health import RECEIVED, SENT, ChannelHealth, QueueHealth
from bot.store import schema
from bot.store.connection import Collection, Database, Document, translated

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""All of them, counted in the index."""


class Health:
    """Implements `health.HealthStore`."""

    def __init__(self, db: Database) -> None:
        """Over this database."""
        self._channels = db[schema.HEALTH]
        self._db = db

    async def add(self, channel: str, counts: Mapping[str, int], at: datetime) -> None:
        """`counts`: received, sent, or an error code of sending -> how many more."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        counted = {f"counts.{what}": number for what, number in counts.items()}
        lasts = {_last(what): at for what in counts}
        with translated():
            await self._channels.update_one(
                {"_id": f"{hour:%Y-%m-%dT%H} {channel}"}, {"$inc": counted, "$set": {"channel": channel, "hour": hour}}, upsert=True
            )
            await self._channels.update_one(
                {"_id": channel}, {"$max": lasts, "$set": {"channel": channel, "is_channel": True}}, upsert=True
            )

    async def channels(self, since: datetime) -> Sequence[ChannelHealth]:
        """By name; counted by the hour since then."""
        with translated():
            known = await self._channels.find({"is_channel": True}).to_list(None)
            hours = await self._channels.find({"hour": {"$gte": since}}).to_list(None)
        totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for document in hours:
            totals[document["channel"]].update(document["counts"])
        return [_channel(document, totals[document["_id"]]) for document in sorted(known, key=lambda document: str(document["_id"]))]

    async def queues(self, at_most: int) -> Sequence[QueueHealth]:
        """Each queue, counted up to `at_most`."""
        scheduled = {"due": {"$exists": True}}
        return [
            await _queue(self._db[schema.CONVERSATIONS], scheduled, "due", at_most),
            await _queue(self._db[schema.REPORTS], scheduled, "due", at_most),
            await _queue(self._db[schema.HELD], {"at": {"$gt": _EVER}}, "at", at_most),
            await _queue(self._db[schema.PARKED], {"at": {"$gt": _EVER}}, "at", at_most),
        ]


async def _queue(collection: Collection, waiting: Document, since: str, at_most: int) -> QueueHealth:
    with translated():
        oldest = await collection.find_one(waiting, {since: 1}, sort=[(since, 1)])
        count = await collection.count_documents(waiting, limit=at_most) if oldest else 0
    return QueueHealth(collection.name, count, oldest[since] if oldest else None)


def _last(what: str) -> str:
    return {RECEIVED: "last_received", SENT: "last_sent"}.get(what, "last_failed")


def _channel(document: Document, counts: Counter[str]) -> ChannelHealth:
    return ChannelHealth(
        channel=document["_id"],
        received=counts.pop(RECEIVED, 0),
        sent=counts.pop(SENT, 0),
        failed=dict(sorted(counts.items())),
        last_received=document.get("last_received"),
        last_sent=document.get("last_sent"),
        last_failed=document.get("last_failed"),
    )
