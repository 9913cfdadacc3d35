"""The numbers, for supervisors and auditors: over some days, of everything or of what came through an office; as plots and as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bot.books.writing import CSV, delimited
from bot.desk import book_upload, figure_tables
from bot.desk.figure_tables import PROVINCE, Names
from bot.desk.plots import line
from bot.desk.redirect_pages import place_name
from bot.desk.visit import Visit
from bot.figures.figures import Summary
from bot.figures.model import ALL
from bot.figures.period import LONGEST, Period
from bot.figures.tally import quantile
from bot.staff.model import Role

PERIODS = (7, 30, 90)
"""Days."""
_USUAL = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants to see."""

    period: Period
    days: int | None
    """So many until today; None: from one day to another."""
    office: str
    problem: bool = False
    """The days typed are no period: it is the usual one."""

    @property
    def query(self) -> dict[str, str]:
        """As the page's address says it."""
        chosen = {"days": str(self.days)} if self.days else {"first": f"{self.period.first}", "last": f"{self.period.last}"}
        return chosen | ({"office": self.office} if self.office else {})


async def show(visit: Visit) -> web.StreamResponse:
    """Everything on one page."""
    offices = await visit.desk.figures.offices()
    asked = _asked(visit, offices)
    summary = await visit.desk.figures.over(asked.period, asked.office)
    names, exact = await _names(visit, asked, summary), _exact(visit, asked)
    typed = visit.text("province")[:PROVINCE]
    province = typed if place_name(visit, typed) else None
    return visit.page(
        "numbers",
        status=422 if asked.problem else 200,
        asked=asked,
        offices=offices,
        periods=PERIODS,
        longest=LONGEST,
        summary=summary,
        tables={name: figure_tables.table(name, summary, names, exact=exact) for name in figure_tables.NAMES if name != "regions"},
        regions=figure_tables.regions(summary.counts.regions, names, exact=exact, province=province, provinces=province is None),
        province=place_name(visit, province),
        line=line(list(summary.reports.values())),
        sees_admins=_sees_admins(visit, asked),
        shown=figure_tables.shown,
        onward=lambda **changes: urlencode(asked.query | changes),
        **_gist(summary),
    )


async def download(visit: Visit) -> web.StreamResponse:
    """One table as a file."""
    name = visit.request.match_info["table"]
    asked = _asked(visit, await visit.desk.figures.offices())
    if name not in figure_tables.NAMES or (name == "admins" and not _sees_admins(visit, asked)):
        raise web.HTTPNotFound
    if asked.problem:
        raise web.HTTPBadRequest
    summary = await visit.desk.figures.over(asked.period, asked.office)
    table = figure_tables.table(name, summary, await _names(visit, asked, summary), exact=_exact(visit, asked))
    file = f"lapor-{name}-{asked.period.first}-{asked.period.last}.csv"
    return book_upload.download(delimited(figure_tables.sheet(table)), file, CSV)


def _asked(visit: Visit, offices: Sequence[str]) -> Asked:
    """From the address. An office of which nothing is known is none."""
    today = visit.desk.figures.today()
    office = visit.text("office") if visit.text("office") in offices else ALL
    first, last = visit.text("first"), visit.text("last")
    if first or last:
        try:
            return Asked(Period.between(first, last), None, office)
        except ValueError:
            return Asked(Period.until(today, _USUAL), _USUAL, office, problem=True)
    days = next((days for days in PERIODS if str(days) == visit.text("days")), _USUAL)
    return Asked(Period.until(today, days), days, office)


async def _names(visit: Visit, asked: Asked, summary: Summary) -> Names:
    accounts = sorted(summary.counts.sent_by) if _sees_admins(visit, asked) else []
    people = await visit.desk.staff.directory.named(accounts) if accounts else {}
    return Names(
        visit.t,
        visit.desk.words.keys.__contains__,
        lambda code: place_name(visit, code),
        {id_: account.name for id_, account in people.items()},
    )


def _exact(visit: Visit, asked: Asked) -> bool:
    """Whether small numbers of a region are shown: to a supervisor, of reports that they may open anyhow."""
    return visit.account.role is Role.SUPERVISOR and asked.office == visit.account.office


def _sees_admins(visit: Visit, asked: Asked) -> bool:
    """How single admins work is their own supervisor's business, and an auditor's."""
    return asked.office != ALL and (visit.account.role is Role.AUDITOR or asked.office == visit.account.office)


def _gist(summary: Summary) -> dict[str, int | None]:
    """What stands at the head."""
    counts = summary.counts
    left, sent = sum(counts.left.values()), sum(counts.sent.values())
    filed = counts.reports - counts.channels.get("desk", 0)
    return {
        "median": quantile(counts.seconds, 0.5),
        "slowest": quantile(counts.seconds, 0.9),
        "messages": quantile(counts.messages, 0.5),
        "left": left,
        "finished": figure_tables.percent(filed, filed + left) if filed + left else None,
        "sent": sent,
        "came": figure_tables.percent(sum(counts.completed.values()), sent) if sent else None,
    }
