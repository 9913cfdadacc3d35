"""The first page: a greeting, and a tile for each page this person may open."""

from aiohttp import web

from bot.clock import WIB
from bot.desk.visit import Visit

_PARTS_OF_DAY = ((4, "night"), (11, "morning"), (15, "noon"), (18, "afternoon"), (24, "night"))
"""(until this hour, what it is)."""


async def show(visit: Visit) -> web.StreamResponse:
    """For everybody who is signed in."""
    hour = visit.now.astimezone(WIB).hour
    part = next(part for until, part in _PARTS_OF_DAY if hour < until)
    return visit.page("home", greeting=visit.t(f"home.{part}", name=visit.account.name))
