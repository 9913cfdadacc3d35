"""What the pages are given by the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.books.books import Books
from bot.conversation.tables import Places
from bot.conversation.understanding.suggesting import Suggestions
from bot.desk.words import Words
from bot.entering import Entered, Entering
from bot.feed import News
from bot.figures.figures import Figures
from bot.following import Following
from bot.health import HealthStore
from bot.parking import Parking
from bot.ports import Media, Parked, StoredReport
from bot.redirect_replies import Door, Purpose, Reply
from bot.redirecting import Redirecting
from bot.redirects import Redirect
from bot.staff.staff import Staff


class Render(Protocol):
    """A template and its parameters -> HTML, escaped."""

    def __call__(self, name: str, /, **params: object) -> str:
        """`name`: below templates/, without .html.j2."""


class Copies(Protocol):
    """What admins copy into the networks."""

    async def reply(self, redirect: Redirect, purpose: Purpose, language: str = "id") -> Reply:
        """To whoever wrote there: the way into LAPOR!."""

    async def doors(self, redirect: Redirect) -> Sequence[Door]:
        """The ways in, for the admin's own screen."""

    def news(self, report: StoredReport, news: News, language: str = "id") -> Reply:
        """What has come for a report, to be passed on."""

    async def entered(self, entered: Entered) -> Reply:
        """To a citizen whose report was entered."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The services. A page that needs another adds it here."""

    public_url: str
    """How browsers reach us, without a trailing slash."""
    proxies: int
    """How many stand in front of us and each add to X-Forwarded-For."""
    render: Render
    words: Words
    asset: Callable[[str], str]
    """A file's name -> its address, which changes with its content."""
    now: Callable[[], datetime]
    staff: Staff
    parking: Parking
    parked: Parked
    health: HealthStore
    channels: Sequence[str]
    """The names of those that are on."""
    books: Books
    exports: bool
    """Reports go out as books: FORWARD_TARGET says so."""
    redirecting: Redirecting
    following: Following
    copies: Copies
    places: Places
    suggestions: Suggestions
    entering: Entering
    media: Media
    figures: Figures

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.public_url.startswith("https:")

    @property
    def origin(self) -> str:
        """Scheme, host and port of `public_url`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def cookie_name(self) -> str:
        """With the prefix that browsers let no other host and no plain HTTP set, where it can be had."""
        return "__Host-desk" if self.secure else "desk"
