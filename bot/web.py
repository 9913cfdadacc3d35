"""aiohttp routes: the webhooks of all channels and of the core, media for the core, the privacy notice, health and metrics.

Success is answered only after the durable write. Wrong proof: 403 and nothing written. Database away: 503, and the caller comes again.
"""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot import logs, metrics, monitoring, server, tracing
from bot.clock import Now
from bot.errors import Forbidden, Malformed, StoreUnavailable
from bot.hooks import Hook, RawRequest, Received
from bot.model import DeliveryReport, Inbound
from bot.ports import Media

BODY_AT_MOST = 1 << 20
"""Bytes; aiohttp answers 413 above it."""

ROUTES: Sequence[tuple[str, str]] = (
    ("POST", "/hooks/core"),
    ("GET", "/media/{id}"),
    ("GET", "/privasi"),
    ("GET", "/assets/{name}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
)
"""What is always there; the channels bring their own."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes need of the rest."""

    hooks: Iterable[tuple[str, Hook]]
    """(transport, hook)"""
    receive: Callable[[Sequence[Inbound]], Awaitable[None]]
    delivered: Callable[[DeliveryReport], Awaitable[None]]
    core_event: Callable[[Mapping[str, str], bytes], Awaitable[None]]
    """Verifies, parses and applies; raises Forbidden or StoreUnavailable."""
    park: Callable[[str, str, bytes], Awaitable[None]]
    """(transport, reason, body): keep what a channel could not read because of a bug."""
    media: Media
    core_token: str
    privacy: Callable[[str], str]
    """language -> HTML"""
    ready: Callable[[], Awaitable[None]]
    draining: Callable[[], bool]
    """Whether this process is ending."""
    now: Now


def application(services: Services, extra: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
    """The application of `web`; `extra`: the simulator's and the stand-ins' routes, in demo."""
    app = web.Application(client_max_size=BODY_AT_MOST, middlewares=[_traced, _failures])
    routes: list[web.AbstractRouteDef] = [
        web.post("/hooks/core", _core(services)),
        web.get("/media/{id}", _media(services)),
        web.get("/privasi", _privacy(services)),
        *monitoring.routes(services.ready, services.draining),
    ]
    mounted = set()
    for transport, hook in services.hooks:
        if (hook.method, hook.path) not in mounted:
            mounted.add((hook.method, hook.path))
            routes.append(web.route(hook.method, hook.path, _hook(services, transport, hook)))
    app.add_routes([*routes, *extra])
    return app


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take up the caller's trace, or begin one."""
    with tracing.bound(tracing.read(request.headers.get(tracing.HEADER, "")) or tracing.new()):
        return await handler(request)


@web.middleware
async def _failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One mapping from errors to answers. Bodies stay empty: to an SMS gateway they would become an SMS."""
    try:
        return await handler(request)
    except Forbidden:
        return web.Response(status=403)
    except Malformed as error:
        log.info("malformed", route=_route(request), detail=str(error))
        return web.Response(status=400)
    except StoreUnavailable:
        log.warning("store_unavailable", route=_route(request))
        return web.Response(status=503, headers={"Retry-After": "5"})
    except web.HTTPException as answer:
        return web.Response(status=answer.status)
    except Exception:  # the caller must hear that it did not arrive, and nothing of the text may stand in the answer
        log.exception("request_failed", route=_route(request))
        return web.Response(status=500)


def _route(request: web.Request) -> str:
    """The route's pattern: the path itself may hold a secret."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def _hook(services: Services, transport: str, hook: Hook) -> Handler:
    seconds, reading = metrics.WEBHOOK_SECONDS.labels(transport), metrics.PARSE_SECONDS.labels(transport)

    async def handle(request: web.Request) -> web.StreamResponse:
        with seconds.time():
            raw = RawRequest(
                method=request.method,
                path=request.path,
                query=request.rel_url.raw_query_string.encode("utf-8", "surrogateescape"),
                headers=request.headers,
                body=await server.body(request),
            )
            try:
                with reading.time():
                    received = hook.receive(raw)
            except (Forbidden, Malformed) as error:
                metrics.INBOUND.labels(transport, error.code).inc()
                raise
            except Exception as error:  # a bug in reading one message must not make the provider send it for ever
                log.exception("receive_failed", channel=transport)
                await services.park(transport, type(error).__name__, raw.query + b"\n" + raw.body)
                return web.Response()
            await _apply(services, received)
            told = hook.answer(received)
            return web.Response(body=told, content_type="application/json") if told else web.Response()

    return handle


async def _apply(services: Services, received: Received) -> None:
    messages = [each for each in received if isinstance(each, Inbound)]
    if messages:
        await services.receive(messages)
    for report in received:
        if isinstance(report, DeliveryReport):
            await services.delivered(report)


def _core(services: Services) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        await services.core_event(headers, await server.body(request))
        return web.Response()

    return handle


def _media(services: Services) -> Handler:
    expected = f"Bearer {services.core_token}".encode()

    async def handle(request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not services.core_token or not hmac.compare_digest(given, expected):
            raise Forbidden
        found = await services.media.read(request.match_info["id"])
        if found is None:
            return web.Response(status=404)
        info, chunks = found
        # Whatever a citizen sent, no browser may run it.
        headers = {
            "Content-Type": info.mime,
            "Content-Length": str(info.size),
            "Content-Disposition": "attachment",
            "X-Content-Type-Options": "nosniff",
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
        return response

    return handle


def _privacy(services: Services) -> Handler:
    pages = {language: services.privacy(language) for language in ("id", "en")}

    async def handle(request: web.Request) -> web.StreamResponse:
        language = "en" if request.query.get("lang") == "en" else "id"
        return web.Response(text=pages[language], content_type="text/html")

    return handle
