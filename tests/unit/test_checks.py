"""What `doctor` finds, for each thing that can be wrong, and that it says what to do."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

import aiohttp
import pytest
from aiohttp import web

from bot.checks import core, database, finding, gateway, ourselves, strength, telegram, twilio
from bot.checks.finding import Level
from bot.settings import Settings
from bot.store.server_state import ServerState
from bot.store.store import Store
from tests.fakes.core import FakeCore

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HEALTHY = ServerState("6.0.5", 3, (), 0.004, 0.2, 900 << 30, 1000 << 30)


def levels(findings):
    return [each.level.value for each in findings]


def said(findings, level=Level.WRONG):
    return " ".join(each.says for each in findings if each.level is level)


@pytest.fixture
async def server():
    """Answers what it is told: {path: (status, body)}; gives its address."""
    answers, runner = {}, None

    async def handle(request):
        status, told = answers.get(request.path, (404, ""))
        return web.json_response(told, status=status) if isinstance(told, dict) else web.Response(status=status, text=told)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    handle.answers, handle.url = answers, f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield handle
    await runner.cleanup()


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


NOWHERE = "http://127.0.0.1:9"


# ---- the database


def test_a_healthy_replica_set_is_good():
    found = database.judge(HEALTHY)
    assert {"good"} == set(levels(found))
    assert "6.0.5 took a majority-acknowledged, journaled write in 4 ms" in found[0].says


@pytest.mark.parametrize(
    ("change", "level", "words"),
    [
        ({"write_seconds": 0.8}, Level.WRONG, "800 ms, and a turn waits"),
        ({"unhealthy": ("RECOVERING", "DOWN")}, Level.WRONG, "RECOVERING, DOWN: look at rs.status()"),
        ({"members": 1}, Level.NOTE, "production needs three"),
        ({"free_bytes": 10 << 30}, Level.WRONG, "Only 10 GiB (1%) are free"),
        ({"ahead_seconds": 6.0}, Level.WRONG, "6 seconds ahead of ours"),
        ({"ahead_seconds": -90.0}, Level.WRONG, "90 seconds behind ours"),
    ],
)
def test_what_may_be_wrong_with_a_database(change, level, words):
    assert words in said(database.judge(replace(HEALTHY, **change)), level)


def test_what_a_database_does_not_tell_is_not_judged():
    sparse = replace(HEALTHY, members=None, unhealthy=None, free_bytes=None, total_bytes=None)
    assert ["good", "good"] == levels(database.judge(sparse))


async def test_a_database_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(database.Store, "open", partial(Store.open, seconds=0.05))
    settings = Settings({"MONGODB_URL": "mongodb://127.0.0.1:9/x"})
    assert "rs.status()" in said([each async for each in database.check(settings)])


def test_a_movable_clock_is_told():
    assert [] == database.judge_clock("real", timedelta(days=9))
    assert "9.0 days ahead" in said(database.judge_clock("movable", timedelta(days=9)), Level.NOTE)


# ---- clocks


@pytest.mark.parametrize(("seconds", "level"), [(0, "good"), (5, "good"), (-5, "good"), (5.1, "wrong"), (-3600, "wrong")])
def test_five_seconds_between_clocks_are_too_many(seconds, level):
    assert level == finding.clock("it", seconds).level


def test_a_date_header_is_read():
    assert 30 == finding.skew(format_datetime(NOW + timedelta(seconds=30), usegmt=True), NOW)
    for nonsense in (None, "", "soon", "Fri, 32 Nov 2026 03:00:00 GMT"):
        assert None is finding.skew(nonsense, NOW)


# ---- the core


def core_settings(fake, **more):
    return Settings({"CORE_URL": fake.url, "CORE_TOKEN": fake.token, "CORE_WEBHOOK_SECRET": fake.secret} | more)


async def test_a_core_is_good_or_says_why_not(http, monkeypatch):
    fake = FakeCore()
    await fake.start()
    good = [each async for each in core.check(core_settings(fake), http)]
    assert ["good", "good"] == levels(good)
    refused = [each async for each in core.check(core_settings(fake, CORE_TOKEN="another"), http)]
    assert "set the core's CORE_TOKEN here too" in said(refused)
    monkeypatch.setattr("bot.checks.core.clock.now", lambda: datetime.now(UTC) + timedelta(minutes=3))  # noqa: TID251  # a clock that is wrong
    skewed = [each async for each in core.check(core_settings(fake), http)]
    assert "routing core is 18" in said(skewed)
    await fake.stop()
    gone = [each async for each in core.check(core_settings(fake), http)]
    assert "check CORE_URL and that the core runs" in said(gone)


# ---- ourselves


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"/healthz": (200, "ok"), "/readyz": (200, "ready")}, ""),
        ({"/healthz": (200, "ok"), "/readyz": (503, "")}, "/readyz answers 503"),
        ({"/healthz": (502, "")}, "/healthz answers 502"),
        ({}, "/healthz answers 404"),
    ],
)
async def test_whether_our_public_address_reaches_us(server, http, answers, words):
    server.answers.update(answers)
    found = [each async for each in ourselves.check(Settings({"PUBLIC_BASE_URL": server.url}), http)]
    assert words in said(found)
    assert bool(words) == bool(said(found))
    assert "no provider on the internet" in said(found, Level.NOTE)


async def test_an_address_that_leads_nowhere_is_said_of_both(http):
    settings = Settings({"PUBLIC_BASE_URL": NOWHERE, "PRIVATE_BASE_URL": NOWHERE + "/x"})
    wrong = said([each async for each in ourselves.check(settings, http)])
    assert "PUBLIC_BASE_URL cannot be reached" in wrong
    assert "PRIVATE_BASE_URL cannot be reached" in wrong


async def test_a_public_address_must_be_https_and_keep_metrics_to_itself(http, monkeypatch):
    async def answers(_url, _http):
        return 200

    monkeypatch.setattr(ourselves, "_status", answers)
    wrong = said([each async for each in ourselves.check(Settings({"PUBLIC_BASE_URL": "http://lapor.example"}), http)])
    assert "is not https" in wrong
    assert "shows /metrics to everybody" in wrong


# ---- Telegram

WEBHOOK = {"url": "https://bot.example/hooks/telegram", "pending_update_count": 3}
SETTINGS = Settings({"PUBLIC_BASE_URL": "https://bot.example", "TELEGRAM_TOKEN": "1:x"})
POLLING = Settings({"PUBLIC_BASE_URL": "https://bot.example", "TELEGRAM_TOKEN": "1:x", "TELEGRAM_MODE": "polling"})


def seconds_ago(seconds):
    return int((NOW - timedelta(seconds=seconds)).timestamp())


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ({}, SETTINGS, ""),
        ({"url": ""}, SETTINGS, "not registered at our PUBLIC_BASE_URL"),
        ({"url": "https://other.example/hooks/telegram"}, SETTINGS, "not registered"),
        ({"pending_update_count": 5000}, SETTINGS, "5000 messages wait at Telegram"),
        (
            {"last_error_message": "SSL error", "last_error_date": seconds_ago(300)},
            SETTINGS,
            '5 minutes ago Telegram could not deliver: "SSL',
        ),
        ({"last_error_message": "SSL error", "last_error_date": seconds_ago(9000)}, SETTINGS, ""),
        ({}, POLLING, "has a webhook, while TELEGRAM_MODE is polling"),
        ({"url": ""}, POLLING, ""),
    ],
)
def test_what_telegram_says_of_the_webhook(change, settings, words):
    wrong = said(telegram.judge(WEBHOOK | change, settings, NOW))
    assert (words in wrong) if words else wrong == ""


@pytest.mark.parametrize(
    ("status", "told", "words"),
    [
        (200, {"ok": True, "result": {"url": "https://bot.example/hooks/telegram", "pending_update_count": 0}}, ""),
        (401, {"ok": False}, "does not know TELEGRAM_TOKEN"),
        (404, {"ok": False}, "does not know TELEGRAM_TOKEN"),
        (502, "<html>", "answers 502 with something else"),
        (200, {"ok": True, "result": []}, "something else"),
    ],
)
async def test_what_telegram_answers(server, http, status, told, words):
    server.answers["/bot1:x/getWebhookInfo"] = (status, told)
    settings = Settings({**SETTINGS.values, "TELEGRAM_API_URL": f"{server.url}/bot"})
    wrong = said(await telegram.check(settings, http))
    assert (words in wrong) if words else wrong == ""


async def test_telegram_out_of_reach(http):
    settings = Settings({**SETTINGS.values, "TELEGRAM_API_URL": f"{NOWHERE}/bot"})
    assert "check the way out to the internet" in said(await telegram.check(settings, http))


# ---- Twilio

ACCOUNT, NUMBERS = "/2010-04-01/Accounts/AC1.json", "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json"
OURS = {"incoming_phone_numbers": [{"sms_url": "https://bot.example/hooks/twilio#rc=5&rp=all"}]}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({ACCOUNT: (200, {"status": "active"}), NUMBERS: (200, OURS)}, ""),
        ({ACCOUNT: (401, {})}, "refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN"),
        ({}, "does not know TWILIO_ACCOUNT_SID"),
        ({ACCOUNT: (200, {"status": "suspended"}), NUMBERS: (200, OURS)}, "is suspended: see the console"),
        ({ACCOUNT: (200, {"status": "active"}), NUMBERS: (200, {"incoming_phone_numbers": []})}, "is no number of this account"),
        (
            {ACCOUNT: (200, {"status": "active"}), NUMBERS: (200, {"incoming_phone_numbers": [{"sms_url": "https://demo.example"}]})},
            "messages elsewhere",
        ),
        ({ACCOUNT: (200, "<html>")}, "something else than it should"),
        ({ACCOUNT: (503, "")}, "cannot be reached (server_fault)"),
    ],
)
async def test_what_twilio_answers(server, http, answers, words):
    server.answers.update(answers)
    values = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_SMS_FROM": "+1", "TWILIO_API_URL": server.url}
    wrong = said(await twilio.check(Settings({"PUBLIC_BASE_URL": "https://bot.example", **values}), http))
    assert (words in wrong) if words else wrong == ""


# ---- the SMS gateway

STATUS = """Kannel bearerbox version `1.4.5'. Status: running, uptime 1d 2h
SMSC connections:
    telkomsel    SMPP:smpp.example:2775 (online 93600s, rcvd: sms 4711 (0.10,0.20,0.30/sec) ...
    indosat      SMPP:smpp.example:2776 (online 93600s, rcvd: sms 12 ...
"""


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (STATUS, ""),
        (STATUS.replace("running", "isolated"), "is not running"),
        (
            STATUS.replace("2776 (online", "2776 (re-connecting"),
            "1 of the SMS gateway's 2 lines to operators are not online (re-connecting)",
        ),
        (STATUS.replace("(online", "(dead"), "no line to any operator"),
        (STATUS.partition("    telkomsel")[0], "no line to any operator"),
        ("<html>Denied", "no status page"),
    ],
)
def test_what_the_gateways_status_page_says(page, words):
    wrong = said([gateway.judge(200, page)])
    assert (words in wrong) if words else wrong == ""


SENDSMS = "/cgi-bin/sendsms"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({SENDSMS: (400, "Missing receiver"), "/status.txt": (200, STATUS)}, ""),
        ({SENDSMS: (403, "Authorization failed"), "/status.txt": (200, STATUS)}, "compare them with its group sendsms-user"),
        ({"/status.txt": (200, STATUS)}, "SMS_SEND_URL is not the gateway's sendsms"),
        ({SENDSMS: (503, ""), "/status.txt": (200, STATUS)}, "smsbox answers 503"),
        ({SENDSMS: (400, "")}, "SMS_STATUS_URL answers 404"),
    ],
)
async def test_what_the_gateway_answers(server, http, answers, words):
    server.answers.update(answers)
    settings = Settings({"SMS_SEND_URL": server.url + SENDSMS, "SMS_STATUS_URL": f"{server.url}/status.txt"})
    wrong = said([each async for each in gateway.check(settings, http)])
    assert (words in wrong) if words else wrong == ""


async def test_a_gateway_out_of_reach_and_one_without_a_status_page(http):
    found = [each async for each in gateway.check(Settings({"SMS_SEND_URL": NOWHERE}), http)]
    assert "smsbox running?" in said(found)
    assert "SMS_STATUS_URL is not set" in said(found, Level.NOTE)
    found = [each async for each in gateway.check(Settings({"SMS_SEND_URL": NOWHERE, "SMS_STATUS_URL": NOWHERE}), http)]
    assert "bearerbox running?" in said(found)


# ---- secrets

STRONG = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"CORE_TOKEN": "s3cret-and-long-enough", "CORE_WEBHOOK_SECRET": STRONG}, ""),
        ({"CORE_TOKEN": "short"}, "CORE_TOKEN is too easy"),
        ({"TELEGRAM_WEBHOOK_SECRET": "a" * 40}, "TELEGRAM_WEBHOOK_SECRET is too easy"),
        ({"SMS_SEND_PASSWORD": "1708"}, "SMS_SEND_PASSWORD is too easy"),
        ({"CORE_WEBHOOK_SECRET": f"{STRONG} whsec_c2hvcnQ="}, "less than 24 random bytes"),
        ({"CORE_WEBHOOK_SECRET": "whsec_!"}, "less than 24 random bytes"),
    ],
)
def test_secrets_that_can_be_guessed(values, words):
    found = strength.check(Settings(values))
    assert (words in said(found)) if words else ["good"] == levels(found)
    for value in values.values():
        assert value not in " ".join(each.says for each in found)
