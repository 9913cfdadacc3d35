"""What is asked about a report before it is summed up: its writer's own reports, and how many others there are nearby.

Both in one read, and those of all who come at once in that same read: one of a union's branches each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.model import Status
from bot.ports import Nearby, StoredReport
from bot.store.connection import Collection, Document
from bot.store.documents import decode_report

TOGETHER_AT_MOST = 100
"""Askers in one read: the server plans each branch by itself."""

OPEN = sorted({*Status} - {Status.COMPLETED, Status.ARCHIVED, Status.NOT_OUR_AUTHORITY, Status.WITHDRAWN})
AFTER_THE_DOT = "/"
"""The character after the one that parts an area code: what is inside an area begins with its code and a dot."""

_UNUSED = {"payload": 0, "effects": 0, "history": 0, "applied": 0}
_ASKED, _COUNT = "asked", "count"
"""Which asker's a document is; of others' reports their number."""


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


async def fetch(collection: Collection, together: Sequence[Asked]) -> dict[Asked, Around]:
    """Answers for at most TOGETHER_AT_MOST."""
    first, *others = [branch for number, asked in enumerate(together) for branch in _branches(number, asked)]
    union = [{"$unionWith": {"coll": collection.name, "pipeline": branch}} for branch in others]
    own: list[list[StoredReport]] = [[] for _ in together]
    nearby = [0] * len(together)
    for document in await collection.aggregate([*first, *union]).to_list(None):
        number = document.pop(_ASKED)
        if _COUNT in document:
            nearby[number] = document[_COUNT]
        else:
            own[number].append(decode_report(document))
    return {asked: Around(own[number], nearby[number]) for number, asked in enumerate(together)}


def _branches(number: int, asked: Asked) -> tuple[list[Document], list[Document]]:
    mark: Document = {"$set": {_ASKED: number}}
    newest: list[Document] = [{"$match": {"conversation": asked.conversation}}, {"$sort": {"submitted_at": -1}}, {"$limit": asked.limit}]
    counted: list[Document] = [{"$match": _near(asked)}, {"$limit": asked.nearby.at_most}, {"$count": _COUNT}]
    return [*newest, {"$project": _UNUSED}, mark], [*counted, mark]


def _near(asked: Asked) -> dict[str, Any]:
    nearby = asked.nearby
    return {
        "body.confidential": False,
        "body.category": nearby.category,
        "body.location.area_code": {"$gte": nearby.district, "$lt": nearby.district + AFTER_THE_DOT},
        "submitted_at": {"$gte": nearby.since},
        "status": {"$in": OPEN},
        "conversation": {"$ne": asked.conversation},
    }
