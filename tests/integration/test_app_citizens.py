"""What citizens can do afterwards: ask, add, withdraw, rate, and have everything forgotten; and what strangers cannot."""

import re
from datetime import timedelta

import pytest

from bot import clock, sweeping
from bot.conversation.protocol import Heard
from tests.stage import CANARY, later

CODE = re.compile(r"Kode akses: (\w{4}-\w{4})")


@pytest.fixture
async def filed(stage):
    """A citizen with a ticket, and their access code."""
    stage.app_web = await stage.web()
    stage.app_worker = await stage.worker()
    stage.siti = await stage.filed()
    stage.code = next(found[1] for sent in stage.siti.person.heard if (found := CODE.search(sent.text)))
    stage.number = (await stage.report_of(stage.siti)).ticket
    stage.id = f"telegram:{stage.siti.person.id}"
    return stage


async def operations(stage, count):
    """What the core has been told of the report; every call under a key of its own."""
    held = stage.core.report_of(stage.number)

    async def done():
        return held.operations

    found = await stage.until_true(done, lambda done: len(done) >= count)
    keys = [seen.headers["idempotency-key"] for seen in stage.core.requests if seen.path.startswith(f"/v1/reports/{stage.number}/")]
    assert count == len(found) == len(set(keys))
    assert [body["id"] for _, body in found] == keys
    return [(operation, {name: value for name, value in body.items() if name != "id"}) for operation, body in found]


async def test_adding_withdrawing_and_rating_reach_the_core_in_order(filed):
    await filed.says(filed.siti, f"TAMBAH {filed.number} tiang ketiga dari gapura")
    [question] = await filed.says(filed.siti, f"CABUT {filed.siti.receipt}")
    assert filed.number in question
    await filed.says(filed.siti, "ya, sudah diperbaiki warga")
    await filed.core_says(filed.core.event((await filed.report_of(filed.siti)).id, "completed"))
    await filed.quiet()
    await filed.says(filed.siti, f"NILAI {filed.number} 4")
    assert [
        ("messages", {"text": "tiang ketiga dari gapura", "attachments": []}),
        ("withdrawal", {"reason": "sudah diperbaiki warga"}),
        ("rating", {"scores": {"overall": 4}}),
    ] == await operations(filed, 3)
    await filed.quiet()
    assert (await filed.report_of(filed.siti)).rated


async def test_a_redelivered_addition_is_added_once(filed):
    filed.telegram.deliver_again = 3
    await filed.says(filed.siti, f"TAMBAH {filed.number} tiang ketiga dari gapura")
    await filed.quiet()
    assert 1 == len(await operations(filed, 1))


async def test_the_answer_to_an_agency_ends_its_waiting(filed):
    key = (await filed.report_of(filed.siti)).id
    asked = {"id": "m1", "text": "Tiang nomor berapa?", "attachments": [], "wants_answer": True}
    await filed.core_says(filed.core.event(key, "in_progress", message=asked))
    await filed.telegram.until(lambda: "Tiang nomor" in filed.siti.person.heard[-1].text)
    assert (await filed.report_of(filed.siti)).wants_answer
    await filed.says(filed.siti, f"TAMBAH {filed.number} nomor tiga")
    await operations(filed, 1)
    await filed.quiet()
    assert not (await filed.report_of(filed.siti)).wants_answer


async def test_a_stranger_learns_nothing_without_the_code_and_everything_with_it(filed):
    budi = filed.citizen()
    wrong = "2222-2222" if filed.code != "2222-2222" else "3333-3333"
    answers = [
        (await filed.says(budi, text))[0]
        for text in (f"STATUS {filed.number}", f"STATUS {filed.number} {wrong}", "STATUS 9999999", f"STATUS 9999999 {filed.code}")
    ]
    assert 1 == len(set(answers))
    [opened] = await filed.says(budi, f"STATUS {filed.siti.receipt} {filed.code.lower().replace('-', ' ')}")
    assert "menunggu verifikasi" in opened
    assert "Sampah" not in opened
    [added] = await filed.says(budi, f"TAMBAH {filed.number} {filed.code} saya saksinya")
    assert filed.number in added
    assert [("messages", {"text": "saya saksinya", "attachments": []})] == await operations(filed, 1)
    [refused] = await filed.says(budi, f"CABUT {filed.number}")
    assert answers[0] == refused


async def test_after_five_wrong_codes_in_an_hour_even_the_right_one_opens_nothing(filed):
    budi = filed.citizen()
    for _ in range(5):
        await filed.says(budi, f"STATUS {filed.number} 2222-2222")
    filed.by_hand()
    assert 200 == await filed.deliver(budi.person.says(f"STATUS {filed.number} {filed.code}"))
    filed.telegram.pending.clear()
    kept = await filed.store.conversations.load(f"telegram:{budi.person.id}")
    [slow] = kept.effects
    assert (slow.due - clock.now()).total_seconds() > 30
    assert "menunggu verifikasi" not in slow.data["text"]


async def test_all_of_a_person_is_forgotten_on_their_word(filed, monkeypatch):
    """A parked message, a draft and a file that belongs to no report go; the report stays, but is nobody's."""
    advance = filed.app_web.intake._answered

    async def broken(conversation, state, event, *more):
        if isinstance(event, Heard) and "GANJIL" in event.message.text:
            raise ZeroDivisionError
        return await advance(conversation, state, event, *more)

    monkeypatch.setattr(filed.app_web.intake, "_answered", broken)
    await filed.says(filed.siti, f"GANJIL {CANARY}")
    await filed.says(filed.siti, f"LAPOR Jembatan putus di desa kami {CANARY}")
    filed.siti.person.sends_photo(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(500))
    await filed.until_true(filed.documents, lambda documents: documents.get("media"))
    await filed.quiet()
    before = (await filed.store.conversations.load(filed.id)).version

    await filed.says(filed.siti, "HAPUS DATA")
    [erased] = await filed.says(filed.siti, "ya")
    assert "sudah dihapus" in erased
    await filed.quiet()
    documents = await filed.documents()
    assert (0, 0, 0, 1, 1) == tuple(documents.get(name, 0) for name in ("media", "parked", "held", "reports", "conversations"))
    report = await filed.report_of(filed.siti)
    assert (None, filed.number) == (report.conversation, report.ticket)

    heard = len(filed.siti.person.heard)
    await filed.core_says(filed.core.event(report.id, "disposed"))
    await filed.quiet()
    assert heard == len(filed.siti.person.heard)
    kept = await filed.store.conversations.load(filed.id)
    assert CANARY not in repr(kept)
    assert "draft" not in kept.session
    [consent] = await filed.says(filed.siti, "LAPOR Lampu jalan mati di depan sekolah")
    assert "etuju" in consent
    assert before < kept.version < (await filed.store.conversations.load(filed.id)).version
    [status] = await filed.says(filed.siti, f"STATUS {filed.number} {filed.code}", answers=1)
    assert "menunggu verifikasi" not in status
    assert "diteruskan" in status


async def test_held_messages_are_forgotten_too(stage):
    web = await stage.web()
    web.intake._pace._most = 0
    siti = stage.citizen()
    siti.person.says(siti.text)
    await stage.telegram.drained()
    conversation = f"telegram:{siti.person.id}"
    assert await stage.store.held.has(conversation)
    await web._conversation_errands._erase(conversation, None, [])
    assert not await stage.store.held.has(conversation)


async def test_a_draft_without_consent_is_erased_after_seven_days(stage):
    await stage.web()
    app = await stage.app()
    siti, budi = stage.citizen(), stage.citizen()
    for citizen in (siti, budi):
        await stage.says(citizen, citizen.text)
    [asked] = budi.person.heard
    budi.person.taps(asked, next(iter(asked.buttons)))
    await budi.person.hears(2)
    await stage.quiet()

    sweeper = sweeping.Sweeper(app.store, app.intake, app.amending, "holder", lambda: clock.now() + timedelta(days=7, minutes=1))
    early = sweeping.Sweeper(app.store, app.intake, app.amending, "holder", lambda: clock.now() + timedelta(days=6, hours=23))
    assert 0 == await early.erase_expired()
    later(app, timedelta(days=7, minutes=1))
    assert 2 == await sweeper.erase_expired()  # hers is erased, his is counted as left
    assert 0 == await sweeper.erase_expired()
    forgotten = await stage.store.conversations.load(f"telegram:{siti.person.id}")
    kept = await stage.store.conversations.load(f"telegram:{budi.person.id}")
    assert CANARY not in repr(forgotten.session)
    assert CANARY in repr(kept.session)


async def test_a_draft_that_was_erased_elsewhere_is_no_more_in_this_process_either(stage):
    await stage.web()
    app = await stage.worker()
    siti = stage.citizen()
    await stage.says(siti, siti.text)
    await stage.quiet()
    later(app, timedelta(days=8))
    await app.amending.expire(f"telegram:{siti.person.id}")
    await stage.says(siti, "halo")
    session = (await stage.store.conversations.load(f"telegram:{siti.person.id}")).session
    assert CANARY not in repr(session)
