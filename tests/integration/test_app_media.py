"""Evidence: fetched beside the conversation, named to the core with what it is, and never a reason to hold up a report."""

import asyncio
import hashlib
from datetime import timedelta

import orjson
import pytest

from bot import carriage, report_effects
from bot.channels import callback
from bot.conversation.steps import evidence
from tests.acceptance.citizens import TelegramCitizen
from tests.fakes.core import TOKEN, Fault
from tests.stage import CANARY

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(500)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(400)
FAILED = "tidak bisa kami simpan"


class Witness(TelegramCitizen):
    """Sends files when evidence is asked for, and goes on when told what became of them."""

    def __init__(self, person, send):
        super().__init__(person, f"Jembatan putus di desa kami {CANARY}")
        self._send = send

    def _answer(self, sent):
        question = next((callback.decode(data).question for data in sent.buttons.values()), "")
        if question.startswith("evidence") and self._send:
            send, self._send = self._send, None
            send(self.person)
        elif self._send is None and (not question or question.startswith("evidence")):
            self.person.says("selesai")
        else:
            super()._answer(sent)


def _gone(person):
    person.sends_photo(JPEG)
    for stored in person._server.files.values():
        stored.here = False


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(evidence, "ALBUM_PAUSE", timedelta(seconds=0.2))
    monkeypatch.setattr(report_effects, "MEDIA_PATIENCE", timedelta(seconds=0.3))
    monkeypatch.setattr(report_effects, "MEDIA_EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr(report_effects, "LATE_EVERY", timedelta(seconds=0.05))
    monkeypatch.setattr(carriage, "SETTLE_SECONDS", 0.05)


@pytest.fixture
async def slow(stage, monkeypatch):
    """Files come when `released` is set."""
    released = asyncio.Event()
    web, worker = await stage.web(), await stage.worker()
    for app in (web, worker):
        telegram = app._channels["telegram"]

        async def fetch(file, *, limit, original=telegram.fetch):
            await released.wait()
            return await original(file, limit=limit)

        monkeypatch.setattr(telegram, "fetch", fetch)
    yield released
    released.set()


def attachments(stage, report):
    return orjson.loads(stage.core.reports[report.id].body)["attachments"]


async def test_a_photo_is_attached_and_given_to_the_core_alone(stage):
    await stage.web()
    await stage.worker()
    siti = Witness(stage.telegram.citizen("Wargasiti"), lambda person: person.sends_photo(JPEG))
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    [attached] = attachments(stage, await stage.report_of(siti))
    assert ("image/jpeg", len(JPEG), hashlib.sha256(JPEG).hexdigest()) == (attached["mime"], attached["size"], attached["sha256"])
    assert f"{stage.url}/media/{attached['id']}" == attached["url"]
    path, bearer = f"/media/{attached['id']}", {"Authorization": f"Bearer {TOKEN}"}
    status, body, headers = await stage.get(path, bearer)
    assert (200, JPEG, "image/jpeg", "nosniff") == (status, body, headers["Content-Type"], headers["X-Content-Type-Options"])
    for wrong in (None, {"Authorization": TOKEN}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer caf\udce9"}):
        assert 403 == (await stage.get(path, wrong))[0]
    assert 404 == (await stage.get("/media/unknown", bearer))[0]
    assert 403 == (await stage.get("/media/unknown"))[0]


async def test_a_slow_file_delays_neither_words_nor_the_report_and_follows_as_a_message(stage, slow):
    siti = Witness(stage.telegram.citizen("Wargasiti"), lambda person: person.sends_photo(JPEG))
    await siti.report(stage.telegram, seconds=3)
    await stage.ticket(siti)
    report = await stage.report_of(siti)
    assert [] == attachments(stage, report)
    slow.set()
    core = stage.core.reports[report.id]
    await stage.until_true(lambda: asyncio.sleep(0, core.operations))
    [(operation, message)] = core.operations
    assert ("messages", "", "image/jpeg") == (operation, message["text"], message["attachments"][0]["mime"])
    await stage.quiet()
    assert [] == await stage.parked()


async def test_another_process_may_have_the_slow_file_and_words_do_not_wait_for_it(stage, slow):
    await stage.web()
    siti = stage.citizen()
    await siti.report(stage.telegram)
    siti.person.sends_photo(JPEG, caption=f"TAMBAH {siti.receipt} fotonya")
    await stage.telegram.drained()
    before = len(siti.person.heard)
    stage.by_hand()
    assert 200 == await stage.deliver(siti.person.says("BANTUAN"), stage.urls[1])
    await siti.person.hears(before + 1, seconds=2)
    stage.telegram.pending.clear()
    assert not slow.is_set()


@pytest.mark.parametrize(
    ("send", "words"),
    [
        (lambda person: person.sends_document(bytes(20_000_001), "besar.jpg", "image/jpeg", said=1000), "terlalu besar"),
        (lambda person: person.sends_document(b"MZ\x90\x00" + bytes(500), "foto.jpg", "image/jpeg"), "jenis filenya"),
        (_gone, "tidak dapat diunduh"),
    ],
    ids=["too_large", "lying", "gone"],
)
async def test_a_file_that_cannot_be_had_is_told_and_forgotten_and_the_report_is_filed(stage, send, words):
    await stage.web()
    await stage.worker()
    siti = Witness(stage.telegram.citizen("Wargasiti"), send)
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    await stage.quiet()
    [told] = [sent.text for sent in siti.person.heard if FAILED in sent.text]
    assert words in told
    assert [] == attachments(stage, await stage.report_of(siti))
    assert [] == await stage.parked()


async def test_an_album_of_three_gets_one_answer_and_is_three_files(stage):
    await stage.web()
    await stage.worker()

    def album(person):
        for data in (JPEG, PNG, JPEG + b"x"):
            person.sends_photo(data, album="a1")

    siti = Witness(stage.telegram.citizen("Wargasiti"), album)
    await siti.report(stage.telegram)
    await stage.ticket(siti)
    assert ["image/jpeg", "image/png", "image/jpeg"] == [each["mime"] for each in attachments(stage, await stage.report_of(siti))]
    assert ["3 file"] == [sent.text[:6] for sent in siti.person.heard if "file sudah kami simpan" in sent.text]


async def test_a_photo_added_later_is_evidence_too(stage):
    await stage.web()
    await stage.worker()
    siti = await stage.filed()
    siti.person.sends_photo(JPEG, caption=f"TAMBAH {siti.receipt} ini fotonya")
    report = await stage.report_of(siti)
    core = stage.core.reports[report.id]
    await stage.until_true(lambda: asyncio.sleep(0, core.operations))
    [(_, message)] = core.operations
    assert ("ini fotonya", 1) == (message["text"], len(message["attachments"]))
    assert 0 == await stage.store.media.erase(f"telegram:{siti.person.id}")
    assert 200 == (await stage.get(f"/media/{message['attachments'][0]['id']}", {"Authorization": f"Bearer {TOKEN}"}))[0]


async def test_words_added_with_a_photo_that_never_comes_are_forwarded_all_the_same(stage):
    await stage.web()
    await stage.worker()
    siti = await stage.filed()
    siti.person.sends_photo(JPEG, caption=f"TAMBAH {siti.receipt} ini fotonya")
    for stored in stage.telegram.files.values():
        stored.here = False
    siti.person.says(f"TAMBAH {siti.receipt} sudah parah")
    core = stage.core.reports[(await stage.report_of(siti)).id]
    await stage.until_true(lambda: asyncio.sleep(0, len(core.operations) == 2))
    assert ["ini fotonya", "sudah parah"] == [message["text"] for _, message in core.operations]
    assert [[], []] == [message["attachments"] for _, message in core.operations]


async def test_a_file_that_comes_between_two_attempts_does_not_change_the_message(stage, slow):
    """The core would answer 409 to other bytes under the same key."""
    siti = await stage.filed()
    stage.core.always = Fault.LOST_ANSWER
    siti.person.sends_photo(JPEG, caption=f"TAMBAH {siti.receipt} ini fotonya")
    core = stage.core.reports[(await stage.report_of(siti)).id]
    await stage.until_true(lambda: asyncio.sleep(0, core.operations))
    slow.set()
    await stage.until_true(stage.documents, lambda documents: documents.get("media.files"))
    stage.core.always = None
    await stage.until_true(lambda: asyncio.sleep(0, len(core.operations) == 2))
    await stage.quiet()
    assert [0, 1] == [len(message["attachments"]) for _, message in core.operations]
    assert [] == await stage.parked()
