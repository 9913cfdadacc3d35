"""The routes at /try on a real database and a real training core: what a visitor may do, and what nobody may."""

import base64
import io
from datetime import timedelta

import aiohttp
import pytest
from yarl import URL

from bot import clock
from bot.simulator import visit
from bot.simulator.pages import COOKIE, CSP, HEADER
from tests.fakes import reference_core
from tests.fakes.reference_core import SECRET, TOKEN
from tests.simulator_stage import FIRST, OFFICER, PNG, Visitor, arrivals, installation, practising


@pytest.fixture(scope="module")
async def running(mongodb_url):
    """One for all tests: visitors have nothing in common, which is what most tests are about."""
    async with practising(mongodb_url) as installed:
        yield installed


@pytest.fixture
async def arrive(running):
    async with arrivals(running[1]) as arrive:
        yield arrive


# ---- the page


async def test_the_page_comes_with_a_cookie_and_a_strict_policy(arrive):
    siti = await arrive()
    status, html, headers = await siti.comes()
    assert (200, CSP, "no-store") == (status, headers["Content-Security-Policy"], headers["Cache-Control"])
    assert "Set-Cookie" not in headers  # she has one
    assert "Studi kasus" in html
    _, english, _ = await siti.comes("?lang=en")
    assert "Case studies" in english


async def test_the_cookie_is_closed_to_scripts_and_to_other_sites(running):
    async with aiohttp.ClientSession() as http, http.get(f"{running[1]}/try") as answer:
        cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/try"))


async def test_no_token_of_the_installation_reaches_a_browser(arrive):
    siti = await arrive()
    await siti.files_a_report()
    _, html, headers = await siti.comes()
    content = [html, str(headers), str(await siti.json("/try/reports")), str(await siti.json("/try/stored?phone=sms"))]
    assert [] == [secret for secret in (TOKEN, OFFICER, "sim-token", SECRET) if any(secret in each for each in content)]


async def test_its_assets_are_served(arrive):
    siti = await arrive()
    for name, mime in (("try.js", "javascript"), ("try.css", "text/css"), ("try.icon.svg", "image/svg+xml")):
        status, _, headers = await siti.get(f"/assets/{name}")
        assert 200 == status
        assert mime in headers["Content-Type"]
    assert 404 == (await siti.get("/assets/../wording.py"))[0]


async def test_off_there_is_nothing(mongodb_url, store):
    async with installation(mongodb_url, store, io.StringIO(), SIMULATOR="") as (_, url):
        visitor = Visitor(url, {COOKIE: "x" * 32})
        for path in ("/try", "/try/live", "/try/reports", "/try/stored?phone=sms"):
            assert 404 == (await visitor.get(path))[0]
        assert 404 == await visitor.says("halo")
        await visitor.http.close()


async def test_an_operator_switches_it_on(mongodb_url, store):
    async with installation(mongodb_url, store, io.StringIO(), SIMULATOR="on", CLOCK="") as (_, url):
        visitor = Visitor(url)
        _, html, _ = await visitor.comes()
        assert "data-leap" not in html
        assert await visitor.files_a_report()
        assert 403 == (await visitor.send("/try/clock", {"by": "25h"}))[0]
        assert 404 == (await visitor.get("/outbox"))[0]
        await visitor.http.close()


# ---- practising


async def test_a_report_from_the_phone_to_the_desk_and_back(arrive):
    siti = await arrive()
    ticket = await siti.files_a_report()
    dossier = (await siti.json("/try/reports"))["by_ticket"][ticket]
    assert ("received", ["reporter"]) == (dossier["status"], dossier["lacks"])
    for step, words, expected in (
        ("verify", {"field_check": True}, "received"),
        ("dispose", {"agency": "Dinas Perhubungan"}, "disposed"),
        ("answer", {"text": "Lampu sudah diganti"}, "answered"),
        ("complete", {}, "completed"),
    ):
        status, dossier = await siti.send(f"/try/reports/{ticket}/{step}", words)
        assert (200, expected) == (status, dossier["status"])
    messages, state = await siti.told(lambda messages, _: any("Lampu sudah diganti" in each["text"] for each in messages))
    _, state = await siti.told(lambda _, state: state and "completed" in state["facts"])
    assert {"receipt", "ticket", "disposed", "answered", "completed"} <= set(state["facts"])
    assert sorted(each["sequence"] for each in messages) == [each["sequence"] for each in messages]
    assert (FIRST, True, 1) == (messages[0]["text"], messages[0]["said"], messages[0]["segments"])


async def test_a_step_the_core_refuses_says_why(arrive):
    siti = await arrive()
    ticket = await siti.files_a_report()
    status, problem = await siti.send(f"/try/reports/{ticket}/complete", {})
    assert (422, "step") == (status, problem["errors"][0]["field"])


async def test_the_clock_moves_here_and_at_the_offices(arrive, running):
    siti = await arrive()
    before = running[0].business.ahead
    assert 200 == (await siti.send("/try/clock", {"by": "25h"}))[0]
    assert timedelta(hours=25) == running[0].business.ahead - before
    ticket = await siti.files_a_report()
    dossier = (await siti.json("/try/reports"))["by_ticket"][ticket]
    _, state = await siti.told(lambda _, state: bool(state))
    assert running[0].business.ahead.total_seconds() == state["ahead_seconds"]
    assert dossier["updated_at"] > clock.now().isoformat()


async def test_the_clock_goes_no_further_than_holidays_are_known(arrive):
    siti = await arrive()
    statuses = {(await siti.send("/try/clock", {"by": by}))[0] for by in ("-1h", "400d", "", None)}
    assert {400} == statuses


async def test_what_is_stored_is_shown_of_ones_own_phones_alone(arrive):
    siti, budi = await arrive(), await arrive()
    await siti.files_a_report()
    stored = await siti.json("/try/stored?phone=sms")
    (report,) = stored["reports"]
    assert f"sim:sms:try-{siti.id}-1" == stored["conversation"]["id"] == report["document"]["conversation"]
    assert "lampu jalan mati di kec Cibodas Kota Tangerang kemarin" == report["forwarded"]["body"] == report["core"]["report"]["body"]
    assert {"conversation": None, "reports": []} == await budi.json("/try/stored?phone=sms")
    assert 400 == (await siti.get("/try/stored?phone=fax"))[0]


async def test_a_new_citizen_has_empty_phones_and_the_officer_keeps_the_reports(arrive):
    siti = await arrive()
    await siti.files_a_report()
    status, begun = await siti.send("/try/citizen", {"case": "jalan", "templates": True})
    assert (200, {"citizen": 2}) == (status, begun)
    messages, state = await siti.told(lambda _, state: bool(state))
    assert ([], 2, "jalan", True, []) == (messages, state["citizen"], state["case"], state["templates"], state["facts"])
    assert [False] == [report["current"] for report in state["reports"]]


async def test_files_come_back_to_their_sender_alone(arrive):
    siti, budi = await arrive(), await arrive()
    file = {"name": "a.png", "mime": "text/html", "data": base64.b64encode(PNG).decode()}
    assert 200 == await siti.says(phone="telegram", files=[file])
    messages, _ = await siti.told(lambda messages, _: bool(messages))
    url = messages[0]["files"][0]["url"]
    status, content, headers = await siti.get(url)
    assert (200, PNG, "image/png", "nosniff") == (status, content, headers["Content-Type"], headers["X-Content-Type-Options"])
    assert 404 == (await budi.get(url))[0]
    assert 404 == (await siti.get(f"{url}9"))[0]
    lying = {"name": "a.png", "mime": "image/png", "data": base64.b64encode(b"<script>alert(1)</script>").decode()}
    assert 200 == await siti.says(phone="telegram", files=[lying])
    messages, _ = await siti.told(lambda messages, _: sum(bool(each["files"]) for each in messages) == 2)
    _, _, headers = await siti.get([each for each in messages if each["files"]][1]["files"][0]["url"])
    assert ("application/octet-stream", "attachment") == (headers["Content-Type"], headers["Content-Disposition"])


# ---- what nobody may


async def test_nobody_plays_the_officer_on_anothers_report(arrive):
    siti, budi = await arrive(), await arrive()
    ticket = await siti.files_a_report()
    assert 403 == (await budi.send(f"/try/reports/{ticket}/dispose", {"agency": "x"}))[0]
    assert {} == (await budi.json("/try/reports"))["by_ticket"]
    assert 403 == (await budi.send("/try/reports/1/dispose", {"agency": "x"}))[0]


async def test_nobody_plays_the_officer_on_a_citizens_report(arrive, running):
    """The core has reports of real citizens beside those of practice."""
    siti = await arrive()
    await siti.says("halo")
    async with aiohttp.ClientSession() as http:
        client = reference_core.Client(http, running[0].settings["CORE_URL"])
        real = await client.file("real")
        assert 403 == (await siti.send(f"/try/reports/{real}/dispose", {"agency": "x"}))[0]
        _, report = await client.get(f"/v1/reports/{real}")
    assert "received" == report["status"]


@pytest.mark.parametrize("step", ["burn", "..%2F{other}%2Fdispose", "%2e%2e%2f{other}%2fdispose", "..%2F..%2Fsweep", "verify%3Fx"])
async def test_a_step_leads_nowhere_else(arrive, step):
    siti, budi = await arrive(), await arrive()
    ticket, other = await siti.files_a_report(), await budi.files_a_report()
    path = URL(f"/try/reports/{ticket}/{step.format(other=other)}", encoded=True)
    assert (await siti.send(path, {"agency": "x"}))[0] in (400, 404)
    assert "received" == (await budi.json("/try/reports"))["by_ticket"][other]["status"]


@pytest.mark.parametrize(
    "headers",
    [
        {HEADER: ""},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_sites_change_nothing(arrive, headers):
    siti = await arrive()
    for path, body in (
        ("/try/say", {"phone": "sms", "text": "x"}),
        ("/try/citizen", {}),
        ("/try/clock", {"by": "1h"}),
        ("/try/reports/1/verify", {}),
    ):
        assert 403 == (await siti.send(path, body, **headers))[0]


async def test_without_a_cookie_nothing_is_told_or_taken(running):
    stranger = Visitor(running[1])
    for path in ("/try/live", "/try/reports", "/try/stored?phone=sms", "/try/files/1/0"):
        assert 403 == (await stranger.get(path))[0]
    assert 403 == await stranger.says("halo")
    short = Visitor(running[1], {COOKIE: "guessable"})
    assert 403 == await short.says("halo")
    await stranger.http.close()
    await short.http.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        {"phone": "fax", "text": "x"},
        {"phone": "sms", "pin": {"lat": 99, "lon": 0}},
        {"phone": "sms", "files": [{"data": "%"}]},
        {"phone": "sms", "files": 7},
        {"phone": "sms", "files": ["x"]},
        {"phone": "telegram", "files": [{"name": "a", "data": "QQ=="}] * 6},
    ],
)
async def test_what_cannot_be_read_is_refused(arrive, body):
    siti = await arrive()
    assert 400 == (await siti.send("/try/say", body))[0]


async def test_an_address_cannot_be_chosen(arrive, running):
    siti = await arrive()
    assert 200 == await siti.says("halo", address="telegram:43", id="m1")
    assert not (await running[0].store.conversations.load("telegram:43")).version
    assert (await running[0].store.conversations.load(f"sim:sms:try-{siti.id}-1")).version


async def test_who_writes_too_fast_waits(arrive):
    siti, budi = await arrive(), await arrive()
    statuses = [(await siti.send("/try/clock", {"by": "never"}))[0] for _ in range(3)]
    assert [400, 400, 400] == statuses
    statuses = [await siti.says("", phone="sms", pick={"question": "x", "value": "y"}) for _ in range(visit.ACTIONS_A_MINUTE + 1)]
    assert (200, 429) == (statuses[0], statuses[-1])
    assert 200 == await budi.says("halo")
