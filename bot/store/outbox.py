"""What went to the simulator and the stand-ins. A TTL index forgets it after a week."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from bot.ports import OutboxItem
from bot.store.connection import Collection, translated
from bot.store.documents import decode_outbox, encode_outbox

_COUNTER = "outbox"
_HEARD: dict[str, Any] = {"said": {"$ne": True}}
"""What went out: not what a simulated citizen said."""


class Outbox:
    """Implements `ports.Outbox`."""

    def __init__(self, collection: Collection, counters: Collection) -> None:
        """`counters` remembers the last number when a quiet week has emptied the outbox."""
        self._collection = collection.with_options(read_concern=ReadConcern("local"))  # no later than what `add` runs into
        self._counters = counters
        self._adding = asyncio.Lock()

    async def add(self, item: OutboxItem) -> None:
        """Append; the same id again is a further item.

        A number is taken only by inserting it, right after the newest that can be seen: whoever reads on `after` a number misses nothing,
        which a counter drawn before the insert could not promise.
        """
        async with self._adding:
            with translated():
                sequence = await self._last()
                inserted = False
                while not inserted:
                    sequence += 1
                    inserted = await self._insert(item, sequence)
                await self._counters.update_one({"_id": _COUNTER}, {"$max": {"value": sequence}}, upsert=True)

    async def newest(self, to: str | None, limit: int) -> Sequence[OutboxItem]:
        """Newest first; `to`: an exact address."""
        return await self._list(_HEARD if to is None else {"to": to, **_HEARD}, -1, limit)

    async def after(self, to: str, sequence: int, limit: int) -> Sequence[OutboxItem]:
        """Oldest first."""
        return await self._list({"to": to, "_id": {"$gt": sequence}, **_HEARD}, 1, limit)

    async def dialogue(self, phones: Sequence[str], sequence: int, limit: int) -> Sequence[OutboxItem]:
        """What was said and heard on simulated phones since then, oldest first."""
        return await self._list({"to": {"$in": list(phones)}, "_id": {"$gt": sequence}}, 1, limit)

    async def last_said(self, phone: str) -> datetime | None:
        """When a simulated citizen wrote last."""
        found = await self._list({"to": phone, "said": True}, -1, 1)
        return found[0].at if found else None

    async def one(self, sequence: int) -> OutboxItem | None:
        """By its number."""
        found = await self._list({"_id": sequence}, 1, 1)
        return found[0] if found else None

    async def _list(self, filter_: dict[str, Any], direction: int, limit: int) -> Sequence[OutboxItem]:
        with translated():
            found = await self._collection.find(filter_).sort("_id", direction).limit(limit).to_list(None)
        return [decode_outbox(document) for document in found]

    async def _last(self) -> int:
        newest = await self._collection.find_one({}, {"_id": 1}, sort=[("_id", -1)])
        if newest is not None:
            return int(newest["_id"])
        counter = await self._counters.find_one({"_id": _COUNTER})
        return 0 if counter is None else int(counter["value"])

    async def _insert(self, item: OutboxItem, sequence: int) -> bool:
        """False: another process has taken this number."""
        try:
            await self._collection.insert_one(encode_outbox(item, sequence))
        except DuplicateKeyError:
            return False
        return True
