"""What is asked about a report before it is summed up: its writer's own reports, and how many others there are nearby.

Both in one read, and those of all who come at once in that same read: everybody's own are one branch of it, and each place and category
that anybody asks about is another. A crowd that reports one flood asks for one count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.model import Status
from bot.ports import Nearby, StoredReport
from bot.store.connection import Collection, Document
from bot.store.documents import decode_report

TOGETHER_AT_MOST = 200
"""Askers in one read: the server merges as many sorted ranges of an index, and sorts by itself above that."""

OPEN = sorted({*Status} - {Status.COMPLETED, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY, Status.WITHDRAWN})
AFTER_THE_DOT = "/"
"""The character after the one that parts an area code: what is inside an area begins with its code and a dot."""

_UNUSED = {"payload": 0, "effects": 0, "history": 0, "applied": 0}
_PLACE, _COUNT = "asked", "count"
"""Which place a number is of, and the number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """By one who sums up a report."""

    conversation: str
    limit: int
    nearby: Nearby


@dataclass(frozen=True, slots=True)
class Around:
    """The answer."""

    own: Sequence[StoredReport]
    """Newest first, without payload, effects and history."""
    nearby: int


Own = dict[str, list[StoredReport]]
"""Newest first, by conversation."""


async def fetch(collection: Collection, together: Sequence[Asked]) -> dict[Asked, Around]:
    """Answers for at most TOGETHER_AT_MOST."""
    own: Own = {asked.conversation: [] for asked in together}
    limit = max(asked.limit for asked in together)
    places = _places(together, limit)
    counts = [0] * len(places)
    room = limit * len(own)
    pipeline = [*_newest(list(own), room + 1), *(_union(collection, _counted(*each)) for each in enumerate(places.values()))]
    for document in await collection.aggregate(pipeline).to_list(None):
        if _COUNT in document:
            counts[document[_PLACE]] = document[_COUNT]
        else:
            own[document["conversation"]].append(decode_report(document))
    if sum(map(len, own.values())) > room:
        await _complete(collection, own, limit)
    counted = dict(zip(places, counts, strict=True))
    return {asked: _answer(asked, own[asked.conversation], counted[_place(asked)]) for asked in together}


def _places(together: Sequence[Asked], limit: int) -> Mapping[Any, Nearby]:
    """What is to be counted, once each: since the earliest, and so many more as may turn out to be the asker's own."""
    places: dict[Any, Nearby] = {}
    for asked in together:
        place, nearby = _place(asked), asked.nearby
        if place in places:
            since = min(nearby.since, places[place].since)
            at_most = max(nearby.at_most + limit, places[place].at_most)
            places[place] = replace(nearby, since=since, at_most=at_most)
        else:
            places[place] = replace(nearby, at_most=nearby.at_most + limit)
    return places


def _place(asked: Asked) -> tuple[str, str]:
    return asked.nearby.category, asked.nearby.district


def _newest(conversations: Sequence[str], limit: int) -> list[Document]:
    return [
        {"$match": {"conversation": {"$in": conversations}}},
        {"$sort": {"submitted_at": -1}},
        {"$limit": limit},
        {"$project": _UNUSED},
    ]


def _counted(number: int, nearby: Nearby) -> list[Document]:
    near = {
        "body.confidential": False,
        "body.category": nearby.category,
        "body.location.area_code": {"$gte": nearby.district, "$lt": nearby.district + AFTER_THE_DOT},
        "submitted_at": {"$gte": nearby.since},
        "status": {"$in": OPEN},
    }
    return [{"$match": near}, {"$limit": nearby.at_most}, {"$count": _COUNT}, {"$set": {_PLACE: number}}]


def _union(collection: Collection, branch: list[Document]) -> Document:
    return {"$unionWith": {"coll": collection.name, "pipeline": branch}}


async def _complete(collection: Collection, own: Own, limit: int) -> None:
    """Somebody has so many that they may have crowded out others': those who have fewer than `limit` are asked for each by itself."""
    left = [conversation for conversation, reports in own.items() if len(reports) < limit]
    if not left:
        return
    first, *others = [_newest([conversation], limit) for conversation in left]
    pipeline = [*first, *(_union(collection, branch) for branch in others)]
    for conversation in left:
        own[conversation] = []
    for document in await collection.aggregate(pipeline).to_list(None):
        own[document["conversation"]].append(decode_report(document))


def _answer(asked: Asked, own: Sequence[StoredReport], counted: int) -> Around:
    mine = sum(_is_near(report, asked.nearby) for report in own)
    return Around(own[: asked.limit], min(counted - mine, asked.nearby.at_most))


def _is_near(report: StoredReport, nearby: Nearby) -> bool:
    """Whether it was counted: what `_counted` matches."""
    body = report.body
    area = body.get("location", {}).get("area_code") or ""
    return (
        body.get("confidential") is False
        and body.get("category") == nearby.category
        and nearby.district <= area < nearby.district + AFTER_THE_DOT
        and report.submitted_at >= nearby.since
        and report.status in OPEN
    )
