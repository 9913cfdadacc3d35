"""Redirects, a document each.

{_id: code, account, office, network, created_at, expires_at, text?, link?, note?, facts?, claimed_by?, opened_at?, withdrawn_at?}

The code is kept in clear: the admin wants to see the reply again, and whoever reads this collection reads the words themselves in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from bot.model import Network
from bot.redirects import ALL, Author, Facts, Redirect, Scope, Share, Wanted
from bot.store.connection import Collection, Document, translated

_WORDS = {"text": "", "link": "", "note": "", "facts": ""}
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

    async def made(self, scope: Scope, before: datetime, limit: int, wanted: Wanted = ALL) -> Sequence[Redirect]:
        """Those made before a moment, newest first."""
        made = {"$lt": before} | ({"$gte": wanted.since} if wanted.since else {})
        asked = {**_in(scope), "created_at": made, **_filter(wanted)}
        with translated():
            found = self._collection.find(asked).sort("created_at", -1).limit(limit)
            return [_decode(document) for document in await found.to_list(None)]

    async def note(self, scope: Scope, code: str, note: str, facts: Facts, now: datetime) -> Redirect | None:
        """Set note and facts as long as nobody has come and the code serves; see `redirects.Redirects`."""
        with translated():
            document = await self._collection.find_one_and_update(
                _unclaimed(scope, code, now), {"$set": {"note": note, "facts": _facts(facts)}}, return_document=ReturnDocument.AFTER
            )
        return None if document is None else _decode(document)

    async def withdraw(self, scope: Scope, code: str, now: datetime) -> bool:
        """End the code and erase its words, unless somebody has come with it; see `redirects.Redirects`."""
        over = {"$set": {"expires_at": now, "withdrawn_at": now}, "$unset": _WORDS}
        with translated():
            ended = await self._collection.update_one(_unclaimed(scope, code, now), over)
        return ended.modified_count == 1

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


def _unclaimed(scope: Scope, code: str, now: datetime) -> dict[str, Any]:
    """In one filter with what is written: a citizen who comes at this moment is either before it or after it."""
    return {"_id": code, **_in(scope), "opened_at": {"$exists": False}, "expires_at": {"$gt": now}, "text": {"$exists": True}}


def _filter(wanted: Wanted) -> dict[str, Any]:
    """What is asked of fields that stand in the index."""
    asked: dict[str, Any] = {}
    if wanted.network is not None:
        asked["network"] = wanted.network.value
    if wanted.opened is not None:
        asked["opened_at"] = {"$gt": datetime.min.replace(tzinfo=UTC)} if wanted.opened else None
    if wanted.serves_at is not None:
        asked["expires_at"] = {"$gt": wanted.serves_at}
    if wanted.over_at is not None:
        asked["expires_at"] = {"$lte": wanted.over_at}
    return asked


def _encode(redirect: Redirect) -> Document:
    document = {
        "_id": redirect.code,
        "account": redirect.author.account,
        "office": redirect.author.office,
        "network": redirect.network.value,
        "created_at": redirect.created_at,
        "expires_at": redirect.expires_at,
        "text": redirect.text,
        "link": redirect.link,
        "note": redirect.note or None,
        "facts": _facts(redirect.facts),
        "claimed_by": redirect.claimed_by,
        "opened_at": redirect.opened_at,
        "withdrawn_at": redirect.withdrawn_at,
    }
    return {name: value for name, value in document.items() if value is not None}


def _facts(facts: Facts) -> Document:
    return {**asdict(facts), "day": facts.day.isoformat() if facts.day else None}


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
        facts=Facts(
            kind=facts.get("kind"),
            area=facts.get("area"),
            day=date.fromisoformat(day) if day else None,
            category=facts.get("category"),
            anonymous=facts.get("anonymous", False),
            confidential=facts.get("confidential", False),
        ),
        note=document.get("note", ""),
        withdrawn_at=document.get("withdrawn_at"),
        claimed_by=document.get("claimed_by"),
        opened_at=document.get("opened_at"),
    )
