"""Filed reports: a conversation's shape of document, with effects towards the core.

A report's document is never deleted, so that an upsert that misses has always met another version. What is None is absent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

from pymongo import ReturnDocument

from bot.history import Milestone
from bot.model import Effect
from bot.origin import Filter
from bot.ports import Nearby, StoredReport
from bot.redirects import Scope
from bot.store import around
from bot.store.around import AFTER_THE_DOT, Asked
from bot.store.connection import Collection, translated
from bot.store.documents import decode_report, encode_effect, encode_milestone, encode_report, encode_report_field
from bot.store.lanes import Lanes
from bot.store.reads import Reads
from bot.store.settlement import due_by, literal

APPLIED_KEPT = 500
HISTORY_KEPT = 100

_OTHERWISE = {"id", "version", "applied", "effects", "due", "fence", "history"}
_CHANGEABLE = frozenset(field.name for field in fields(StoredReport)) - _OTHERWISE
_AFTER_WORDS = "\uffff"
"""Comes after every word."""
_PLACE_WORDS = 20
_WORD = re.compile(r"\w{1,40}")
_BRIEF = {"payload": 0, "effects": 0, "history": 0, "applied": 0, "body.body": 0}


class Reports(Lanes):
    """Implements `ports.Reports`."""

    def __init__(self, collection: Collection) -> None:
        """Over this collection."""
        super().__init__(collection)
        self._around = Reads(partial(around.fetch, collection), at_most=around.TOGETHER_AT_MOST)

    async def insert(self, report: StoredReport) -> None:
        """File it; the same id again is no error and changes nothing. Raises Unstorable when its receipt or ticket is another report's."""
        document = encode_report(report)
        if report.origin is not None:
            document["place"] = _tails(report.body["location"]["text"])
        await self._group.update({"_id": report.id}, {"$setOnInsert": document}, upsert=True)

    async def load(self, id_: str) -> StoredReport | None:
        """By id."""
        return await self._find_one({"_id": id_})

    async def find(self, number: str) -> StoredReport | None:
        """By receipt or ticket, normalised."""
        return await self._find_one({"receipt" if number.startswith("L") else "ticket": number})

    async def of_conversation(self, conversation: str, limit: int) -> Sequence[StoredReport]:
        """Newest first."""
        with translated():
            found = self._collection.find({"conversation": conversation}).sort("submitted_at", -1).limit(limit)
            return [decode_report(document) for document in await found.to_list(None)]

    async def of_redirects(self, codes: Sequence[str]) -> Mapping[str, StoredReport]:
        """Code -> the report that has become of it, where one has."""
        with translated():
            found = await self._collection.find({"redirect": {"$in": list(codes)}}).to_list(None)
        return {document["redirect"]: decode_report(document) for document in found}

    async def entered(self, scope: Scope, before: datetime, limit: int) -> Sequence[StoredReport]:
        """What admins entered for citizens before a moment, newest first."""
        by = {"entered.office": scope.office} | ({"entered.account": scope.account} if scope.account is not None else {})
        with translated():
            found = self._collection.find({**by, "submitted_at": {"$lt": before}}).sort("submitted_at", -1).limit(limit)
            return [decode_report(document) for document in await found.to_list(None)]

    async def brief(self, ids: Sequence[str]) -> Mapping[str, StoredReport]:
        """By id, in brief; see `ports.Reports`."""
        with translated():
            found = await self._collection.find({"_id": {"$in": list(ids)}}, _BRIEF).to_list(None)
        return {document["_id"]: decode_report(document) for document in found}

    async def originated(self, scope: Scope, wanted: Filter, before: datetime | None, limit: int) -> Sequence[StoredReport]:
        """What came through a desk, in brief; see `ports.Reports`."""
        asked, order = _asked(scope, wanted, before)
        with translated():
            found = self._collection.find(asked, _BRIEF, sort=order or None, limit=limit)
            return [decode_report(document) for document in await found.to_list(None)]

    async def own_and_nearby(self, conversation: str, limit: int, nearby: Nearby) -> tuple[Sequence[StoredReport], int]:
        """One's own, newest first, and how many open ones by others there are nearby; see `ports.Reports`."""
        found = await self._around.get(Asked(conversation, limit, nearby))
        return (found.own, found.nearby) if found else ((), 0)

    async def update(
        self,
        before: StoredReport,
        changes: Mapping[str, Any],
        *,
        applied: str | None,
        effects: Sequence[Effect],
        at: datetime,
        history: Sequence[Milestone] = (),
    ) -> bool:
        """One atomic write on the version read; see `ports.Reports`. Raises Unstorable when the ticket is another report's."""
        if strange := changes.keys() - _CHANGEABLE:
            raise ValueError(f"no changeable field of a report: {', '.join(sorted(strange))}")
        stage: dict[str, Any] = {name: _assigned(name, value) for name, value in changes.items()}
        stage["version"] = before.version + 1
        stage["updated_at"] = at
        if applied is not None:
            stage["applied"] = {"$slice": [{"$concatArrays": ["$applied", literal([applied])]}, -APPLIED_KEPT]}
        if effects:
            stage["effects"] = {"$concatArrays": ["$effects", literal([encode_effect(effect) for effect in effects])]}
            stage["due"] = due_by(at)
        if history:
            added = literal([encode_milestone(milestone) for milestone in history])
            stage["history"] = {"$slice": [{"$concatArrays": [{"$ifNull": ["$history", []]}, added]}, -HISTORY_KEPT]}
        return await self._group.update({"_id": before.id, "version": before.version}, [{"$set": stage}], upsert=True)

    async def freeze(self, id_: str, payload: bytes) -> bytes:
        """Set the payload if none is frozen yet; answers the one that stands. Raises LookupError when there is no such report."""
        with translated():
            document = await self._collection.find_one_and_update(
                {"_id": id_},
                [{"$set": {"payload": {"$ifNull": ["$payload", literal(payload)]}}}],
                projection={"payload": 1},
                return_document=ReturnDocument.AFTER,
            )
        if document is None:
            raise LookupError(id_)
        return bytes(document["payload"])

    async def unbind(self, conversation: str) -> int:
        """Cut the tie between a person and their reports; how many. What the core has need not stay here; the rest must go there first."""
        gone = {"body.reporter": None, "payload": None}
        untied = 0
        with translated():
            for tie in ("conversation", "contact"):
                # What an admin carried to the agency were this person's words.
                await self._collection.update_many(
                    {tie: conversation, "history.text": {"$exists": True}}, {"$unset": {"history.$[].text": ""}}
                )
                cut = {"$unset": {tie: ""}, "$inc": {"version": 1}}
                filed = await self._collection.update_many({tie: conversation, "ticket": {"$exists": True}}, {**cut, "$set": gone})
                waiting = await self._collection.update_many({tie: conversation}, cut)
                untied += filed.modified_count + waiting.modified_count
        return untied

    async def _find_one(self, filter_: dict[str, str]) -> StoredReport | None:
        with translated():
            document = await self._collection.find_one(filter_)
        return None if document is None else decode_report(document)


def _asked(scope: Scope, wanted: Filter, before: datetime | None) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """The filter, and the order that an index has; what words find is in none but their own."""
    asked: dict[str, Any] = {"origin.office": scope.office}
    if scope.account is not None:
        asked["origin.account"] = scope.account
    if wanted.status is not None:
        asked["status"] = wanted.status.value
    if wanted.network is not None:
        asked["origin.network"] = wanted.network.value
    if wanted.channel is not None:
        asked["body.channel"] = wanted.channel
    if wanted.area:
        asked["body.location.area_code"] = {"$gte": wanted.area, "$lt": wanted.area + AFTER_THE_DOT}
    if wanted.words:
        said = _plain(wanted.words)
        return asked | {"place": {"$elemMatch": {"$gte": said, "$lt": said + _AFTER_WORDS}}}, []
    if wanted.waits is not None:
        asked["waits"] = wanted.waits.value
        order = [("moved_at", 1)]
        asked |= {"moved_at": {"$gt": before}} if before else {}
    else:
        order = [("submitted_at", -1)]
        asked |= {"submitted_at": {"$lt": before}} if before else {}
    return asked, order


def _plain(text: str) -> str:
    """Its words, as they are compared."""
    return " ".join(_WORD.findall(text.casefold()))


def _tails(text: str) -> list[str]:
    """A place's words from each of them on: whatever words are looked for begin one of these, and an index has what begins so in a row."""
    words = _plain(text).split()[:_PLACE_WORDS]
    return [" ".join(words[start:]) for start in range(len(words))]


def _assigned(name: str, value: Any) -> Any:
    encoded = encode_report_field(name, value) if value is not None else None
    return "$$REMOVE" if encoded is None else literal(encoded)
