"""Small shared state: cursors, and leases for work that only one process may do."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from bot.store.connection import Collection, translated


class Marks:
    """Implements `ports.Marks`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def get(self, name: str) -> str | None:
        """A cursor."""
        with translated():
            document = await self._collection.find_one({"_id": f"cursor {name}"})
        return None if document is None else str(document["value"])

    async def put(self, name: str, value: str) -> None:
        """Set a cursor."""
        with translated():
            await self._collection.update_one({"_id": f"cursor {name}"}, {"$set": {"value": value}}, upsert=True)

    async def lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew; False while another holder's lease stands. `until` = `now` gives it back."""
        mine_or_over = {"_id": f"lease {name}", "$or": [{"holder": holder}, {"until": {"$lte": now}}]}
        with translated():
            try:
                await self._collection.update_one(mine_or_over, {"$set": {"holder": holder, "until": until}}, upsert=True)
            except DuplicateKeyError:
                return False
        return True
