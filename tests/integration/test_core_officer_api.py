"""The officer's steps over HTTP: a training core's, behind a token of their own."""

from io import BytesIO

import aiohttp
import orjson
import pytest

from core import app
from core.settings import Settings
from tests.fakes import reference_core
from tests.fakes.reference_core import TOKEN, Client

OFFICER = "officer-token"


class Officer:
    """Calls the officer's routes, and the API as the intake does."""

    def __init__(self, client):
        self.intake = client

    async def call(self, method, path, body=None, token=OFFICER):
        data = None if body is None else BytesIO(body if isinstance(body, bytes) else orjson.dumps(body))
        headers = {"Authorization": f"Bearer {token}"}
        async with self.intake.http.request(method, self.intake.url + path, data=data, headers=headers) as answer:
            content = await answer.read()
        return answer.status, orjson.loads(content) if content else None

    async def step(self, ticket, name, **words):
        return await self.call("POST", f"/officer/reports/{ticket}/{name}", words)


@pytest.fixture
async def database(mongodb_url):
    async with reference_core.database(mongodb_url) as database:
        yield database


@pytest.fixture
async def officer(database):
    settings = Settings(database=database, token=TOKEN, port=0, officer_token=OFFICER)
    async with app.running(settings) as port, aiohttp.ClientSession() as http:
        yield Officer(Client(http, f"http://127.0.0.1:{port}"))


async def test_a_report_goes_all_the_way(officer):
    ticket = await officer.intake.file("r1")
    status, dossier = await officer.call("GET", f"/officer/reports/{ticket}")
    assert (200, "received", [], False) == (status, dossier["status"], dossier["lacks"], dossier["verified"])
    assert ["verify", "dispose", "postpone", "not-ours", "ask", "archive"] == dossier["steps"]
    statuses = []
    for name, words in (
        ("verify", {"field_check": True}),
        ("dispose", {"agency": "Dinas PU"}),
        ("progress", {}),
        ("ask", {"text": "RT berapa?"}),
        ("answer", {"text": "Sudah diperbaiki", "wants_answer": True}),
        ("complete", {"note": "Terima kasih"}),
        ("reopen", {}),
    ):
        status, dossier = await officer.step(ticket, name, **words)
        assert 200 == status, dossier
        statuses.append(dossier["status"])
    assert ["received", "disposed", "in_progress", "in_progress", "answered", "completed", "in_progress"] == statuses
    assert ["Verify", "Dispose", "Progress", "Ask", "Answer", "Complete", "Reopen"] == [line["action"] for line in dossier["history"]]


async def test_ways_that_end_or_wait(officer):
    for name, words, expected in (
        ("postpone", {"missing": ["location"], "note": "RT berapa?"}, "postponed"),
        ("not-ours", {"note": "Kewenangan PLN"}, "not_our_authority"),
        ("archive", {"note": "Bukan laporan"}, "archived"),
    ):
        ticket = await officer.intake.file(f"r-{name}")
        assert (200, expected) == ((answer := await officer.step(ticket, name, **words))[0], answer[1]["status"])


@pytest.mark.parametrize(
    ("name", "words", "field"),
    [
        ("complete", {}, "step"),
        ("dispose", {}, "step"),
        ("postpone", {"missing": ["shoe"]}, "step"),
        ("ask", {"text": 7}, "text"),
        ("postpone", {"missing": "location"}, "missing"),
    ],
)
async def test_what_does_not_fit_is_refused(officer, name, words, field):
    ticket = await officer.intake.file("r1")
    status, problem = await officer.step(ticket, name, **words)
    assert (422, [field]) == (status, [error["field"] for error in problem["errors"]])


async def test_unknown_reports_and_steps(officer):
    assert 404 == (await officer.step("1", "verify"))[0]
    assert 404 == (await officer.call("GET", "/officer/reports/1"))[0]
    assert 404 == (await officer.step(await officer.intake.file("r1"), "burn"))[0]


async def test_the_intakes_token_does_not_open_it_nor_the_officers_the_api(officer):
    ticket = await officer.intake.file("r1")
    assert 401 == (await officer.call("GET", f"/officer/reports/{ticket}", token=TOKEN))[0]
    assert 401 == (await officer.call("GET", f"/v1/reports/{ticket}"))[0]


async def test_in_earnest_there_is_no_officer(database):
    async with reference_core.running(database) as client:
        ticket = await client.file("r1")
        for token in (TOKEN, OFFICER, ""):
            assert 401 == (await Officer(client).call("GET", f"/officer/reports/{ticket}", token=token))[0]


async def test_practice_is_forgotten_with_its_events(officer):
    first, second = await officer.intake.file("r1"), await officer.intake.file("r2")
    for ticket in (first, second):
        await officer.step(ticket, "dispose", agency="Dinas PU")
    await officer.intake.get("/v1/events")
    for _ in range(2):
        assert (204, None) == await officer.call("DELETE", f"/officer/reports/{first}")
    assert 404 == (await officer.call("GET", f"/officer/reports/{first}"))[0]
    _, page = await officer.intake.get("/v1/events")
    assert [second] == [event["ticket"] for event in page["events"]]
