"""The whole store, opened at once: all that the composition root knows of it."""

import asyncio
from typing import Self

from bot import clock
from bot.errors import StoreUnavailable
from bot.store import connection, schema, server_state
from bot.store.book_jobs import BookJobs
from bot.store.books_out import BooksOut
from bot.store.connection import Database
from bot.store.conversations import Conversations
from bot.store.desk_accounts import Accounts
from bot.store.desk_audit import AuditLog
from bot.store.desk_sessions import Attempts, Sessions
from bot.store.drafts_left import DraftsLeft
from bot.store.feed import Feed
from bot.store.figures import Figures
from bot.store.health import Health
from bot.store.held import Held
from bot.store.marks import Marks
from bot.store.media import Media
from bot.store.outbox import Outbox
from bot.store.parked import Parked
from bot.store.redirects import Redirects
from bot.store.reports import Reports
from bot.store.server_state import ServerState
from bot.store.uploads import Uploads
from bot.store.visitors import Visitors


class Store:
    """One connection, one group commit a collection."""

    def __init__(self, db: Database) -> None:
        """Over a database of `connection.connect`; `open` is the usual way."""
        self._db = db
        self.conversations = Conversations(db[schema.CONVERSATIONS])
        self.reports = Reports(db[schema.REPORTS])
        self.media = Media(db, schema.MEDIA)
        self.parked = Parked(db[schema.PARKED])
        self.redirects = Redirects(db[schema.REDIRECTS], db[schema.REPORTS])
        self.feed = Feed(db[schema.FEED])
        self.held = Held(db[schema.HELD])
        self.marks = Marks(db[schema.MARKS])
        self.outbox = Outbox(db[schema.OUTBOX], db[schema.COUNTERS])
        self.uploads = Uploads(db, schema.UPLOADS, clock.now)
        self.visitors = Visitors(db, self.media)
        self.accounts = Accounts(db[schema.ACCOUNTS])
        self.sessions = Sessions(db[schema.SESSIONS])
        self.attempts = Attempts(db[schema.ATTEMPTS])
        self.audit = AuditLog(db[schema.AUDIT])
        self.health = Health(db)
        self.drafts_left = DraftsLeft(db[schema.DRAFTS_LEFT])
        self.figures = Figures(db)
        self.book_jobs = BookJobs(db[schema.BOOK_JOBS])
        self.books_out = BooksOut(db[schema.BOOK_LINES], db[schema.BOOKS_OUT], db[schema.BOOK_FILES])

    @classmethod
    async def open(cls, url: str, database: str | None = None, *, seconds: float = connection.SECONDS) -> Self:
        """Connect. Raises StoreUnsuitable when the server or the URL is not fit; a server that does not answer now is no error (`web` takes
        messages into its spool meanwhile): `ping` tells.

        `database`: else the URL's path, else `lapor`. `seconds`: see `connection.connect`.
        """
        store = cls(connection.connect(url, database, seconds=seconds))
        try:
            await store.ping()
        except StoreUnavailable:
            return store
        except BaseException:
            await store.close()
            raise
        return store

    async def ping(self) -> None:
        """Raises StoreUnavailable when no primary answers, StoreUnsuitable when it cannot keep what we promise."""
        await connection.check(self._db)

    async def migrate(self) -> list[str]:
        """Create the indexes that are missing, however long that takes; says which."""
        return await schema.migrate(self._db)

    async def missing_indexes(self) -> list[str]:
        """What `migrate` would create."""
        return await schema.missing(self._db)

    async def server_state(self) -> ServerState:
        """How the server does, with a write tried. Raises StoreUnavailable."""
        return await server_state.examine(self._db)

    async def close(self) -> None:
        """Write what waits, then disconnect."""
        await asyncio.gather(self.conversations.close(), self.reports.close(), self.held.close())
        self._db.client.close()
