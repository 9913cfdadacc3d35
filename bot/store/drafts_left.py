"""Drafts that came to nothing, a document each: {_id, day, how, question, office, erase_at}. Nobody can be found by one."""

from datetime import UTC, datetime, time, timedelta

from bot.drafts_left import DraftLeft
from bot.store.connection import Collection, translated

KEPT_FOR = timedelta(days=500)
"""Longer than any day is counted again."""


class DraftsLeft:
    """Implements `drafts_left.DraftsLeft`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def add(self, left: DraftLeft) -> None:
        """Keep it; the same id again changes nothing."""
        document = {
            "day": left.day.isoformat(),
            "how": left.how.value,
            "question": left.question,
            "office": left.office,
            "erase_at": datetime.combine(left.day, time(), UTC) + KEPT_FOR,
        }
        with translated():
            await self._collection.update_one({"_id": left.id}, {"$setOnInsert": document}, upsert=True)
