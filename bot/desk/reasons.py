"""Why somebody looks at a citizen's data, or removes something: asked for, and audited."""

from aiohttp import web

from bot.desk.visit import Visit

SHORTEST = 5
LONGEST = 200


def reason_of(visit: Visit) -> str:
    """What the form says. Raises HTTPBadRequest when it is no reason; the browser has asked for one already."""
    reason = visit.text("reason")
    if not SHORTEST <= len(reason) <= LONGEST:
        raise web.HTTPBadRequest
    return reason


async def show_number(visit: Visit) -> web.StreamResponse:
    """A citizen's number, whole. The sealed field comes from a page that this person was allowed to see."""
    subject, _, number = visit.unseal("number").partition("\n")
    await visit.audit("number.shown", subject, reason=reason_of(visit))
    if visit.request.headers.get("X-Fragment"):  # asked for by desk.js, which puts it in its place
        return visit.page("number_fragment", number=number)
    return visit.page("number", number=number, back=visit.came_from)
