"""The routing core over its HTTP API, version 1. Calls are made once; the worker decides what follows from an error."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp

from bot import calling, tracing
from bot.books.outgoing import Outbound
from bot.calling import Answer
from bot.errors import Conflict, DeliveryError, Malformed, Refused, ServerFault, Unanswered
from bot.forwarder import wire
from bot.forwarder.events import parse_event
from bot.forwarder.protocol import CoreEvent, EventPage, Filed

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,59}")
_MAX_FIELDS = 20


class CoreTarget:
    """Files reports with the core and reads back what becomes of them."""

    name = "core"

    def __init__(self, url: str, token: str, http: aiohttp.ClientSession, *, seconds: float = 15.0) -> None:
        """`url`: CORE_URL, without /v1; `seconds`: how long one call may take."""
        self._api = url.rstrip("/") + "/v1"
        self._token = token
        self._http = http
        self._seconds = seconds

    async def file(self, report_id: str, payload: bytes, *, unsure: bool) -> Filed:
        """Hand over the frozen bytes; adopt the ticket of an earlier call whose answer was lost."""
        if unsure and (found := await self._find(report_id)):
            return found
        answer = await self._post("/reports", report_id, payload)
        if error := _filing_error(answer):
            raise error
        try:
            return _filed(wire.read_object(answer.body))
        except Malformed as malformed:
            raise Unanswered(str(malformed)) from None

    def reference(self, report_id: str, ticket: str | None) -> str | None:
        """The ticket."""
        del report_id
        return ticket

    async def operate(self, reference: str, operation: str, operation_id: str, payload: bytes) -> None:
        """Do something to a filed report."""
        answer = await self._post(f"/reports/{quote(reference, safe='')}/{operation}", operation_id, payload)
        if error := _error(answer):
            raise error
        if not _is_the_cores(answer):
            raise Unanswered("not the core's answer")

    async def events(self, after: str | None) -> EventPage:
        """One page; an event that cannot be read does not hold up the others."""
        answer = await self._get("/events", {} if after is None else {"after": after})
        if error := _error(answer):
            raise error
        try:
            page = wire.read_object(answer.body)
            sources, cursor = wire.array(page, "events"), wire.optional_text(page, "next")
        except Malformed as malformed:
            raise Unanswered(str(malformed)) from None
        return _page(sources, cursor)

    async def _find(self, report_id: str) -> Filed | None:
        """What the core holds under our key. Whatever it answers, a question alone never gives a report up."""
        answer = await self._get("/reports", {"idempotency_key": report_id})
        if error := _error(answer):
            raise error if error.retryable else ServerFault(str(error))
        try:
            reports = [wire.as_object(report, "report") for report in wire.array(wire.read_object(answer.body), "reports")]
            # A core that overlooks the filter must not give this report another one's ticket.
            return next((_filed(report) for report in reports if wire.text(report, "idempotency_key") == report_id), None)
        except Malformed as malformed:
            raise Unanswered(str(malformed)) from None

    async def _post(self, path: str, key: str, payload: bytes) -> Answer:
        headers = self._headers() | {"Idempotency-Key": key, "Content-Type": "application/json"}
        return await calling.call(self._http, "POST", self._api + path, data=payload, headers=headers, seconds=self._seconds)

    async def _get(self, path: str, params: Mapping[str, str]) -> Answer:
        return await calling.call(self._http, "GET", self._api + path, params=params, headers=self._headers(), seconds=self._seconds)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **tracing.headers()}


def build(settings: Mapping[str, str], http: aiohttp.ClientSession, _outbound: Outbound | None = None) -> CoreTarget:
    """From CORE_URL and CORE_TOKEN."""
    return CoreTarget(settings["CORE_URL"], settings["CORE_TOKEN"], http)


def _filed(report: Mapping[str, Any]) -> Filed:
    return Filed(ticket=wire.ticket(report), status=wire.status(report), due=wire.due(report))


def _page(sources: Sequence[Any], cursor: str | None) -> EventPage:
    events: list[CoreEvent] = []
    unreadable: list[Mapping[str, Any]] = []
    for source in sources:
        try:
            events.append(parse_event(source))
        except Malformed:
            unreadable.append(source if isinstance(source, dict) else {"event": source})
    return EventPage(tuple(events), cursor, tuple(unreadable))


def _error(answer: Answer) -> DeliveryError | None:
    """What the status means; 409 and 422 are the core's own words."""
    if answer.status == 409:
        return Conflict("status 409")
    if answer.status == 422:
        return Refused("status 422", fields=_fields(answer.body))
    return calling.error_for(answer.status, answer.headers)


def _filing_error(answer: Answer) -> DeliveryError | None:
    """Why a report was not taken. Only a core can refuse a report; no collection at this address means there is none there now."""
    if answer.status in (404, 405, 410):
        return ServerFault(f"status {answer.status}")
    return _error(answer)


def _is_the_cores(answer: Answer) -> bool:
    """Whether a 2xx says that it was done, and is not some proxy's page: a JSON object, or plainly nothing."""
    if not answer.body:
        return answer.status in (201, 202, 204)
    try:
        wire.read_object(answer.body)
    except Malformed:
        return False
    return True


def _fields(body: bytes) -> tuple[str, ...]:
    """The fields that problem details (RFC 9457) name: `field`, `fields`, or in `errors` a `field` or a JSON `pointer`."""
    try:
        problem = wire.read_object(body)
        candidates = [problem.get("field"), *wire.array(problem, "fields")]
        for error in wire.array(problem, "errors"):
            if isinstance(error, dict):
                candidates += [error.get("field"), _dotted(error.get("pointer"))]
    except Malformed:
        return ()
    names = [name for name in candidates if isinstance(name, str) and _FIELD.fullmatch(name)]
    return tuple(dict.fromkeys(names))[:_MAX_FIELDS]


def _dotted(pointer: object) -> str | None:
    """`#/location/lat` as `location.lat`."""
    return pointer.removeprefix("#").removeprefix("/").replace("/", ".") if isinstance(pointer, str) else None
