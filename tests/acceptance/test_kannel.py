"""From a citizen's first SMS through a real Kannel to a ticket, and its status back by SMS."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

import pytest

from bot.gsm import segments
from tests.acceptance.citizens import PLACE_AND_DAY, answer, receipt, ticket
from tests.acceptance.conftest import installed
from tests.acceptance.processes import command
from tests.peers.kannel import PASSWORD, SENDER, USERNAME, kannel
from tests.ports import free_port

SECRET = "sms-webhook-secret"
FIRST = "LAPOR Lampu jalan mati di depan SDN 3, gelap sekali"
PARTS = {"Cek pengaduan": 3}
"""What a message with these words may cost, in SMS; any other is one."""


class SmsCitizen:
    """A citizen with an ordinary phone, who answers every question once, even if it comes twice."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._phone = None
        self.inbox = []
        self.answered = set()
        self._news = asyncio.Condition()

    @property
    def texts(self):
        return [sms.text for sms in self.inbox]

    @asynccontextmanager
    async def switched_on(self):
        """Have the phone connected, and read what it receives."""
        async with self._gateway.phone() as self._phone:
            reading = asyncio.create_task(self._read(self._phone))
            try:
                yield
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, phone):
        with contextlib.suppress(ConnectionError):
            while True:
                sms = await phone.receive(seconds=300)
                async with self._news:
                    self.inbox.append(sms)
                    self._news.notify_all()

    async def writes(self, text):
        await self._phone.send(text)

    async def hears(self, condition, *, seconds=20.0):
        """Wait until what has been received fulfils the condition; what it gives."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: condition(self.texts))
            return condition(self.texts)

    async def answers(self, *, until, seconds=20.0):
        """Answer question after question, until one whose answer `until` is; that one is left open, and its answer given back."""
        while True:
            question = await self.hears(self._open_question, seconds=seconds)
            self.answered.add(question)
            if answer(question) == until:
                return until
            await self.writes(answer(question))

    def _open_question(self, texts):
        return next((text for text in texts if answer(text) and text not in self.answered), None)


@pytest.fixture
async def by_sms(mongodb_url, tmp_path):
    """A whole installation behind a real Kannel."""
    web, directory = free_port(), tmp_path / "kannel"
    directory.mkdir()
    async with (
        kannel(directory, f"http://127.0.0.1:{web}/hooks/sms/{SECRET}") as gateway,
        installed(
            mongodb_url,
            tmp_path,
            web=web,
            SMS_WEBHOOK_SECRET=SECRET,
            SMS_SEND_URL=gateway.send_url,
            SMS_SEND_USERNAME=USERNAME,
            SMS_SEND_PASSWORD=PASSWORD,
            SMS_SENDER=SENDER,
        ) as installation,
    ):
        yield installation, gateway


async def officer(installation, *arguments):
    finished = await command("core", *arguments, cwd=installation.directory, environ=installation.environ)
    assert (0, "") == (finished.status, finished.err)


async def test_from_the_first_sms_to_the_ticket_and_its_status(by_sms):
    installation, gateway = by_sms
    citizen = SmsCitizen(gateway)
    async with citizen.switched_on():
        await citizen.writes(FIRST)
        await citizen.writes(await citizen.answers(until=PLACE_AND_DAY))
        await citizen.writes(await citizen.answers(until="ya"))
        number = await citizen.hears(receipt)
        assert ticket([await citizen.hears(lambda texts: next((text for text in texts if number in text and ticket([text])), None))])
        await officer(installation, "dispose", ticket(citizen.texts), "--agency", "Dinas Perhubungan Kota Tangerang")
        await citizen.hears(lambda texts: any(ticket(texts) in text and "instansi" in text for text in texts))

    stored = await installation.store.reports.find(number)
    assert (ticket(citizen.texts), f"sms:{citizen._phone.number}") == (stored.ticket, stored.conversation)
    for sms in citizen.inbox:
        assert (SENDER, False) == (sms.sender, sms.wide), sms.text
        assert segments(sms.text).count == sms.parts, sms.text
        assert sms.parts <= next((parts for words, parts in PARTS.items() if words in sms.text), 1), sms.text
    assert "Lampu jalan" not in installation.logs()
    assert citizen._phone.number not in installation.logs()


async def test_a_restarted_gateway_and_a_killed_web_lose_nothing(by_sms):
    installation, gateway = by_sms
    citizen = SmsCitizen(gateway)
    async with citizen.switched_on():
        await citizen.writes(FIRST)
        await citizen.writes(await citizen.answers(until=PLACE_AND_DAY))
        # It may be with Kannel, with us or answered already: whatever is under way has to survive.
        await gateway.stop()
    await gateway.start()
    async with citizen.switched_on():
        await citizen.answers(until="ya", seconds=40)
        await asyncio.sleep(0.7)  # settled by now; that a lease of 30 seconds lapses is proved with Telegram
        await installation.web.kill()
        await citizen.writes("ya")
        await asyncio.sleep(2)
        await installation.web.start()
        number = await citizen.hears(receipt, seconds=40)
        await citizen.hears(ticket)

    stored = await installation.store.reports.find(number)
    assert ticket(citizen.texts) == stored.ticket
    assert "36.71.09" == stored.body["location"]["area_code"]
    assert stored.body["occurred_on"]
    assert [] == await installation.store.parked.list(10)
