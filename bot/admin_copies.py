"""All that admins copy into the networks, written with the ways in that are open at that moment."""

from collections.abc import Awaitable, Callable, Sequence

from bot.entered_reply import entered_reply
from bot.entering import Entered
from bot.feed import News
from bot.news_replies import news_reply
from bot.ports import StoredReport
from bot.redirect_replies import Door, Purpose, Reply, Ways, Write, doors, reply
from bot.redirects import Redirect


class AdminCopies:
    """Implements `desk.desk.Copies`."""

    def __init__(self, write: Write, ways: Callable[[], Awaitable[Ways]], phones: Callable[[], Awaitable[Ways]]) -> None:
        """`ways`: those open now, in a demo the terminal among them; `phones`: those for a citizen's own phone only."""
        self._write = write
        self._ways = ways
        self._phones = phones

    async def reply(self, redirect: Redirect, purpose: Purpose, language: str = "id") -> Reply:
        """To whoever wrote there: the way into LAPOR!."""
        return reply(self._write, redirect, purpose, await self._ways(), language)

    async def doors(self, redirect: Redirect) -> Sequence[Door]:
        """The ways in, each by itself, for the admin's own screen."""
        return doors(redirect, await self._phones())

    def news(self, report: StoredReport, news: News, language: str = "id") -> Reply:
        """What has come for a report, to be passed on."""
        return news_reply(self._write, report, news, language)

    async def entered(self, entered: Entered) -> Reply:
        """Once a report is entered: its number, its access code, and how news will come."""
        return entered_reply(self._write, entered, await self._ways())
