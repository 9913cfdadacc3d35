"""What happens to a report stands in its history, by the write that made it so; and the desk sees whose turn it is."""

from datetime import timedelta

import pytest

from bot import clock
from bot.conversation.form import Form
from bot.entering import Agreed, Consent, Entry, new_form
from bot.history import Waits
from bot.model import Network, Status
from bot.origin import Filter, Origin
from bot.redirects import Author, Scope
from tests.stage import CANARY

OFFICE = "Diskominfo Kota Tangerang"
RINA = Author("rina", OFFICE)
PHONE = "+6281234567890"


@pytest.fixture(autouse=True)
async def desk(stage):
    stage.desk = await stage.web()
    await stage.worker()


async def redirected(stage):
    """A citizen whom Rina sent, with a ticket; and the report."""
    made = await stage.desk.redirecting.make(f"jalan berlubang di kec Cibodas Kota Tangerang {CANARY}", "", Network.TIKTOK, RINA)
    siti = stage.citizen()
    siti.text = f"/start {made.code}"
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    return siti, await latest(stage, siti)


async def latest(stage, siti):
    return await stage.store.reports.find(siti.receipt)


async def entered(stage, **changes):
    consent = Consent(Agreed.WRITTEN, "boleh min", clock.now())
    form = Form(text=f"Lampu jalan mati di gang kami {CANARY}", kind="pengaduan", place="kec Cibodas Kota Tangerang")
    given = {"form": form, "author": RINA, "network": Network.X, "consent": consent}
    found = await stage.desk.entering.enter(Entry(**given | changes), new_form())
    await stage.until_true(lambda: stage.store.reports.load(found.report.id), lambda report: report.ticket)
    await stage.quiet()
    return found


async def happens(stage, report_id, status, **more):
    await stage.core_says(stage.core.event(report_id, status, **{"agency": "Dinas Uji", "missing": []} | more))
    await stage.quiet()
    return await stage.store.reports.load(report_id)


def asks(**more):
    return {"type": "report.message", "message": {"id": "m1", "text": "Di mana?", "attachments": [], "wants_answer": True} | more}


async def test_a_redirected_report_is_its_admin_s_to_follow_and_tells_no_words(stage):
    siti, report = await redirected(stage)
    assert (Origin("rina", OFFICE, Network.TIKTOK), Waits.AGENCY) == (report.origin, report.waits)
    report = await happens(stage, report.id, "in_progress", note="Rahasia warga")
    report = await happens(stage, report.id, "in_progress", **asks())
    assert Waits.CITIZEN is report.waits
    await stage.says(siti, f"TAMBAH {siti.receipt} di gapura {CANARY}")
    await stage.quiet()
    report = await latest(stage, siti)
    assert ["ticket", "status", "message", "messages"] == [milestone.kind for milestone in report.history]
    assert (Waits.AGENCY, report.history[-1].at) == (report.waits, report.moved_at)
    assert [] == [trace for trace in ("Rahasia", "Di mana", CANARY) if trace in repr(report.history)]

    scope = Scope(OFFICE, "rina")
    [row] = await stage.desk.following.listed(scope, Filter(waits=Waits.AGENCY))
    assert (report.id, False) == (row.report.id, row.news)
    timeline = await stage.desk.following.timeline(scope, siti.receipt)
    assert ["filed", "ticket", "status", "message", "messages"] == [entry.kind for entry in timeline.entries]
    assert {""} == {entry.text for entry in timeline.entries}
    assert not await stage.desk.following.answer(scope, siti.receipt, "saya jawab sendiri", "k")
    for stranger in (Scope(OFFICE, "budi"), Scope("Dinas PU")):
        assert ([], None) == (
            await stage.desk.following.listed(stranger, Filter()),
            await stage.desk.following.timeline(stranger, siti.receipt),
        )


async def test_a_report_that_nobody_sent_is_nobody_s_to_follow(stage):
    siti = await stage.filed()
    report = await happens(stage, (await latest(stage, siti)).id, "disposed")
    assert (None, None, ["ticket", "status"]) == (report.origin, report.waits, [milestone.kind for milestone in report.history])
    assert [] == await stage.desk.following.listed(Scope(OFFICE), Filter())


async def test_an_event_that_comes_twice_or_late_is_told_once(stage):
    found = await entered(stage)
    event = stage.core.event(found.report.id, "disposed", agency="Dinas Uji", missing=[])
    later = stage.core.event(found.report.id, "in_progress", agency="Dinas Uji", missing=[])
    for each in (later, event, event, later):
        await stage.core_says(each)
    await stage.quiet()
    report = await stage.store.reports.load(found.report.id)
    assert [Status.IN_PROGRESS] == [milestone.status for milestone in report.history if milestone.kind == "status"]


async def test_news_is_to_be_passed_on_and_an_answer_turns_it_over(stage):
    found, scope, following = await entered(stage), Scope(OFFICE, "rina"), stage.desk.following
    await happens(stage, found.report.id, "postponed", note="Kurang jelas", missing=["location"])
    [row] = await following.to_pass_on(scope, Filter(network=Network.X, status=Status.POSTPONED, channel="desk"))
    assert (found.report.id, Waits.CITIZEN, True) == (row.report.id, row.report.waits, row.news)
    assert [] == await following.to_pass_on(scope, Filter(network=Network.EMAIL))
    timeline = await following.timeline(scope, found.report.receipt)
    assert ["", "", "Kurang jelas"] == [entry.text for entry in timeline.entries]
    for news in timeline.news:
        assert await following.passed(scope, news.id)
    assert [] == await following.to_pass_on(scope, Filter())

    for _ in range(2):
        assert await following.answer(scope, found.report.receipt, f"di gapura {CANARY}", "key", by="rina")
    report = await stage.store.reports.load(found.report.id)
    answers = [milestone for milestone in report.history if milestone.kind == "messages"]
    assert [("rina", f"di gapura {CANARY}")] == [(each.account, each.text) for each in answers]
    assert Waits.AGENCY is report.waits
    assert [row.report.id for row in await following.listed(scope, Filter(waits=Waits.AGENCY))] == [report.id]
    report = await happens(stage, found.report.id, "completed")
    assert None is report.waits


async def test_a_report_taken_over_is_no_longer_spoken_for_and_erasure_takes_the_answers(stage):
    found, scope = await entered(stage, phone="0812-3456-7890"), Scope(OFFICE, "rina")
    await stage.desk.following.answer(scope, found.report.receipt, f"tiang ketiga {CANARY}", "k1", by="rina")
    await stage.quiet()
    assert [200] == await stage.twilio.text(PHONE, f"STATUS {found.report.receipt} {found.access_code}")
    report = await stage.until_true(lambda: stage.store.reports.load(found.report.id), lambda report: report.conversation)
    assert "bound" == report.history[-1].kind
    assert not await stage.desk.following.answer(scope, found.report.receipt, "lagi", "k2", by="rina")

    await stage.twilio.text(PHONE, "HAPUS DATA")
    await stage.quiet()
    await stage.twilio.text(PHONE, "hapus")
    report = await stage.until_true(lambda: stage.store.reports.load(found.report.id), lambda report: not report.conversation)
    assert ["ticket", "messages", "bound"] == [milestone.kind for milestone in report.history]
    assert CANARY not in repr(report.history)


async def test_a_note_of_the_admin_goes_with_the_code(stage):
    made = await stage.desk.redirecting.make(f"min lampu jalan mati di tangerang {CANARY}", "", Network.X, RINA)
    noted = await stage.desk.redirecting.note(Scope(OFFICE, "rina"), made.code, "Kec Batuceper Kota Tangerang, kemarin")
    assert ("36.71.03", "psu") == (noted.facts.area, noted.facts.category)
    siti = stage.citizen()
    siti.text = f"/start {made.code}"
    await siti.report(stage.telegram)
    report = await stage.report_of(siti)
    yesterday = (clock.now() + timedelta(hours=7) - timedelta(days=1)).date()
    assert ("36.71.03", yesterday.isoformat()) == (report.body["location"]["area_code"], report.body["occurred_on"])
    assert "Batuceper" not in report.body["body"]
