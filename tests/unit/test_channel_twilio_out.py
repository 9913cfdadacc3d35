"""WhatsApp and SMS over Twilio, the way out: sending, fetching files, settings; and the stand-in itself."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import orjson
import pytest
from aiohttp import web

from bot.calling import Answer
from bot.channels import report_token, sms_twilio, whatsapp
from bot.channels.protocol import Channel, Links
from bot.channels.twilio_api import failure_of
from bot.channels.twilio_form import Account
from bot.errors import (
    DeliveryError,
    Forbidden,
    MediaGone,
    MediaTooLarge,
    RateLimited,
    RecipientUnreachable,
    Rejected,
    ServerFault,
    SettingsError,
    Unanswered,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from bot.hooks import RawRequest, Received
from bot.model import Address, Delivered, DeliveryReport, FileRef, Medium, Outbound
from tests.fakes.twilio import ACCOUNT, PUBLIC, SETTINGS, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, FakeTwilio, Fault

LINKS = Links(public=PUBLIC, private="http://127.0.0.1:8080")
BUDI = "+6281234567890"


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    fake = FakeTwilio()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def chat(twilio: FakeTwilio, http: aiohttp.ClientSession) -> Channel:
    return whatsapp.build(SETTINGS | {"TWILIO_API_URL": twilio.url}, LINKS, http)


@pytest.fixture
def sms(twilio: FakeTwilio, http: aiohttp.ClientSession) -> Channel:
    return sms_twilio.build(SETTINGS | {"TWILIO_API_URL": twilio.url}, LINKS, http)


def received(channel: Channel, request: RawRequest) -> Received:
    (hook,) = [hook for hook in channel.hooks if (hook.method, hook.path) == (request.method, request.path)]
    return hook.receive(request)


# Sending.


async def test_a_whatsapp_message_goes_out(chat: Channel, twilio: FakeTwilio):
    twilio.inbound(f"whatsapp:{BUDI}")
    words = "Halo & <selamat> *datang* 😀\n1. Ya"
    sid = await chat.send(Address("whatsapp", BUDI), Outbound(words), conversation=f"whatsapp:{BUDI}", effect="e1")
    (sent,) = twilio.messages
    assert (sid, f"whatsapp:{BUDI}", f"whatsapp:{WHATSAPP_NUMBER}", words) == (sent.sid, sent.to, sent.from_, sent.body)
    assert f"{PUBLIC}/hooks/twilio/status?c={report_token.write(f'whatsapp:{BUDI}', 'e1')}" == sent.status_callback


async def test_an_sms_goes_out(sms: Channel, twilio: FakeTwilio):
    await sms.send(Address("sms_twilio", BUDI), Outbound("halo"), conversation=f"sms_twilio:{BUDI}", effect="e1")
    assert [(BUDI, SMS_NUMBER)] == [(sent.to, sent.from_) for sent in twilio.messages]


async def test_the_report_of_a_sent_message_finds_its_way_back(sms: Channel, twilio: FakeTwilio):
    await sms.send(Address("sms_twilio", BUDI), Outbound("halo"), conversation=f"sms_twilio:{BUDI}", effect="e7")
    (sent,) = twilio.messages
    headers, body = twilio.signed(sent.status_callback, twilio.status_form(sent, "delivered"))
    query = urlsplit(sent.status_callback).query.encode()
    reports = received(sms, RawRequest("POST", "/hooks/twilio/status", query, headers, body))
    assert (DeliveryReport(f"sms_twilio:{BUDI}", "e7", Delivered.DELIVERED),) == reports


async def _send(channel: Channel, to: str = BUDI, text: str = "halo") -> str:
    address = Address(channel.name, to)
    return await channel.send(address, Outbound(text), conversation=str(address), effect="e1")


@pytest.mark.parametrize(
    ("fault", "error", "sent"),
    [
        (Fault.RATE_LIMITED, RateLimited, 0),
        (Fault.SERVER_ERROR, ServerFault, 0),
        (Fault.DROPPED, Unanswered, 0),
        (Fault.LOST_ANSWER, Unanswered, 1),
        (Fault.HTML, Unanswered, 0),
        (Fault.EMPTY, Unanswered, 0),
    ],
)
async def test_a_fault(sms: Channel, twilio: FakeTwilio, fault: Fault, error: type[DeliveryError], sent: int):
    twilio.fail_next(fault)
    with pytest.raises(DeliveryError) as raised:
        await _send(sms)
    assert (error, sent, 1) == (type(raised.value), len(twilio.messages), len(twilio.calls))
    assert (3 if fault is Fault.RATE_LIMITED else None) == raised.value.retry_after
    assert BUDI not in repr(raised.value)
    assert raised.value.__cause__ is None


async def test_a_closed_window(chat: Channel, twilio: FakeTwilio):
    with pytest.raises(WindowClosed):
        await _send(chat)
    twilio.inbound(f"whatsapp:{BUDI}")
    assert await _send(chat)


async def test_someone_who_opted_out(sms: Channel, twilio: FakeTwilio):
    twilio.opted_out.add("+6280000000000")
    with pytest.raises(RecipientUnreachable):
        await _send(sms, "+6280000000000")


async def test_a_text_at_the_limit_and_above(sms: Channel):
    assert await _send(sms, text="x" * sms.capabilities.max_text)
    with pytest.raises(Rejected):
        await _send(sms, text="x" * (sms.capabilities.max_text + 1))


async def test_a_wrong_token_waits_for_the_operator(twilio: FakeTwilio, http: aiohttp.ClientSession):
    channel = sms_twilio.build(SETTINGS | {"TWILIO_API_URL": twilio.url, "TWILIO_AUTH_TOKEN": "wrong"}, LINKS, http)
    with pytest.raises(Unauthorized) as raised:
        await _send(channel)
    assert raised.value.retryable


async def test_nobody_there(http: aiohttp.ClientSession):
    channel = sms_twilio.build(SETTINGS | {"TWILIO_API_URL": "http://127.0.0.1:9"}, LINKS, http)
    with pytest.raises(Unreachable):
        await _send(channel)


async def test_a_region_in_our_environment_does_not_change_the_host(
    twilio: FakeTwilio, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    assert await _send(sms_twilio.build(SETTINGS | {"TWILIO_API_URL": twilio.url + "/"}, LINKS, http))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"code": 63016}, WindowClosed),
        (400, {"code": 21610}, RecipientUnreachable),
        (400, {"code": 21211}, RecipientUnreachable),
        (400, {"code": 21614}, RecipientUnreachable),
        (400, {"code": 21408}, Rejected),
        (403, {"code": 21408}, Rejected),
        (400, {"code": 21617}, Rejected),
        (400, {"code": 99999}, Rejected),
        (400, {"code": "21610"}, Rejected),
        (400, {"code": [21610]}, Rejected),
        (400, {"code": 20429}, RateLimited),
        (400, {"code": 21611}, RateLimited),
        (400, {"code": 21606}, Unauthorized),
        (429, {"code": 20429}, RateLimited),
        (429, {}, RateLimited),
        (401, {"code": 20003}, Unauthorized),
        (403, {}, Unauthorized),
        (404, {"code": 20404}, Unauthorized),
        (500, {"code": 21610}, ServerFault),
        (503, [], ServerFault),
        (302, None, Unanswered),
        (201, {"code": 21610}, type(None)),
    ],
)
def test_what_a_refusal_means(status: int, body: object, error: type):
    failure = failure_of(Answer(status, {"Retry-After": "5"}, orjson.dumps(body)))
    assert error is type(failure)
    if error is RateLimited:
        assert 5 == failure.retry_after


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff"])
def test_a_refusal_that_is_not_twilios(body: bytes):
    assert Rejected is type(failure_of(Answer(400, {}, body)))


def test_an_error_tells_the_code_and_nothing_that_twilio_quotes():
    body = orjson.dumps({"code": 21211, "message": f"The 'To' number {BUDI} is not valid."})
    assert "status 400, code 21211" == str(failure_of(Answer(400, {}, body)))


# Files.


async def test_a_file_comes_over_one_redirect_without_our_credentials(chat: Channel, twilio: FakeTwilio):
    content = b"\xff\xd8" + b"x" * 300_000
    assert content == await chat.fetch(FileRef(twilio.add_media(content, "image/jpeg")), limit=len(content))


async def test_a_file_above_the_limit(chat: Channel, twilio: FakeTwilio):
    with pytest.raises(MediaTooLarge):
        await chat.fetch(FileRef(twilio.add_media(b"x" * 1001, "image/jpeg")), limit=1000)


async def test_a_file_that_is_gone(chat: Channel, twilio: FakeTwilio):
    with pytest.raises(MediaGone):
        await chat.fetch(FileRef(f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME404"), limit=10)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/ME1",
        "https://api.twilio.com.evil.example/ME1",
        "https://api.twilio.com:8443/ME1",
        "https://user:pw@api.twilio.com/ME1",
        "https://evil.example/api.twilio.com",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:9/ME1",
        "file:///etc/passwd",
        "//api.twilio.com/ME1",
        "ME1",
        "",
        "http://[::1",
    ],
)
async def test_a_file_elsewhere_is_not_asked_for(chat: Channel, url: str):
    with pytest.raises(Rejected) as raised:
        await chat.fetch(FileRef(url), limit=10)
    assert Rejected is type(raised.value)


# Settings.


def test_what_each_can_carry(chat: Channel, sms: Channel):
    assert ("whatsapp", Medium.WHATSAPP, True, True, 16 << 20) == (
        chat.name,
        chat.capabilities.medium,
        chat.capabilities.media,
        chat.capabilities.pins,
        chat.capabilities.max_file,
    )
    assert ("sms_twilio", Medium.SMS, False, False, 0) == (
        sms.name,
        sms.capabilities.medium,
        sms.capabilities.media,
        sms.capabilities.pins,
        sms.capabilities.max_file,
    )


async def test_there_is_nothing_to_start(chat: Channel, twilio: FakeTwilio):
    await chat.start()
    assert [] == twilio.calls


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"TWILIO_SMS_FROM": "LAPOR"}, ["TWILIO_SMS_FROM"]),
        ({"TWILIO_WHATSAPP_FROM": "me"}, ["TWILIO_WHATSAPP_FROM"]),
        ({"TWILIO_ACCOUNT_SID": "AC/../x", "TWILIO_SMS_FROM": "x"}, ["TWILIO_SMS_FROM", "TWILIO_ACCOUNT_SID"]),
    ],
)
def test_settings_that_cannot_be_used(http: aiohttp.ClientSession, changes: dict[str, str], problems: list[str]):
    with pytest.raises(SettingsError) as raised:
        whatsapp.build(SETTINGS | changes, LINKS, http)
    assert problems == [problem.partition(":")[0] for problem in raised.value.problems]
    assert TOKEN not in str(raised.value)


async def test_a_number_as_the_console_shows_it(twilio: FakeTwilio, http: aiohttp.ClientSession):
    shown = {"TWILIO_WHATSAPP_FROM": "whatsapp:+1 (415) 523-8886", "TWILIO_API_URL": twilio.url}
    twilio.inbound(f"whatsapp:{BUDI}")
    await _send(whatsapp.build(SETTINGS | shown, LINKS, http))
    assert f"whatsapp:{WHATSAPP_NUMBER}" == twilio.messages[0].from_


def test_the_registry_lines():
    for entry, own in ((whatsapp.ENTRY, "TWILIO_WHATSAPP_FROM"), (sms_twilio.ENTRY, "TWILIO_SMS_FROM")):
        assert {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", own} == set(entry.required)
        assert "https://api.twilio.com" == entry.optional["TWILIO_API_URL"]


def test_secrets_are_not_shown():
    assert TOKEN not in repr(Account(ACCOUNT, TOKEN, PUBLIC, {}))


# The stand-in itself, over a real webhook.


@pytest.fixture
async def webhook(sms: Channel) -> AsyncIterator[tuple[FakeTwilio, list[int], list[object]]]:
    """A small web server in front of the hooks, which answers what the test lays ready, then 200."""
    answers: list[int] = []
    taken: list[object] = []

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = request.rel_url.raw_query_string.encode()
        try:
            taken.extend(received(sms, RawRequest(request.method, request.path, query, headers, await request.read())))
        except Forbidden:
            return web.Response(status=403)
        return web.Response(status=answers.pop(0) if answers else 200)

    app = web.Application()
    app.router.add_post("/hooks/twilio", handle)
    app.router.add_post("/hooks/twilio/status", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake = FakeTwilio(PUBLIC, f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield fake, answers, taken
    await fake.stop()
    await runner.cleanup()


async def test_twilio_calls_once_and_does_not_come_back_after_an_error(webhook: tuple[FakeTwilio, list[int], list[object]]):
    fake, answers, taken = webhook
    answers.append(503)
    assert ([503], 1) == (await fake.text(BUDI, "halo"), len(taken))


async def test_with_rc_and_rp_twilio_comes_back(webhook: tuple[FakeTwilio, list[int], list[object]]):
    fake, answers, taken = webhook
    answers.extend([503, 500])
    assert [503, 500, 200] == await fake.deliver(fake.inbound(BUDI, "halo"), f"{PUBLIC}/hooks/twilio#rc=5&rp=all")
    assert 1 == len({inbound.id for inbound in taken})


async def test_without_a_connection_twilio_tries_once_more():
    fake = FakeTwilio(PUBLIC, "http://127.0.0.1:9")
    assert [0, 0] == await fake.text(BUDI, "halo")
    assert [0] * 6 == await fake.deliver(fake.inbound(BUDI, "halo"), f"{PUBLIC}/hooks/twilio#rc=5&rp=all")


async def test_reports_may_come_out_of_order(webhook: tuple[FakeTwilio, list[int], list[object]], http: aiohttp.ClientSession):
    fake, _, taken = webhook
    await fake.start()
    await _send(sms_twilio.build(SETTINGS | {"TWILIO_API_URL": fake.url}, LINKS, http))
    assert [200, 200] == await fake.report(fake.messages[0], "delivered", "sent")
    assert [Delivered.DELIVERED, Delivered.SENT] == [report.state for report in taken]


async def test_a_closed_window_may_be_told_late(webhook: tuple[FakeTwilio, list[int], list[object]], http: aiohttp.ClientSession):
    fake, _, taken = webhook
    fake.late_refusals = True
    await fake.start()
    assert await _send(whatsapp.build(SETTINGS | {"TWILIO_API_URL": fake.url}, LINKS, http))
    await fake.stop()
    assert [DeliveryReport(f"whatsapp:{BUDI}", "e1", Delivered.FAILED, "63016", window_closed=True)] == taken
