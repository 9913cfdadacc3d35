"""The SMS channel and a real Kannel: what a phone sends arrives as it was written, and what we send reaches the phone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.channels import sms
from bot.channels.protocol import Channel, Links
from bot.errors import Forbidden, Malformed, Rejected, Unauthorized, Unreachable
from bot.hooks import RawRequest
from bot.model import Address, Delivered, DeliveryReport, Inbound, Outbound
from tests.peers import kannel as peer

SECRET = "rahasia %d 100% +&?#"  # what must survive being an URL, and Kannel's own %-escapes
CITIZEN = Address("sms", peer.CITIZEN)


@dataclass(slots=True)
class Bot:
    """The channel behind a small web server, as `web` does it."""

    channel: Channel
    received: asyncio.Queue[Inbound | DeliveryReport] = field(default_factory=asyncio.Queue)
    statuses: list[int] = field(default_factory=list)
    """To answer with, before 200."""
    refused: list[str] = field(default_factory=list)
    calls: int = 0
    lose_answers: int = 0
    """So many requests are taken and then not answered."""

    async def handle(self, request: web.Request) -> web.Response:
        self.calls += 1
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        raw = RawRequest(
            method=request.method,
            path=request.path,
            query=request.rel_url.raw_query_string.encode(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        hook = next(each for each in self.channel.hooks if each.path == request.match_info.route.resource.canonical)
        try:
            for each in hook.receive(raw):
                self.received.put_nowait(each)
        except (Forbidden, Malformed) as error:
            self.refused.append(error.code)
            return web.Response(status=400)
        if self.lose_answers:
            self.lose_answers -= 1
            request.transport.close()
        return web.Response()

    async def next(self, seconds: float = 10) -> Inbound | DeliveryReport:
        async with asyncio.timeout(seconds):
            return await self.received.get()


@dataclass(frozen=True, slots=True)
class Setup:
    bot: Bot
    gateway: peer.Kannel
    phone: peer.Phone

    async def send(self, text: str, *, effect: str = "e1", to: Address = CITIZEN) -> str:
        return await self.bot.channel.send(to, Outbound(text), conversation=str(to), effect=effect)


@asynccontextmanager
async def setup(directory, *, password=peer.PASSWORD, **options) -> AsyncIterator[Setup]:
    app = web.Application()
    runner = web.AppRunner(app)
    async with aiohttp.ClientSession() as http:
        bot = Bot(channel=None)  # type: ignore[arg-type]  # its address is known once the server listens
        app.add_routes([web.route("*", "/hooks/sms/{secret}", bot.handle), web.get("/hooks/sms/{secret}/report", bot.handle)])
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with peer.kannel(directory, peer.escaped(f"{url}/hooks/sms/", SECRET), **options) as gateway, gateway.phone() as phone:
                settings = {
                    "SMS_WEBHOOK_SECRET": SECRET,
                    "SMS_SEND_URL": gateway.send_url,
                    "SMS_SEND_USERNAME": peer.USERNAME,
                    "SMS_SEND_PASSWORD": password,
                    "SMS_SENDER": peer.SENDER,
                }
                bot.channel = sms.build(settings, Links(public="https://bot.example", private=url), http)
                yield Setup(bot, gateway, phone)
        finally:
            await runner.cleanup()


@pytest.fixture(scope="module")
async def by_get(tmp_path_factory):
    async with setup(tmp_path_factory.mktemp("kannel")) as running:
        yield running


@pytest.fixture(scope="module")
async def by_post(tmp_path_factory):
    async with setup(tmp_path_factory.mktemp("kannel"), post=True) as running:
        yield running


@pytest.fixture(scope="module")
async def unrecoded(tmp_path_factory):
    async with setup(tmp_path_factory.mktemp("kannel"), mo_recode=False) as running:
        yield running


@pytest.fixture(params=["by_get", "by_post", "unrecoded"])
def each_way(request):
    return request.getfixturevalue(request.param)


TEXTS = [
    "LAPOR jalan rusak & berlubang = 100% + ?",
    "Jalan “rusak” • parah…",
    "banjir 😀👨\u200d👩\u200d👧 tinggi",
    "baris satu\nbaris dua",
    "مرحبا بالعالم",
    "harga {5} [€] ~^|\\",
    "é",
    '{{7*7}} {"$gt": ""} %d %s <b>',
]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_text_arrives_as_it_was_written(each_way, text):
    await each_way.phone.send(text)
    heard = await each_way.bot.next()
    assert Inbound(id=heard.id, address=CITIZEN, text=text) == heard
    assert heard.id


async def test_a_message_in_parts_is_one_message(each_way):
    parts = ["a" * 150, "b" * 150, "akhir"]
    await each_way.phone.send_parts(parts)
    assert "".join(parts) == (await each_way.bot.next()).text


async def test_parts_that_stay_alone_arrive_after_all(by_get):
    await by_get.phone.send_parts(["sisa pesan"], of=2, reference=99)
    assert "sisa pesan" == (await by_get.bot.next(20)).text


@pytest.mark.parametrize(
    ("data", "text", "unsupported"),
    [
        (b"jalan rusak", "jalan rusak", None),
        ("jalan “rusak”".encode(), "jalan “rusak”", None),
        (b"caf\xe9 & 100% +", "café & 100% +", None),
        (b"\x06\x05\x04\x0b\x84\x00\xff", "", "binary"),
    ],
)
async def test_8_bit_data(each_way, data, text, unsupported):
    await each_way.phone.send_data(data)
    heard = await each_way.bot.next()
    assert (text, unsupported) == (heard.text, heard.unsupported)


async def test_an_empty_message_is_a_message(each_way):
    await each_way.phone.send("")
    assert "" == (await each_way.bot.next()).text


async def test_the_answer_of_the_webhook_is_sent_to_nobody(by_get):
    await by_get.phone.send("halo")
    await by_get.bot.next()
    with pytest.raises(TimeoutError):
        await by_get.phone.receive(0.5)


@pytest.mark.parametrize("sender", ["TELKOMSEL", "3636", "+1708"])
async def test_whoever_cannot_be_answered_is_passed_over(by_get, sender):
    await by_get.phone.send("promo", sender=sender)
    await by_get.phone.send("LAPOR")
    assert "LAPOR" == (await by_get.bot.next()).text


@pytest.mark.parametrize("status", [500, 503])
async def test_what_was_not_taken_comes_again_under_the_same_id(by_get, status):
    calls = by_get.bot.calls
    by_get.bot.statuses.append(status)
    await by_get.phone.send("LAPOR nanti")
    heard = await by_get.bot.next(20)
    assert "LAPOR nanti" == heard.text
    assert calls + 2 == by_get.bot.calls
    assert by_get.bot.received.empty()


async def test_a_lost_answer_brings_the_same_message_again(by_get):
    """Kannel cannot know that it was taken: the id is what tells."""
    by_get.bot.lose_answers = 1
    await by_get.phone.send("LAPOR dua kali")
    first, second = await by_get.bot.next(), await by_get.bot.next(20)
    assert "LAPOR dua kali" == first.text
    assert first == second


@pytest.mark.parametrize(
    ("text", "parts", "wide"),
    [
        ("Nomor laporan L2345678. {€} [x] 100% & + =", 1, False),
        ("baris satu\nbaris dua\n\nbaris empat", 1, False),
        ("a" * 160, 1, False),
        ("a" * 161, 2, False),
        ("a" * 670, 5, False),
        ("banjir 😀 “parah”", 1, True),
        ("“" * 71, 2, True),
        ("“ b" * 223, 10, True),
    ],
)
async def test_what_we_send_reaches_the_phone(by_get, text, parts, wide):
    effect = f"turn-{len(text)}:{parts}"
    assert "" == await by_get.send(text, effect=effect)
    expected = peer.Sms(sender=peer.SENDER, receiver=peer.CITIZEN, text=text, parts=parts, wide=wide)
    assert expected == await by_get.phone.receive()
    reports = {await by_get.bot.next(), await by_get.bot.next()}
    assert {DeliveryReport(str(CITIZEN), effect, state) for state in (Delivered.SENT, Delivered.DELIVERED)} == reports
    assert [] == by_get.bot.refused


async def test_a_wrong_password_is_for_the_operator(tmp_path):
    async with setup(tmp_path, password="salah") as running:
        with pytest.raises(Unauthorized):
            await running.send("halo")


async def test_a_message_to_nobody_is_refused_for_good(by_get):
    with pytest.raises(Rejected):
        await by_get.send("halo", to=Address("sms", ""))


async def test_a_gateway_that_is_off_is_unreachable(tmp_path):
    async with setup(tmp_path) as running:
        for process in reversed(running.gateway.processes):
            process.terminate()
            await process.wait()
        with pytest.raises(Unreachable):
            await running.send("halo")


async def test_a_missing_kannel_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(peer.shutil, "which", lambda *_, **__: None)
    with pytest.raises(AssertionError, match="apt-get install"):
        async with peer.kannel(tmp_path, "http://127.0.0.1:9/"):
            pass
