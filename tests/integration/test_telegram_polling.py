"""Long polling against a Bot API server: nothing is lost before it is confirmed, and nothing unreadable stops it."""

import asyncio

import aiohttp
import pytest

from bot.channels.protocol import Links
from bot.channels.telegram import build
from bot.errors import RateLimited, ServerFault, Unanswered, Unauthorized
from tests.fakes.telegram import TelegramServer

LINKS = Links("https://lapor.example", "https://lapor.example")


@pytest.fixture(name="server")
async def _server():
    async with TelegramServer() as server:
        yield server


@pytest.fixture(name="http")
async def _http():
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.fixture(name="poller")
def _poller(server, http):
    return build(server.settings(), LINKS, http)


@pytest.fixture(name="webhooked")
def _webhooked(server, http):
    return build(server.settings("secret"), LINKS, http)


async def test_polling_hears_what_is_waiting_and_forgets_only_what_is_confirmed(server, poller):
    siti = server.citizen()
    first, second = siti.says("satu"), siti.says("dua")
    heard, offset = await poller.poll(0, seconds=0)
    assert ["satu", "dua"] == [inbound.text for inbound in heard]
    assert [str(first["update_id"]), str(second["update_id"])] == [inbound.id for inbound in heard]
    assert (heard, offset) == await poller.poll(0, seconds=0)
    assert ([], offset) == await poller.poll(offset, seconds=0)
    assert [] == server.pending


async def test_a_long_poll_hears_at_once(server, poller):
    polling = asyncio.create_task(poller.poll(0, seconds=20))
    await server.until(lambda: any(call.method == "getUpdates" for call in server.calls))
    server.citizen().says("halo")
    async with asyncio.timeout(5):
        heard, _ = await polling
    assert ["halo"] == [inbound.text for inbound in heard]


async def test_an_update_that_cannot_be_read_does_not_stop_the_poll(server, poller):
    siti = server.citizen()
    siti.sends(location={})
    server.push(7, {"message": "garbage"})
    siti.says("halo")
    heard, offset = await poller.poll(0, seconds=0)
    assert ["unreadable", None] == [inbound.unsupported for inbound in heard]
    assert server.pending[-1][1]["update_id"] + 1 == offset


async def test_the_longest_texts_fit_in_one_poll(server, poller):
    siti = server.citizen()
    before = siti.says("🕳" * 4096)["message"]
    for _ in range(20):
        siti.sends(text="🕳" * 4096, reply_to_message=before)
    heard, offset = await poller.poll(0, seconds=0)
    assert server.pending[len(heard)][1]["update_id"] == offset


async def test_polling_takes_over_from_a_webhook_and_loses_nothing(server, webhooked, poller):
    await webhooked.start()
    server.citizen().says("halo")
    heard, _ = await poller.poll(0, seconds=0)
    assert ["halo"] == [inbound.text for inbound in heard]
    await webhooked.start()
    with pytest.raises(ServerFault):
        await poller.poll(0, seconds=0)
    await poller.poll(0, seconds=0)
    assert None is server.webhook


async def test_two_pollers_are_told_to_try_again(server, http, poller):
    other = build(server.settings(), LINKS, http)
    first = asyncio.create_task(poller.poll(0, seconds=20))
    await server.until(lambda: any(call.method == "getUpdates" for call in server.calls))
    await other.poll(0, seconds=0)
    with pytest.raises(ServerFault):
        await first


@pytest.mark.parametrize("body", [b"{}", b'{"ok": true, "result": 7}', b'{"ok": true, "result": [{}]}', b'{"ok": true, "result": [[]]}'])
async def test_a_poll_that_cannot_be_read_is_unanswered(server, poller, body):
    server.garble("getUpdates", body)
    with pytest.raises(Unanswered):
        await poller.poll(0, seconds=0)


async def test_polling_start_removes_the_webhook(server, webhooked, poller):
    await webhooked.start()
    await poller.start()
    assert None is server.webhook


async def test_a_refused_poll_is_the_same_error_as_any_refused_call(server, poller):
    await poller.start()
    server.refuse("getUpdates", 401)
    with pytest.raises(Unauthorized):
        await poller.poll(0, seconds=0)
    server.refuse("getUpdates", 429, retry_after=3)
    with pytest.raises(RateLimited) as caught:
        await poller.poll(0, seconds=0)
    assert 3.0 == caught.value.retry_after
