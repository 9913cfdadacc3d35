"""Every error of the API as problem details (RFC 9457), and the proof of who calls."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from core import logs
from core.errors import CoreError, FieldError, KeyReused, Malformed, Refused, StoreUnavailable, UnknownTicket

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "The bearer token is missing or wrong",
    404: "Not found",
    405: "Not possible here",
    409: "The Idempotency-Key was used with another body",
    413: "The body is too large",
    422: "The request is not accepted",
    500: "The core failed",
    503: "The core cannot answer now",
}
_SLUGS: Mapping[int, str] = {
    400: "malformed",
    401: "unauthorized",
    404: "not-found",
    405: "method-not-allowed",
    409: "key-reused",
    413: "too-large",
    422: "refused",
    500: "fault",
    503: "unavailable",
}
_STATUS_OF: Mapping[type[CoreError], int] = {Malformed: 400, UnknownTicket: 404, KeyReused: 409, Refused: 422, StoreUnavailable: 503}


def json_response(data: Mapping[str, Any], status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def problem(status: int, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None) -> web.Response:
    """An error's answer. `type` is a name, not an address."""
    data: dict[str, Any] = {
        "type": f"urn:lapor-core:problem:{_SLUGS.get(status, 'error')}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    if errors:
        data["errors"] = [{"field": error.field, "detail": error.detail} for error in errors]
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/problem+json", headers=headers)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into problem details."""
    try:
        return await handler(request)
    except Refused as error:
        return problem(422, str(error), error.errors)
    except StoreUnavailable as error:
        logs.get().error("store_unavailable", error=str(error))
        return problem(503, "the database does not answer", headers={"Retry-After": "1"})
    except CoreError as error:
        return problem(_STATUS_OF[type(error)], str(error))
    except web.HTTPException as error:
        kept = {name: value for name, value in error.headers.items() if name == "Allow"}
        return problem(error.status, error.reason, headers=kept)
    except Exception as error:  # noqa: BLE001  # the last fence: a bug becomes a 500 and a log line without values
        logs.get().error("request_failed", route=_route(request), error=logs.where(error))
        return problem(500, "see the log")


def require_token(token: str, public: frozenset[str], *, apart: tuple[str, str | None] = ("", None)) -> Any:
    """A middleware that lets nobody pass without the token, but to the `public` paths. `apart`: a prefix whose paths have a token of
    their own instead; None: nobody passes there.
    """
    prefix, own = apart

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in public:
            expected = own if prefix and request.path.startswith(prefix) else token
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            right = expected is not None and hmac.compare_digest(given.strip().encode(errors="surrogateescape"), expected.encode())
            if scheme.lower() != "bearer" or not right:
                return problem(401, "send Authorization: Bearer and the core's token", headers={"WWW-Authenticate": "Bearer"})
        return await handler(request)

    return check


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
