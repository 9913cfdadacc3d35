"""What a stranger, a colleague or another site tries with the desk."""

import re
from uuid import uuid4

import pytest

from bot import clock
from bot.desk.frame import CONTENT_SECURITY_POLICY
from bot.desk.routes import ROUTES
from bot.ports import ParkedItem
from bot.staff.model import Role
from bot.store.store import Store
from tests.desk_stage import desk_staged

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
POSTS = [route for route in ROUTES if route.method == "POST"]


def path_of(route):
    return re.sub(r"\{\w+\}", "0123456789abcdef", route.path)


# ---- forms that are not ours


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
    ids=str,
)
async def test_a_form_of_another_site_is_refused(desk, headers):
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.post("/desk/accounts", headers=headers, name="Siti", login="siti", role="entry")
    assert 403 == page.status
    assert await desk.store.accounts.find("siti") is None


async def test_no_form_is_taken_without_its_token(desk):
    people = {role: await desk.person(role) for role in Role}
    for route in POSTS:
        role = next((role for role in Role if role in route.permission.roles), Role.ENTRY)
        for csrf in ("", "0" * 48, "é"):
            async with desk.browser(people[role]) as browser:
                page = await browser.post(path_of(route), csrf=csrf)
            is_for_those_half_way = route.permission.stage is not None and route.permission.stage.value != "full"
            assert (303 if is_for_those_half_way else 403) == page.status, route.path


async def test_the_token_of_another_session_is_refused(desk):
    budi, sari = await desk.person(Role.SUPERVISOR), await desk.person(Role.SUPERVISOR)
    async with desk.browser(budi) as his, desk.browser(sari) as hers:
        page = await hers.post("/desk/accounts", csrf=his.csrf, name="Siti", login="siti", role="entry")
    assert 403 == page.status


async def test_a_token_changes_with_the_session(desk):
    sari = await desk.person(Role.ENTRY)
    async with desk.browser() as browser:
        before = (await browser.get("/desk/login")).csrf
        await browser.sign_in(sari.account.login)
        after = (await browser.get("/desk/me")).csrf
    assert before != after


# ---- what stands in a page


async def test_every_page_has_the_headers_that_keep_it_apart(desk):
    people = {role: await desk.person(role) for role in Role}
    for route in (route for route in ROUTES if route.method == "GET"):
        role = next(role for role in Role if role in route.permission.roles)
        async with desk.browser(people[role]) as browser:
            page = await browser.get(path_of(route))
        assert CONTENT_SECURITY_POLICY == page.headers["Content-Security-Policy"], route.path
        assert "no-store" == page.headers["Cache-Control"]
        assert "nosniff" == page.headers["X-Content-Type-Options"]
        assert "same-origin" == page.headers["Referrer-Policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", page.html), route.path


async def test_a_name_is_text_wherever_it_stands(desk):
    budi = await desk.person(Role.SUPERVISOR, name=EVIL, office=EVIL)
    siti = await desk.person(Role.ENTRY, name=EVIL, office=EVIL)
    dewi = await desk.person(Role.AUDITOR, name=EVIL, office=EVIL)
    pages = []
    for person, paths in ((budi, ("", "/me", "/accounts", f"/accounts/{siti.account.id}")), (dewi, ("/audit",))):
        async with desk.browser(person) as browser:
            pages += [await browser.get(f"/desk{path}") for path in paths]
    async with desk.browser(budi) as browser:
        pages.append(await browser.post("/desk/accounts", name=EVIL, login=EVIL, role=EVIL))
    async with desk.browser() as browser:
        pages.append(await browser.sign_in(EVIL, EVIL))
    assert {200, 422} == {page.status for page in pages}
    for page in pages:
        assert "&lt;script&gt;" in page.html
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html


async def test_what_is_reflected_from_an_address_is_text(desk):
    async with desk.browser(await desk.person(Role.AUDITOR)) as browser:
        for path in (
            "/desk/login?next=%22%3E%3Cscript%3E",
            "/desk/audit?action=%3Cscript%3E&before=%3Cscript%3E",
            "/desk?done=%3Cscript%3E",
        ):
            page = await browser.get(path)
            assert "<script>" not in page.html
    async with desk.browser() as browser:
        assert "<script>" not in (await browser.get("/desk/login?next=%22%3E%3Cscript%3E")).html


async def test_a_citizens_words_are_text(desk):
    await desk.store.parked.park(ParkedItem(f"sms:{EVIL}/1", EVIL, EVIL, f"sms:{EVIL}", {"text": EVIL}, clock.now()))
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        listed = await browser.get("/desk/parked")
        shown = await browser.post("/desk/parked/show", item=listed.hidden("item"), reason="memeriksa sebabnya")
        number = await browser.post("/desk/number", number=listed.hidden("number"), reason="memeriksa sebabnya")
    assert [200, 200, 200] == [listed.status, shown.status, number.status]
    for page in (listed, shown, number):
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html


# ---- what belongs to others


@pytest.mark.parametrize("action", ["", "/reset", "/disable", "/enable", "/role"])
async def test_accounts_of_others_look_like_none(desk, action):
    budi = await desk.person(Role.SUPERVISOR)
    others = [
        await desk.person(Role.ENTRY, office="Kota Lain"),
        await desk.person(Role.SUPERVISOR, office="Kota Lain"),
        await desk.person(Role.AUDITOR),
        budi,
    ]
    async with desk.browser(budi) as browser:
        for other in others:
            path = f"/desk/accounts/{other.account.id}{action}"
            page = await (browser.post(path, role="supervisor") if action else browser.get(path))
            assert 404 == page.status, other.account.role
            assert other.account == await desk.store.accounts.load(other.account.id)


@pytest.mark.parametrize("role", ["auditor", "admin", ""])
async def test_a_supervisor_gives_no_role_that_is_not_theirs_to_give(desk, role):
    siti = await desk.person(Role.ENTRY)
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        assert 422 == (await browser.post("/desk/accounts", name="Ani", login="ani", role=role)).status
        assert 400 == (await browser.post(f"/desk/accounts/{siti.account.id}/role", role=role)).status
    assert Role.ENTRY is (await desk.store.accounts.load(siti.account.id)).role


async def test_an_account_is_made_for_ones_own_office_whatever_the_form_says(desk):
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.post("/desk/accounts", name="Ani", login="ani", role="entry", office="Kota Lain")
    assert 200 == page.status
    assert "Pemerintah Kota Contoh" == (await desk.store.accounts.find("ani")).office


async def test_what_was_sealed_for_a_colleague_opens_for_nobody_else(desk):
    await desk.store.parked.park(ParkedItem("sms:+628123456789/1", "inbound", "bug", "sms:+628123456789", {}, clock.now()))
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as his, desk.browser(await desk.person(Role.SUPERVISOR)) as hers:
        page = await his.get("/desk/parked")
        why = {"reason": "memeriksa sebabnya"}
        assert 400 == (await hers.post("/desk/number", number=page.hidden("number"), **why)).status
        assert 400 == (await hers.post("/desk/parked/show", item=page.hidden("item"), **why)).status
        assert 400 == (await his.post("/desk/parked/show", item=page.hidden("number"), **why)).status
        assert 400 == (await his.post("/desk/parked/remove", item="sms:+628123456789/1", **why)).status
    assert 1 == len(await desk.store.parked.list(5))


async def test_a_number_is_not_in_the_page_until_it_is_asked_for_with_a_reason(desk):
    number = "+628123456789"
    await desk.store.parked.park(ParkedItem(f"sms:{number}/1", "inbound", "bug", f"sms:{number}", {"x": number}, clock.now()))
    budi = await desk.person(Role.SUPERVISOR)
    async with desk.browser(budi) as browser:
        page = await browser.get("/desk/parked")
        assert number not in page.html
        assert "+62•••••••789" in page.html
        for reason in ("", "  x  ", "y" * 201):
            refused = await browser.post("/desk/number", number=page.hidden("number"), reason=reason)
            assert (400, False) == (refused.status, number in refused.html)
        shown = await browser.post("/desk/number", number=page.hidden("number"), reason="menelepon pelapor")
    assert (200, True) == (shown.status, number in shown.html)
    entry = (await desk.store.audit.newest(1))[0]
    assert ("number.shown", budi.account.id, {"reason": "menelepon pelapor"}) == (entry.action, entry.actor, entry.details)
    assert number not in repr(entry)
    assert number[1:] not in desk.log.getvalue()


# ---- odd requests


async def test_a_body_that_is_too_large_is_refused(desk):
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.post("/desk/accounts", name="x" * 70_000)
    assert (413, True) == (page.status, "<h1>" in page.html)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"csrf=\xff\xfe"),
        ("application/x-www-form-urlencoded; charset=none-such", b"csrf=1"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/json", b"{}"),
        ("text/plain", b"csrf=1"),
    ],
)
async def test_what_is_no_form_is_refused(desk, kind, body):
    headers = {"Content-Type": kind, "Origin": desk.url}
    async with (
        desk.browser(await desk.person(Role.SUPERVISOR)) as browser,
        browser.http.post(f"{desk.url}/desk/accounts", data=body, headers=headers, allow_redirects=False) as answer,
    ):
        assert answer.status in (400, 403)
        assert "<h1>" in await answer.text()


@pytest.mark.parametrize("path", ["/desk/none", "/desk/accounts/", "/desk/../../etc/passwd", "/desk/%2e%2e/x", "/desk/invitation/x"])
async def test_what_is_not_there_is_a_page(desk, path):
    async with desk.browser() as browser:
        page = await browser.get(path)
    assert 404 == page.status


async def test_the_desk_is_off_without_its_key(store, monkeypatch):
    async with desk_staged(store, monkeypatch, DESK_KEY="") as desk, desk.browser() as browser:
        assert 404 == (await browser.get("/desk/login")).status
        assert 200 == (await browser.get("/assets/desk.css")).status


async def test_with_the_database_away_there_is_a_kind_page(monkeypatch):
    store = await Store.open("mongodb://127.0.0.1:9/?replicaSet=none", f"none_{uuid4().hex[:6]}", seconds=0.3)
    async with desk_staged(store, monkeypatch) as desk, desk.browser() as browser:
        await browser.get("/desk/login")
        page = await browser.post("/desk/login", login="siti", password="x" * 12)
        assert (503, "5") == (page.status, page.headers["Retry-After"])
        assert "Laporan warga tetap aman" in page.html
        assert CONTENT_SECURITY_POLICY == page.headers["Content-Security-Policy"]
    await store.close()


async def test_a_bug_is_a_page_that_tells_nothing(desk, monkeypatch):
    async def broken(*_):
        raise RuntimeError("rahasia")

    budi = await desk.person(Role.SUPERVISOR)
    async with desk.browser(budi) as browser:
        monkeypatch.setattr(desk.store.parked, "list", broken)
        page = await browser.get("/desk/parked")
    assert (500, False) == (page.status, "rahasia" in page.html)
    assert "rahasia" not in desk.log.getvalue()
