"""Files from simulated phones, as the provider would keep them until they are fetched. Demo and tests only."""

from datetime import datetime

from bot.clock import Now
from bot.store.connection import Database
from bot.store.media import Media


class Uploads:
    """Bytes by upload id. Calling it reads, which is what the simulator wants."""

    def __init__(self, db: Database, name: str, now: Now) -> None:
        """In a bucket of its own: nothing here is evidence."""
        self._files = Media(db, name)
        self._now = now

    async def save(self, upload: str, data: bytes) -> None:
        """Keep it; the same id again keeps the first."""
        await self._files.put(upload, "", data, name=upload, mime="application/octet-stream", at=self._now())

    async def erase(self, before: datetime) -> int:
        """Erase what has been here since before then; how many."""
        return await self._files.erase_unfiled(before)

    async def __call__(self, upload: str) -> bytes | None:
        """The bytes; None when they are not here."""
        found = await self._files.read(upload)
        return None if found is None else b"".join([chunk async for chunk in found[1]])
