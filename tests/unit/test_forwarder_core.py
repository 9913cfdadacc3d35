"""The core's client: what is sent, and how each answer is read."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import aiohttp
import orjson
import pytest

from bot.errors import (
    Conflict,
    DeliveryError,
    RateLimited,
    Refused,
    Rejected,
    ServerFault,
    Unanswered,
    Unauthorized,
    Unreachable,
)
from bot.forwarder.core import CoreTarget, _fields, build
from bot.forwarder.protocol import Filed
from bot.model import Status
from tests.fakes.core import FakeCore, Fault

PAYLOAD = b'{"id":"r1","title":"Jalan rusak",  "body":"spasi dan urutan tetap"}'
FILED = Filed(
    "1916449",
    Status.RECEIVED,
    {"verification": date(2026, 11, 25), "response": date(2026, 12, 2), "resolution": date(2026, 12, 15)},
)


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def core() -> AsyncIterator[FakeCore]:
    fake = FakeCore()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def target(core: FakeCore, http: aiohttp.ClientSession) -> CoreTarget:
    return CoreTarget(core.url, core.token, http, seconds=0.15)


async def test_filing_sends_the_frozen_bytes_under_the_key(core: FakeCore, target: CoreTarget):
    assert FILED == await target.file("r1", PAYLOAD, unsure=False)
    (seen,) = core.requests
    assert ("POST", "/v1/reports", PAYLOAD) == (seen.method, seen.path, seen.body)
    assert "r1" == seen.headers["idempotency-key"]
    assert "application/json" == seen.headers["content-type"]
    assert "Bearer core-token" == seen.headers["authorization"]


async def test_filing_again_gives_the_same_ticket(core: FakeCore, target: CoreTarget):
    assert await target.file("r1", PAYLOAD, unsure=False) == await target.file("r1", PAYLOAD, unsure=False)
    assert 1 == len(core.reports)


async def test_build_takes_the_settings(core: FakeCore, http: aiohttp.ClientSession):
    target = build({"CORE_URL": core.url + "/", "CORE_TOKEN": core.token}, http)
    assert FILED == await target.file("r1", PAYLOAD, unsure=False)


async def test_unsure_asks_first_and_adopts(core: FakeCore, target: CoreTarget):
    core.fail_next(Fault.LOST_ANSWER)
    with pytest.raises(Unanswered):
        await target.file("r1", PAYLOAD, unsure=False)
    assert FILED == await target.file("r1", PAYLOAD, unsure=True)
    assert ["POST", "GET"] == [seen.method for seen in core.requests]
    assert {"idempotency_key": "r1"} == core.requests[-1].query


async def test_unsure_files_when_nothing_is_found(core: FakeCore, target: CoreTarget):
    assert FILED == await target.file("r1", PAYLOAD, unsure=True)
    assert ["GET", "POST"] == [seen.method for seen in core.requests]


async def test_a_core_that_overlooks_the_filter_gives_nobody_a_strangers_ticket(core: FakeCore, target: CoreTarget):
    await target.file("other", b"{}", unsure=False)
    core.overlooks_filter = True
    assert "1916450" == (await target.file("r1", PAYLOAD, unsure=True)).ticket


@pytest.mark.parametrize(
    ("fault", "error", "held"),
    [
        (Fault.SERVER_ERROR, ServerFault, False),
        (Fault.RATE_LIMITED, RateLimited, False),
        (Fault.REDIRECT, Unanswered, False),
        (Fault.HTML, Unanswered, False),
        (Fault.NOT_FOUND, ServerFault, False),
        (Fault.DROPPED, Unanswered, False),
        (Fault.LOST_ANSWER, Unanswered, True),
        (Fault.CUT, Unanswered, True),
        (Fault.SLOW, Unanswered, True),
        (Fault.EMPTY, Unanswered, True),
        (Fault.TRUNCATED, Unanswered, True),
        (Fault.INT_TICKET, Unanswered, True),
    ],
)
async def test_a_fault_is_tried_again_and_the_report_ends_with_one_ticket(
    core: FakeCore, target: CoreTarget, fault: Fault, error: type[DeliveryError], *, held: bool
):
    core.fail_next(fault)
    with pytest.raises(DeliveryError) as raised:
        await target.file("r1", PAYLOAD, unsure=False)
    assert error is type(raised.value)
    assert raised.value.retryable
    assert held == ("r1" in core.reports)
    assert FILED == await target.file("r1", PAYLOAD, unsure=True)
    assert 1 == len(core.reports)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SERVER_ERROR, ServerFault),
        (Fault.RATE_LIMITED, RateLimited),
        (Fault.CONFLICT, ServerFault),
        (Fault.REFUSED, ServerFault),
        (Fault.NOT_FOUND, ServerFault),
        (Fault.REDIRECT, Unanswered),
        (Fault.HTML, Unanswered),
        (Fault.DROPPED, Unanswered),
        (Fault.CUT, Unanswered),
        (Fault.EMPTY, Unanswered),
        (Fault.TRUNCATED, Unanswered),
    ],
)
async def test_no_answer_to_the_question_alone_gives_a_report_up(
    core: FakeCore, target: CoreTarget, fault: Fault, error: type[DeliveryError]
):
    core.always = fault  # aiohttp repeats a GET by itself once, when the connection breaks
    with pytest.raises(DeliveryError) as raised:
        await target.file("r1", PAYLOAD, unsure=True)
    assert error is type(raised.value)
    assert raised.value.retryable
    assert {} == core.reports


@pytest.mark.parametrize(
    "reports",
    [
        [{"ticket": "1"}],
        [{"idempotency_key": "r1", "ticket": 1, "status": "received"}],
        [{"idempotency_key": "r1", "ticket": "1"}],
        ["r1"],
        "r1",
    ],
)
async def test_a_found_report_is_read_as_strictly(core: FakeCore, target: CoreTarget, reports: object):
    core.found = reports
    with pytest.raises(Unanswered):
        await target.file("r1", PAYLOAD, unsure=True)


async def test_down_is_unreachable_and_nothing_was_seen(core: FakeCore, target: CoreTarget):
    await core.go_down()
    with pytest.raises(Unreachable):
        await target.file("r1", PAYLOAD, unsure=False)
    await core.come_up()
    assert FILED == await target.file("r1", PAYLOAD, unsure=False)


async def test_retry_after_is_passed_on(core: FakeCore, target: CoreTarget):
    core.fail_next(Fault.RATE_LIMITED)
    with pytest.raises(RateLimited) as raised:
        await target.file("r1", PAYLOAD, unsure=False)
    assert 7 == raised.value.retry_after


async def test_another_body_under_the_key_is_a_conflict(target: CoreTarget):
    await target.file("r1", PAYLOAD, unsure=False)
    with pytest.raises(Conflict) as raised:
        await target.file("r1", PAYLOAD + b" ", unsure=False)
    assert not raised.value.retryable


async def test_a_refusal_names_its_fields(core: FakeCore, target: CoreTarget):
    core.fail_next(Fault.REFUSED)
    with pytest.raises(Refused) as raised:
        await target.file("r1", PAYLOAD, unsure=False)
    assert ("title", "location.lat") == raised.value.fields


async def test_a_wrong_token_waits_for_the_operator(core: FakeCore, http: aiohttp.ClientSession):
    with pytest.raises(Unauthorized) as raised:
        await CoreTarget(core.url, "wrong", http).file("r1", PAYLOAD, unsure=False)
    assert raised.value.retryable
    assert {} == core.reports


@pytest.mark.parametrize(
    ("problem", "fields"),
    [
        ({"field": "title"}, ("title",)),
        ({"fields": ["title", "body", "title"]}, ("title", "body")),
        (
            {"errors": [{"field": "kind"}, {"pointer": "#/location/area_code"}, {"pointer": "/agency"}]},
            ("kind", "location.area_code", "agency"),
        ),
        ({"errors": ["text", {"pointer": 3}, {"field": "Budi telp 0812"}, {"field": "a" * 61}]}, ()),
        ({"errors": "text"}, ()),
        ({"field": ["title"]}, ()),
        ({"fields": [f"f{n}" for n in range(30)]}, tuple(f"f{n}" for n in range(20))),
        ({}, ()),
    ],
)
def test_fields_of_problem_details(problem: dict[str, Any], fields: tuple[str, ...]):
    assert fields == _fields(orjson.dumps(problem))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"title"', b"\xff"])
def test_a_refusal_without_problem_details_names_nothing(body: bytes):
    assert () == _fields(body)


async def test_the_four_operations(core: FakeCore, target: CoreTarget):
    ticket = (await target.file("r1", PAYLOAD, unsure=False)).ticket
    for operation in ("messages", "rating", "withdrawal", "reopening"):
        body = orjson.dumps({"id": f"op-{operation}"})
        await target.operate(ticket, operation, f"op-{operation}", body)
        await target.operate(ticket, operation, f"op-{operation}", body)
        seen = core.requests[-1]
        assert (f"/v1/reports/{ticket}/{operation}", body, f"op-{operation}") == (seen.path, seen.body, seen.headers["idempotency-key"])
    assert ["messages", "rating", "withdrawal", "reopening"] == [name for name, _ in core.reports["r1"].operations]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SERVER_ERROR, ServerFault),
        (Fault.RATE_LIMITED, RateLimited),
        (Fault.CONFLICT, Conflict),
        (Fault.REFUSED, Refused),
        (Fault.NOT_FOUND, Rejected),
        (Fault.REDIRECT, Unanswered),
        (Fault.HTML, Unanswered),
        (Fault.DROPPED, Unanswered),
        (Fault.LOST_ANSWER, Unanswered),
        (Fault.CUT, Unanswered),
        (Fault.SLOW, Unanswered),
        (Fault.EMPTY, Unanswered),
        (Fault.TRUNCATED, Unanswered),
    ],
)
async def test_an_operation_that_fails(core: FakeCore, target: CoreTarget, fault: Fault, error: type[DeliveryError]):
    ticket = (await target.file("r1", PAYLOAD, unsure=False)).ticket
    core.fail_next(fault)
    with pytest.raises(DeliveryError) as raised:
        await target.operate(ticket, "messages", "op1", b'{"id":"op1"}')
    assert error is type(raised.value)


async def test_an_operation_on_an_unknown_ticket_is_rejected(target: CoreTarget):
    with pytest.raises(Rejected) as raised:
        await target.operate("404", "messages", "op1", b"{}")
    assert not raised.value.retryable


async def test_events_come_in_pages(core: FakeCore, target: CoreTarget):
    await target.file("r1", PAYLOAD, unsure=False)
    core.page_size = 2
    for status in ("disposed", "in_progress", "answered"):
        core.event("r1", status)
    first = await target.events(None)
    assert ([1, 2], "2") == ([event.sequence for event in first.events], first.next)
    assert {} == core.requests[-1].query
    second = await target.events(first.next)
    assert ([Status.ANSWERED], "3") == ([event.status for event in second.events], second.next)
    last = await target.events(second.next)
    assert ((), None) == (last.events, last.next)


async def test_an_unreadable_event_does_not_stop_the_page(core: FakeCore, target: CoreTarget):
    await target.file("r1", PAYLOAD, unsure=False)
    core.event("r1", "disposed")
    core.event("r1", "exploded")
    core.events.append(17)
    core.event("r1", "answered")
    page = await target.events(None)
    assert [Status.DISPOSED, Status.ANSWERED] == [event.status for event in page.events]
    assert ["exploded", None] == [event.get("status") for event in page.unreadable]
    assert {"event": 17} == page.unreadable[1]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.SERVER_ERROR, ServerFault), (Fault.HTML, Unanswered), (Fault.EMPTY, Unanswered), (Fault.TRUNCATED, Unanswered)],
)
async def test_a_page_that_cannot_be_read(core: FakeCore, target: CoreTarget, fault: Fault, error: type[DeliveryError]):
    core.fail_next(fault)
    with pytest.raises(error):
        await target.events(None)
