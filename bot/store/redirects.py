"""Redirects, a document each.

{_id: code, account, office, network, created_at, expires_at, text?, link?, facts?, claimed_by?, opened_at?}

The code is kept in clear: the admin wants to see the reply again, and whoever reads this collection reads the words themselves in it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from bot.model import Network
from bot.redirects import Author, Facts, Redirect, Scope, Share
from bot.store.connection import Collection, Document, translated

_WORDS = {"text": "", "link": "", "facts": ""}
"""What is a citizen's own."""


class Redirects:
    """Implements `redirects.Redirects`."""

    def __init__(self, collection: Collection, reports: Collection) -> None:
        """Over these collections."""
        self._collection = collection
        self._reports = reports

    async def add(self, redirect: Redirect) -> bool:
        """Keep it; False when its code is taken."""
        with translated():
            try:
                await self._collection.insert_one(_encode(redirect))
            except DuplicateKeyError:
                return False
        return True

    async def load(self, code: str) -> Redirect | None:
        """By code, also an ended one."""
        with translated():
            document = await self._collection.find_one({"_id": code})
        return None if document is None else _decode(document)

    async def claim(self, code: str, conversation: str, now: datetime) -> Redirect | None:
        """Bind it to the first conversation that comes; see `redirects.Redirects`."""
        free_or_mine = [{"opened_at": {"$exists": False}}, {"claimed_by": conversation}]
        first = {"claimed_by": {"$literal": conversation}, "opened_at": {"$ifNull": ["$opened_at", now]}}
        with translated():
            document = await self._collection.find_one_and_update(
                {"_id": code, "expires_at": {"$gt": now}, "text": {"$exists": True}, "$or": free_or_mine},
                [{"$set": first}],
                return_document=ReturnDocument.AFTER,
            )
        return None if document is None else _decode(document)

    async def made(self, scope: Scope, before: datetime, limit: int) -> Sequence[Redirect]:
        """Those made before a moment, newest first."""
        with translated():
            found = self._collection.find({**_in(scope), "created_at": {"$lt": before}}).sort("created_at", -1).limit(limit)
            return [_decode(document) for document in await found.to_list(None)]

    async def shares(self, scope: Scope, since: datetime) -> Sequence[Share]:
        """Of those made since then, by network and admin. A report says of itself which redirect it came from: its index alone is read."""
        pipeline: list[Document] = [
            {"$match": {**_in(scope), "created_at": {"$gte": since}}},
            {
                "$group": {
                    "_id": {"network": "$network", "account": "$account"},
                    "sent": {"$sum": 1},
                    "opened": {"$push": {"$cond": [{"$gt": ["$opened_at", None]}, "$_id", "$$REMOVE"]}},
                }
            },
            {"$sort": {"_id.network": 1, "_id.account": 1}},
        ]
        with translated():
            groups = await self._collection.aggregate(pipeline).to_list(None)
            opened = [code for group in groups for code in group["opened"]]
            reports = await self._reports.find({"redirect": {"$in": opened}}, {"_id": 0, "redirect": 1}).to_list(None)
        filed = {report["redirect"] for report in reports}
        return [_share(group, filed) for group in groups]

    async def erase_expired(self, now: datetime) -> int:
        """Erase the words of those that have ended; how many."""
        with translated():
            erased = await self._collection.update_many({"text": {"$exists": True}, "expires_at": {"$lte": now}}, {"$unset": _WORDS})
        return erased.modified_count

    async def forget(self, conversation: str) -> int:
        """Erase the words of those that a person has claimed, and who it was; how many."""
        with translated():
            erased = await self._collection.update_many({"claimed_by": conversation}, {"$unset": {**_WORDS, "claimed_by": ""}})
        return erased.modified_count


def _share(group: Mapping[str, Any], filed: set[str]) -> Share:
    opened: list[str] = group["opened"]
    by = group["_id"]
    return Share(Network(by["network"]), by["account"], group["sent"], len(opened), sum(code in filed for code in opened))


def _in(scope: Scope) -> dict[str, Any]:
    return {"office": scope.office} if scope.account is None else {"account": scope.account, "office": scope.office}


def _encode(redirect: Redirect) -> Document:
    facts = redirect.facts
    document = {
        "_id": redirect.code,
        "account": redirect.author.account,
        "office": redirect.author.office,
        "network": redirect.network.value,
        "created_at": redirect.created_at,
        "expires_at": redirect.expires_at,
        "text": redirect.text,
        "link": redirect.link,
        "facts": {
            "kind": facts.kind,
            "area": facts.area,
            "day": facts.day.isoformat() if facts.day else None,
            "category": facts.category,
        },
        "claimed_by": redirect.claimed_by,
        "opened_at": redirect.opened_at,
    }
    return {name: value for name, value in document.items() if value is not None}


def _decode(document: Mapping[str, Any]) -> Redirect:
    facts = document.get("facts", {})
    day = facts.get("day")
    return Redirect(
        code=document["_id"],
        author=Author(document["account"], document["office"]),
        network=Network(document["network"]),
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        text=document.get("text", ""),
        link=document.get("link"),
        facts=Facts(facts.get("kind"), facts.get("area"), date.fromisoformat(day) if day else None, facts.get("category")),
        claimed_by=document.get("claimed_by"),
        opened_at=document.get("opened_at"),
    )
