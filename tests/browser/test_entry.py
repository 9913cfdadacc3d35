"""Entering a report in a browser: pasted and read, a place found as one types, a photo, mistakes, and everything again without script."""

import re
import struct
import zlib

import pytest

from bot.staff.model import Role
from tests.desk_stage import desk_staged
from tests.entry_stage import SMS

MESSAGE = "min lampu jalan di depan SDN 3 Cibodas kota tangerang mati sejak kemarin, gelap sekali kalau malam, tolong diperbaiki"
PASTE = """(text) => {
  const field = document.getElementById('text');
  field.focus();
  document.execCommand('insertText', false, text);
  field.dispatchEvent(new ClipboardEvent('paste', { bubbles: true }));
}"""


@pytest.fixture
async def desk(store, monkeypatch):
    async with desk_staged(store, monkeypatch, **SMS) as desk:
        yield desk


def photo(width=64, height=48):
    """A PNG that any program opens."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + bytes((40, 60, 90)) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PHOTO = {"name": "tiang lampu.png", "mimeType": "image/png", "buffer": photo()}


async def ticket_comes(desk, number="7012345"):
    await desk.store._db.reports.update_one({}, {"$set": {"ticket": number}})


async def test_a_whole_entry_with_a_photo_and_a_typed_place(desk, open_page, check):
    page = await open_page("/desk/entries", await desk.person(Role.ENTRY))
    await page.wait_for_selector("#text:focus")
    await check(page, "entry-empty")
    await page.evaluate(PASTE, MESSAGE)
    await page.wait_for_selector("#areas .tag.read")
    assert "pengaduan" == await page.input_value("[name=kind]:checked")
    assert "36.71.09" == await page.input_value("[name=area]:checked")
    assert "psu" == await page.input_value("#category")
    await page.click("text=Instagram")
    await page.fill("#link", "https://www.instagram.com/direct/t/17")

    await page.locator("#place").press_sequentially("depan SDN 3, Uwung Ja", delay=10)
    await page.wait_for_selector("text=Kelurahan Uwung Jaya")
    await page.click("text=Kelurahan Uwung Jaya")
    await page.fill("#name", "Wargawati Kenari")
    await page.fill("#phone", "0812 3456 7890")
    assert await page.is_checked("[name=hears][value=phone]")
    await page.set_input_files("#files", [PHOTO])
    await page.click("text=Tertulis di pesan")
    await page.fill("#consent", "setuju kak, silakan dilaporkan")
    await check(page, "entry")
    await page.click("text=Kirim laporan")
    await page.wait_for_url("**/desk/entries/filed?*")
    [report] = await desk.store._db.reports.find({}).to_list(None)
    assert report["receipt"] in await page.inner_text("main")
    assert "812345678" not in await page.content()
    await check(page, "entry-filed-waiting")
    assert ("36.71.09.1005", "depan SDN 3, Uwung Ja") == (report["body"]["location"]["area_code"], report["body"]["location"]["text"])
    [info] = (await desk.store.media.info(report["media"])).values()
    assert ("tiang lampu.png", "image/png", len(photo())) == (info.name, info.mime, info.size)

    await ticket_comes(desk)
    await page.wait_for_selector("#ticket code", timeout=15_000)
    assert "tiket 7012345" in await page.input_value("#reply")
    await check(page, "entry-filed")
    await page.click("text=Pantau laporan ini")
    await page.wait_for_url(f"**/desk/follow/{report['receipt']}")
    assert "7012345" in await page.inner_text("h1")
    await page.go_back()
    await page.click("text=Laporan berikutnya")
    assert "instagram" == await page.input_value("[name=network]:checked")
    assert "" == await page.input_value("#text")


async def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(desk, open_page, check):
    page = await open_page("/desk/entries", await desk.person(Role.ENTRY))
    await page.fill("#text", "halo")
    await page.fill("#link", "bukan tautan")
    await page.fill("#place", "Ciledug")
    await page.fill("#phone", "021 555 1234")
    lying = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": b"<!doctype html><script>alert(1)</script>"}
    await page.set_input_files("#files", [PHOTO, lying])
    await page.click("text=Kirim laporan")
    await page.wait_for_selector("#wrong:focus")
    await check(page, "entry-wrong")
    for field in ("text", "link", "network", "phone", "consent", "consent_how", "files"):
        assert await page.is_visible(f"#{field}-problem"), field
    assert ["halo", "bukan tautan", "Ciledug"] == [await page.input_value(f"#{name}") for name in ("text", "link", "place")]
    assert 1 == await page.locator("[name=keep]:checked").count()

    await page.click("#wrong >> text=Isi pesan")
    await page.wait_for_selector("#text:focus")
    await page.fill("#text", "Lampu jalan di gang kami mati sejak lama sekali")
    await page.fill("#link", "")
    await page.click("text=Facebook")
    await page.click("text=Lewat telepon")
    await page.fill("#consent", "setuju lewat telepon")
    await page.fill("#phone", "")
    await page.click("text=Lewat admin")
    await page.click("text=Kecamatan Ciledug, Kota Tangerang")
    await page.click("text=Kirim laporan")
    await page.wait_for_url("**/desk/entries/filed?*")
    [report] = await desk.store._db.reports.find({}).to_list(None)
    assert 1 == len(report["media"])
    assert "admin" == report["entered"]["hears"]


async def test_a_reading_that_fails_is_done_again(desk, open_page):
    page = await open_page("/desk/entries", await desk.person(Role.ENTRY))
    failing = [503, None]

    async def failed(route):
        if failing[0] is None:
            await route.abort()
        else:
            await route.fulfill(status=failing[0])
        failing.pop(0)

    await page.route("**/desk/entries", failed, times=len(failing))
    await page.fill("#text", MESSAGE)
    await page.press("#text", "Tab")
    await page.wait_for_selector("#areas .tag.read")
    assert [] == failing


async def test_by_keyboard_alone(desk, open_page):
    page = await open_page("/desk/entries", await desk.person(Role.ENTRY))
    await page.wait_for_selector("#text:focus")  # Chromium gives it the focus with its first frame, which may come after `load`
    await page.keyboard.insert_text(MESSAGE)
    assert MESSAGE == await page.input_value("#text")

    async def tab_to(selector):
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(selector)

    await tab_to("[name=network]")
    await page.keyboard.press("Space")
    await page.wait_for_selector("#areas .tag.read")
    await tab_to("#place")
    await page.keyboard.type("kec Serpong, ka")
    await page.wait_for_selector("text=Kecamatan Serpong, Kota Tangerang Selatan")
    await tab_to("[name=area]")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await tab_to("[name=consent_how]")
    await page.keyboard.press("Space")
    await tab_to("#consent")
    await page.keyboard.insert_text("boleh min")
    await tab_to("button[value=enter]")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk/entries/filed?*")
    [report] = await desk.store._db.reports.find({}).to_list(None)
    assert report["body"]["location"]["area_code"].startswith("36.74.01")


async def test_a_double_click_makes_one_report(desk, open_page):
    page = await open_page("/desk/entries", await desk.person(Role.ENTRY))
    await page.fill("#text", MESSAGE)
    await page.click("text=TikTok")
    await page.click("text=Bertemu langsung")
    await page.fill("#consent", "setuju")
    await page.dblclick("text=Kirim laporan")
    await page.wait_for_url("**/desk/entries/filed?*")
    assert 1 == await desk.store._db.reports.count_documents({})


async def test_everything_without_script(desk, open_page):
    page = await open_page("/desk/entries", await desk.person(Role.ENTRY), script=False)
    await page.fill("#text", MESSAGE)
    await page.click("text=Baca pesan")
    assert "36.71.09" == await page.input_value("[name=area]:checked")
    assert 4 == await page.locator(".tag.read").count()
    await page.fill("#place", "Ciledug")
    await page.click("text=WhatsApp")
    await page.click("text=Tertulis di pesan")
    await page.fill("#consent", "setuju")
    await page.set_input_files("#files", [PHOTO])
    await page.click("text=Kirim laporan")
    assert "ada di beberapa tempat" in await page.inner_text("#place-problem")
    await page.click("text=Kecamatan Ciledug, Kota Tangerang")
    await page.click("text=Kirim laporan")
    assert "/desk/entries/filed?" in page.url
    await ticket_comes(desk)
    await page.click("text=Lihat lagi")
    assert "7012345" in await page.inner_text("#ticket")
    [report] = await desk.store._db.reports.find({}).to_list(None)
    assert 1 == len(report["media"])
    assert re.fullmatch(r"36\.71\.\d\d", report["body"]["location"]["area_code"])
