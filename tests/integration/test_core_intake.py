"""Reports and operations on the core's API, over a real MongoDB."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from core import clock, forms
from core.store.connection import connect
from core.store.reports import FIRST_TICKET, Reports
from tests.fakes import reference_core
from tests.fakes.reference_core import report


@pytest.fixture
async def core(mongodb_url):
    async with reference_core.database(mongodb_url) as database, reference_core.running(database) as client:
        yield client


async def test_a_replay_gets_the_same_ticket_and_draws_none(core):
    first, again, other = [await core.post("/v1/reports", report(key)) for key in ("r1", "r1", "r2")]
    assert (201, 200, 201) == (first[0], again[0], other[0])
    assert first[1] == again[1]
    assert [str(FIRST_TICKET), str(FIRST_TICKET + 1)] == [first[1]["ticket"], other[1]["ticket"]]
    assert ("received", None) == (first[1]["status"], first[1]["due"]["response"])


async def test_parallel_replays_make_one_report(core):
    answers = await asyncio.gather(*(core.post("/v1/reports", report("r1")) for _ in range(20)))
    assert [200] * 19 + [201] == sorted(status for status, _ in answers)
    assert {str(FIRST_TICKET)} == {answer["ticket"] for _, answer in answers}
    assert str(FIRST_TICKET + 1) == await core.file("r2")


async def test_parallel_reports_get_successive_tickets(core):
    tickets = await asyncio.gather(*(core.file(f"r{n}") for n in range(30)))
    assert [str(FIRST_TICKET + n) for n in range(30)] == sorted(tickets)


async def test_processes_that_file_the_same_key_at_once_agree(mongodb_url):
    filings = [forms.read_filing(orjson.dumps(report(f"r{n}")), f"r{n}") for n in range(10)]
    async with reference_core.database(mongodb_url) as at, connect(at.url, at.name) as mongo:
        processes = [Reports(mongo) for _ in range(4)]
        await processes[0].prepare()
        filed = await asyncio.gather(*(process.file(filing, "d", clock.now()) for filing in filings for process in processes))
    assert 10 == sum(fresh for _, fresh in filed)
    tickets = {(record.case.key, record.case.ticket) for record, _ in filed}
    assert (10, 10) == (len(tickets), len({ticket for _, ticket in tickets}))


async def test_the_same_key_with_other_bytes_is_a_conflict(core):
    await core.file("r1")
    status, problem = await core.post("/v1/reports", report("r1", title="Lain"))
    assert (409, "urn:lapor-core:problem:key-reused") == (status, problem["type"])
    respaced = orjson.dumps(report("r1"), option=orjson.OPT_INDENT_2)
    assert 409 == (await core.post("/v1/reports", respaced, key="r1"))[0]


async def test_a_refused_report_leaves_its_key_free(core):
    status, problem = await core.post("/v1/reports", report("r1", kind="kritik"))
    assert (422, ["kind"]) == (status, [error["field"] for error in problem["errors"]])
    assert str(FIRST_TICKET) == await core.file("r1")


async def test_hostile_text_is_data_and_reaches_no_log_and_no_error(core, capsys):
    text = '{{7*7}} {"$gt": ""} \u0000 \u202e \U0001f525' + "x" * 65_000
    hostile = {"title": '{"$gt": ""}', "body": text, "location": {"text": "$where"}, "category": "$set"}
    ticket = await core.file("r1", **hostile)
    assert 201 == (await core.post(f"/v1/reports/{ticket}/messages", {"id": "$o.1", "text": text, "attachments": []}))[0]
    _, refused = await core.post("/v1/reports", report("r2", kind=text, **hostile))
    _, conflict = await core.post("/v1/reports", report("r1", agency=text, **hostile))
    captured = capsys.readouterr()
    assert "7*7" not in f"{captured} {refused} {conflict}"


async def test_filing_is_no_event(core):
    ticket = await core.file("r1")
    assert (200, {"events": [], "next": None}) == await core.get("/v1/events")
    assert 0 == (await core.get(f"/v1/reports/{ticket}"))[1]["sequence"]


async def test_finds_a_report_by_key_and_by_ticket(core):
    ticket = await core.file("r1")
    status, found = await core.get("/v1/reports", idempotency_key="r1")
    assert (200, None, [ticket]) == (status, found["next"], [one["ticket"] for one in found["reports"]])
    assert (200, found["reports"][0]) == await core.get(f"/v1/reports/{ticket}")
    assert (200, {"reports": [], "next": None}) == await core.get("/v1/reports", idempotency_key="r2")
    assert 404 == (await core.get("/v1/reports/8999999"))[0]


async def test_goes_through_what_changed_in_pages(core):
    start = clock.now()
    tickets = [await core.file(f"r{n}") for n in range(5)]
    await core.post(f"/v1/reports/{tickets[0]}/withdrawal", {"id": "w1", "reason": None})
    seen, cursor = [], {}
    while True:
        _, page = await core.get("/v1/reports", updated_since=start.isoformat(), limit=2, **cursor)
        if not page["reports"]:
            break
        seen += [one["ticket"] for one in page["reports"]]
        cursor = {"after": page["next"]}
    assert [*tickets[1:], tickets[0]] == seen
    later = (clock.now() + timedelta(minutes=1)).isoformat()
    assert {"reports": [], "next": None} == (await core.get("/v1/reports", updated_since=later))[1]


async def test_an_operation_happens_once(core):
    ticket = await core.file("r1")
    body = {"id": "w1", "reason": "salah tulis"}
    path = f"/v1/reports/{ticket}/withdrawal"
    answers = await asyncio.gather(*(core.post(path, body) for _ in range(10)))
    assert [200] * 9 + [201] == sorted(status for status, _ in answers)
    assert {("withdrawn", 1)} == {(answer["status"], answer["sequence"]) for _, answer in answers}
    assert 409 == (await core.post(path, body | {"reason": "lain"}))[0]
    assert 409 == (await core.post(f"/v1/reports/{ticket}/reopening", body))[0]
    assert 1 == len((await core.get("/v1/events"))[1]["events"])


async def test_parallel_messages_are_all_kept(core):
    ticket = await core.file("r1")
    bodies = [{"id": f"m{n}", "text": f"foto {n}", "attachments": []} for n in range(8)]
    answers = await asyncio.gather(*(core.post(f"/v1/reports/{ticket}/messages", body) for body in bodies))
    again = await asyncio.gather(*(core.post(f"/v1/reports/{ticket}/messages", body) for body in bodies))
    assert ([201] * 8, [200] * 8) == ([status for status, _ in answers], [status for status, _ in again])


async def test_what_the_status_forbids_is_refused_by_name(core):
    ticket = await core.file("r1")
    for operation, body in (("rating", {"scores": {"overall": 5}}), ("reopening", {"reason": None})):
        status, problem = await core.post(f"/v1/reports/{ticket}/{operation}", {"id": operation, **body})
        assert (422, ["status"]) == (status, [error["field"] for error in problem["errors"]])


async def test_a_report_gathers_only_so_much(core, monkeypatch):
    monkeypatch.setattr("core.cases.MAX_TAKEN", 300)
    ticket = await core.file("r1")
    path = f"/v1/reports/{ticket}/messages"
    assert 201 == (await core.post(path, {"id": "m1", "text": "x" * 200, "attachments": []}))[0]
    status, problem = await core.post(path, {"id": "m2", "text": "x" * 200, "attachments": []})
    assert (422, "ticket") == (status, problem["errors"][0]["field"])
    assert 200 == (await core.post(path, {"id": "m1", "text": "x" * 200, "attachments": []}))[0]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic core-token", "Bearer", "Bearer core-tokené"])
async def test_nobody_passes_without_the_token(core, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    async with core.http.post(f"{core.url}/v1/reports", json=report("r1"), headers=headers) as answer:
        assert (401, "application/problem+json") == (answer.status, answer.content_type)
    async with core.http.get(f"{core.url}/healthz", headers=headers) as answer:
        assert 200 == answer.status
    assert {"reports": [], "next": None} == (await core.get("/v1/reports", idempotency_key="r1"))[1]
