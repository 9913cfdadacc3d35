"""Books as the desk and the worker use them: everything of this package, wired."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.books.apart import Reader
from bot.books.exporting import Exporting
from bot.books.importing import Importing
from bot.books.jobs import Carrier, Jobs, JobStore
from bot.books.outgoing import Outbound
from bot.books.returning import Returning, Ticketed
from bot.clock import Now
from bot.entering import Entering
from bot.ports import Media, Reports
from bot.tracking import CoreEvent

REPORTS = "reports"
RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Sources:
    """What books are made from and kept in."""

    jobs: JobStore
    outbound: Outbound
    reports: Reports
    media: Media


class Books:
    """In and out."""

    def __init__(
        self,
        sources: Sources,
        *,
        entering: Entering,
        adopt: Callable[[str, Ticketed], Awaitable[None]],
        receive: Callable[[CoreEvent], Awaitable[None]],
        mac: Callable[[str, bytes], str],
        place_name: Callable[[str], str],
        file_url: Callable[[int, str], str],
        now: Now,
    ) -> None:
        """See `Importing`, `Returning` and `Exporting`."""
        self.reader = Reader()
        self.kept = sources.jobs
        self.outbound = sources.outbound
        self.reports = sources.reports
        self.media = sources.media
        self.importing = Importing(entering=entering, reports=sources.reports, mac=mac, place_name=place_name, now=now)
        self.returning = Returning(reports=sources.reports, outbound=sources.outbound, adopt=adopt, receive=receive, now=now)
        self.exporting = Exporting(outbound=sources.outbound, reports=sources.reports, file_url=file_url, now=now)
        self.carriers: dict[str, Carrier] = {REPORTS: self.importing, RETURNED: self.returning}
        self.jobs = Jobs(store=sources.jobs, carriers=self.carriers, now=now)
