"""FORWARD_TARGET=book: reports wait, go out in books, and come back with tickets and statuses that reach the citizens."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from bot import clock, effects
from bot.books.columns import OUT_FOLLOW_UPS, OUT_REPORTS, RETURNED
from bot.books.jobs import RowState
from bot.books.reading import read
from bot.books.table import tabulate
from bot.model import Status
from bot.ports import StoredReport
from bot.staff.model import Role
from tests.desk_stage import desk_staged
from tests.fakes import books
from tests.integration.test_desk_books import carried, fetched, sent


@pytest.fixture
async def desk(store, monkeypatch):
    async with desk_staged(store, monkeypatch, FORWARD_TARGET="book", CORE_URL="", CORE_TOKEN="", CORE_WEBHOOK_SECRET="") as desk:
        yield desk


@pytest.fixture
async def boss(desk):
    return await desk.person(Role.SUPERVISOR)


def report(number):
    """A citizen's, as the conversation files it."""
    at = clock.now() - timedelta(minutes=200 - number)
    id_ = f"{number:032x}"
    body = {
        "id": id_,
        "kind": "pengaduan",
        "title": f"=Jalan rusak {number}",
        "body": "Lubang di depan pasar",
        "occurred_on": "2026-11-01",
        "location": {"text": "Cibodas", "area_code": "36.71.09", "lat": -6.2, "lon": 106.6},
        "category": "jalan",
        "agency": None,
        "anonymous": False,
        "confidential": False,
        "reporter": {"name": "Siti", "channel": "sms", "address": "+628123456789"},
        "channel": "sms",
        "entered_by": None,
        "submitted_at": at.isoformat(),
    }
    receipt = "L2222" + "".join("23456789ABCDEFGHJKLMNPQRSTUVWXYZ"[number // 32**place % 32] for place in range(4))
    return StoredReport(id_, receipt, "hash", "sms:+628123456789", body, (), at, effects=(effects.forward(id_, at),), due=at)


async def delivered(desk):
    """Carry out the due effects of every report, as a worker does; what is told is left where it is."""
    errands = desk.app._report_errands
    for claim in await desk.store.reports.claim(clock.now(), clock.now(), 1000):
        done = []
        for effect in claim.effects:
            if effect.lane == effects.CORE:
                await errands.carry(claim.id, effect, claim.effects)
                done.append(effect.id)
        await desk.store._db.reports.update_one({"_id": claim.id}, {"$pull": {"effects": {"id": {"$in": done}}}, "$unset": {"due": ""}})


async def filed(desk, count):
    reports = [report(number) for number in range(count)]
    await asyncio.gather(*(desk.store.reports.insert(each) for each in reports))
    await delivered(desk)
    return reports


async def exported(browser):
    return await browser.post("/desk/books/out")


async def returned(desk, browser, rows):
    page = await sent(browser, books.book(rows, of=RETURNED), "/desk/books/out/return")
    job = await desk.store.book_jobs.load(page.location.rpartition("/")[2])
    await browser.post(f"{page.location}/file")
    await carried(desk)
    return job, await desk.store.book_jobs.load(job.id)


def mistakes(job):
    return [(each.field, each.key) for row in job.rows for each in row.mistakes]


async def latest(desk, report):
    return await desk.store.reports.load(report.id)


async def told(desk, report):
    return [effect.data["kind"] for effect in (await latest(desk, report)).effects if effect.lane == effects.NOTIFY]


async def test_confirmed_reports_wait_and_go_out_in_books_of_a_hundred(desk, boss):
    reports = await filed(desk, 130)
    assert 130 == (await desk.store.books_out.waiting()).reports
    assert [] == [each.due for each in [await latest(desk, each) for each in reports[:3]] if each.due]  # no retry hammers
    async with desk.browser(boss) as browser:
        assert "<strong>130</strong>" in (await browser.get("/desk/books/out")).html
        for _ in range(2):
            assert "/desk/books/out?done=book_exported" == (await exported(browser)).location
        assert "/desk/books/out?done=book_none" == (await exported(browser)).location
        seen = []
        for number, rows in ((1, 100), (2, 30)):
            for name in ("laporan.xlsx", "laporan.csv"):
                _, data = await fetched(browser, f"/desk/books/out/{number}/{name}")
                assert data == (await fetched(browser, f"/desk/books/out/{number}/{name}"))[1]
                table = tabulate(read(data), OUT_REPORTS)
                assert rows == len(table.rows)
            seen += [cells.values["receipt"] for cells in table.rows]
        first = table.rows[0].values
    assert [each.receipt for each in reports] == seen
    assert ("=Jalan rusak 100", "Siti", "+628123456789", "-6.2, 106.6") == tuple(
        first[name] for name in ("title", "name", "contact", "point")
    )
    assert 2 == [action for action, _ in await desk.actions()].count("book.exported")
    assert None is await desk.store._db.book_lines.find_one({"payload": {"$exists": True}})


async def test_what_citizens_add_goes_out_in_the_second_sheet_not_before_its_report(desk, boss):
    reports = await filed(desk, 101)
    target = desk.app._target
    for number, kind, body in ((0, "messages", {"text": "Masih rusak"}), (100, "withdrawal", {"reason": "sudah baik"})):
        reference = target.reference(reports[number].id, None)
        for _ in range(2):
            await target.operate(reference, kind, f"op{number}", orjson.dumps({"id": f"op{number}", **body}))
    async with desk.browser(boss) as browser:
        lines = []
        for number in (1, 2):
            await exported(browser)
            _, data = await fetched(browser, f"/desk/books/out/{number}/tindak-lanjut.csv")
            lines += [[cells.values[name] for name in ("receipt", "what", "text")] for cells in tabulate(read(data), OUT_FOLLOW_UPS).rows]
    assert [[reports[0].receipt, "tambahan", "Masih rusak"], [reports[100].receipt, "pencabutan", "sudah baik"]] == lines


async def test_a_returned_book_tells_tickets_and_statuses_once(desk, boss):
    one, two = await filed(desk, 2)
    async with desk.browser(boss) as browser:
        await exported(browser)
        rows = [
            {"receipt": one.receipt, "ticket": "1916449", "status": "didisposisikan", "note": "Ke Dinas PU"},
            {"receipt": two.receipt, "ticket": "1916450", "status": "diterima"},
        ]
        for _ in range(2):
            _, job = await returned(desk, browser, rows)
    assert {RowState.KNOWN} == {row.state for row in job.rows}
    now = await latest(desk, one)
    assert ("1916449", Status.DISPOSED, "Ke Dinas PU") == (now.ticket, now.status, now.note)
    assert [["ticket", "status"], ["ticket"]] == [await told(desk, each) for each in (one, two)]
    actions = [action for action, _ in await desk.actions()]
    assert {"book.return_uploaded", "book.return_applied"} <= set(actions)


async def test_a_status_never_goes_back_unless_the_citizen_had_it_reopened(desk, boss):
    (one,) = await filed(desk, 1)
    row = {"receipt": one.receipt, "ticket": "77"}
    async with desk.browser(boss) as browser:
        await exported(browser)
        for status in ("dalam proses", "selesai"):
            await returned(desk, browser, [row | {"status": status}])
        _, job = await returned(desk, browser, [row | {"status": "dalam proses"}])
        assert {RowState.KNOWN} == {each.state for each in job.rows}  # the very row of before
        job, _ = await returned(desk, browser, [row | {"status": "dalam proses", "note": "dibuka lagi"}])
        assert [("status", "backwards")] == mistakes(job)
        assert Status.COMPLETED is (await latest(desk, one)).status
        await desk.app._target.operate(one.id, "reopening", "op", orjson.dumps({"id": "op", "reason": "belum"}))
        await exported(browser)
        await returned(desk, browser, [row | {"status": "dalam proses", "note": "dibuka lagi"}])
    assert Status.IN_PROGRESS is (await latest(desk, one)).status


WRONG = [
    ({"receipt": "LZZZZZZZZ", "ticket": "1", "status": "selesai"}, [("receipt", "no_report")]),
    ({"receipt": "", "ticket": "1", "status": "selesai"}, [("receipt", "missing")]),
    ({"ticket": "", "status": "selesai"}, [("ticket", "missing")]),
    ({"ticket": "12a", "status": "selesai"}, [("ticket", "unclear")]),
    ({"ticket": "12", "status": "entahlah"}, [("status", "unclear")]),
    ({"ticket": "12", "note": "tanpa status"}, [("status", "missing")]),
]


@pytest.mark.parametrize(("row", "wrong"), WRONG, ids=[str(wrong) for _, wrong in WRONG])
async def test_each_mistake_of_a_returned_row_is_told(desk, boss, row, wrong):
    (one,) = await filed(desk, 1)
    async with desk.browser(boss) as browser:
        await exported(browser)
        job, _ = await returned(desk, browser, [{"receipt": one.receipt, **row}])
    assert wrong == mistakes(job)
    assert (None, 0) == ((await latest(desk, one)).ticket, (await latest(desk, one)).sequence)


async def test_tickets_that_contradict_are_told(desk, boss):
    one, two, three = await filed(desk, 3)
    async with desk.browser(boss) as browser:
        job, _ = await returned(desk, browser, [{"receipt": one.receipt, "ticket": "1"}])
        assert [("receipt", "not_exported")] == mistakes(job)
        await exported(browser)
        await returned(desk, browser, [{"receipt": one.receipt, "ticket": "1"}])
        rows = [(one, "2"), (two, "1"), (three, "3")]
        job, _ = await returned(desk, browser, [{"receipt": each.receipt, "ticket": ticket, "status": "selesai"} for each, ticket in rows])
        assert [("ticket", "other"), ("ticket", "taken")] == mistakes(job)
        job, _ = await returned(desk, browser, [{"receipt": two.receipt, "ticket": ticket, "status": "selesai"} for ticket in ("4", "5")])
        assert [("receipt", "again")] == mistakes(job)
    assert ["1", "4", "3"] == [(await latest(desk, each)).ticket for each in (one, two, three)]


async def test_a_maker_that_died_loses_nothing(desk, boss):
    reports = await filed(desk, 3)
    outbound = desk.store.books_out
    dead = await outbound.open("someone", clock.now() - timedelta(minutes=5))
    await outbound.fill(dead.number, 2, 0)
    async with desk.browser(boss) as browser:
        await exported(browser)
        seen = [
            cells.values["receipt"]
            for number in (1, 2)
            for cells in tabulate(read((await fetched(browser, f"/desk/books/out/{number}/laporan.csv"))[1]), OUT_REPORTS).rows
        ]
    assert sorted(each.receipt for each in reports) == sorted(seen)


async def test_lines_that_come_too_late_for_their_book_wait_for_the_next(desk):
    await filed(desk, 3)
    outbound = desk.store.books_out
    book = await outbound.open("someone", clock.now())
    await outbound.fill(book.number, 1, 0)
    early = await outbound.lines(book.number)
    await outbound.fill(book.number, 2, 0)
    assert await outbound.keep(book, early, {"laporan.csv": b"first"})
    assert not await outbound.keep(book, await outbound.lines(book.number), {"laporan.csv": b"second"})
    assert (2, b"first") == ((await outbound.waiting()).reports, await outbound.file(book.number, "laporan.csv"))


async def test_two_supervisors_at_once_put_no_report_into_two_books(desk):
    await filed(desk, 120)
    made = [book for book in await asyncio.gather(*(desk.app.books.exporting.make("x") for _ in range(3))) if book]
    assert 120 == sum(book.reports for book in made)
    assert 0 == (await desk.store.books_out.waiting()).reports


@pytest.mark.parametrize("room", [(2, 0), (0, 2)], ids=["reports", "follow-ups"])
async def test_who_looked_at_the_same_lines_and_came_second_takes_the_next(desk, monkeypatch, room):
    outbound, target = desk.store.books_out, desk.app._target
    reports = await filed(desk, 3)
    if room == (0, 2):
        earlier = await outbound.open("x", clock.now())
        await outbound.fill(earlier.number, 3, 0)
        for each in reports:
            reference = target.reference(each.id, None)
            await target.operate(reference, "messages", f"op-{each.id}", orjson.dumps({"id": f"op-{each.id}", "text": "Masih rusak"}))
    look, barrier, waiting = outbound._oldest, asyncio.Barrier(2), iter(range(2))

    async def look_together(which):
        found = await look(which)
        if found and next(waiting, None) is not None:
            await barrier.wait()
        return found

    monkeypatch.setattr(outbound, "_oldest", look_together)
    books = [await outbound.open("x", clock.now()) for _ in range(2)]
    await asyncio.gather(*(outbound.fill(book.number, *room) for book in books))
    assert {1, 2} == {len(await outbound.lines(book.number)) for book in books}


async def test_evidence_is_opened_through_its_book_only(desk, boss):
    await desk.store.media.put("m1", "c", b"<script>", name='fo"to.html', mime="text/html", at=clock.now())
    await desk.store.media.put("m2", "c", b"x", name="y", mime="text/html", at=clock.now())
    one = report(1)
    await desk.store.reports.insert(one)
    await desk.app._target.file(one.id, orjson.dumps({**one.body, "attachments": [{"id": "m1", "name": "foto.html"}]}), unsure=False)
    async with desk.browser(boss) as browser:
        await exported(browser)
        page = await browser.get("/desk/books/out/1/files/m1")
        assert (200, "application/octet-stream") == (page.status, page.headers["Content-Type"])
        assert page.headers["Content-Disposition"].startswith("attachment")
        for path in ("1/files/m2", "2/files/m1", "x/laporan.csv", "1/laporan.exe", "99999999999/laporan.csv"):
            assert 404 == (await browser.get(f"/desk/books/out/{path}")).status
        _, data = await fetched(browser, "/desk/books/out/1/laporan.csv")
        assert f"foto.html {desk.url}/desk/books/out/1/files/m1" in str(read(data))


async def test_the_core_has_no_way_in(desk):
    async with desk.browser() as browser:
        assert 403 == (await browser.get("/media/m1", Authorization="Bearer ")).status
        assert 403 == (await browser.get("/media/m1")).status
        assert 403 == (await browser.post("/hooks/core")).status
