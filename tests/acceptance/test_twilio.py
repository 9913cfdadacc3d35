"""WhatsApp and SMS over Twilio, from a signed webhook call to a ticket."""

import asyncio

import aiohttp
import pytest

from tests.acceptance.citizens import PLACE_AND_DAY, answer, receipt, ticket
from tests.acceptance.conftest import installed
from tests.acceptance.processes import command
from tests.fakes.twilio import SETTINGS, FakeTwilio
from tests.ports import free_port

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400
NUMBER = "+6281234567890"
FIRST = "Lampu jalan mati di depan SDN 3, gelap sekali"

REPORTED = {
    ("read", "delivered", "sent"): "read",
    ("delivered", "queued", "sent"): "delivered",
    ("sent", "sent"): "sent",
    ("undelivered", "sent"): "failed",
}
"""Callbacks in the order they come, and how far the message is known to have come then."""


class TwilioCitizen:
    """Writes from a number (`whatsapp:` before it: on WhatsApp), and sends a photo when asked for evidence."""

    def __init__(self, twilio, address):
        self._twilio = twilio
        self._address = address
        self._photographed = False

    @property
    def heard(self):
        return [sent for sent in self._twilio.messages if sent.to == self._address]

    @property
    def texts(self):
        return [sent.body for sent in self.heard]

    async def hears(self, condition, *, seconds=20.0):
        """Wait until what has been received fulfils the condition."""
        async with asyncio.timeout(seconds):
            while not condition(self.texts):  # noqa: ASYNC110  # another process sends
                await asyncio.sleep(0.02)

    async def reports(self, first):
        """Answer every question until the receipt."""
        answered = 0
        assert [200] == await self._twilio.text(self._address, first)
        while receipt(self.texts) is None:
            await self.hears(lambda texts: len(texts) > answered)  # noqa: B023  # awaited within the round
            answered = len(self.texts)
            if receipt(self.texts) is None:
                assert [200] == await self._twilio.deliver(self._answer(self.texts[-1]))

    def _answer(self, question):
        if "sebagai bukti" in question and not self._photographed:
            self._photographed = True
            url = self._twilio.add_media(PHOTO, "image/png")
            return self._twilio.inbound(self._address, "", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
        return self._twilio.inbound(self._address, answer(question) or "lewati")


@pytest.fixture
async def by_twilio(mongodb_url, tmp_path):
    """A whole installation with Twilio's side beside it."""
    web = free_port()
    twilio = FakeTwilio(public=f"http://127.0.0.1:{web}")
    await twilio.start()
    async with installed(mongodb_url, tmp_path, web=web, TWILIO_API_URL=twilio.url, **SETTINGS) as installation:
        yield installation, twilio
    await twilio.stop()


async def test_whatsapp_with_a_photo_to_the_ticket(by_twilio):
    installation, twilio = by_twilio
    citizen = TwilioCitizen(twilio, f"whatsapp:{NUMBER}")
    await citizen.reports(FIRST)
    await citizen.hears(ticket)
    assert any("1. Hari ini\n2. Kemarin" in text for text in citizen.texts)

    number, folder = ticket(citizen.texts), installation.directory / "evidence"
    fetched = await command("core", "fetch", number, str(folder), cwd=installation.directory, environ=installation.environ)
    assert (0, "") == (fetched.status, fetched.err)
    assert [PHOTO] == [file.read_bytes() for file in folder.iterdir()]

    for sent, (statuses, state) in zip(citizen.heard, REPORTED.items(), strict=False):
        assert {200} == set(await twilio.report(sent, *statuses))
        assert state == await state_of(installation, f"whatsapp:{NUMBER}", sent.sid)

    agency = "Dinas Perhubungan Kota Tangerang"
    await command("core", "dispose", number, "--agency", agency, cwd=installation.directory, environ=installation.environ)
    await citizen.hears(lambda texts: any(agency in text for text in texts))
    assert "Lampu jalan" not in installation.logs()
    assert NUMBER not in installation.logs()


async def post(url, form, headers):
    async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as answered:
        return answered.status


async def state_of(installation, conversation, sid):
    """How far a message of ours came, as it is kept."""
    document = await installation.store._db["conversations"].find_one({"_id": conversation})
    return next(sent["state"] for sent in document["sent"] if sent["provider_id"] == sid)


async def test_sms_to_the_ticket_though_webhooks_come_twice_and_forged_ones_too(by_twilio):
    installation, twilio = by_twilio
    citizen = TwilioCitizen(twilio, NUMBER)
    again = twilio.inbound(NUMBER, f"LAPOR {FIRST}")
    assert [[200], [200]] == await asyncio.gather(twilio.deliver(again), twilio.deliver(again))
    await citizen.hears(bool)
    forged = twilio.inbound("+6289999999999", "LAPOR palsu")
    headers, _ = twilio.signed(f"{installation.url}/hooks/twilio", {**forged, "Body": "lain"})
    assert 403 == await post(f"{installation.url}/hooks/twilio", forged, headers)

    await citizen.reports(PLACE_AND_DAY)
    await citizen.hears(ticket)
    stored = await installation.store.reports.find(ticket(citizen.texts))
    assert (receipt(citizen.texts), f"sms_twilio:{NUMBER}") == (stored.receipt, stored.conversation)
    assert FIRST == stored.body["body"]
    assert 0 == len([sent for sent in twilio.messages if sent.to == "+6289999999999"])
