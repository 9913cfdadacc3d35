"""A book of a hundred with seven bad rows, in a browser: upload, look, let in, watch, and what comes back."""

import orjson

from bot import clock
from bot.books.reading import read
from bot.forwarder.book import BookTarget
from bot.staff.model import Role
from tests.fakes import books
from tests.integration.test_desk_books_out import report

BAD = {
    4: {"network": "friendster"},
    17: {"day": "2099-12-31"},
    23: {"consent": ""},
    42: {"place": "Negeri Dongeng"},
    58: {"text": "rusak"},
    71: {"phone": "12"},
    99: {"anonymous": "mungkin", "link": "bukan tautan"},
}


async def test_a_book_of_a_hundred_with_seven_bad_rows(desk, open_page, check):
    rows = [books.row(number, **BAD.get(number, {})) for number in range(1, 101)]
    sari = await desk.person(Role.ENTRY)
    page = await open_page("/desk/books", sari)
    await check(page, "books")
    await page.set_input_files("#file", {"name": "buku.xlsx", "mimeType": "application/octet-stream", "buffer": books.book(rows, "xlsx")})
    await page.click("main section button")
    await page.wait_for_selector("text=Masukkan 93 laporan yang benar")
    assert 7 == await page.locator("section[aria-labelledby=wrong] tbody tr").count()
    assert await page.locator("mark").count() >= 8
    await check(page, "book-checked")

    async with page.expect_download() as download:
        await page.click("text=Unduh yang salah (Excel)")
    path = await (await download.value).path()
    assert 8 == len(read(path.read_bytes()))

    await page.click("main section button")
    await page.wait_for_selector("progress")
    await check(page, "book-running")
    while await desk.app.books.jobs.carry_one():
        pass
    await page.wait_for_selector("section[aria-labelledby=done]")
    assert 93 == await page.locator("section[aria-labelledby=done] tbody tr").count()
    assert not await page.locator("progress").count()
    await check(page, "book-done")


async def test_a_file_that_is_no_book(desk, open_page, check):
    page = await open_page("/desk/books", await desk.person(Role.ENTRY))
    await page.set_input_files("#file", {"name": "buku.xlsx", "mimeType": "application/octet-stream", "buffer": b"\x89PNG\x00"})
    await page.click("main section button")
    await page.wait_for_selector("text=Ini bukan CSV atau XLSX.")
    await check(page, "book-refused")


async def test_books_for_the_agency(desk, open_page, check):
    for number in range(3):
        one = report(number)
        await desk.store.reports.insert(one)
        await BookTarget(desk.store.books_out, clock.now).file(one.id, orjson.dumps(dict(one.body)), unsure=False)
    page = await open_page("/desk/books/out", await desk.person(Role.SUPERVISOR))
    await page.click("text=Buat buku berikutnya")
    await page.wait_for_selector("text=laporan.xlsx")
    await check(page, "books-out")
