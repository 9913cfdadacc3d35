"""Redirecting and following in a browser: from the pasted message through the citizen's Telegram to the ticket, and news passed back."""

import re
from datetime import timedelta

import pytest

from bot import clock
from bot.conversation.form import Form
from bot.entering import Agreed, Consent, Entry, new_form
from bot.model import Network
from bot.redirects import Author
from bot.staff.model import Role
from tests.desk_stage import OFFICE, PASSWORD, desk_of
from tests.stage import CANARY, staged

MESSAGE = f"min jalan di depan SDN 3 Cibodas kota tangerang berlubang parah, kemarin ada yang jatuh {CANARY}"
LINK = "https://www.instagram.com/direct/t/17"
ASKED = "Mohon kirim foto tiang yang lampunya mati."


@pytest.fixture
async def stage(mongodb_url, store, monkeypatch):
    async with staged(mongodb_url, store, monkeypatch) as stage:
        yield stage


@pytest.fixture
async def desk(stage, monkeypatch):
    desk = await desk_of(stage, monkeypatch)
    await stage.worker()
    return desk


async def sign_in(page, person):
    await page.fill("#login", person.account.login)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/code*")
    await page.focus("#code")
    await page.keyboard.type(person.code())
    await page.keyboard.press("Enter")


async def entered(desk, stage, person, **form):
    """A report that this admin entered, with its ticket."""
    given = {"text": "Lampu jalan di gang kami mati sejak lama", "kind": "pengaduan", "place": "kec Cibodas Kota Tangerang"}
    consent = Consent(Agreed.WRITTEN, "boleh min", clock.now())
    author = Author(person.account.id, OFFICE)
    entry = Entry(Form(**given | {"category": "psu"} | form), author, Network.FACEBOOK, consent, link="https://facebook.com/x/1")
    found = await desk.app.entering.enter(entry, new_form())
    await stage.until_true(lambda: stage.store.reports.load(found.report.id), lambda report: report.ticket)
    await stage.quiet()
    return await stage.store.reports.load(found.report.id)


async def core_says(stage, report, status, **more):
    await stage.core_says(stage.core.event(report.id, status, **{"agency": "Dinas PUPR Kota Tangerang", "missing": []} | more))
    await stage.quiet()


async def test_from_a_pasted_message_to_the_ticket_by_keyboard(desk, stage, open_page, check):
    rina = await desk.person(Role.ENTRY, totp=True, name="Rina Kusuma")
    page = await open_page("/desk/redirects")
    await sign_in(page, rina)
    await page.wait_for_url("**/desk/redirects")
    await check(page, "redirects-empty")

    await page.reload()
    await page.wait_for_selector("#text:focus")
    await page.keyboard.insert_text(MESSAGE)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.insert_text(LINK)
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile("/desk/redirects/[A-Z0-9]{6}$"))
    await page.wait_for_selector("[data-copy=copy-redirect]:focus")
    code = (await page.inner_text("h1 code")).strip()
    reply = await page.input_value("#copy-redirect")
    assert f"?start={code}" in reply
    read = await page.inner_text("section[aria-labelledby=read]")
    assert all(each in read for each in ("Pengaduan", "Kecamatan Cibodas, Kota Tangerang", "Jalan & jembatan"))
    await check(page, "redirect-sent")

    siti = stage.citizen()
    siti.text = f"/start {code}"
    await stage.says(siti, siti.text, 2)
    await page.reload()
    assert "Warga sudah membuka" in await page.inner_text("main")
    await check(page, "redirect-opened")
    await siti.report(stage.telegram)
    ticket = await stage.ticket(siti)
    report = await stage.report_of(siti)
    await core_says(stage, report, "disposed")
    await page.reload()
    state = await page.inner_text("section[aria-labelledby=state]")
    assert all(each in state for each in (siti.receipt, ticket, "diteruskan"))
    await check(page, "redirect-completed")

    await page.click("main a.button >> nth=1")
    await page.wait_for_url(f"**/desk/follow/{siti.receipt}")
    timeline = await page.inner_text(".timeline")
    order = ["Dialihkan", "Dibuka warga", "Dikirim", ticket, "Status: diteruskan"]
    assert sorted(order, key=timeline.index) == order
    assert CANARY not in await page.content()
    await check(page, "report-redirected")

    await page.goto(desk.url + "/desk/redirects")
    row = await page.inner_text("tbody")
    assert all(each in row for each in (code, "jadi laporan", ticket, "diteruskan"))
    await check(page, "redirects")


async def test_news_is_copied_passed_on_and_answered(desk, stage, open_page, check):
    rina = await desk.person(Role.ENTRY, name="Rina Kusuma")
    report = await entered(desk, stage, rina)
    await core_says(stage, report, "in_progress", note="Petugas berangkat besok pagi.")
    await core_says(
        stage, report, "in_progress", type="report.message", message={"id": "m1", "text": ASKED, "attachments": [], "wants_answer": True}
    )
    page = await open_page("/desk/follow", rina)
    assert "perlu disampaikan" in await page.inner_text("tbody")
    await check(page, "follow")

    await page.fill("#q", report.receipt)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/desk/follow/{report.receipt}")
    assert 3 == await page.locator(".copy").count()
    assert ASKED in await page.input_value("#news-3")
    await check(page, "report-news")

    for left in (2, 1, 0):
        await page.click("text=✓ Sudah disampaikan >> nth=0")
        await page.wait_for_selector(".notice.good")
        assert left == await page.locator(".copy").count()
    await page.fill("#text", "Tiang ketiga dari gapura, min")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector(".timeline >> text=Tiang ketiga")
    await stage.quiet()
    held = stage.core.report_of((await stage.store.reports.load(report.id)).ticket)
    assert ["Tiang ketiga dari gapura, min"] == [body["text"] for _, body in held.operations]
    await check(page, "report-answered")


async def test_a_supervisor_follows_the_office_and_sees_what_came_through(desk, stage, open_page, check):
    rina, budi = await desk.person(Role.ENTRY, name="Rina Kusuma"), await desk.person(Role.ENTRY, name="Budi Santoso")
    networks = [Network.INSTAGRAM, Network.X, Network.FACEBOOK, Network.INSTAGRAM]
    made = [
        await desk.app.redirecting.make(f"{MESSAGE} nomor {number}", "", network, Author((rina, budi)[number % 2].account.id, OFFICE))
        for number, network in enumerate(networks)
    ]
    siti = stage.citizen()
    siti.text = f"/start {made[0].code}"
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    await entered(desk, stage, budi)
    report = await entered(desk, stage, rina, text="Air PDAM mati tiga hari di perumahan kami", place="Kecamatan Cipondoh Kota Tangerang")
    await core_says(stage, report, "postponed", note="Mohon foto meterannya.", missing=["attachments"])
    await stage.store._db.redirects.update_one({"_id": made[1].code}, {"$set": {"created_at": clock.now() - timedelta(days=3)}})

    page = await open_page("/desk/follow", await desk.person(Role.SUPERVISOR))
    assert 3 == await page.locator("tbody tr").count()
    await check(page, "follow-office")
    await page.click("text=Menunggu warga >> nth=0")
    assert 1 == await page.locator("tbody tr").count()
    await page.goto(desk.url + "/desk/follow?q=Cipondoh")
    assert 1 == await page.locator("tbody tr").count()
    await check(page, "follow-place")
    await page.goto(desk.url + "/desk/redirects?stage=due")
    assert 1 == await page.locator("tbody tr").count()
    await check(page, "redirects-office")
    await page.click("tbody a >> nth=0")
    assert "masih menunggu untuk dikirim" in await page.input_value("#copy-unopened")
    await check(page, "redirect-reminder")
    await page.goto(desk.url + "/desk/shares")
    await check(page, "shares")


async def test_what_was_read_is_corrected_and_a_code_withdrawn_without_script(desk, open_page):
    rina = await desk.person(Role.ENTRY)
    page = await open_page("/desk/redirects", rina, script=False)
    await page.fill("#text", "min tolong lampu jalan mati di tangerang")
    await page.click("text=Instagram")
    await page.click("main form.paste button")
    assert "belum terbaca" in await page.inner_text("section[aria-labelledby=read]")
    await page.fill("#note", "Kec Batuceper Kota Tangerang, kemarin")
    await page.click("text=Baca ulang")
    assert "Kecamatan Batuceper, Kota Tangerang" in await page.inner_text("section[aria-labelledby=read]")
    await page.click("text=Inggris")
    assert "Hi there" in await page.input_value("#copy-redirect")
    assert not await page.is_visible("button[data-copy]")
    await page.click("summary >> text=Tarik kode")
    await page.click("button.danger")
    assert "Pesannya sudah dihapus" in await page.inner_text("main")


async def test_what_is_wrong_is_said_beside_the_field(desk, open_page, check):
    page = await open_page("/desk/redirects", await desk.person(Role.ENTRY))
    await page.fill("#text", "x" * 50)
    await page.fill("#link", "ftp://example.org/x")
    await page.click("text=TikTok")
    await page.click("main form.paste button")
    await page.wait_for_selector(".field.wrong")
    assert "x" * 50 == await page.input_value("#text")
    assert await page.is_checked("input[value=tiktok]")
    await check(page, "redirects-wrong")
