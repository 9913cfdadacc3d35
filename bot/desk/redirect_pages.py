"""Redirects: a direct message becomes a code and a reply to copy, on one page; and what becomes of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

import segno
from aiohttp import web

from bot import access
from bot.clock import WIB
from bot.conversation import story
from bot.conversation.form import Problem
from bot.desk import scoping
from bot.desk.visit import Visit
from bot.desk.words import LANGUAGES
from bot.model import Network
from bot.redirect_replies import PUBLIC_LIMITS, Door, Purpose
from bot.redirecting import LINK_LIMIT, NOTE_LIMIT, Followed, Stage, is_link
from bot.redirects import Author, Redirect

A_PAGE = 25
BODY_AT_MOST = 512 << 10
"""Bytes: the longest text, each character escaped."""
DUE = "due"
"""The filter for those to be reminded."""


async def show(visit: Visit) -> web.StreamResponse:
    """The form, ready to be pasted into, and the list below it."""
    return await _page(visit, {"network": await _last_network(visit)}, {})


async def make(visit: Visit) -> web.StreamResponse:
    """Keep the message under a new code."""
    fields = {name: visit.text(name) for name in ("text", "link", "network")}
    network = scoping.one_of(Network, fields["network"])
    author = Author(visit.account.id, visit.account.office)
    made = (
        await visit.desk.redirecting.make(fields["text"], fields["link"], network, author) if network else [Problem("network", "missing")]
    )
    if isinstance(made, Redirect):
        return visit.go(f"/redirects/{made.code}")
    return await _page(visit, fields, {problem.field: f"{problem.field}_{problem.key}" for problem in made}, status=422)


async def show_one(visit: Visit) -> web.StreamResponse:
    """What was read, the replies to copy, and what has become of it."""
    followed = await _one(visit)
    redirect = followed.redirect
    language = visit.text("reply") if visit.text("reply") in LANGUAGES else LANGUAGES[0]
    copies = [(purpose, await visit.desk.copies.reply(redirect, purpose, language)) for purpose in _purposes(followed)]
    doors = await visit.desk.copies.doors(redirect) if followed.stage is Stage.SENT else ()
    people = await visit.desk.staff.directory.named([redirect.author.account])
    return visit.page(
        "redirect",
        followed=followed,
        redirect=redirect,
        author=people.get(redirect.author.account),
        place=place_name(visit, redirect.facts.area),
        link=redirect.link if redirect.link and is_link(redirect.link) else "",
        copies=copies,
        reply_language=language,
        doors=[(door, _qr(door)) for door in doors],
        note_limit=NOTE_LIMIT,
    )


async def note(visit: Visit) -> web.StreamResponse:
    """Words of the admin's own about what was not read rightly."""
    code = (await _one(visit)).redirect.code
    if await visit.desk.redirecting.note(scoping.scope(visit), code, visit.text("note")) is None:
        return visit.go(f"/redirects/{code}", done="too_late")
    return visit.go(f"/redirects/{code}", done="noted")


async def withdraw(visit: Visit) -> web.StreamResponse:
    """End a code that nobody has come with."""
    code = (await _one(visit)).redirect.code
    await visit.audit("redirect.withdrawn", visit.desk.staff.keys.ref(code))
    if await visit.desk.redirecting.withdraw(scoping.scope(visit), code):
        return visit.go(f"/redirects/{code}", done="withdrawn")
    return visit.go(f"/redirects/{code}", done="too_late")


def place_name(visit: Visit, code: str | None) -> str:
    """An area in full; "" for none, or one that the tables no longer have."""
    try:
        return visit.desk.places.name(code) if code else ""
    except KeyError:
        return ""


def moment(text: str) -> datetime | None:
    """Where a list goes on, from its link; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=WIB)


async def _one(visit: Visit) -> Followed:
    """The redirect of the path. One that is not theirs to see looks like one that is not there."""
    code = access.normalise_redirect(visit.request.match_info["code"])
    followed = await visit.desk.redirecting.one(scoping.scope(visit), code) if code else None
    if followed is None:
        raise web.HTTPNotFound
    return followed


async def _page(visit: Visit, fields: Mapping[str, str], problems: Mapping[str, str], *, status: int = 200) -> web.Response:
    wanted = {name: visit.request.query.get(name, "") for name in ("stage", "network", "whose")}
    page = await visit.desk.redirecting.page(
        scoping.own(visit) if wanted["whose"] == scoping.MINE else scoping.scope(visit),
        stage=scoping.one_of(Stage, wanted["stage"]),
        due=wanted["stage"] == DUE,
        network=scoping.one_of(Network, wanted["network"]),
        before=moment(visit.request.query.get("before", "")),
        limit=A_PAGE,
    )
    people = await visit.desk.staff.directory.named(sorted({row.redirect.author.account for row in page.rows}))
    return visit.page(
        "redirects",
        status=status,
        fields=fields,
        problems=problems,
        networks=list(Network),
        stages=[*(stage.value for stage in Stage), DUE],
        wanted=wanted,
        narrowed=any(wanted.values()),
        supervises=scoping.scope(visit).account is None,
        rows=page.rows,
        people=people,
        older=urlencode({**wanted, "before": page.older.isoformat()}) if page.older else "",
        limits={"text": story.LIMIT, "link": LINK_LIMIT},
    )


async def _last_network(visit: Visit) -> str:
    """Whoever works through one inbox chooses its network once."""
    newest = await visit.desk.redirecting.followed(scoping.own(visit), limit=1)
    return newest[0].redirect.network.value if newest else ""


def _purposes(followed: Followed) -> Sequence[Purpose]:
    """What there is to copy at this stage."""
    match followed.stage:
        case Stage.SENT:
            public = [Purpose.PUBLIC] if followed.redirect.network in PUBLIC_LIMITS else []
            return [*([Purpose.UNOPENED] if followed.reminder_due else []), Purpose.REDIRECT, *public]
        case Stage.OPENED if followed.reminder_due:
            return [Purpose.UNFINISHED]
        case _:
            return []


def _qr(door: Door) -> str:
    """For the phone of somebody who stands before the screen."""
    return segno.make(door.scanned, error="m", micro=False).svg_data_uri(scale=4, border=2)
