"""Books that come in, on a real web and database: the dry run, what goes in, what comes back, and processes that die in the middle."""

import asyncio
import io
import re
from dataclasses import replace

import aiohttp
import pytest

from bot import clock
from bot.books import jobs
from bot.books.columns import ENTERED, REASONS
from bot.books.grid import Line
from bot.books.jobs import RowState
from bot.books.reading import read
from bot.books.table import tabulate
from bot.staff.model import Role
from tests.acceptance.processes import Process
from tests.fakes import books


async def sent(browser, data, path="/desk/books", name="buku.csv"):
    """A file sent by the page's form."""
    form = aiohttp.FormData({"csrf": browser.csrf})
    form.add_field("file", io.BytesIO(data), filename=name, content_type="application/octet-stream")
    own = {"Origin": browser.url, "Sec-Fetch-Site": "same-origin"}
    async with browser.http.post(browser.url + path, data=form, headers=own, allow_redirects=False) as answer:
        return browser._seen(await answer.text(), answer)


async def fetched(browser, path):
    async with browser.http.get(browser.url + path) as answer:
        return answer.status, await answer.read()


async def carried(desk):
    while await desk.app.books.jobs.carry_one():
        pass


@pytest.fixture
async def sari(desk):
    return await desk.person(Role.ENTRY)


async def test_a_book_is_checked_filed_and_what_was_wrong_comes_back(desk, sari):
    rows = [books.row(1), books.row(2, day="2099-01-01", network="myspace"), books.row(3, place="Negeri Dongeng")]
    async with desk.browser(sari) as browser:
        page = await sent(browser, books.book(rows, "xlsx"), name="buku.xlsx")
        assert 303 == page.status
        assert 0 == await desk.store._db.reports.count_documents({})  # a dry run
        shown = await browser.get(page.location)
        assert "Tanggal ini belum tiba." in shown.html
        assert "<mark>myspace</mark>" in shown.html
        assert "<mark>Negeri Dongeng</mark>" in shown.html
        assert "Masukkan 1 laporan yang benar" in shown.html
        await browser.post(f"{page.location}/file")
        await carried(desk)
        done = await browser.get(page.location)
        (report,) = await desk.store._db.reports.find().to_list(None)
        code = desk.app.books.importing.access_code(await desk.store.reports.load(report["_id"]))
        assert report["receipt"] in done.html
        assert code in done.html

        for kind in ("csv", "xlsx"):
            _, data = await fetched(browser, f"{page.location}/wrong/{kind}")
            table = tabulate(read(data), (*ENTERED, REASONS))
            assert ["2099-01-01", "2026-11-01"] == [cells.values["day"] for cells in table.rows]
            assert ["Tanggal ini belum tiba." in table.rows[0].values["reasons"], True] == [
                True,
                "tempat: " in table.rows[1].values["reasons"],
            ]
            _, data = await fetched(browser, f"{page.location}/result/{kind}")
            assert code in str(read(data))
    assert [("book.uploaded", sari.account.id), ("book.filed", sari.account.id)] == (await desk.actions())[-2:]
    assert "Jalan Melati" not in desk.log.getvalue()


async def test_the_same_file_twice_and_mended_makes_no_second_report(desk, sari):
    rows = [books.row(1), books.row(2, network="")]
    async with desk.browser(sari) as browser:
        for again in (rows, rows, [rows[0], books.row(2)]):
            page = await sent(browser, books.book(again))
            await browser.post(f"{page.location}/file")
            await carried(desk)
        last = await browser.get(page.location)
        assert "Sudah pernah masuk (1)" in last.html
    assert 2 == await desk.store._db.reports.count_documents({})


async def test_two_books_with_one_row_carried_at_once_are_one_report(desk, sari):
    async with desk.browser(sari) as browser:
        pages = [await sent(browser, books.book([books.row(1)])) for _ in range(2)]
        for page in pages:
            await browser.post(f"{page.location}/file")
        await asyncio.gather(carried(desk), carried(desk))
    assert 1 == await desk.store._db.reports.count_documents({})


MISTAKES = [
    ({"text": ""}, "text", "missing"),
    ({"text": "rusak"}, "text", "short"),
    ({"network": ""}, "network", "missing"),
    ({"network": "friendster"}, "network", "unclear"),
    ({"how": "kira-kira"}, "how", "unclear"),
    ({"consent": ""}, "consent", "missing"),
    ({"consent_at": "31/02/2026"}, "consent_at", "unclear"),
    ({"consent_at": "31/12/2099"}, "consent_at", "future"),
    ({"anonymous": "mungkin"}, "anonymous", "yes_or_no"),
    ({"day": "32/01/2026"}, "day", "unclear"),
    ({"day": "31/12/2099"}, "day", "future"),
    ({"place": "Negeri Dongeng"}, "place", "unknown"),
    ({"category": "xyzzy plugh"}, "category", "unclear"),
    ({"phone": "12"}, "phone", "unusable"),
    ({"link": "bukan tautan"}, "link", "unclear"),
]


@pytest.mark.parametrize(("changed", "field", "key"), MISTAKES, ids=[f"{field} {key}" for _, field, key in MISTAKES])
async def test_each_mistake_is_told_beside_its_cell_in_a_sentence(desk, sari, changed, field, key):
    async with desk.browser(sari) as browser:
        page = await sent(browser, books.book([books.row(1, **changed)]))
        job = await desk.store.book_jobs.load(page.location.rpartition("/")[2])
        assert (field, key) in [(each.field, each.key) for each in job.rows[0].mistakes]
        shown = await browser.get(page.location)
    assert re.search(r'<span class="problem">[^<]{8,}</span>', shown.html)


async def test_all_mistakes_of_a_row_are_told_in_one_round(desk, sari):
    async with desk.browser(sari) as browser:
        page = await sent(browser, books.book([books.row(1, network="", anonymous="?", day="31/12/2099", link="x")]))
        job = await desk.store.book_jobs.load(page.location.rpartition("/")[2])
    assert {"network", "anonymous", "day", "link"} <= {each.field for each in job.rows[0].mistakes}


async def test_twins_formulas_and_unknown_columns_are_told(desk, sari):
    def fill(_, page):
        page.write_row(0, 0, ["isi laporan", "jaringan", "cara setuju", "bukti persetujuan", "tempat", "warna"])
        good = [books.row(1)["text"], "instagram", "tertulis", "ya, saya setuju", "Kecamatan Cibodas, Kota Tangerang"]
        for line in (1, 2, 3):
            page.write_row(line, 0, good)
        page.write_formula(3, 0, "=A2")

    async with desk.browser(sari) as browser:
        page = await sent(browser, books.workbook(fill), name="buku.xlsx")
        shown = await browser.get(page.location)
    assert "Isinya sama dengan baris 2." in shown.html
    assert "Sel ini berisi rumus." in shown.html
    assert "warna" in shown.html
    job = await desk.store.book_jobs.load(page.location.rpartition("/")[2])
    assert [RowState.WAITING, RowState.WRONG, RowState.WRONG] == [row.state for row in job.rows]


async def test_what_is_refused_is_told_and_kept_nowhere(desk, sari):
    async with desk.browser(sari) as browser:
        for data, sentence in (
            (b"\x89PNG\x00", "Ini bukan CSV atau XLSX."),
            (b"a;b\n1;2", "Yang belum ada: isi laporan"),
            (b"", "Tidak ada laporan"),
        ):
            page = await sent(browser, data)
            assert (422, True) == (page.status, sentence in page.html)
        too_large = await sent(browser, b"x" * (6 << 20))
        assert 413 == too_large.status
    assert 0 == await desk.store._db.book_jobs.count_documents({})


async def test_a_book_is_seen_by_its_admin_and_the_offices_supervisors_only_and_codes_by_its_admin_alone(desk, sari):
    async with desk.browser(sari) as browser:
        path = (await sent(browser, books.book([books.row(1)]))).location
        await browser.post(f"{path}/file")
        await carried(desk)
        report = await desk.store._db.reports.find_one()
        code = desk.app.books.importing.access_code(await desk.store.reports.load(report["_id"]))
        assert code in (await browser.get(path)).html
    others = {
        "another admin": (await desk.person(Role.ENTRY), 404),
        "a supervisor": (await desk.person(Role.SUPERVISOR), 200),
        "a supervisor elsewhere": (await desk.person(Role.SUPERVISOR, office="Kantor Lain"), 404),
    }
    for who, status in others.values():
        async with desk.browser(who) as browser:
            page = await browser.get(path)
            assert (status, False) == (page.status, code in page.html)
            assert status == (await browser.get(f"{path}/result/csv")).status
            assert (path in (await browser.get("/desk/books")).html) == (status == 200)


async def test_the_templates_can_be_filled_in(desk, sari):
    async with desk.browser(sari) as browser:
        for kind in ("xlsx", "csv"):
            status, data = await fetched(browser, f"/desk/books/template/{kind}")
            assert (200, books.HEADINGS) == (status, list(read(data)[0].cells))
        assert 404 == (await browser.get("/desk/books/template/exe")).status


async def test_a_row_that_breaks_the_program_keeps_no_other_out(desk, sari, monkeypatch):
    importing = desk.app.books.importing
    drawn = importing.drawn
    monkeypatch.setattr(importing, "drawn", lambda key: drawn(key) if key != breaks else 1 / 0)
    breaks = ""
    async with desk.browser(sari) as browser:
        page = await sent(browser, books.book([books.row(number) for number in (1, 2, 3)]))
        job = await desk.store.book_jobs.load(page.location.rpartition("/")[2])
        breaks = job.rows[1].key
        await browser.post(f"{page.location}/file")
        await carried(desk)
        assert "gagal dimasukkan oleh sistem" in (await browser.get(page.location)).html
    assert 2 == await desk.store._db.reports.count_documents({})


async def test_a_process_that_lost_its_lease_writes_nothing_more(desk, sari):
    async with desk.browser(sari) as browser:
        page = await sent(browser, books.book([books.row(1), books.row(2)]))
        await browser.post(f"{page.location}/file")
    now = clock.now()
    frozen = await desk.store.book_jobs.claim(now, now)
    assert await desk.store.book_jobs.claim(clock.now(), clock.now() + jobs.LEASE)
    assert not await desk.store.book_jobs.note(frozen, 0, replace(frozen.rows[0], state=RowState.WRONG), now)


async def test_a_book_goes_on_where_a_killed_process_left_it(desk, sari, mongodb_url, tmp_path):
    before, _, options = mongodb_url.partition("?")
    environ = {**desk.app.settings.values, "MONGODB_URL": f"{before.rstrip('/')}/{desk.store._db.name}?{options}"}
    async with desk.browser(sari) as browser:
        page = await sent(browser, books.book([books.row(number) for number in range(100)]))
        id_ = page.location.rpartition("/")[2]
        workers = [Process("bot", "worker", environ=environ, log=tmp_path / f"{name}.log", says="worker_ready") for name in ("one", "two")]
        try:
            await workers[0].start()
            await browser.post(f"{page.location}/file")
            async with asyncio.timeout(30):
                while (await desk.store.book_jobs.load(id_)).count(RowState.DONE) < 5:  # noqa: ASYNC110  # another process's work
                    await asyncio.sleep(0.005)
            await workers[0].kill()
            left = (await desk.store.book_jobs.load(id_)).count(RowState.WAITING)
            assert 0 < left < 96
            await desk.store._db.book_jobs.update_one({"_id": id_}, {"$set": {"due": clock.now()}})  # the lease has lapsed
            await workers[1].start()
            async with asyncio.timeout(30):
                while (job := await desk.store.book_jobs.load(id_)).running:  # noqa: ASYNC110  # another process's work
                    await asyncio.sleep(0.05)
        finally:
            for worker in workers:
                await worker.stop()
    assert 100 == job.count(RowState.DONE)
    assert 100 == await desk.store._db.reports.count_documents({})


def test_lines_without_values_are_no_rows():
    assert 1 == len(tabulate([Line(1, tuple(books.HEADINGS)), Line(5, ("pengaduan",))], ENTERED).rows)
