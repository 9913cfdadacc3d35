"""The Telegram channel against a Bot API server: registering, hearing, sending, files, and every way it goes wrong."""

import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
from aiohttp import web
from telegram.error import NetworkError

from bot.channels.protocol import Links
from bot.channels.telegram import build
from bot.channels.telegram_request import AiohttpRequest
from bot.errors import (
    DeliveryError,
    Forbidden,
    LaporError,
    MediaGone,
    MediaTooLarge,
    RateLimited,
    RecipientUnreachable,
    Rejected,
    ServerFault,
    Unanswered,
    Unauthorized,
    Unreachable,
)
from bot.hooks import RawRequest
from bot.model import Address, Choice, FileRef, Inbound, Outbound, Pick
from tests.fakes.telegram import TelegramServer

TOKEN = "1708:AAF-canary-token"
SECRET = "canary_secret"
KIND = Outbound(
    "Pilih <b>jenis</b> *laporan* https://lapor.go.id", (Choice("pengaduan", "Pengaduan"), Choice("aspirasi", "Aspirasi")), "kind"
)


@dataclass
class OurWeb:
    """The part of `web` that Telegram calls: 200 only for what is kept."""

    url: str = ""
    channel: object = None
    heard: list[Inbound] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """Answered instead, to the next calls."""

    async def hook(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = RawRequest(request.method, request.path, request.query_string.encode(), headers, await request.read())
        try:
            received = self.channel.hooks[0].receive(raw)
        except Forbidden:
            return web.Response(status=403)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        self.heard.extend(received)
        return web.Response(body=self.channel.hooks[0].answer(received), content_type="application/json")

    def texts(self, of: str) -> list[str]:
        return [inbound.text for inbound in self.heard if inbound.address.id == of]


@asynccontextmanager
async def listening(our_web: OurWeb) -> AsyncIterator[OurWeb]:
    app = web.Application()
    app.router.add_post("/hooks/telegram", our_web.hook)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    our_web.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield our_web
    finally:
        await runner.cleanup()


@pytest.fixture(name="server")
async def _server():
    async with TelegramServer(TOKEN) as server:
        yield server


@pytest.fixture(name="http")
async def _http():
    async with aiohttp.ClientSession() as http:
        yield http


def channel_at(server, http, public="https://lapor.example", **changes):
    return build({**server.settings(SECRET), **changes}, Links(public, public), http)


@pytest.fixture(name="channel")
def _channel(server, http):
    return channel_at(server, http)


@pytest.fixture(name="our_web")
async def _our_web(server, http):
    async with listening(OurWeb()) as our_web:
        our_web.channel = channel_at(server, http, our_web.url)
        await our_web.channel.start()
        yield our_web


async def send(channel, to, message=KIND):
    return await channel.send(Address("telegram", to), message, conversation=f"telegram:{to}", effect="e1")


async def test_start_registers_the_webhook_with_its_secret_any_number_of_times(server, channel):
    await channel.start()
    await channel.start()
    assert ("https://lapor.example/hooks/telegram", SECRET) == (server.webhook.url, server.webhook.secret)
    assert ["message", "edited_message", "callback_query"] == server.webhook.allowed_updates


async def test_a_refused_webhook_says_why(server, http):
    with pytest.raises(Rejected, match="An HTTPS URL must be provided"):
        await channel_at(server, http, "http://lapor.example").start()


async def test_a_conversation_through_the_webhook(server, our_web):
    siti = server.citizen("Siti", "Aminah")
    siti.says("/start AB2CD3")
    await server.drained()
    assert ["/start AB2CD3"] == our_web.texts(siti.id)
    assert "Siti Aminah" == our_web.heard[0].sender_name

    message_id = await send(our_web.channel, siti.id)
    [question] = await siti.hears(1)
    assert str(question.message_id) == message_id

    siti.taps(question, "Aspirasi")
    await server.drained()
    tap = our_web.heard[-1]
    assert Pick("kind", "aspirasi") == tap.pick
    assert [tap.ack] == server.answered
    assert ["sendMessage"] == [call.method for call in server.calls if call.method not in {"setWebhook", "answerCallbackQuery"}]
    assert 1 == len(server.answered)


async def test_an_edit_refers_to_what_was_said(server, our_web):
    siti = server.citizen()
    first = siti.says("Jalan rusk")
    siti.edits(first, "Jalan rusak")
    await server.drained()
    said, edited = our_web.heard
    assert (said.ref, "Jalan rusak") == (edited.edits, edited.text)
    assert said.id != edited.id


async def test_an_album_comes_as_messages_that_share_a_name(server, our_web):
    siti = server.citizen()
    siti.sends_photo(b"one", album="77", caption="Sampah")
    siti.sends_video(b"two", album="77")
    await server.drained()
    assert ["77", "77"] == [inbound.album for inbound in our_web.heard]
    files = [file for inbound in our_web.heard for file in inbound.files]
    assert [b"one", b"two"] == [await our_web.channel.fetch(file, limit=10) for file in files]


async def test_updates_come_again_until_they_are_kept_and_in_the_order_of_their_chat(server, our_web):
    our_web.statuses = [500, 503, 500]
    siti, budi = server.citizen("Siti"), server.citizen("Budi")
    for number in range(4):
        siti.says(f"siti {number}")
        budi.says(f"budi {number}")
    await server.drained()
    for person, name in ((siti, "siti"), (budi, "budi")):
        assert [f"{name} {number}" for number in range(4)] == our_web.texts(person.id)
    assert 11 == len(server.deliveries)


async def test_a_repeated_update_has_the_same_id(server, our_web):
    server.deliver_again = 1
    server.citizen().says("halo")
    await server.drained()
    first, again = our_web.heard
    assert first == again


async def test_a_webhook_call_with_another_secret_is_refused(server, our_web):
    server.webhook = replace(server.webhook, secret="guessed")
    server.citizen().says("halo")
    await server.until(lambda: bool(server.deliveries))
    assert {403} == {delivery.status for delivery in server.deliveries}
    assert [] == our_web.heard


async def test_a_text_goes_out_as_it_is(server, channel):
    siti = server.citizen()
    await send(channel, siti.id)
    [sent] = siti.heard
    assert KIND.text == sent.text
    assert {"chat_id", "text", "reply_markup", "link_preview_options"} == set(sent.params)
    assert {"is_disabled": True} == sent.params["link_preview_options"]
    assert {"Pengaduan": "q:kind:pengaduan", "Aspirasi": "q:kind:aspirasi"} == sent.buttons


async def test_a_choice_too_long_for_a_button_still_goes_out(server, channel):
    siti = server.citizen()
    await send(channel, siti.id, Outbound("Di mana?", (Choice("é" * 40, "Éàé"),), "area"))
    assert {"Éàé": "q::"} == siti.heard[0].buttons


async def test_the_longest_text_goes_out_and_a_longer_one_is_rejected(server, channel):
    siti = server.citizen()
    assert await send(channel, siti.id, Outbound("x" * channel.capabilities.max_text))
    with pytest.raises(Rejected):
        await send(channel, siti.id, Outbound("x" * (channel.capabilities.max_text + 1)))


async def test_people_who_cannot_be_written_to(server, channel):
    siti, budi = server.citizen(), server.citizen()
    siti.blocks()
    budi.deletes_account()
    for id_ in (siti.id, budi.id, "404404"):
        with pytest.raises(RecipientUnreachable):
            await send(channel, id_)
    assert [] == server.sent


async def test_asked_to_slow_down(server, channel):
    siti = server.citizen()
    server.refuse("sendMessage", 429, description="Too Many Requests: retry after 7", retry_after=7)
    with pytest.raises(RateLimited) as caught:
        await send(channel, siti.id)
    assert 7.0 == caught.value.retry_after
    assert await send(channel, siti.id)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_fault(server, channel, status):
    server.refuse("sendMessage", status)
    with pytest.raises(ServerFault):
        await send(channel, server.citizen().id)


async def test_a_connection_lost_after_sending_leaves_it_open_whether_it_was_said(server, channel):
    siti = server.citizen()
    server.drop("sendMessage")
    with pytest.raises(Unanswered):
        await send(channel, siti.id)
    assert [KIND.text] == [sent.text for sent in siti.heard]


UNREADABLE = [
    b"<html>",
    b"",
    b"{}",
    b'{"ok": true, "result": {"canary": 1}}',
    b'{"ok": true, "result": "canary"}',
]


@pytest.mark.parametrize("body", UNREADABLE)
async def test_a_success_that_cannot_be_read_leaves_it_open_whether_it_was_said(server, channel, body):
    server.garble("sendMessage", body)
    with pytest.raises(Unanswered) as caught:
        await send(channel, server.citizen().id)
    assert "canary" not in str(caught.value)


async def test_no_server_no_message(server, http):
    channel = channel_at(server, http, TELEGRAM_API_URL="http://127.0.0.1:9/bot")
    with pytest.raises(Unreachable):
        await send(channel, "1")


@pytest.mark.parametrize("token", ["1708:wrong", "wrong"])
async def test_a_refused_token_waits_for_the_operator(server, http, token):
    with pytest.raises(Unauthorized):
        await send(channel_at(server, http, TELEGRAM_TOKEN=token), server.citizen().id)


async def test_when_polling_a_tap_is_acknowledged_by_a_call_of_its_own(server, http):
    channel = channel_at(server, http, TELEGRAM_MODE="polling")
    await channel.acknowledge(Inbound("1", Address("telegram", "1"), ack=(query := server.new_query())))
    assert [query] == server.answered


async def test_a_tap_too_old_to_be_acknowledged_is_an_error_and_no_tap_is_none(server, http):
    channel = channel_at(server, http, TELEGRAM_MODE="polling")
    address = Address("telegram", "1")
    await channel.acknowledge(Inbound("1", address, text="halo"))
    with pytest.raises(Rejected):
        await channel.acknowledge(Inbound("2", address, ack="long ago"))


async def test_a_file_of_exactly_the_limit_is_fetched_whole(server, channel):
    data = bytes(range(256)) * 1000
    [size, *_, largest] = server.citizen().sends_photo(data)["message"]["photo"]
    assert data == await channel.fetch(FileRef(largest["file_id"]), limit=len(data))
    with pytest.raises(MediaTooLarge):
        await channel.fetch(FileRef(largest["file_id"]), limit=len(data) - 1)
    assert size["file_size"] < largest["file_size"]


async def test_a_file_larger_than_it_says_is_given_up_at_the_limit(server, channel):
    file_id = server.keep_file(b"x" * 3_000_000, said=10)
    with pytest.raises(MediaTooLarge):
        await channel.fetch(FileRef(file_id), limit=1000)


async def test_a_file_telegram_does_not_hand_out_is_too_large(server, channel):
    file_id = server.keep_file(b"x", said=20_000_001)
    with pytest.raises(MediaTooLarge):
        await channel.fetch(FileRef(file_id), limit=10**9)


async def test_a_file_stated_to_be_too_large_is_not_downloaded(server, channel):
    file_id = server.keep_file(b"x", said=2000)
    server.files[file_id].here = False
    with pytest.raises(MediaTooLarge):
        await channel.fetch(FileRef(file_id), limit=1000)


async def test_a_file_that_is_gone(server, channel):
    file_id = server.keep_file(b"x")
    server.files[file_id].here = False
    for ref in (file_id, "never"):
        with pytest.raises(MediaGone):
            await channel.fetch(FileRef(ref), limit=1000)


async def test_a_path_that_leads_elsewhere_is_not_followed(server, channel):
    server.garble("getFile", b'{"ok": true, "result": {"file_id": "a", "file_unique_id": "b", "file_path": "/etc/hostname"}}')
    with pytest.raises(MediaGone):
        await channel.fetch(FileRef(server.keep_file(b"x")), limit=1000)


async def test_neither_logs_nor_errors_hold_a_secret_or_what_was_said(server, http, caplog):
    siti = server.citizen("CanaryName")
    said = Outbound("canary text", KIND.choices, "kind")
    channel = channel_at(server, http)
    nowhere = channel_at(server, http, TELEGRAM_API_URL="http://127.0.0.1:9/bot", TELEGRAM_FILE_URL="http://127.0.0.1:9/file/bot")
    errors: list[BaseException] = []
    with caplog.at_level(logging.DEBUG):
        for method in ("sendMessage", "getFile", "setWebhook"):
            server.refuse(method, 400, description="Bad Request: canary text")
            server.refuse(method, 404, description="canary text")
            server.drop(method)
            server.garble(method, b'"canary text"')
            server.garble(method, b"canary text", status=418)
        attempts = [attempt for _ in range(6) for attempt in (lambda c: send(c, siti.id, said), lambda c: c.start(), _fetching(server))]
        for use in (channel, nowhere):
            for attempt in attempts:
                try:
                    await attempt(use)
                except LaporError as error:
                    errors.append(error)
    assert 5 * 3 + 6 * 3 == len(errors)
    assert all(isinstance(error, DeliveryError) for error in errors)
    shown = caplog.text + "".join(line for error in errors for line in traceback.format_exception(error))
    for canary in (TOKEN, "canary", siti.id):
        assert canary not in shown


async def test_the_librarys_own_words_about_a_failure_are_not_repeated(channel, monkeypatch):
    async def fails(*_, **__):
        raise NetworkError(f"Unknown error at bot{TOKEN}")

    monkeypatch.setattr(AiohttpRequest, "do_request", fails)
    with pytest.raises(Unanswered) as caught:
        await channel.start()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def _fetching(server):
    file_id = server.keep_file(b"x")
    return lambda channel: channel.fetch(FileRef(file_id), limit=10)
