"""The desk's ground in a browser: signing in, accounts, what is parked, health, the audit log."""

import re
from datetime import timedelta

from bot import clock, inbound_record
from bot.model import Address, Inbound
from bot.ports import ParkedItem
from bot.staff import second_factor
from bot.staff.model import Role
from tests.desk_stage import PASSWORD


def parked(number, minutes, reason="TypeError"):
    address = Address("telegram", f"62812345678{number}")
    message = inbound_record.record(Inbound(f"m{number}", address, "Jalan berlubang <script>alert(1)</script>"))
    at = clock.now() - timedelta(minutes=minutes)
    return ParkedItem(f"{address}/m{number}", "inbound", reason, str(address), {"message": message}, at)


async def test_signing_in_by_keyboard_alone_with_the_second_factor(desk, open_page, check):
    sari = await desk.person(Role.ENTRY, totp=True)
    page = await open_page("/desk/me")
    await check(page, "login")
    await page.focus("#login")
    await page.keyboard.type(sari.account.login)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/code*")
    await check(page, "code")
    await page.focus("#code")
    await page.keyboard.type(sari.code())
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/me")
    await check(page, "me")


async def test_a_wrong_password_is_told(open_page, check):
    page = await open_page("/desk/login")
    await page.fill("#login", "siapa")
    await page.fill("#password", "bukan kata sandinya")
    await page.click("main button")
    await page.wait_for_selector("[role=alert]")
    await check(page, "login-wrong")


async def test_an_account_made_by_a_supervisor_is_taken_up(desk, open_page, check):
    page = await open_page("/desk/accounts", await desk.person(Role.SUPERVISOR))
    await check(page, "accounts")
    await page.fill("#name", "Siti Rahma")
    await page.fill("#login", "Siti.Rahma")
    await page.click("section button")
    await page.wait_for_selector("#link")
    await check(page, "invited")
    link = (await page.inner_text("#link")).removeprefix(desk.url)

    hers = await open_page(link)
    await check(hers, "invitation")
    await hers.fill("#password", "payung biru di bawah meja")
    await hers.fill("#again", "payung biru di bawah meja")
    await hers.click("main button")
    await hers.wait_for_url("**/desk/setup")
    await check(hers, "setup")
    await hers.click("summary")
    secret = (await hers.inner_text("code.secret")).replace(" ", "")
    await hers.fill("#code", second_factor.code_at(secret, clock.now()))
    await hers.click("main button")
    await hers.wait_for_selector("#codes")
    await check(hers, "recovery")
    await hers.click("main a.button")
    await hers.wait_for_selector(".tiles")
    assert "Siti Rahma" in await hers.inner_text("h1")
    await check(hers, "home-entry")

    await page.goto(desk.url + "/desk/accounts")
    await page.click("text=Siti Rahma")
    await check(page, "account")
    await page.click("button.danger")
    await page.wait_for_selector(".notice.good")
    await hers.reload()
    assert "/desk/login" in hers.url


async def test_what_is_parked_is_looked_at_and_tried_again(desk, open_page, check):
    for number, minutes, reason in ((1, 4000, "unstorable"), (2, 90, "TypeError"), (3, 2, "media_too_large")):
        await desk.store.parked.park(parked(number, minutes, reason))
    page = await open_page("/desk", await desk.person(Role.SUPERVISOR))
    await check(page, "home")
    await page.goto(desk.url + "/desk/parked")
    await check(page, "parked")
    assert "62812345678" not in await page.content()

    await page.click(".number summary >> nth=0")
    await page.fill("#reason-1", "menelepon pelapor")
    await page.click(".number button >> nth=0")
    await page.wait_for_selector("text=628123456781")
    assert page.url.endswith("/desk/parked")

    await page.click(".buttons summary >> nth=0")
    await page.fill("#look-1", "memeriksa sebab kegagalan")
    await page.click(".buttons details button >> nth=0")
    await page.wait_for_selector("pre")
    assert "<script>alert(1)</script>" in await page.inner_text("pre")
    await check(page, "parked-item")

    await page.click(".buttons form button >> nth=0")
    await page.wait_for_selector(".notice.good")
    assert 2 == await page.locator(".rows > li").count()
    await check(page, "parked-after")


async def test_health(desk, open_page, check):
    await desk.store.health.add("telegram", {"received": 1204}, clock.now() - timedelta(minutes=3))
    await desk.store.health.add("telegram", {"sent": 2310, "rate_limited": 4}, clock.now() - timedelta(minutes=1))
    await desk.store.health.add("sms", {"received": 88, "unreachable": 31}, clock.now() - timedelta(hours=2))
    await desk.store._db.reports.insert_one({"_id": "late", "receipt": "x", "due": clock.now() - timedelta(minutes=42)})
    await desk.store.parked.park(parked(1, 600))
    page = await open_page("/desk/health", await desk.person(Role.SUPERVISOR))
    await check(page, "health")


async def test_the_audit_log_is_verified(desk, open_page, check):
    dewi = await desk.person(Role.AUDITOR)
    for role in (Role.ENTRY, Role.SUPERVISOR):
        await desk.person(role, totp=True)
    page = await open_page("/desk/audit", dewi)
    await check(page, "audit")
    await page.click("main section button")
    await page.wait_for_selector(".notice.good")
    head = await page.inner_text("code.secret")
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", head)
    await check(page, "audit-intact")

    await desk.store._db.desk_audit.update_one({"_id": 2}, {"$set": {"action": "number.shown"}})
    await page.fill("#head", head)
    await page.click("main section button")
    await page.wait_for_selector(".notice.bad")
    await check(page, "audit-broken")


async def test_the_menu_on_a_phone_and_a_desktop(desk, open_page, check, size):
    page = await open_page("/desk", await desk.person(Role.SUPERVISOR))
    if size == "phone":
        assert not await page.is_visible("nav#menu")
        await page.focus(".burger")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("nav#menu", state="visible")
        await check(page, "menu")
    await page.click("nav#menu >> text=Kesehatan sistem")
    await page.wait_for_url("**/desk/health")


async def test_english_by_the_link_and_everything_without_script(desk, open_page):
    page = await open_page("/desk/parked", await desk.person(Role.SUPERVISOR), script=False)
    await page.click("footer >> text=English")
    assert page.url.endswith("/desk/parked")
    assert "Parked" == await page.inner_text("h1")
    await desk.store.parked.park(parked(1, 5))
    await page.reload()
    await page.click(".number summary")
    await page.fill("#reason-1", "calling the citizen")
    await page.click(".number button")
    assert "628123456781" == await page.inner_text("main code")
    await page.click("main a.button")
    assert page.url.endswith("/desk/parked")


async def test_pages_that_are_not_there(desk, open_page):
    page = await open_page("/desk/none-such", await desk.person(Role.ENTRY))
    assert "Halaman tidak ditemukan" == await page.inner_text("h1")
    await page.goto(desk.url + "/desk/audit")
    assert "Halaman ini bukan untuk Anda" == await page.inner_text("h1")
