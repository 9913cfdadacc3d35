"""The desk's part of the composition root, imported only where there is a desk: its pages, books and codes take ten megabytes.

A process without DESK_KEY never sees it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot import clock
from bot.admin_copies import AdminCopies
from bot.amending import Amending
from bot.assets import Assets
from bot.books.books import Books, Sources
from bot.clock import Now
from bot.conversation.understanding.area import Places
from bot.conversation.understanding.suggesting import Suggestions
from bot.desk.desk import Desk
from bot.desk.frame import Frame
from bot.desk.route import PREFIX
from bot.desk.routes import ROUTES
from bot.desk.words import Words
from bot.entering import Entering
from bot.figures.figures import Figures
from bot.following import Following
from bot.intake import Intake
from bot.parking import Parking
from bot.redirecting import Redirecting
from bot.report_effects import ReportErrands
from bot.settings import Settings
from bot.staff.staff import Staff
from bot.store.store import Store
from bot.tracking import Tracking
from bot.wording import TEMPLATES, Wording


@dataclass(frozen=True, slots=True)
class Parts:
    """What the desk works with, as `app` has built it."""

    settings: Settings
    store: Store
    intake: Intake
    amending: Amending
    tracking: Tracking
    report_errands: ReportErrands
    entering: Entering
    following: Following
    redirecting: Redirecting
    figures: Figures
    copies: AdminCopies
    places: Places
    wording: Wording
    assets: Assets
    channels: tuple[str, ...]
    business: Now


class DeskBuilding:
    """The people, the books and the pages of one process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.staff = Staff(parts.store, parts.settings.desk_keys, clock.now)
        self.books = self._books(parts)

    def _books(self, parts: Parts) -> Books:
        store = parts.store
        return Books(
            Sources(store.book_jobs, store.books_out, store.reports, store.media),
            entering=parts.entering,
            adopt=parts.report_errands.adopt,
            receive=parts.tracking.receive,
            mac=self.staff.keys.mac,
            place_name=parts.places.name,
            file_url=_file_url(parts.settings.public_url),
            now=parts.business,
        )

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """All pages, each with its permission."""
        parts = self._parts
        desk = Desk(
            public_url=parts.settings.public_url,
            proxies=parts.settings.desk_proxies,
            render=parts.wording.html,
            words=Words(TEMPLATES / "desk" / "words"),
            asset=parts.assets.url,
            now=clock.now,
            staff=self.staff,
            parking=Parking(parts.store, parts.intake, parts.amending),
            parked=parts.store.parked,
            health=parts.store.health,
            channels=parts.channels,
            books=self.books,
            exports=parts.settings["FORWARD_TARGET"] == "book",
            redirecting=parts.redirecting,
            following=parts.following,
            copies=parts.copies,
            places=parts.places,
            suggestions=Suggestions.load(),
            entering=parts.entering,
            media=parts.store.media,
            figures=parts.figures,
        )
        return Frame(desk, ROUTES).mounted()


def _file_url(public_url: str) -> Callable[[Any, str], str]:
    return lambda number, media_id: f"{public_url}{PREFIX}/books/out/{number}/files/{quote(media_id, safe='')}"
