"""What the core says: twice, late, in any order, by webhook and by poll, of reports we know and of others."""

import asyncio
from datetime import timedelta

import pytest

from bot import retry, tracking
from bot.errors import Unanswered
from tests.fakes.core import Fault

WORDS = {
    "received": "Sedang diperiksa",
    "postponed": "perlu dilengkapi dulu",
    "not_our_authority": "bukan wewenang",
    "archived": "diarsipkan",
    "disposed": "Sudah diteruskan ke Dinas Uji",
    "in_progress": "Sedang dikerjakan oleh Dinas Uji",
    "answered": "Dinas Uji sudah memberi jawaban",
    "completed": "sudah selesai",
    "withdrawn": "sudah dicabut",
}


@pytest.fixture
async def tracked(stage):
    """A citizen with a ticket."""
    stage.app_web = await stage.web()
    stage.app_worker = await stage.worker()
    stage.siti = await stage.filed()
    stage.key = (await stage.report_of(stage.siti)).id
    stage.before = len(stage.siti.person.heard)
    return stage


def event(stage, status, **changes):
    return stage.core.event(stage.key, status, **({"agency": "Dinas Uji", "missing": ["location"]} | changes))


def message(id_, text, *, wants_answer=False):
    return {"id": id_, "text": text, "attachments": [], "wants_answer": wants_answer}


def told(stage):
    return [sent.text for sent in stage.siti.person.heard[stage.before :]]


async def hears(stage, count):
    await stage.siti.person.hears(stage.before + count)
    await stage.quiet()
    assert count == len(told(stage))


async def test_each_status_is_told_once_in_its_words(tracked):
    for status in WORDS:
        assert 200 == await tracked.core_says(event(tracked, status))
    await hears(tracked, len(WORDS))
    for words, text in zip(WORDS.values(), told(tracked), strict=True):
        assert words in text
    report = await tracked.report_of(tracked.siti)
    assert ("withdrawn", 9) == (report.status, report.sequence)


async def test_a_deadline_is_told_in_working_days_and_as_a_date(tracked):
    await tracked.core_says(event(tracked, "disposed"))
    await hears(tracked, 1)
    assert "Rabu, 2 Desember 2026" in told(tracked)[0]
    assert "hari kerja" in told(tracked)[0]


async def test_events_twice_and_out_of_order_by_webhook_and_by_poll(tracked):
    first, second, third = (event(tracked, status) for status in ("disposed", "in_progress", "answered"))
    for each in (second, first, second, third, first, third):
        assert 200 == await tracked.core_says(each)
    await asyncio.gather(*(tracked.core_says(third) for _ in range(5)))
    assert 3 == await tracked.app_worker.tracking.reconcile()
    await hears(tracked, 2)
    assert [True, True] == [WORDS["in_progress"] in told(tracked)[0], WORDS["answered"] in told(tracked)[1]]
    report = await tracked.report_of(tracked.siti)
    assert ("answered", 3) == (report.status, report.sequence)


async def test_a_message_is_told_even_when_late_and_once(tracked):
    late = event(tracked, "in_progress", message=message("m1", "Tiang nomor berapa?", wants_answer=True))
    await tracked.core_says(event(tracked, "answered"))
    for _ in range(3):
        assert 200 == await tracked.core_says(late)
    assert 200 == await tracked.core_says(late | {"id": "another-id", "sequence": 99})
    await hears(tracked, 2)
    assert "Tiang nomor berapa?" in told(tracked)[1]
    report = await tracked.report_of(tracked.siti)
    assert ("answered", True) == (report.status, report.wants_answer)


async def test_a_status_that_comes_with_a_message_already_told_is_not_overlooked(tracked):
    said = message("m1", "Petugas kami datang besok.")
    await tracked.core_says(event(tracked, "in_progress", message=said))
    await tracked.core_says(event(tracked, "completed", message=said, type="report.status_changed"))
    await hears(tracked, 2)
    assert WORDS["completed"] in told(tracked)[1]
    assert 1 == sum("Petugas kami" in text for text in told(tracked))


async def test_a_report_that_is_over_waits_for_no_answer(tracked):
    await tracked.core_says(event(tracked, "in_progress", message=message("m1", "Di mana?", wants_answer=True)))
    await tracked.core_says(event(tracked, "completed"))
    await hears(tracked, 2)
    assert not (await tracked.report_of(tracked.siti)).wants_answer


async def test_what_matches_nothing_is_parked_whole(tracked):
    unknown = event(tracked, "disposed", note="Catatan") | {"idempotency_key": "nobody"}
    foreign = event(tracked, "disposed") | {"ticket": "7"}
    for each in (unknown, unknown, foreign):
        assert 200 == await tracked.core_says(each)
    items = {item.reason: item for item in await tracked.parked()}
    assert {"event_unknown", "event_foreign"} == set(items)
    assert ("nobody", "Catatan") == tuple(items["event_unknown"].payload["event"][name] for name in ("idempotency_key", "note"))
    await tracked.quiet()
    assert [] == told(tracked)


async def test_a_ticket_is_adopted_from_an_event_when_the_answer_was_lost(stage, monkeypatch):
    monkeypatch.setattr(retry, "FILING", retry.Policy(first=timedelta(seconds=0.5), cap=timedelta(seconds=0.5)))
    await stage.web()
    await stage.worker()
    siti = stage.citizen()
    stage.core.fail_next(Fault.LOST_ANSWER)
    await siti.report(stage.telegram)
    [key] = await stage.until_true(lambda: asyncio.sleep(0, list(stage.core.reports)))
    assert 200 == await stage.core_says(stage.core.event(key, "disposed"))
    ticket = await stage.ticket(siti)
    await stage.quiet()
    texts = [sent.text for sent in siti.person.heard]
    assert 1 == sum("nomor tiket" in text and ticket in text for text in texts)
    assert 1 == sum("Sudah diteruskan" in text for text in texts)
    assert 1 == len(stage.core.reports)


async def test_the_ticket_of_another_report_is_parked_and_does_no_harm(tracked, monkeypatch):
    monkeypatch.setattr(retry, "FILING", retry.Policy(first=timedelta(seconds=0.1), cap=timedelta(seconds=0.1)))
    budi = tracked.citizen()
    await tracked.core.go_down()
    await budi.report(tracked.telegram)
    ticket = (await tracked.report_of(tracked.siti)).ticket
    mistaken = event(tracked, "disposed") | {"idempotency_key": (await tracked.report_of(budi)).id, "id": "evt-mistaken"}
    assert ticket == mistaken["ticket"]
    assert 200 == await tracked.core_says(mistaken)
    assert ["event_failed"] == [item.reason for item in await tracked.parked()]
    await tracked.core.come_up()
    assert ticket != await tracked.ticket(budi)


async def test_an_event_leaves_the_question_of_a_running_draft_as_it_is(tracked):
    await tracked.says(tracked.siti, "LAPOR Sampah menumpuk di pasar lama sejak kemarin")
    id_ = f"telegram:{tracked.siti.person.id}"
    asked = (await tracked.store.conversations.load(id_)).session["asked"]
    await tracked.core_says(event(tracked, "disposed"))
    await tracked.core_says(event(tracked, "completed"))
    await tracked.core_says(event(tracked, "completed", message=message("m1", "Sudah kami perbaiki.")))
    await tracked.siti.person.hears(tracked.before + 4)
    await tracked.quiet()
    assert asked == (await tracked.store.conversations.load(id_)).session["asked"]
    before = len(tracked.siti.person.heard)
    tracked.siti.person.says("Kec Cibodas Kota Tangerang")
    await tracked.siti.person.hears(before + 1)
    assert asked != (await tracked.store.conversations.load(id_)).session["asked"]


async def test_the_cursor_moves_page_by_page_and_a_malformed_event_is_parked(tracked):
    tracked.core.page_size = 2
    event(tracked, "disposed")
    tracked.core.events.append({"id": "evt-bad", "type": "report.status_changed", "a.b": {"$gt": 2**53}})
    tracked.core.events.append("nothing")
    event(tracked, "in_progress")
    reconcile = tracked.app_worker.tracking.reconcile
    assert 2 == await reconcile()
    assert "4" == await tracked.store.marks.get(tracking.CURSOR)
    assert 0 == await reconcile()
    await hears(tracked, 2)
    assert ["event_malformed"] * 2 == [item.reason for item in await tracked.parked()]
    assert "event/evt-bad" in {item.id for item in await tracked.parked()}


async def test_a_signed_event_that_cannot_be_read_is_parked(tracked):
    bad = {"id": "evt-bad", "type": "report.status_changed", "ticket": 7}
    assert 200 == await tracked.core_says(bad)
    assert 200 == await tracked.core_says(bad)
    assert [("event", "event_malformed")] == [(item.what, item.reason) for item in await tracked.parked()]


async def test_a_bug_in_one_event_holds_up_no_other(tracked, monkeypatch):
    decide = tracking._decide

    def broken(report, event, now):
        if event.status == "disposed":
            raise ZeroDivisionError
        return decide(report, event, now)

    monkeypatch.setattr(tracking, "_decide", broken)
    event(tracked, "disposed")
    event(tracked, "in_progress")
    assert 2 == await tracked.app_worker.tracking.reconcile()
    await hears(tracked, 1)
    assert ["event_failed"] == [item.reason for item in await tracked.parked()]


async def test_reconciliation_goes_on_after_whatever_went_wrong(stage, monkeypatch):
    app = await stage.app()
    failures = [Unanswered(), ZeroDivisionError()]
    done = asyncio.Event()

    async def reconcile():
        if failures:
            raise failures.pop(0)
        done.set()

    monkeypatch.setattr(app.tracking, "reconcile", reconcile)
    stop = asyncio.Event()
    work = asyncio.create_task(app.tracking.work(stop, seconds=0.01))
    await asyncio.wait_for(done.wait(), 2)
    stop.set()
    await work
