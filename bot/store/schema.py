"""The indexes. Every query of the store is meant to use one; a test reads the plans."""

import asyncio
from collections.abc import Mapping, Sequence

import pymongo
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import OperationFailure

from bot.errors import StoreUnsuitable
from bot.store.connection import Database, translated

CONVERSATIONS = "conversations"
REPORTS = "reports"
MEDIA = "media"
UPLOADS = "uploads"
PARKED = "parked"
HELD = "held"
REDIRECTS = "redirects"
FEED = "feed"
MARKS = "marks"
OUTBOX = "outbox"
COUNTERS = "counters"
VISITORS = "visitors"
ACCOUNTS = "desk_accounts"
SESSIONS = "desk_sessions"
ATTEMPTS = "desk_attempts"
AUDIT = "desk_audit"
HEALTH = "channel_health"
BOOK_JOBS = "book_jobs"
BOOK_LINES = "book_lines"
BOOKS_OUT = "books_out"
BOOK_FILES = "book_files"
DRAFTS_LEFT = "drafts_left"
FIGURES = "figures"

_WEEK_SECONDS = 7 * 24 * 3600


def _where_present(*names: str, unique: bool = False) -> IndexModel:
    """A partial index: most documents lack the field, and cost it nothing."""
    return IndexModel(
        [(name, ASCENDING) for name in names],
        name=" ".join(names),
        unique=unique,
        partialFilterExpression={names[0]: {"$exists": True}},
    )


def _index(*names: str) -> IndexModel:
    return IndexModel([(name, ASCENDING) for name in names], name=" ".join(names))


def _over_at(name: str) -> IndexModel:
    """The server erases a document when this time has come."""
    return IndexModel([(name, ASCENDING)], name=name, expireAfterSeconds=0)


def _of_origin(owner: str) -> list[IndexModel]:
    """For the lists of an office or an admin: the newest, what waits longest, what happened in an area. What a list is narrowed by stands
    behind what it is sorted by, so that passing over others reads no document.
    """
    narrowed = ("status", "origin.network", "body.channel")
    return [
        _where_present(owner, "submitted_at", *narrowed),
        _where_present(owner, "waits", "moved_at", *narrowed),
        _where_present(owner, "body.location.area_code", "submitted_at", *narrowed),
        _where_present(owner, "place"),
    ]


_GRIDFS = {
    # What every GridFS driver makes at its first write; made here, so that it is there before the first read.
    "files": IndexModel([("filename", ASCENDING), ("uploadDate", ASCENDING)]),
    "chunks": IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True),
}

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    CONVERSATIONS: [_where_present("due"), _where_present("expires_at")],
    REPORTS: [
        IndexModel([("receipt", ASCENDING)], name="receipt", unique=True),
        _where_present("ticket", unique=True),
        IndexModel([("conversation", ASCENDING), ("submitted_at", DESCENDING)], name="conversation submitted_at"),
        _where_present("due"),
        IndexModel(
            [("body.category", ASCENDING), ("body.location.area_code", ASCENDING), ("submitted_at", DESCENDING)],
            name="category area submitted_at",
            # What is confidential counts for nobody else.
            partialFilterExpression={"body.confidential": False},
        ),
        _where_present("redirect"),
        _where_present("contact"),
        _index("submitted_at"),
        *_of_origin("origin.office"),
        *_of_origin("origin.account"),
        # An office's reports are too many to pass over for those of a rare status or network.
        _where_present("origin.office", "status", "submitted_at", "origin.network", "body.channel"),
        _where_present("origin.office", "origin.network", "submitted_at", "status", "body.channel"),
        _where_present("entered.office", "submitted_at"),
        _where_present("entered.account", "submitted_at"),
    ],
    MEDIA: [
        IndexModel([("conversation", ASCENDING)], name="conversation"),
        IndexModel([("report", ASCENDING), ("at", ASCENDING)], name="report at"),
    ],
    UPLOADS: [IndexModel([("report", ASCENDING), ("at", ASCENDING)], name="report at")],
    f"{MEDIA}.files": [_GRIDFS["files"]],
    f"{MEDIA}.chunks": [_GRIDFS["chunks"]],
    f"{UPLOADS}.files": [_GRIDFS["files"]],
    f"{UPLOADS}.chunks": [_GRIDFS["chunks"]],
    PARKED: [
        IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="at _id"),
        IndexModel([("owner", ASCENDING)], name="owner"),
        IndexModel([("reason", ASCENDING), ("at", ASCENDING)], name="reason at"),
    ],
    HELD: [
        IndexModel([("conversation", ASCENDING), ("at", ASCENDING), ("order", ASCENDING)], name="conversation at order"),
        IndexModel([("at", ASCENDING)], name="at"),
    ],
    REDIRECTS: [
        # What a list is narrowed by stands behind what it is sorted by, so that passing over others reads no document.
        _index("office", "created_at", "network", "opened_at", "expires_at"),
        _index("account", "created_at", "network", "opened_at", "expires_at"),
        _index("office", "network", "created_at", "opened_at", "expires_at"),
        _where_present("claimed_by"),
        _index("created_at"),
        # Its words are erased at the end; what is counted stays.
        IndexModel([("expires_at", ASCENDING)], name="expires_at", partialFilterExpression={"text": {"$exists": True}}),
    ],
    FEED: [_index("report", "at"), _where_present("waits_in", "at"), _where_present("waits_for", "at")],
    OUTBOX: [
        IndexModel([("to", ASCENDING), ("_id", ASCENDING)], name="to _id"),
        IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=_WEEK_SECONDS),
    ],
    VISITORS: [IndexModel([("seen_at", ASCENDING)], name="seen_at")],
    ACCOUNTS: [
        IndexModel([("login", ASCENDING)], name="login", unique=True),
        IndexModel([("office", ASCENDING), ("login", ASCENDING)], name="office login"),
        _where_present("invitation.digest"),
    ],
    SESSIONS: [_over_at("idle_ends_at")],
    ATTEMPTS: [_over_at("forget_at")],
    AUDIT: [IndexModel([("action", ASCENDING), ("_id", DESCENDING)], name="action _id")],
    BOOK_JOBS: [
        _where_present("due"),
        IndexModel([("office", ASCENDING), ("kind", ASCENDING), ("at", DESCENDING)], name="office kind at"),
        IndexModel([("account", ASCENDING), ("kind", ASCENDING), ("at", DESCENDING)], name="account kind at"),
        _over_at("erase_at"),
    ],
    BOOK_LINES: [_where_present("waits", "at"), _where_present("moving", "at"), _index("report", "kind", "at")],
    BOOKS_OUT: [IndexModel([("finished", ASCENDING), ("_id", DESCENDING)], name="finished _id")],
    DRAFTS_LEFT: [_index("day"), _over_at("erase_at")],
    FIGURES: [_index("office", "day")],
    HEALTH: [_where_present("is_channel"), IndexModel([("hour", ASCENDING)], name="hour", expireAfterSeconds=_WEEK_SECONDS)],
}


BUILD_SECONDS = 6 * 3600.0
"""What an index may take: millions of documents take minutes, and a build that runs out of time is undone."""
_OTHER_INDEX = (85, 86)
"""IndexOptionsConflict, IndexKeySpecsConflict."""


async def missing(db: Database) -> list[str]:
    """The indexes that are not there, a line each. Raises StoreUnavailable."""
    lines = await asyncio.gather(*(_missing(db, collection, indexes) for collection, indexes in INDEXES.items()))
    return [line for each in lines for line in each]


async def migrate(db: Database, *, seconds: float = BUILD_SECONDS) -> list[str]:
    """Create what is missing, also while the program runs; says what was created.

    Raises StoreUnsuitable; StoreUnavailable, also when an index takes over `seconds`.
    """
    created = await missing(db)  # in the time of any other call: a database that does not answer is told at once
    with pymongo.timeout(seconds):
        await asyncio.gather(*(_create(db, collection, indexes) for collection, indexes in INDEXES.items()))
    return created


async def _missing(db: Database, collection: str, indexes: Sequence[IndexModel]) -> list[str]:
    with translated():
        present = await db[collection].index_information()
    names = [index.document["name"] for index in indexes]
    return [f"{collection}: index on {name}" for name in names if name not in present]


async def _create(db: Database, collection: str, indexes: Sequence[IndexModel]) -> None:
    with translated():
        try:
            await db[collection].create_indexes(list(indexes))
        except OperationFailure as error:
            if error.code not in _OTHER_INDEX:
                raise
            raise StoreUnsuitable(f"{collection} has another index of the same name or fields: drop it and migrate again") from None
