"""Nothing a citizen said or is called comes out of the logs, whatever a caller or a library does."""

import ast
import asyncio
import io
import json
import logging
import re
import sys
import threading
from functools import cache
from pathlib import Path

import orjson
import pytest
import structlog

from bot import logs
from bot.errors import Refused, Unreachable
from bot.logs import configure, get_logger, ref
from bot.model import Address, Inbound

CANARY = "Siti Kenari melapor jalan rusak di Cibodas"
PHONE = "+6281234567890"
TOKEN = "123456789:" + "AAkjhG5-fGh_kKJhgF4d5s6a7q8w9e0rT2z"


@pytest.fixture
def stream():
    """Standard error, and everything put back afterwards."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure(key="a key", secrets=["s3cret-of-the-settings"], stream=written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logs._stream = None
    structlog.reset_defaults()


def lines(stream):
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_line_has_event_level_logger_time_and_fields(stream):
    get_logger("bot.intake").info("turn_applied", conversation=ref("sms:+62812"), count=2)
    (line,) = lines(stream)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line.pop("at"))
    assert {"event": "turn_applied", "level": "info", "logger": "bot.intake", "conversation": ref("sms:+62812"), "count": 2} == line


@pytest.mark.parametrize(
    "value",
    [
        PHONE,
        "6281234567890",
        "0812-3456-7890",
        "call +62 812 3456 7890 now",
        "(at 0812 3456 789)",
        "whatsapp:+6281234567890",
        "chat 1234567890",
        1234567890,
        -1001234567890,
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/sendMessage",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "Authorization: Bearer abcdef0123456789",
        "https://user:pass@gateway/",
        "GET /hooks/sms/verysecret/report",
        "http://gw/cgi-bin/sendsms?username=bot&password=botpw&to=1",
        "the key is s3cret-of-the-settings",
        [PHONE],
        {"to": PHONE},
        Address("sms", PHONE),
        Inbound("1", Address("sms", PHONE), CANARY),
    ],
)
def test_what_looks_like_a_number_or_secret_is_taken_out(stream, value):
    get_logger("x").warning("sent", what=value)
    line = json.loads(stream.getvalue())
    del line["at"]  # its microseconds may be any digits
    written = json.dumps(line)
    for leak in (
        "81234567890",
        "3456",
        "1234567890",
        TOKEN,
        "MfKQ9r8",
        "abcdef0123456789",
        "user:pass",
        "verysecret",
        "botpw",
        "s3cret-of",
        CANARY,
    ):
        assert leak not in written
    assert "[redacted]" in written or "<Address>" in written or "<Inbound>" in written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("report", "0192f0c1-7a3b-7c1d-9e2f-123456789012"),
        ("ticket", "191644900000"),
        ("ticket", 191644900000),
        ("effect", "1234567890:0"),
        ("seconds", 0.25),
        ("code", "rate_limited"),
        ("receipt", "LABCD2345"),
        ("day", "2026-11-20"),
        ("ready", True),
    ],
)
def test_ids_and_measures_stay(stream, field, value):
    get_logger("x").info("done", **{field: value})
    assert value == lines(stream)[0][field]


def test_phone_number_is_taken_out_even_under_an_id_key(stream):
    get_logger("x").info("done", report=PHONE)
    assert "[redacted]" == lines(stream)[0]["report"]


def test_long_value_is_cut(stream):
    get_logger("x").info("done", what="a b " * 1000)
    assert 303 == len(lines(stream)[0]["what"])


def test_lone_surrogate_does_not_break_the_log(stream):
    get_logger("x").info("done", what="\ud800")
    assert "?" == lines(stream)[0]["what"]


def raise_with_canary():
    raise ValueError(f"{CANARY} {PHONE}")


def test_exception_is_told_by_type_and_place(stream):
    try:
        raise_with_canary()
    except ValueError:
        get_logger("x").exception("turn_failed")
    (line,) = lines(stream)
    assert "ValueError" == line["error"]["type"]
    assert line["error"]["frames"][-1].startswith("tests/unit/test_logs.py:")
    assert line["error"]["frames"][-1].endswith(" raise_with_canary")
    assert "Kenari" not in stream.getvalue()


def test_cause_is_told_without_its_text(stream):
    try:
        try:
            raise_with_canary()
        except ValueError as error:
            raise Unreachable from error
    except Unreachable as error:
        get_logger("x").warning("send_failed", exc_info=error)
    error = lines(stream)[0]["error"]
    assert ("Unreachable", "unreachable", "ValueError") == (error["type"], error["code"], error["cause"]["type"])
    assert "Kenari" not in stream.getvalue()


def test_own_errors_keep_their_text(stream):
    get_logger("x").warning("refused", error=Refused("field location"))
    assert "field location" == lines(stream)[0]["error"]["detail"]


def test_group_of_exceptions_tells_each(stream):
    get_logger("x").error("failed", error=ExceptionGroup(CANARY, [ValueError(CANARY), KeyError(PHONE)]))
    assert ["ValueError", "KeyError"] == [part["type"] for part in lines(stream)[0]["error"]["parts"]]
    assert "Kenari" not in stream.getvalue()


@pytest.mark.parametrize("name", ["aiohttp.server", "telegram.ext", "httpx", "anything"])
def test_library_warning_comes_without_its_arguments(stream, name):
    logging.getLogger(name).warning("Odd update from %s: %s", PHONE, CANARY)
    (line,) = lines(stream)
    assert ("library_logged", "warning", name) == (line["event"], line["level"], line["logger"])
    assert "Odd update from %s: %s" == line["said"]
    assert "Kenari" not in stream.getvalue()


@pytest.mark.parametrize("name", ["aiohttp.access", "telegram.ext", "httpx", "pymongo.command"])
def test_library_chatter_is_silent(stream, name):
    logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org/bot%s/sendMessage", TOKEN)
    assert "" == stream.getvalue()


async def test_lost_task_exception_is_told_without_its_text(stream):
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": ValueError(CANARY), "text": CANARY})
    (line,) = lines(stream)
    assert ("asyncio", "ValueError") == (line["logger"], line["error"]["type"])
    assert "Kenari" not in stream.getvalue()


def test_crash_is_told_without_its_text(stream, capsys):
    try:
        raise_with_canary()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "crashed" == lines(stream)[0]["event"]
    assert "Kenari" not in stream.getvalue() + capsys.readouterr().err


def test_crash_of_a_thread_is_told_without_its_text(stream, capsys):
    thread = threading.Thread(target=raise_with_canary)
    thread.start()
    thread.join()
    assert "crashed" == lines(stream)[0]["event"]
    assert "Kenari" not in stream.getvalue() + capsys.readouterr().err


@pytest.mark.usefixtures("stream")
def test_readable_lines_on_a_terminal_are_as_clean():
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    configure(key="a key", stream=terminal)
    try:
        raise_with_canary()
    except ValueError:
        get_logger("x").exception("turn_failed", to=PHONE)
    assert "turn_failed" in terminal.getvalue()
    assert "ValueError" in terminal.getvalue()
    assert "Kenari" not in terminal.getvalue()
    assert "81234567890" not in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_ref_is_the_same_in_every_process_with_the_key_and_another_with_another(stream):
    first = ref("telegram:4711")
    assert re.fullmatch(r"[a-z2-7]{16}", first)
    assert ref("telegram:4712") != first
    configure(key=b"another", stream=stream)
    assert ref("telegram:4711") != first
    configure(key="a key", stream=stream)
    assert ref("telegram:4711") == first


PERSONAL = {
    "text",
    "body",
    "name",
    "phone",
    "address",
    "message",
    "to",
    "sender",
    "number",
    "title",
    "note",
    "chat",
    "payload",
    "token",
    "secret",
}


@cache
def log_calls():
    """Every call of a logger in bot/: its place and its syntax."""
    return [
        (f"{path.name}:{node.lineno}", node)
        for path in sorted(Path(logs.__file__).parent.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger", "_log", "_logger"}
    ]


def test_every_event_name_is_a_constant_word():
    assert len(log_calls()) > 5
    odd = [
        place
        for place, call in log_calls()
        if not (
            len(call.args) == 1
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[0].value, str)
            and re.fullmatch(r"[a-z]+(_[a-z]+)*", call.args[0].value)
        )
    ]
    assert [] == odd


def test_no_record_has_a_field_for_personal_data():
    assert [] == [(place, keyword.arg) for place, call in log_calls() for keyword in call.keywords if keyword.arg in PERSONAL]


def test_conversations_are_logged_by_their_ref():
    bare = [
        place
        for place, call in log_calls()
        for keyword in call.keywords
        if keyword.arg == "conversation" and not (isinstance(keyword.value, ast.Call) and ast.unparse(keyword.value.func).endswith("ref"))
    ]
    assert [] == bare


@pytest.mark.parametrize("digest", ["08012860085e30fd3058f0b0bc6c42d6", "62812345678900fd3058f0b0bc6c42d6" * 2, "0" * 32])
def test_a_digest_that_begins_as_a_phone_number_is_an_id_where_ids_stand(stream, digest):
    get_logger("x").info("kept", mac=digest, report=digest, note=digest)
    line = lines(stream)[0]
    assert (digest, digest, True) == (line["mac"], line["report"], "[redacted]" in line["note"])


def test_a_phone_number_is_none_even_where_ids_stand(stream):
    get_logger("x").info("kept", mac="08012860085", report=f"08012860085{'f' * 30}")
    line = lines(stream)[0]
    assert ("[redacted]", True) == (line["mac"], line["report"].startswith("[redacted]"))
