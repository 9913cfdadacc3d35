"""Agencies whose core cannot be called: reports wait to be exported as books, and their tickets come back in one."""

from collections.abc import Mapping

import aiohttp

from bot import clock
from bot.books.outgoing import REPORT, Outbound, Outgoing
from bot.clock import Now
from bot.forwarder.protocol import EventPage, Filed


class BookTarget:
    """Lets reports and what is done to them wait for the next book."""

    name = "book"

    def __init__(self, outbound: Outbound, now: Now) -> None:
        """Where they wait."""
        self._outbound = outbound
        self._now = now

    def reference(self, report_id: str, ticket: str | None) -> str | None:
        """Our own id: a report without a ticket can be spoken of, too."""
        del ticket
        return report_id

    async def file(self, report_id: str, payload: bytes, *, unsure: bool) -> Filed | None:
        """Let it wait. Raises StoreUnavailable."""
        del unsure
        await self._outbound.add(Outgoing(report_id, REPORT, report_id, payload, self._now()))
        return None

    async def operate(self, reference: str, operation: str, operation_id: str, payload: bytes) -> None:
        """Let it wait, as a line of the second sheet. Raises StoreUnavailable."""
        await self._outbound.add(Outgoing(operation_id, operation, reference, payload, self._now()))

    async def events(self, after: str | None) -> EventPage:
        """Nothing comes by itself."""
        del after
        return EventPage((), None)


def build(_settings: Mapping[str, str], _http: aiohttp.ClientSession, outbound: Outbound) -> BookTarget:
    """Over the store."""
    return BookTarget(outbound, clock.now)
