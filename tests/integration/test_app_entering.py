"""What an admin enters for a citizen: filed once, told through the admin or to a number that is nobody's until its owner shows the code."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from bot import clock, privacy
from bot.conversation.form import Form, Problem
from bot.entering import Agreed, Consent, Entry, drawn_for, media_id, new_form
from bot.model import Network, Status
from bot.redirects import Author, Scope
from tests.stage import CANARY

OFFICE = "Diskominfo Kota Tangerang"
ADMIN = Author("rina", OFFICE)
PHONE = "+6281234567890"
FORM = Form(
    text=f"Lampu jalan di gang kami mati sejak lama {CANARY}",
    kind="pengaduan",
    place="kec Cibodas Kota Tangerang",
    day="kemarin",
    category="psu",
    name="Wargawati Kenari",
)
SAID = "Mohon kirim foto tiangnya"


def entry(**changes):
    consent = Consent(Agreed.WRITTEN, "boleh min, silakan dilaporkan", clock.now() - timedelta(hours=1))
    given = {
        "form": FORM,
        "author": ADMIN,
        "network": Network.INSTAGRAM,
        "consent": consent,
        "link": "https://www.instagram.com/direct/t/1",
    }
    return Entry(**given | changes)


@pytest.fixture(autouse=True)
async def desk(stage):
    """The web process in which the admin works, and a worker."""
    stage.desk = await stage.web()
    await stage.worker()


async def entered(stage, **changes):
    """Filed, with its ticket known."""
    found = await stage.desk.entering.enter(entry(**changes), new_form())
    await stage.until_true(lambda: stage.store.reports.load(found.report.id), lambda report: report.ticket)
    await stage.quiet()
    return found


async def latest(stage, found):
    return await stage.store.reports.load(found.report.id)


def by_sms(stage, to=PHONE):
    return [sent.body for sent in stage.twilio.messages if sent.to == to]


async def hears(stage, count, to=PHONE):
    async def heard():
        return by_sms(stage, to)

    return (await stage.until_true(heard, lambda heard: len(heard) >= count))[count - 1 :]


async def says(stage, text, to=PHONE):
    """What is answered to one SMS."""
    before = len(by_sms(stage, to))
    assert [200] == await stage.twilio.text(to, text)
    [answer, *_] = await hears(stage, before + 1, to)
    await stage.quiet()
    return answer


async def happens(stage, found, status, **more):
    await stage.core_says(stage.core.event(found.report.id, status, **{"agency": "Dinas Uji", "missing": []} | more))
    await stage.quiet()


def asks(text=SAID):
    return {"type": "report.message", "message": {"id": "m1", "text": text, "attachments": [], "wants_answer": True}}


async def test_a_report_heard_through_the_admin_is_forwarded_and_its_news_waits_for_the_admin(stage):
    found = await entered(stage)
    await happens(stage, found, "in_progress", note="Petugas berangkat")
    await happens(stage, found, "in_progress", **asks())

    report = await latest(stage, found)
    body = report.body
    assert ("desk", "rina", {"name": "Wargawati Kenari", "channel": "desk", "address": "rina"}) == (
        body["channel"],
        body["entered_by"],
        body["reporter"],
    )
    assert (None, None, "admin", OFFICE) == (report.conversation, report.contact, report.entered["hears"], report.entered["office"])
    assert ("written", "boleh min, silakan dilaporkan", privacy.VERSION) == tuple(
        report.entered["consent"][name] for name in ("how", "words", "notice")
    )

    news = await stage.desk.following.waiting(Scope(OFFICE, "rina"))
    assert ["ticket", "status", "message"] == [each.kind for each in news]
    assert ["", "Petugas berangkat", SAID] == [each.text for each in news]
    assert [False, False, True] == [each.wants_answer for each in news]
    assert {(found.report.receipt, Network.INSTAGRAM)} == {(each.receipt, each.network) for each in news}
    assert [] == stage.twilio.messages


async def test_news_is_read_passed_on_and_answered_once(stage):
    found = await entered(stage)
    await happens(stage, found, "in_progress", **asks())
    scope, following = Scope(OFFICE), stage.desk.following
    assert 2 == await following.unread(scope)
    timeline = await following.timeline(scope, found.report.receipt)
    assert ["ticket", "message"] == [each.kind for each in timeline.news]
    assert 0 == await following.unread(scope)

    first, second = timeline.news
    assert await following.passed(scope, first.id)
    assert await following.passed(scope, first.id)
    assert [second.id] == [each.id for each in await following.waiting(scope)]

    for _ in range(2):
        assert await following.answer(scope, timeline.report.ticket, "tiang ketiga dari gapura", "answer-1")
    await stage.quiet()
    held = stage.core.report_of(timeline.report.ticket)
    assert [("messages", "tiang ketiga dari gapura")] == [(operation, body["text"]) for operation, body in held.operations]
    assert not (await latest(stage, found)).wants_answer


async def test_nothing_is_seen_or_done_outside_ones_scope(stage):
    found = await entered(stage)
    following = stage.desk.following
    [news] = await following.waiting(Scope(OFFICE))
    for stranger in (Scope(OFFICE, "budi"), Scope("Dinas PU"), Scope("Dinas PU", "rina")):
        assert await following.timeline(stranger, found.report.receipt) is None
        assert not await following.passed(stranger, news.id)
        assert not await following.answer(stranger, found.report.receipt, "halo", "k")
        assert ([], [], 0) == (await following.entered(stranger), await following.waiting(stranger), await following.unread(stranger))
    siti = await stage.filed()
    assert await following.timeline(Scope(OFFICE), siti.receipt) is None
    assert [found.report.id] == [report.id for report in await following.entered(Scope(OFFICE, "rina"))]


async def test_a_typed_number_is_told_that_there_is_news_and_nothing_of_it(stage):
    found = await entered(stage, phone="0812-3456-7890")
    await happens(stage, found, "postponed", note="Di mana tepatnya?", missing=["location"])
    await happens(stage, found, "postponed", **asks())
    ticket = (await latest(stage, found)).ticket
    heard = await hears(stage, 3)
    heard = by_sms(stage)
    assert ["menunggu verifikasi", "perlu dilengkapi", "ada pesan dari instansi"] == [
        each.partition(": ")[2].partition(".")[0] for each in heard
    ]
    for text in heard:
        assert text.startswith(f"Laporan {ticket}, ")
        for content in (CANARY, "Lampu", "Wargawati", "Di mana", SAID, "Dinas", OFFICE, "Cibodas"):
            assert content not in text

    assert "Belum ada laporan dari nomor ini" in await says(stage, "STATUS")
    assert "Tidak ditemukan" in await says(stage, f"STATUS {ticket}")
    assert "Tidak ditemukan" in await says(stage, f"STATUS {ticket} AAAA-BBBB")
    assert "Lampu" not in "".join(by_sms(stage))
    assert f"sms_twilio:{PHONE}" == (await latest(stage, found)).contact
    assert 3 == await stage.desk.following.unread(Scope(OFFICE))


async def test_its_owner_shows_the_code_and_it_is_theirs(stage):
    found = await entered(stage, phone=PHONE)
    report = await latest(stage, found)
    answer = await says(stage, f"STATUS {report.receipt} {found.access_code}")
    assert report.ticket in answer
    bound = await latest(stage, found)
    assert (f"sms_twilio:{PHONE}", None) == (bound.conversation, bound.contact)
    assert report.ticket in await says(stage, "STATUS")

    before = len(by_sms(stage))
    await happens(stage, found, "in_progress", **asks())
    [told] = await hears(stage, before + 1)
    assert SAID in told
    assert 1 == len(await stage.desk.following.waiting(Scope(OFFICE)))  # the ticket, from before
    assert [found.report.id] == [each.id for each in await stage.desk.following.entered(Scope(OFFICE))]


async def test_the_same_number_on_whatsapp_is_the_same_person(stage):
    found = await entered(stage, phone=PHONE)
    whatsapp = f"whatsapp:{PHONE}"
    answer = await says(stage, f"STATUS {found.report.receipt} {found.access_code}", whatsapp)
    assert "Lampu jalan" in answer
    assert whatsapp == (await latest(stage, found)).conversation


async def test_another_number_with_the_code_sees_it_and_does_not_take_it(stage):
    found = await entered(stage, phone=PHONE)
    ticket = (await latest(stage, found)).ticket
    other = "+6281298765432"
    assert ticket in await says(stage, f"STATUS {ticket} {found.access_code}", other)
    assert "Belum ada laporan" in await says(stage, "STATUS", other)
    assert (None, f"sms_twilio:{PHONE}") == ((report := await latest(stage, found)).conversation, report.contact)


async def test_whoever_has_the_number_may_have_it_forgotten(stage):
    found = await entered(stage, phone=PHONE)
    await says(stage, "HAPUS DATA")
    await says(stage, "hapus")
    report = await latest(stage, found)
    assert (None, None) == (report.conversation, report.contact)
    assert PHONE not in repr(await stage.store._db.reports.find_one({"_id": report.id}))
    before = len(by_sms(stage))
    await happens(stage, found, "completed")
    assert before == len(by_sms(stage))


async def test_a_form_sent_twice_at_once_is_one_report_with_one_code(stage):
    form, asked = new_form(), entry(phone=PHONE)
    answers = await asyncio.gather(*(stage.desk.entering.enter(asked, form) for _ in range(5)))
    later = await stage.desk.entering.enter(replace(asked, form=replace(FORM, text="sudah lain lagi isinya sekarang")), form)
    assert 1 == await stage.store._db.reports.count_documents({})
    assert 1 == len({(each.report.receipt, each.access_code) for each in (*answers, later)})
    assert (False, FORM.text) == (later.new, later.report.body["body"])
    assert drawn_for(ADMIN, form) != drawn_for(Author("budi", OFFICE), form)
    await stage.quiet()
    assert 1 == len(stage.core.reports)


async def test_a_report_filed_under_other_numbers_does_not_give_its_code_away(stage):
    drawn = drawn_for(ADMIN, new_form())
    first = await stage.desk.entering.file(entry(), drawn)
    again = await stage.desk.entering.file(entry(), replace(drawn, access_code="AAAABBBB"))
    assert (drawn.access_code, None) == (first.access_code, again.access_code)


async def test_only_the_form_s_own_files_can_be_named(stage):
    form = new_form()
    own, foreign = media_id(ADMIN, form, 0), "0123456789abcdef01234567-0"
    for file in (own, foreign):
        await stage.store.media.put(file, "desk:rina", b"\xff\xd8\xff\xe0 jpeg", name="tiang.jpg", mime="image/jpeg", at=clock.now())
    refused = [Problem("files", "unknown")]
    assert refused == await stage.desk.entering.enter(entry(form=replace(FORM, files=(own, foreign))), form)
    assert refused == await stage.desk.entering.enter(entry(form=replace(FORM, files=(media_id(ADMIN, form, 1),))), form)

    found = await stage.desk.entering.enter(entry(form=replace(FORM, files=(own,))), form)
    await stage.quiet()
    held = stage.core.report_of((await latest(stage, found)).ticket)
    assert [own] == [each["id"] for each in orjson.loads(held.body)["attachments"]]
    await stage.store.media.erase_unfiled(clock.now() + timedelta(days=1))
    assert {own} == set(await stage.store.media.info([own, foreign]))


async def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept(stage):
    consent = Consent(Agreed.SPOKEN, " ", clock.now() + timedelta(hours=1))
    wrong = entry(form=replace(FORM, category="?"), consent=consent, phone="021-123", link="javascript:x")
    found = await stage.desk.entering.enter(wrong, new_form())
    expected = [("category", "unclear"), ("consent", "missing"), ("consent_at", "future"), ("link", "unclear"), ("phone", "unusable")]
    assert expected == [(problem.field, problem.key) for problem in found]
    assert 0 == await stage.store._db.reports.count_documents({})
    with pytest.raises(ValueError, match="no form's id"):
        await stage.desk.entering.enter(entry(), "1")


async def test_an_anonymous_report_names_nobody_and_news_still_comes(stage):
    found = await entered(stage, form=replace(FORM, anonymous=True))
    report = await latest(stage, found)
    assert (None, True, Status.RECEIVED) == (report.body["reporter"], report.body["anonymous"], report.status)
    assert ["ticket"] == [each.kind for each in await stage.desk.following.waiting(Scope(OFFICE))]
