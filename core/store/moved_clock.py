"""How far business time has been moved ahead, for demonstrations and tests: one document, which there is not otherwise."""

from datetime import timedelta

from core.store.connection import MongoDatabase, available


class MovedClock:
    """The document `business` of the collection `clock`."""

    def __init__(self, database: MongoDatabase) -> None:
        self._clock = database["clock"]

    @available
    async def ahead(self) -> timedelta:
        """How far."""
        document = await self._clock.find_one({"_id": "business"})
        return timedelta(seconds=document["ahead_seconds"] if document else 0)

    @available
    async def move(self, ahead: timedelta) -> None:
        """Be so far ahead; never back."""
        await self._clock.update_one({"_id": "business"}, {"$max": {"ahead_seconds": ahead.total_seconds()}}, upsert=True)
