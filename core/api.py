"""The HTTP API, version 1. docs/core-api.yaml describes it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

from core import cases, forms, logs, wire
from core.cases import Operation
from core.clock import Now
from core.errors import Malformed, UnknownTicket
from core.problems import answer_errors, json_response, require_token
from core.store.event_log import EventLog
from core.store.reports import Record, Reports
from core.tracing import follow_trace
from core.workflow import CitizenAction

MAX_BODY = 1 << 20
PAGE = 100
MAX_PAGE = 500

_KEY = re.compile(r"[!-~]{1,200}")
_CURSOR = re.compile(r"([0-9]{1,14})\.([0-9]{1,18})")
_POSITION = re.compile(r"[0-9]{1,18}")
_EPOCH = datetime.fromtimestamp(0, UTC)

_READERS: Mapping[str, Callable[[bytes, str], CitizenAction]] = {
    "messages": forms.read_message,
    "rating": forms.read_rating,
    "withdrawal": forms.read_withdrawal,
    "reopening": forms.read_reopening,
}


@dataclass(frozen=True, slots=True)
class Api:
    """The handlers, over one database."""

    reports: Reports
    log: EventLog
    now: Now
    """Business time."""
    real: Now
    """By which events are sent."""

    async def file(self, request: web.Request) -> web.Response:
        """POST /v1/reports."""
        key, body = _key(request), await request.read()
        record, fresh = await cases.file(self.reports, forms.read_filing(body, key), body, self.now())
        logs.get().info("report_taken", ticket=record.case.ticket, fresh=fresh)
        return json_response(wire.filed(record.case), 201 if fresh else 200)

    async def operate(self, request: web.Request) -> web.Response:
        """POST /v1/reports/{ticket}/{operation}."""
        name, key, body = request.match_info["operation"], _key(request), await request.read()
        operation = Operation(name, key, body)
        action = _READERS[name](body, key)
        record, fresh = await cases.operate(self.reports, request.match_info["ticket"], action, operation, self.now())
        logs.get().info("step_taken", ticket=record.case.ticket, operation=name, fresh=fresh)
        return json_response(_report(record), 201 if fresh else 200)

    async def report(self, request: web.Request) -> web.Response:
        """GET /v1/reports/{ticket}."""
        record = await self.reports.by_ticket(request.match_info["ticket"])
        if record is None:
            raise UnknownTicket
        return json_response(_report(record))

    async def list(self, request: web.Request) -> web.Response:
        """GET /v1/reports, by key or by the time of the last change."""
        if key := request.query.get("idempotency_key"):
            record = await self.reports.by_key(key)
            return json_response({"reports": [] if record is None else [_report(record)], "next": None})
        since, after = _since(request), _reports_cursor(request)
        records = await self.reports.updated(since, after, _limit(request))
        last = records[-1] if records else None
        following = last and f"{(last.updated_at - _EPOCH) // timedelta(milliseconds=1)}.{last.case.ticket}"
        return json_response({"reports": [_report(record) for record in records], "next": following})

    async def events(self, request: web.Request) -> web.Response:
        """GET /v1/events."""
        text = request.query.get("after") or "0"
        if not _POSITION.fullmatch(text):
            raise Malformed("after is not a cursor of this API")
        limit = _limit(request)
        # What has been committed so far is in the log before it is read.
        await self.log.append_waiting(self.real())
        logged = await self.log.after(int(text), limit)
        following = str(logged[-1].position) if logged else None
        return json_response({"events": [one.event for one in logged], "next": following})


def build(
    api: Api, token: str, more: Iterable[web.AbstractRouteDef] = (), *, apart: tuple[str, str | None] = ("", None)
) -> web.Application:
    """The application; `more`: further routes, `apart`: those with a token of their own (see `require_token`)."""
    check = require_token(token, frozenset({"/healthz"}), apart=apart)
    app = web.Application(middlewares=[follow_trace, answer_errors, check], client_max_size=MAX_BODY)
    app.add_routes(
        [
            web.get("/healthz", _health),
            web.post("/v1/reports", api.file),
            web.get("/v1/reports", api.list),
            web.get("/v1/reports/{ticket:[^/]+}", api.report),
            web.post(f"/v1/reports/{{ticket:[^/]+}}/{{operation:{'|'.join(_READERS)}}}", api.operate),
            web.get("/v1/events", api.events),
            *more,
        ]
    )
    return app


async def _health(_request: web.Request) -> web.Response:
    return json_response({"status": "ok"})


def _report(record: Record) -> dict[str, object]:
    return wire.report(record.case, record.updated_at)


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise Malformed("the header Idempotency-Key is missing, too long, or not visible ASCII")
    return key


def _since(request: web.Request) -> datetime:
    text = request.query.get("updated_since")
    if text is None:
        raise Malformed("idempotency_key or updated_since is needed")
    try:
        return forms.read_moment(text)
    except ValueError as error:
        raise Malformed(f"updated_since {error}") from None


def _reports_cursor(request: web.Request) -> tuple[datetime, str] | None:
    text = request.query.get("after")
    if not text:
        return None
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise Malformed("after is not a cursor of this API")
    return _EPOCH + timedelta(milliseconds=int(match[1])), match[2]


def _limit(request: web.Request) -> int:
    text = request.query.get("limit") or str(PAGE)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_PAGE):
        raise Malformed(f"limit is not a number from 1 to {MAX_PAGE}")
    return int(text)
