"""Following reports that came through the desk: what waits for whom, each report's timeline, what is to be passed on, and answers."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bot import access
from bot.desk import scoping
from bot.desk.numbers import Masked
from bot.desk.redirect_pages import moment, place_name
from bot.desk.visit import Visit
from bot.desk.words import LANGUAGES
from bot.feed import News
from bot.following import Entry, Listed, Timeline, is_spoken_for
from bot.history import Waits
from bot.model import Address, Medium, Network, Status
from bot.origin import Filter
from bot.ports import StoredReport
from bot.redirect_replies import Reply
from bot.redirecting import Followed, is_link
from bot.redirects import Scope

A_PAGE = 25
BODY_AT_MOST = 512 << 10
"""Bytes: the longest answer, each character escaped."""
US = "us"
"""The filter for those of which something is to be passed on."""
CHANNELS = ("desk", *(medium.value for medium in Medium))
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reports looked for are, from what was typed."""

    area: str = ""
    words: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """Areas it could be: code and name."""


@dataclass(frozen=True, slots=True)
class ToPassOn:
    """News that the citizen has not been told."""

    news: News
    sealed: str
    reply: Reply


async def show(visit: Visit) -> web.StreamResponse:
    """The list; or the very report whose number was typed."""
    typed = visit.text("q")[:LONGEST_SEARCH]
    if path := await _numbered(visit, typed):
        return visit.go(path)
    names = ("waits", "status", "network", "channel", "whose", "q", "area", "as_written")
    asked = {name: visit.text(name)[:LONGEST_SEARCH] for name in names}
    place = _place(visit, asked)
    asked["area"] = place.area
    rows = await _rows(visit, asked, place)
    people = await visit.desk.staff.directory.named(sorted({row.report.origin.account for row in rows if row.report.origin}))
    return visit.page(
        "follow",
        rows=[(row, place_name(visit, row.report.body["location"]["area_code"])) for row in rows],
        people=people,
        asked=asked,
        area=place_name(visit, place.area),
        choices_of_place=place.choices,
        supervises=scoping.scope(visit).account is None,
        choices={"waits": [US, *Waits], "status": list(Status), "network": list(Network), "channel": CHANNELS},
        is_number=access.normalise_number(typed) is not None,
        onward=lambda **changes: urlencode({name: value for name, value in (asked | changes).items() if value}),
        older=_older(asked, place, rows),
        longest=asked["waits"] == US and len(rows) == A_PAGE,
    )


async def show_one(visit: Visit) -> web.StreamResponse:
    """A report's whole timeline, and what can be done for it."""
    return await _timeline_page(visit)


async def passed(visit: Visit) -> web.StreamResponse:
    """The citizen has been told."""
    report = await _report(visit)
    news = visit.unseal("news")
    await visit.audit("news.passed", report.receipt)
    if not await visit.desk.following.passed(scoping.scope(visit), news):
        raise web.HTTPNotFound
    return visit.go(f"/follow/{report.receipt}", done="passed")


async def answer(visit: Visit) -> web.StreamResponse:
    """The citizen's words, carried to the agency. The form's key makes it once."""
    report = await _report(visit)
    text, key = visit.text("text"), visit.text("key")
    if not is_spoken_for(report) or not key:
        raise web.HTTPBadRequest
    if not text:
        return await _timeline_page(visit, status=422, problem="empty")
    await visit.audit("answer.carried", report.receipt)
    await visit.desk.following.answer(scoping.scope(visit), report.receipt, text, key, by=visit.account.id)
    return visit.go(f"/follow/{report.receipt}", done="answered")


# The list


async def _numbered(visit: Visit, typed: str) -> str:
    """The page of the report or redirect that a number names; "" when it names none."""
    if number := access.normalise_number(typed):
        report = await visit.desk.following.find(scoping.scope(visit), number)
        return f"/follow/{report.receipt}" if report else ""
    if code := access.normalise_redirect(typed.upper().removeprefix("LAPOR")):
        return f"/redirects/{code}" if await visit.desk.redirecting.one(scoping.scope(visit), code) else ""
    return ""


def _place(visit: Visit, asked: Mapping[str, str]) -> Place:
    """An area where the words name one; else the words themselves."""
    typed = asked["q"]
    if asked["area"] and place_name(visit, asked["area"]):
        return Place(area=asked["area"])
    if not typed or access.normalise_number(typed):
        return Place()
    if asked["as_written"]:
        return Place(words=typed)
    guess = visit.desk.places.find(typed)
    if guess.code:
        return Place(area=guess.code)
    return Place(words=typed, choices=[(choice.code, choice.label) for choice in guess.candidates])


async def _rows(visit: Visit, asked: Mapping[str, str], place: Place) -> Sequence[Listed]:
    if access.normalise_number(asked["q"]):
        return []
    wanted = Filter(
        waits=scoping.one_of(Waits, asked["waits"]),
        status=scoping.one_of(Status, asked["status"]),
        network=scoping.one_of(Network, asked["network"]),
        channel=asked["channel"] if asked["channel"] in CHANNELS else None,
        area=place.area,
        words=place.words,
    )
    following, scope = visit.desk.following, scoping.chosen(visit)
    if asked["waits"] == US:
        return (await following.to_pass_on(scope, wanted))[:A_PAGE]
    return await following.listed(scope, wanted, before=moment(visit.text("before")), limit=A_PAGE)


def _older(asked: Mapping[str, str], place: Place, rows: Sequence[Listed]) -> str:
    """The query of the list's next part; "" when there is none. What words find is in no order that could go on."""
    if len(rows) < A_PAGE or asked["waits"] == US or place.words:
        return ""
    last = rows[-1].report
    until = last.moved_at if asked["waits"] and last.moved_at else last.submitted_at
    return urlencode({**{name: value for name, value in asked.items() if value}, "before": until.isoformat()})


# One report


async def _report(visit: Visit) -> StoredReport:
    """The report of the path. One that is not theirs to see looks like one that is not there."""
    number = access.normalise_number(visit.request.match_info["number"])
    report = await visit.desk.following.find(scoping.scope(visit), number) if number else None
    if report is None:
        raise web.HTTPNotFound
    return report


async def _timeline_page(visit: Visit, *, status: int = 200, problem: str = "") -> web.Response:
    number = access.normalise_number(visit.request.match_info["number"])
    timeline = await visit.desk.following.timeline(scoping.scope(visit), number) if number else None
    if timeline is None or timeline.report.origin is None:
        raise web.HTTPNotFound
    report = timeline.report
    redirected = await _redirect(visit, report)
    entries = timeline.entries
    language = visit.text("reply") if visit.text("reply") in LANGUAGES else LANGUAGES[0]
    accounts = {entry.account for entry in entries if entry.account} | {timeline.report.origin.account}
    return visit.page(
        "report",
        status=status,
        report=report,
        origin=report.origin,
        redirected=redirected,
        entries=_with_redirect(entries, redirected),
        people=await visit.desk.staff.directory.named(sorted(accounts)),
        place=place_name(visit, report.body["location"]["area_code"]),
        link=_link(report),
        number=_number(visit, report),
        to_pass_on=_to_pass_on(visit, timeline, language),
        reply_language=language,
        spoken_for=is_spoken_for(report),
        key=secrets.token_urlsafe(16),
        problem=problem,
    )


async def _redirect(visit: Visit, report: StoredReport) -> Followed | None:
    return await visit.desk.redirecting.one(Scope(visit.account.office), report.redirect) if report.redirect else None


def _with_redirect(entries: Sequence[Entry], redirected: Followed | None) -> Sequence[Entry]:
    """A redirected report begins where its admin wrote back."""
    if redirected is None:
        return entries
    redirect = redirected.redirect
    before = [Entry("redirected", redirect.created_at, account=redirect.author.account)]
    before += [Entry("opened", redirect.opened_at)] if redirect.opened_at else []
    return [*before, *entries]


def _to_pass_on(visit: Visit, timeline: Timeline, language: str) -> Sequence[ToPassOn]:
    """The longest waiting first. A report that its citizen has taken over tells them itself."""
    if timeline.report.conversation is not None:
        return []
    waiting = [news for news in timeline.news if news.passed_at is None]
    return [ToPassOn(news, visit.seal("news", news.id), visit.desk.copies.news(timeline.report, news, language)) for news in waiting]


def _link(report: StoredReport) -> str:
    """Where the citizen wrote, as far as it is an address that may stand in a page."""
    link = (report.entered or {}).get("link") or ""
    return link if is_link(link) else ""


def _number(visit: Visit, report: StoredReport) -> Masked | None:
    """The number that an admin typed. Of whoever reported themselves no number is shown."""
    return visit.masked(Address.parse(report.contact).id.rpartition(":")[2], report.receipt) if report.contact else None
