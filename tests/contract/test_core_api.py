"""docs/core-api.yaml against the running core: every operation, every answer it documents, and the webhook."""

import asyncio
from io import BytesIO
from pathlib import Path

import aiohttp
import orjson
import pytest
import yaml
from aiohttp.test_utils import TestServer
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate as validate_spec
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from structlog.testing import capture_logs

from core import api, cases, clock
from core.store.connection import connect
from core.store.event_log import EventLog
from core.store.reports import Reports
from core.workflow import Answer, Ask, Dispose, Postpone
from tests.fakes import reference_core
from tests.fakes.reference_core import TOKEN, report

PATH = Path(__file__).parents[2] / "docs" / "core-api.yaml"
DOCUMENT = yaml.safe_load(PATH.read_text())
SPEC = OpenAPI.from_file_path(str(PATH), config=Config(extra_media_type_deserializers={"application/problem+json": orjson.loads}))
METHODS = ("get", "post")
OPERATIONS = {(method, path) for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item}
MESSAGE = {"id": "o1", "text": "RT 3", "attachments": []}
SENT = {
    "messages": MESSAGE,
    "rating": {"id": "o2", "scores": {"overall": 4}},
    "withdrawal": {"id": "o3", "reason": "salah tulis"},
    "reopening": {"id": "o4", "reason": "belum selesai"},
}


class Caller:
    """Calls the core, validates what went out and what came in, and notes which documented answers were seen."""

    def __init__(self, http, url):
        self.http = http
        self.url = url
        self.seen = set()

    async def call(self, method, path, expected, *, body=None, key=None, token=TOKEN, valid=True, **query):
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": "application/json"} if data else {})
        if key or isinstance(body, dict):
            headers["Idempotency-Key"] = key or body["id"]
        async with self.http.request(method, self.url + path, params=query, data=data and BytesIO(data), headers=headers) as answer:
            content = await answer.read()
        assert expected == answer.status, content
        request = MockRequest(DOCUMENT["servers"][0]["url"], method, path, args=query, headers=headers, data=data)
        if valid:
            SPEC.validate_request(request)
        response = MockResponse(content, answer.status, dict(answer.headers), answer.content_type)
        SPEC.validate_response(request, response)
        self.seen.add((*template_of(method, path), answer.status))
        return orjson.loads(content)


def template_of(method, path):
    parts = path.split("/")
    fits = [
        template
        for template in DOCUMENT["paths"]
        if len(template.split("/")) == len(parts) and all(a in (b, "{ticket}") for a, b in zip(template.split("/"), parts, strict=True))
    ]
    assert 1 == len(fits)
    return method, fits[0]


def documented(*, statuses):
    return {
        (method, path, int(status))
        for method, path in OPERATIONS
        for status in DOCUMENT["paths"][path][method]["responses"]
        if int(status) in statuses
    }


@pytest.fixture
async def database(mongodb_url):
    async with reference_core.database(mongodb_url) as database:
        yield database


async def file(caller, key):
    return (await caller.call("post", "/v1/reports", 201, body=report(key)))["ticket"]


async def act(database, ticket, *actions):
    async with connect(database.url, database.name) as mongo:
        for action in actions:
            await cases.act(Reports(mongo), ticket, action, "officer", clock.now())


def test_the_document_is_openapi():
    validate_spec(DOCUMENT)


async def test_every_documented_answer_is_given(database):
    async with reference_core.running(database) as core:
        caller = Caller(core.http, core.url)
        await caller.call("get", "/healthz", 200)
        await good_answers(caller, database)
        await wrong_requests(caller)
        assert documented(statuses=(200, 201, 400, 401, 404, 409, 413, 422)) == caller.seen


async def good_answers(caller, database):
    ticket = await file(caller, "r1")
    await caller.call("post", "/v1/reports", 200, body=report("r1"))
    anonymous = report("r2", anonymous=True, reporter=None, location={"text": "", "lat": -6.2, "lon": 106.6})
    await caller.call("post", "/v1/reports", 201, body=anonymous)
    await act(database, ticket, Postpone(("location", "body"), "Di mana?"))
    for status in (201, 200):
        await caller.call("post", f"/v1/reports/{ticket}/messages", status, body=MESSAGE)
    await act(database, ticket, Dispose("Dinas PU"), Ask("RT berapa?"), Answer("Sudah diperbaiki"))
    for operation in ("rating", "reopening", "withdrawal"):
        for status in (201, 200):
            await caller.call("post", f"/v1/reports/{ticket}/{operation}", status, body=SENT[operation])
    await caller.call("get", f"/v1/reports/{ticket}", 200)
    await caller.call("get", "/v1/reports", 200, idempotency_key="r1")
    page = await caller.call("get", "/v1/reports", 200, updated_since="2026-01-01T00:00:00+07:00", limit="1")
    await caller.call("get", "/v1/reports", 200, updated_since="2026-01-01T00:00:00+07:00", after=page["next"])
    page = await caller.call("get", "/v1/events", 200, limit="2")
    rest = await caller.call("get", "/v1/events", 200, after=page["next"])
    assert list(range(1, 8)) == [event["sequence"] for event in page["events"] + rest["events"]]


async def wrong_requests(caller):
    ticket = await file(caller, "r3")
    posts = {"/v1/reports": report("r9")} | {f"/v1/reports/{ticket}/{operation}": body for operation, body in SENT.items()}
    for path, body in posts.items():
        await caller.call("post", path, 401, body=body, token="wrong")
        await caller.call("post", path, 400, body=b"{", key="k", valid=False)
        await caller.call("post", path, 400, body=orjson.dumps(body), valid=False)
        await caller.call("post", path, 413, body=b" " * (1 << 20) + b"{}", key="k", valid=False)
        await caller.call("post", path, 422, body=body | {"id": 7}, key="k", valid=False)
    await caller.call("post", "/v1/reports", 409, body=report("r3", title="Lain"))
    await caller.call("post", f"/v1/reports/{ticket}/messages", 201, body=MESSAGE)
    for operation, body in SENT.items():
        other = body | {"id": "o1", "reason": "lain", "text": "lain"}
        await caller.call("post", f"/v1/reports/{ticket}/{operation}", 409, body=other)
        await caller.call("post", f"/v1/reports/1/{operation}", 404, body=body)
    await caller.call("get", "/v1/reports/1", 404)
    for path in (f"/v1/reports/{ticket}", "/v1/reports", "/v1/events"):
        await caller.call("get", path, 401, token="wrong", valid=False)
    for query in ({}, {"updated_since": "yesterday"}, {"updated_since": "2026-01-01T00:00:00Z", "after": "x"}):
        await caller.call("get", "/v1/reports", 400, valid=False, **query)
    for query in ({"after": "x"}, {"limit": "0"}, {"limit": "501"}):
        await caller.call("get", "/v1/events", 400, valid=False, **query)


async def fail_everywhere(caller, expected):
    """Every operation but /healthz."""
    calls = []
    for method, path in OPERATIONS - {("get", "/healthz")}:
        body = SENT.get(path.rpartition("/")[2], report("r1")) if method == "post" else None
        query = {"idempotency_key": "r1"} if (method, path) == ("get", "/v1/reports") else {}
        calls.append(caller.call(method, path.replace("{ticket}", "8812345"), expected, body=body, **query))
    await asyncio.gather(*calls)
    assert documented(statuses=(expected,)) == caller.seen


async def serving(database_url, monkeypatch, break_with=None):
    async with connect(database_url, "core_none") as mongo:
        reports, log = Reports(mongo), EventLog(mongo)
        if break_with:
            monkeypatch.setattr(Reports, "_find", break_with)
            monkeypatch.setattr(EventLog, "append_waiting", break_with)
        async with TestServer(api.build(api.Api(reports, log, clock.now, clock.now), TOKEN)) as server, aiohttp.ClientSession() as http:
            yield Caller(http, str(server.make_url("")).rstrip("/"))


@pytest.fixture
async def without_database(monkeypatch, unused_tcp_port):
    monkeypatch.setattr("core.store.connection.TIMEOUT_MS", 50)
    async for caller in serving(f"mongodb://127.0.0.1:{unused_tcp_port}/", monkeypatch):
        yield caller


@pytest.fixture
async def with_a_bug(monkeypatch, unused_tcp_port):
    async def bug(*_args):
        raise RuntimeError("canary-text")

    async for caller in serving(f"mongodb://127.0.0.1:{unused_tcp_port}/", monkeypatch, bug):
        yield caller


async def test_every_operation_says_when_the_database_is_away(without_database):
    await fail_everywhere(without_database, 503)


async def test_every_operation_says_when_there_is_a_bug_and_not_more(with_a_bug):
    with capture_logs() as logged:
        await fail_everywhere(with_a_bug, 500)
    assert {"request_failed"} == {record["event"] for record in logged}
    assert "canary-text" not in str(logged)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("get", "/v2", 404), ("delete", "/v1/events", 405), ("get", "/v1/reports/1/messages", 405)]
)
async def test_what_is_not_documented_is_a_problem_too(database, method, path, status):
    async with reference_core.running(database) as core:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with core.http.request(method, core.url + path, headers=headers) as answer:
            assert (status, "application/problem+json") == (answer.status, answer.content_type)
            assert {"type", "title", "status", "detail"} <= orjson.loads(await answer.read()).keys()
            assert (status == 405) == ("Allow" in answer.headers)


async def test_the_webhook_sends_what_it_documents(database):
    registry = Registry().with_resource("core-api", Resource(DOCUMENT, DRAFT202012))
    schema = {"$ref": "core-api#/components/schemas/Event"}
    validator = OAS31Validator(schema, registry=registry, format_checker=oas31_format_checker)
    operation = DOCUMENT["webhooks"]["reportEvent"]["post"]
    async with reference_core.intake() as intake, reference_core.running(database, intake.url) as core:
        ticket = await core.file("r1")
        await act(database, ticket, Postpone(("location",)), Dispose("Dinas PU"), Ask("RT berapa?"), Answer("Sudah", wants_answer=True))
        await intake.has_taken(4)
    for event in intake.taken:
        validator.validate(event)
    for parameter in operation["parameters"]:
        for headers in intake.headers:
            OAS31Validator(parameter["schema"]).validate(headers[parameter["name"]])
