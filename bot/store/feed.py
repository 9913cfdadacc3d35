"""The feed, a document a piece of news.

{_id: `report:key`, report, receipt, ticket?, account, office, network, kind, status, at, text, attachments, wants_answer, read_at?,
passed_at?, waits_in?: office, waits_for?: account}. The last two stand until it is passed on, so that their indexes hold only what waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from bot.feed import News
from bot.model import Network, Status
from bot.redirects import Scope
from bot.store.connection import Collection, Document, translated

_NAMES = tuple(field.name for field in fields(News) if field.name != "id")


class Feed:
    """Implements `feed.Feed`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        self._collection = collection

    async def add(self, news: News) -> None:
        """Keep it; the same id again is no error and changes nothing."""
        with translated():
            await self._collection.update_one({"_id": news.id}, {"$setOnInsert": _encode(news)}, upsert=True)

    async def waiting(self, scope: Scope, limit: int) -> Sequence[News]:
        """What has not been passed on, the longest waiting first."""
        with translated():
            found = self._collection.find(_waits(scope)).sort("at", 1).limit(limit)
            return [_decode(document) for document in await found.to_list(None)]

    async def unread(self, scope: Scope) -> int:
        """How much of that nobody has read."""
        with translated():
            return await self._collection.count_documents({**_waits(scope), "read_at": {"$exists": False}})

    async def waiting_among(self, reports: Sequence[str]) -> frozenset[str]:
        """Those of these reports of which something has not been passed on."""
        asked = {"report": {"$in": list(reports)}, "waits_in": {"$exists": True}}
        with translated():
            return frozenset(await self._collection.distinct("report", asked))

    async def of_report(self, report: str) -> Sequence[News]:
        """All of a report, oldest first."""
        with translated():
            found = self._collection.find({"report": report}).sort("at", 1)
            return [_decode(document) for document in await found.to_list(None)]

    async def read(self, report: str, at: datetime) -> None:
        """Somebody has read what there is of a report."""
        with translated():
            await self._collection.update_many({"report": report, "read_at": {"$exists": False}}, {"$set": {"read_at": at}})

    async def passed(self, scope: Scope, id_: str, at: datetime) -> bool:
        """The citizen has been told; False when there is no such news in that scope."""
        mine = {"_id": id_, "office": scope.office} | ({"account": scope.account} if scope.account is not None else {})
        first = {"$set": {"passed_at": at}, "$unset": {"waits_in": "", "waits_for": ""}}
        with translated():
            if (await self._collection.update_one({**mine, "passed_at": {"$exists": False}}, first)).matched_count:
                return True
            return await self._collection.find_one(mine, {"_id": 1}) is not None


def _waits(scope: Scope) -> dict[str, str]:
    return {"waits_in": scope.office} if scope.account is None else {"waits_for": scope.account, "waits_in": scope.office}


def _encode(news: News) -> Document:
    document = {name: value for name in _NAMES if (value := getattr(news, name)) is not None}
    waits = {} if news.passed_at else {"waits_in": news.office, "waits_for": news.account}
    return {**document, "network": news.network.value, "status": news.status.value, **waits}


def _decode(document: Mapping[str, Any]) -> News:
    known = {name: document[name] for name in _NAMES if name in document}
    told = {"network": Network(document["network"]), "status": Status(document["status"]), "ticket": document.get("ticket")}
    return News(**{**known, **told, "id": document["_id"]})
