"""The offices' clock when it may be moved: practice need not wait ten working days for a deadline.

Only what the workflow decides goes by it. Leases, retries and signatures keep the real time.
"""

from datetime import datetime, timedelta

from core.clock import Now
from core.store.connection import MongoDatabase, available


class MovedClock:
    """A clock ahead of the real one by an offset that the database keeps."""

    def __init__(self, database: MongoDatabase, real: Now) -> None:
        """Not ahead, until `load` or `put`."""
        self._counters = database["counters"]
        self._real = real
        self.offset = timedelta()

    def now(self) -> datetime:
        """The offices' present moment."""
        return self._real() + self.offset

    @available
    async def load(self) -> None:
        """Take over what the database says."""
        document = await self._counters.find_one({"_id": "clock"})
        self.offset = timedelta(seconds=document["offset_seconds"] if document else 0)

    @available
    async def put(self, offset: timedelta) -> None:
        """Be so far ahead from now on."""
        await self._counters.update_one({"_id": "clock"}, {"$set": {"offset_seconds": int(offset.total_seconds())}}, upsert=True)
        self.offset = offset
