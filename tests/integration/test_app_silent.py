"""What is told to somebody on WhatsApp who has been silent for a day: in brief, by template or SMS, and in full when they write."""

import asyncio
from uuid import uuid4

import pytest

from bot import access, clock, effects
from bot.model import Effect
from bot.ports import StoredReport
from tests.fakes.twilio_content import Template
from tests.stage import CANARY

NUMBER = "+6281234567890"
PHONE = f"whatsapp:{NUMBER}"
AGENCY = "Dinas Perhubungan Kota Tangerang"
APPROVED = "HX" + "9" * 32
WITH_TEMPLATE = {"TWILIO_CONTENT_STATUS": f"id={APPROVED}"}
WITHOUT_SMS = {"TWILIO_SMS_FROM": ""}
HELP = "STATUS"
"""Stands in the answer to BANTUAN."""


class Citizen:
    """Writes on WhatsApp, then is silent; their report goes its way."""

    def __init__(self, stage):
        self.stage = stage
        self.report = uuid4().hex

    @property
    def heard(self):
        """On WhatsApp, without what Twilio took and did not deliver."""
        lost = self.stage.twilio.lost
        return [sent for sent in self.stage.twilio.messages if sent.to == PHONE and sent.sid not in lost]

    @property
    def texts(self):
        return [sent.body for sent in self.heard]

    @property
    def by_sms(self):
        return [sent.body for sent in self.stage.twilio.messages if sent.to == NUMBER]

    async def writes(self, text):
        assert [200] == await self.stage.twilio.text(PHONE, text)

    async def hears(self, count, *, by_sms=False):
        async def count_now():
            return len(self.by_sms if by_sms else self.heard)

        await self.stage.until_true(count_now, lambda heard: heard >= count)
        return (self.by_sms if by_sms else self.texts)[:count]

    async def reports_and_is_silent(self):
        """A day later the core gives a ticket. (Their last message is forgotten at Twilio: that is what closes the window.)"""
        await self.writes("BANTUAN")
        await self.hears(1)
        await self.stage.quiet()
        self.stage.twilio.messages.clear()
        self.stage.twilio.forget(PHONE)
        now = clock.now()
        report = StoredReport(
            id=self.report,
            receipt=access.draw_report()[1],
            code_hash="",
            conversation=PHONE,
            body={"id": self.report, "kind": "pengaduan", "title": f"Lampu jalan mati {CANARY}", "confidential": False},
            media=(),
            submitted_at=now,
            effects=(Effect(f"forward:{self.report}", effects.CORE, "forward", {}, due=now),),
            due=now,
        )
        await self.stage.store.reports.insert(report)

    async def ticket(self):
        report = await self.stage.until_true(lambda: self.stage.store.reports.load(self.report), lambda report: report.ticket)
        return report.ticket

    async def document(self):
        return await self.stage.store._db["conversations"].find_one({"_id": PHONE})

    async def unsaid(self, count=1):
        """The document, once so much is held back and nothing else is left to do."""
        found = await self.stage.until_true(self.document, lambda document: len(document.get("unsaid", ())) == count)
        await self.stage.quiet()
        return found

    async def hears_it_all_when_they_write(self, *beginnings):
        """What was held back, in order, then the answer."""
        before = len(self.heard)
        await self.writes("BANTUAN")
        said = (await self.hears(before + len(beginnings) + 1))[before:]
        await self.stage.quiet()
        assert [True] * len(beginnings) == [text.startswith(start) for text, start in zip(said, beginnings, strict=False)], said
        assert HELP in said[-1]
        assert before + len(beginnings) + 1 == len(self.heard)
        assert "unsaid" not in await self.document()
        assert [] == await self.stage.parked()


@pytest.fixture
def running(stage):
    async def run(*, late=False, **more):
        stage.more = more
        stage.twilio.templates = {APPROVED: Template(0, approved=True)}
        stage.twilio.late_refusals = late
        await stage.web()
        await stage.worker()
        citizen = Citizen(stage)
        await citizen.reports_and_is_silent()
        return citizen

    return run


each_refusal = pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])


@each_refusal
async def test_an_approved_template_tells_it_in_brief_and_the_words_follow_when_they_write(running, late):
    citizen = await running(late=late, **WITH_TEMPLATE)
    ticket = await citizen.ticket()
    (brief,) = await citizen.hears(1)
    assert (True, True, False) == (ticket in brief, "sudah terdaftar" in brief, CANARY in brief)
    await citizen.unsaid()
    assert ([], 1) == (citizen.by_sms, len(citizen.heard))
    await citizen.hears_it_all_when_they_write("Laporan L")


@each_refusal
async def test_without_a_template_an_sms_tells_it_in_brief(running, late):
    citizen = await running(late=late)
    ticket = await citizen.ticket()
    (brief,) = await citizen.hears(1, by_sms=True)
    assert (True, True, False) == (ticket in brief, "sudah terdaftar" in brief, CANARY in brief)
    await citizen.unsaid()
    assert ([], 1) == (citizen.heard, len(citizen.by_sms))
    await citizen.hears_it_all_when_they_write("Laporan L")


async def test_a_template_that_is_taken_and_not_delivered_is_followed_by_an_sms(running, stage):
    stage.twilio.paused = {APPROVED}
    citizen = await running(late=True, **WITH_TEMPLATE)
    (brief,) = await citizen.hears(1, by_sms=True)
    assert await citizen.ticket() in brief
    await citizen.unsaid()
    assert 1 == len(citizen.by_sms)
    await citizen.hears_it_all_when_they_write("Laporan L")


@each_refusal
async def test_without_either_everything_is_held_until_they_write_and_said_first_in_order(running, stage, late):
    citizen = await running(late=late, **WITHOUT_SMS)
    ticket = await citizen.ticket()
    await citizen.unsaid(1)
    await stage.core_says(stage.core.event(citizen.report, "disposed", agency=AGENCY))
    await citizen.unsaid(2)
    message = {"id": "m1", "text": f"Mohon foto tiangnya {CANARY}", "attachments": [], "wants_answer": True}
    await stage.core_says(stage.core.event(citizen.report, "disposed", message=message))
    await citizen.unsaid(3)
    assert ([], []) == (citizen.heard, citizen.by_sms)
    await citizen.hears_it_all_when_they_write("Laporan L", f"Kabar laporan {ticket}", "Pesan dari")


async def test_another_process_than_the_one_they_write_to_may_have_held_it_back(running, stage):
    """Its copy of the conversation is older than what is held: the write finds that out."""
    citizen = await running(**WITHOUT_SMS)
    await citizen.unsaid()
    await citizen.hears_it_all_when_they_write("Laporan L")
    stage.twilio.forget(PHONE)
    await stage.core_says(stage.core.event(citizen.report, "disposed", agency=AGENCY))
    await citizen.unsaid()
    await citizen.hears_it_all_when_they_write("Kabar laporan")


async def test_a_refusal_that_is_reported_twice_holds_back_once(running, stage):
    citizen = await running(late=True, **WITHOUT_SMS)
    await citizen.unsaid()
    refused = stage.twilio.messages[-1]
    assert [200, 200] == await stage.twilio.report(refused, "undelivered", "failed", error=63016)
    await citizen.unsaid(1)
    await citizen.hears_it_all_when_they_write("Laporan L")
    assert [200] == await stage.twilio.report(refused, "undelivered", error=63016)
    await asyncio.sleep(0.1)
    assert "unsaid" not in await citizen.document()


async def test_who_has_written_before_the_refusal_came_is_told_at_once(running, stage, monkeypatch):
    """Else the words would wait for one more message, though nothing stands in their way any more."""
    told, tell = asyncio.Event(), stage.twilio._tell_refusal

    async def takes_its_time(sent):
        await told.wait()
        return await tell(sent)

    monkeypatch.setattr(stage.twilio, "_tell_refusal", takes_its_time)
    citizen = await running(late=True)
    ticket = await citizen.ticket()
    await stage.until_true(lambda: asyncio.sleep(0, stage.twilio.lost))
    await citizen.writes("BANTUAN")
    (answer,) = await citizen.hears(1)
    assert HELP in answer
    told.set()
    assert ticket in (await citizen.hears(2))[1]
    await stage.quiet()
    refused = next(sent for sent in stage.twilio.messages if sent.sid in stage.twilio.lost)
    assert [200] == await stage.twilio.report(refused, "failed", error=63016)
    await stage.quiet()
    assert ([], 2, False) == (citizen.by_sms, len(citizen.heard), "unsaid" in await citizen.document())


async def test_a_status_that_is_refused_after_a_later_one_was_said_is_not_held_back(running, stage):
    """Said at last, it would go back."""
    citizen = await running(**WITHOUT_SMS)
    await citizen.unsaid()
    await citizen.hears_it_all_when_they_write("Laporan L")
    for count, status in enumerate(("disposed", "in_progress"), start=3):
        await stage.core_says(stage.core.event(citizen.report, status, agency=AGENCY))
        await citizen.hears(count)
    await stage.quiet()
    former, later = citizen.heard[-2:]
    assert [200] == await stage.twilio.report(former, "undelivered", error=63016)
    assert "unsaid" not in await citizen.document()
    assert [200] == await stage.twilio.report(later, "undelivered", error=63016)
    await citizen.unsaid(1)
    await citizen.hears_it_all_when_they_write("Kabar laporan")


async def test_words_are_remembered_until_their_fate_is_known(running, stage):
    citizen = await running(**WITHOUT_SMS)
    await citizen.unsaid()
    await citizen.hears_it_all_when_they_write("Laporan L")
    said, answer = citizen.heard
    assert [True, False] == ["words" in each for each in (await citizen.document())["sent"][-2:]]
    await stage.twilio.report(said, "delivered")
    await stage.twilio.report(answer, "delivered")
    assert [("delivered", False)] * 2 == [(each["state"], "words" in each) for each in (await citizen.document())["sent"][-2:]]


async def test_erasure_takes_what_is_remembered_of_words_with_it(running, stage):
    citizen = await running(**WITHOUT_SMS)
    await citizen.ticket()
    await stage.core_says(stage.core.event(citizen.report, "disposed", agency=AGENCY))
    assert CANARY in str(await citizen.unsaid(2))
    await citizen.hears_it_all_when_they_write("Laporan L", "Kabar laporan")
    assert CANARY in str(await citizen.document())
    for text in ("HAPUS DATA", "1"):
        before = len(citizen.heard)
        await citizen.writes(text)
        await citizen.hears(before + 1)
    await stage.quiet()
    document = await citizen.document()
    assert (False, False) == (CANARY in str(document), "unsaid" in document)
