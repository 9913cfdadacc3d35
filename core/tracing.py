"""W3C Trace Context: the caller's trace id on every line logged about its request."""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from structlog.contextvars import bound_contextvars

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<id>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


@web.middleware
async def follow_trace(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log what this request causes under the id its caller gave, if it gave one."""
    match = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    if match is None:
        return await handler(request)
    with bound_contextvars(trace_id=match["id"]):
        return await handler(request)
