"""What was counted of each day, a document an office: {_id: "day office", day, office, at, counts}. Office "" is all of them together.

`counts` is JSON in a string: a page sums those of ninety days, with some hundred numbers each, and BSON takes ten times as long to read.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from pymongo import DeleteMany, ReplaceOne

from bot.clock import WIB
from bot.drafts_left import DraftLeft, How
from bot.figures.model import ALL, NAMES, Counts, Day, Facts, Filed, Sent
from bot.store import schema
from bot.store.connection import Database, Document, translated

_OF_REPORTS = {
    "_id": 0,
    "body.channel": 1,
    "body.kind": 1,
    "body.location.area_code": 1,
    "origin.office": 1,
    "submitted_at": 1,
    "started_at": 1,
    "messages": 1,
}


class Figures:
    """Implements `figures.model.FiguresStore`."""

    def __init__(self, db: Database) -> None:
        """Over this database."""
        self._days = db[schema.FIGURES]
        self._reports = db[schema.REPORTS]
        self._redirects = db[schema.REDIRECTS]
        self._drafts_left = db[schema.DRAFTS_LEFT]

    async def facts(self, day: date) -> Facts:
        """What there is to count of a day in Jakarta."""
        begins = datetime.combine(day, time(), WIB)
        within = {"$gte": begins, "$lt": begins + timedelta(days=1)}
        with translated():
            reports = await self._reports.find({"submitted_at": within}, _OF_REPORTS).to_list(None)
            left = await self._drafts_left.find({"day": day.isoformat()}).to_list(None)
            sent = await self._sent(within)
        return Facts([_filed(report) for report in reports], [_left(document) for document in left], sent)

    async def _sent(self, within: Document) -> Sequence[Sent]:
        """The redirects of a day. A report says of itself which one it came from: its index alone is read."""
        fields = {"office": 1, "account": 1, "network": 1, "opened_at": 1}
        made = await self._redirects.find({"created_at": within}, fields).to_list(None)
        opened = [redirect["_id"] for redirect in made if "opened_at" in redirect]
        reports = await self._reports.find({"redirect": {"$in": opened}}, {"_id": 0, "redirect": 1}).to_list(None)
        completed = {report["redirect"] for report in reports}
        return [Sent(each["office"], each["account"], each["network"], "opened_at" in each, each["_id"] in completed) for each in made]

    async def keep(self, day: date, by_office: Mapping[str, Counts], at: datetime) -> None:
        """In the place of what was counted of that day before; ALL comes last."""
        documents = [_document(day, office, by_office[office], at) for office in sorted(by_office, reverse=True)]
        others = {"$gte": f"{day} ", "$lt": f"{day}!", "$nin": [document["_id"] for document in documents]}
        writes = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in documents]
        with translated():
            await self._days.bulk_write([DeleteMany({"_id": others}), *writes])

    async def days(self, first: date, last: date, office: str) -> Sequence[Day]:
        """Those that have been counted, in order."""
        asked = {"office": office, "day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        with translated():
            return [_day(document) for document in await self._days.find(asked).sort("day", 1).to_list(None)]

    async def counted(self, first: date) -> Mapping[date, datetime]:
        """When each complete day since then was counted last."""
        asked = {"office": ALL, "day": {"$gte": first.isoformat()}}
        with translated():
            found = await self._days.find(asked, {"day": 1, "at": 1}).to_list(None)
        return {date.fromisoformat(document["day"]): document["at"] for document in found}

    async def begins(self) -> date | None:
        """The day of the first report; None before there is one."""
        with translated():
            first = await self._reports.find_one({}, {"_id": 0, "submitted_at": 1}, sort=[("submitted_at", 1)])
        return first["submitted_at"].astimezone(WIB).date() if first else None

    async def offices(self) -> Sequence[str]:
        """Those of which anything was counted, by name."""
        with translated():
            return sorted(await self._days.distinct("office", {"office": {"$gt": ALL}}))


def _filed(report: Mapping[str, Any]) -> Filed:
    body, started = report["body"], report.get("started_at")
    return Filed(
        channel=body["channel"],
        kind=body["kind"],
        area=body["location"]["area_code"] or "",
        office=report.get("origin", {}).get("office", ""),
        seconds=round((report["submitted_at"] - started).total_seconds()) if started else None,
        messages=report.get("messages"),
    )


def _left(document: Mapping[str, Any]) -> DraftLeft:
    return DraftLeft(document["_id"], date.fromisoformat(document["day"]), How(document["how"]), document["question"], document["office"])


def _document(day: date, office: str, counts: Counts, at: datetime) -> Document:
    counted = orjson.dumps({name: getattr(counts, name) for name in NAMES}, option=orjson.OPT_SORT_KEYS).decode()
    return {"_id": f"{day} {office}", "day": day.isoformat(), "office": office, "at": at, "counts": counted}


def _day(document: Mapping[str, Any]) -> Day:
    """What a newer program has counted besides is passed over."""
    counted = orjson.loads(document["counts"])
    known = {name: counted[name] for name in NAMES if name in counted}
    return Day(date.fromisoformat(document["day"]), Counts(**known), document["at"])
