"""Evidence. A document a file says what is kept of it and whose it is; GridFS keeps the bytes, under an id of each attempt to put them.

Collection: {_id: media id, attempts: [GridFS ids], conversation?, at?, report?, file?: GridFS id, name, mime, size, sha256}. The write that
sets `file` publishes it, once: two processes that put the same file, or one killed in the middle, can neither mix nor truncate it.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pymongo
from bson import ObjectId
from gridfs.errors import NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket
from pymongo import ReturnDocument, UpdateOne

from bot.ports import MediaInfo
from bot.store.connection import Collection, Database, Document, translated
from bot.store.documents import decode_media

UPLOAD_SECONDS = 60.0
"""For all chunks of a file: twenty megabytes take longer than other calls may."""

_PUBLISHED = {"file": {"$exists": True}}
_UNFILED = {"report": None}


class Media:
    """Implements `ports.Media`."""

    def __init__(self, db: Database, name: str = "media") -> None:
        """`name`: of the collection and of the GridFS bucket."""
        self._files: Collection = db[name]
        self._bucket = AsyncIOMotorGridFSBucket(db, bucket_name=name)

    async def put(self, media_id: str, conversation: str, data: bytes, *, name: str, mime: str, at: datetime) -> MediaInfo:
        """Keep it; the same id again keeps the first. Raises StoreUnavailable: put it again."""
        info = MediaInfo(media_id, name, mime, len(data), hashlib.sha256(data).hexdigest())
        with translated():
            if (kept := await self._published(media_id)) is not None:
                return decode_media(kept)
            attempt = ObjectId()
            # Noted before its first byte: what a killed attempt leaves behind is found by the next one, and by erasure.
            await self._files.update_one(
                {"_id": media_id}, {"$push": {"attempts": attempt}, "$set": {"conversation": conversation, "at": at}}, upsert=True
            )
            with pymongo.timeout(UPLOAD_SECONDS):
                await self._bucket.upload_from_stream_with_id(attempt, media_id, data)
            document = await self._publish(info, attempt)
            if document is None:  # erased while the bytes were on their way
                await self._drop([attempt])
                return info
            await self._drop([each for each in document["attempts"] if each != document["file"]])
            return decode_media(document)

    async def _publish(self, info: MediaInfo, attempt: ObjectId) -> Document | None:
        """The document of the attempt that was first; None when the file is no longer wanted."""
        facts = {"file": attempt, "name": info.name, "mime": info.mime, "size": info.size, "sha256": info.sha256}
        document = await self._files.find_one_and_update(
            {"_id": info.id, "attempts": attempt, "file": {"$exists": False}}, {"$set": facts}, return_document=ReturnDocument.AFTER
        )
        return document or await self._published(info.id)

    async def info(self, media_ids: Sequence[str]) -> Mapping[str, MediaInfo]:
        """What is known of those that are here."""
        with translated():
            found = await self._files.find({"_id": {"$in": list(media_ids)}, **_PUBLISHED}).to_list(None)
        return {document["_id"]: decode_media(document) for document in found}

    async def read(self, media_id: str) -> tuple[MediaInfo, AsyncIterator[bytes]] | None:
        """Stream it; None when it is not here. The stream raises StoreUnavailable."""
        with translated():
            document = await self._published(media_id)
            if document is None:
                return None
            try:
                stream = await self._bucket.open_download_stream(document["file"])
            except NoFile:  # being erased
                return None
        return decode_media(document), _chunks(stream)

    async def bind(self, media_ids: Sequence[str], report: str) -> None:
        """Mark as part of a filed report: erasure of a draft leaves it. Also those that are not here yet."""
        if media_ids:
            marks = [UpdateOne({"_id": media_id}, {"$set": {"report": report}}, upsert=True) for media_id in media_ids]
            with translated():
                await self._files.bulk_write(marks, ordered=False)

    async def erase(self, conversation: str) -> int:
        """Erase a person's files that belong to no filed report, and cut the tie to those that do; how many were erased."""
        erased = await self._erase({"conversation": conversation, **_UNFILED})
        with translated():
            await self._files.update_many({"conversation": conversation}, {"$unset": {"conversation": ""}})
        return erased

    async def erase_unfiled(self, before: datetime) -> int:
        """Erase files kept since before then that belong to no filed report; how many."""
        return await self._erase({**_UNFILED, "at": {"$lt": before}})

    async def erase_of(self, conversations: Sequence[str], reports: Sequence[str]) -> int:
        """Erase files of simulated citizens, filed or not; how many."""
        return await self._erase({"$or": [{"conversation": {"$in": list(conversations)}}, {"report": {"$in": list(reports)}}]}, {})

    async def _erase(self, filter_: Document, still: Document = _UNFILED) -> int:
        """`still`: what must hold at the moment of erasure too."""
        erased = 0
        with translated():
            async for document in self._files.find(filter_, {"attempts": 1}):
                # The bytes first: an erasure killed here finds the document again.
                await self._drop(document.get("attempts", ()))
                erased += (await self._files.delete_one({"_id": document["_id"], **still})).deleted_count
        return erased

    async def _published(self, media_id: str) -> Document | None:
        return await self._files.find_one({"_id": media_id, **_PUBLISHED})

    async def _drop(self, attempts: Sequence[ObjectId]) -> None:
        for attempt in attempts:
            try:
                await self._bucket.delete(attempt)
            except NoFile:
                continue  # chunks without a file are deleted all the same


async def _chunks(stream: Any) -> AsyncIterator[bytes]:
    with translated():
        while chunk := await stream.readchunk():
            yield chunk
