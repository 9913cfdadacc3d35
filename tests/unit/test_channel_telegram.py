"""Telegram without a network: what updates mean, what buttons carry, what refusals mean, which settings are accepted."""

import logging
from typing import Any

import orjson
import pytest

from bot.calling import Answer
from bot.channels.protocol import Links
from bot.channels.telegram import ENTRY, build
from bot.channels.telegram_channel import WebhookChannel
from bot.channels.telegram_format import keyboard, read
from bot.channels.telegram_request import Failed, failure_of, result_of
from bot.errors import (
    DeliveryError,
    Forbidden,
    Malformed,
    MediaGone,
    MediaTooLarge,
    RateLimited,
    RecipientUnreachable,
    Rejected,
    ServerFault,
    SettingsError,
    Unanswered,
    Unauthorized,
)
from bot.hooks import RawRequest
from bot.model import Address, Choice, FileRef, Inbound, Medium, Outbound, Pick, Pin

TOKEN = "1708:AAF-canary-token"
SECRET = "canary_secret"
SETTINGS = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": SECRET}
LINKS = Links("https://lapor.example", "http://10.0.0.5:8080")
HEADER = "x-telegram-bot-api-secret-token"
SITI = Address("telegram", "628111")
PERSON = {"id": 628111, "is_bot": False, "first_name": "Siti", "last_name": "Aminah"}
PRIVATE = {"id": 628111, "type": "private", "first_name": "Siti"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 41, "date": 1_700_000_000, "from": PERSON, "chat": PRIVATE, **content}


def said(**content: Any) -> dict[str, Any]:
    return {"update_id": 9, "message": message(**content)}


def heard(**fields: Any) -> Inbound:
    return Inbound("9", SITI, **{"ref": "m41", "sender_name": "Siti Aminah", **fields})


def request(body: bytes, headers: dict[str, str] | None = None) -> RawRequest:
    return RawRequest("POST", "/hooks/telegram", b"", {HEADER: SECRET} if headers is None else headers, body)


@pytest.fixture(name="receive")
def _receive():
    [hook] = build(SETTINGS, LINKS, None).hooks
    return hook.receive


def attachment(file_id: str, size: int = 5000, **about: Any) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": "u" + file_id, "file_size": size, **about}


VIDEO = attachment("vid", 7_000_000, width=640, height=360, duration=12, mime_type="video/mp4", file_name="banjir.mp4")
PLACE = {"latitude": -6.2, "longitude": 106.8}

MESSAGES = [
    ({"text": "  Jalan berlubang\n "}, heard(text="  Jalan berlubang\n ")),
    ({"text": "{{7*7}} <b>*_`"}, heard(text="{{7*7}} <b>*_`")),
    ({"text": "\u202eab\x00🕳️" * 9000}, heard(text="\u202eab\x00🕳️" * 9000)),
    ({"text": "/status@lapor_bot 123"}, heard(text="/status 123")),
    ({"text": "/status 123"}, heard(text="/status 123")),
    ({"text": "/start AB2CD3"}, heard(text="/start AB2CD3")),
    ({"text": "surat ke a@b.id"}, heard(text="surat ke a@b.id")),
    ({"text": "/batal@lapor_bot"}, heard(text="/batal")),
    (
        {"photo": [attachment(f"p{width}", width=width, height=width) for width in (90, 1280, 320)], "caption": "Ini "},
        heard(text="Ini ", files=(FileRef("p1280", "image/jpeg", size=5000),)),
    ),
    (
        {"photo": [attachment("p", width=90, height=90)], "media_group_id": "1301"},
        heard(files=(FileRef("p", "image/jpeg", size=5000),), album="1301"),
    ),
    (
        {"document": attachment("doc", mime_type="application/pdf", file_name="surat.pdf")},
        heard(files=(FileRef("doc", "application/pdf", "surat.pdf", 5000),)),
    ),
    ({"document": {"file_id": "doc", "file_unique_id": "u"}}, heard(files=(FileRef("doc"),))),
    ({"video": VIDEO}, heard(files=(FileRef("vid", "video/mp4", "banjir.mp4", 7_000_000),))),
    ({"video_note": attachment("round", length=240, duration=3)}, heard(files=(FileRef("round", "video/mp4", size=5000),))),
    ({"location": PLACE}, heard(pin=Pin(-6.2, 106.8))),
    (
        {"location": PLACE, "venue": {"location": PLACE, "title": "Pasar Minggu", "address": "Jl. Ragunan"}},
        heard(pin=Pin(-6.2, 106.8, "Pasar Minggu, Jl. Ragunan")),
    ),
    ({"voice": attachment("voice", duration=3)}, heard(unsupported="voice")),
    ({"voice": attachment("voice", duration=3), "caption": "tolong"}, heard(text="tolong", unsupported="voice")),
    ({"contact": {"phone_number": "+62811", "first_name": "Budi"}}, heard(unsupported="contact")),
    ({"dice": {"emoji": "🎲", "value": 6}}, heard(unsupported="dice")),
    ({"hologram": {"file_id": "of a later Bot API"}}, heard(unsupported="other")),
    ({"location": {"latitude": "utara", "longitude": None}}, Inbound("9", SITI, unsupported="unreadable")),
    ({"text": {"$gt": ""}}, Inbound("9", SITI, unsupported="unreadable")),
    ({"sticker": {}}, heard(unsupported="sticker")),
    ({"photo": [attachment("p")]}, Inbound("9", SITI, unsupported="unreadable")),
    ({"document": {"file_id": "doc", "file_size": "large"}}, Inbound("9", SITI, unsupported="unreadable")),
]


@pytest.mark.parametrize(("content", "expected"), MESSAGES, ids=[str(content)[:40] for content, _ in MESSAGES])
def test_a_message_becomes_an_inbound(content, expected):
    assert (expected,) == read(said(**content))


def test_an_edit_names_the_message_it_replaces():
    update = {"update_id": 10, "edited_message": message(text="Jalan rusak", edit_date=1_700_000_060)}
    [original] = read(said(text="Jalan rusk"))
    [edit] = read(update)
    assert original.ref == edit.edits
    assert ("10", "Jalan rusak", "m41") == (edit.id, edit.text, edit.ref)


def test_a_live_location_that_moves_says_nothing_new():
    assert () == read({"update_id": 10, "edited_message": message(location={**PLACE, "live_period": 900, "heading": 90})})


def tapped(data: str, **about: Any) -> dict[str, Any]:
    return {"update_id": 9, "callback_query": {"id": "48", "from": PERSON, "chat_instance": "1", "data": data, **about}}


TAPS = [
    ("q:kind:pengaduan", Pick("kind", "pengaduan")),
    ("q:area:36.71:a b", Pick("area", "36.71:a b")),
    ("q:name:", Pick("name", "")),
    ("q::", Pick("", "")),
    ("q:kind", Pick("kind", "")),
    ("x:kind:pengaduan", Pick("", "")),
    ("kind", Pick("", "")),
    ("", Pick("", "")),
]


@pytest.mark.parametrize(("data", "expected"), TAPS)
def test_a_tap_becomes_a_pick_to_be_acknowledged(data, expected):
    wanted = Inbound("9", SITI, pick=expected, sender_name="Siti Aminah", ack="48")
    assert (wanted,) == read(tapped(data, message=message(text="Pilih")))


def test_a_tap_is_acknowledged_in_the_answer_to_its_own_call():
    [hook] = build(SETTINGS, LINKS, None).hooks
    tap = hook.receive(request(orjson.dumps(tapped("q:kind:aspirasi", message=message(text="Pilih")))))
    assert {"method": "answerCallbackQuery", "callback_query_id": "48"} == orjson.loads(hook.answer(tap))
    assert b"" == hook.answer(hook.receive(request(orjson.dumps(said(text="halo")))))
    assert b"" == hook.answer(())


def test_a_tap_under_a_message_too_old_to_be_shown_still_counts():
    inaccessible = {"message_id": 41, "date": 0, "chat": PRIVATE}
    assert Pick("kind", "aspirasi") == read(tapped("q:kind:aspirasi", message=inaccessible))[0].pick


GROUP = {"id": -100, "type": "supergroup", "title": "RT 05"}
SILENT = {
    "a group": {"message": message(text="halo", chat=GROUP)},
    "a group's edit": {"edited_message": message(text="halo", chat=GROUP)},
    "a tap in a group": tapped("q:kind:a", message=message(text="Pilih", chat=GROUP)),
    "a tap under no message": tapped("q:kind:a", inline_message_id="i"),
    "a channel": {"channel_post": message(chat={"id": -100, "type": "channel", "title": "Berita"})},
    "blocked": {
        "my_chat_member": {
            "chat": PRIVATE,
            "from": PERSON,
            "date": 1_700_000_000,
            "old_chat_member": {"user": PERSON, "status": "member"},
            "new_chat_member": {"user": PERSON, "status": "kicked", "until_date": 0},
        }
    },
    "a pinned message": {"message": message(pinned_message=message(text="penting"))},
    "a kind of a later Bot API": {"telepathy": {"chat": PRIVATE}},
    "unreadable, and from nobody": {"message": {"text": "halo"}},
    "not even an object": {"message": "halo"},
}


@pytest.mark.parametrize("content", SILENT.values(), ids=SILENT.keys())
def test_what_nobody_said_to_us_in_private_is_nothing(content):
    assert () == read({"update_id": 9, **content})


@pytest.mark.parametrize("update", [{}, [], None, 7, "x", {"update_id": "9"}, {"update_id": True}, {"update_id": None}, {"message": {}}])
def test_without_an_update_id_it_is_no_update(update):
    with pytest.raises(Malformed):
        read(update)


PARTS = ["text", "caption", "photo", "document", "venue", "location", "entities", "from", "chat", "date", "message_id", "message", "data"]
ODD = [
    None,
    True,
    -1,
    2**62,
    1.5,
    "",
    "x",
    [],
    [[]],
    ["x"],
    [{}],
    {},
    {"id": "x"},
    {"id": 7, "type": "private"},
    {"$gt": ""},
    {"type": ["private"]},
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", ["message", "edited_message", "callback_query"])
def test_whatever_telegram_sends_is_read_without_an_error(kind, part):
    whole = message(text="halo") if kind != "callback_query" else tapped("q:a:b", message=message(text="Pilih"))["callback_query"]
    for odd in ODD:
        for inbound in read({"update_id": 9, kind: {**whole, part: odd}}):
            assert isinstance(inbound.text, str)
            assert inbound.address.id.lstrip("-").isdigit()


def test_a_reply_to_a_reply_without_end_is_not_our_end():
    update = said(text="dasar")
    for _ in range(400):
        update["message"] = message(text="balasan", reply_to_message=update["message"])
    assert "9" == read(update)[0].id


def test_the_webhook_reads_an_update(receive):
    assert (heard(text="halo"),) == receive(request(orjson.dumps(said(text="halo"))))


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}, {HEADER: "rahasiä\udcff"}])
def test_a_call_without_the_secret_is_forbidden_whatever_it_brings(receive, headers):
    for body in (orjson.dumps(said(text="halo")), b"garbage"):
        with pytest.raises(Forbidden):
            receive(request(body, headers))


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}])
def test_without_a_secret_of_our_own_nobody_is_let_in(headers):
    [hook] = WebhookChannel(None, url="", secret="", token=TOKEN, api_url="http://h/bot", file_url="http://h/file/bot").hooks
    with pytest.raises(Forbidden):
        hook.receive(request(orjson.dumps(said(text="halo")), headers))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"update_id": 1e999}', b"[" * 5000])
def test_garbage_is_malformed(receive, body):
    with pytest.raises(Malformed):
        receive(request(body))


def rows(*labels: str) -> list[list[str]]:
    markup = keyboard(Outbound("?", tuple(Choice(label.lower(), label) for label in labels), "ask"))
    return [[button["text"] for button in row] for row in markup["inline_keyboard"]]


def test_long_labels_have_a_row_each_and_short_ones_share():
    assert [["Pengaduan (ada masalah)"], ["Permintaan informasi"]] == rows("Pengaduan (ada masalah)", "Permintaan informasi")
    assert [["1", "2", "3", "4", "5"]] == rows("1", "2", "3", "4", "5")
    assert [["Ya", "Tidak"], ["Kabupaten Tangerang Selatan"], ["Lewati"]] == rows("Ya", "Tidak", "Kabupaten Tangerang Selatan", "Lewati")


def test_no_choices_no_keyboard_even_where_a_place_is_asked_for():
    assert None is keyboard(Outbound("Di mana?", question="where", ask_location=True))


def api_error(status: int, description: str, **parameters: Any) -> Answer:
    body = {"ok": False, "error_code": status, "description": description, **({"parameters": parameters} if parameters else {})}
    return Answer(status, {}, orjson.dumps(body))


REFUSALS = [
    (api_error(400, "Bad Request: chat not found"), RecipientUnreachable),
    (api_error(400, "Bad Request: PEER_ID_INVALID"), RecipientUnreachable),
    (api_error(403, "Forbidden: bot was blocked by the user"), RecipientUnreachable),
    (api_error(403, "Forbidden: user is deactivated"), RecipientUnreachable),
    (api_error(400, "Bad Request: message is too long"), Rejected),
    (api_error(400, "Bad Request: file is too big"), MediaTooLarge),
    (api_error(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), MediaGone),
    (api_error(400, "Bad Request: wrong remote file identifier specified: canary"), MediaGone),
    (api_error(401, "Unauthorized"), Unauthorized),
    (api_error(404, "Not Found"), Unauthorized),
    (api_error(429, "Too Many Requests: retry after 7", retry_after=7), RateLimited),
    (api_error(500, "Internal Server Error"), ServerFault),
    (api_error(503, "Service Unavailable"), ServerFault),
    (Answer(502, {}, b"<html>Bad Gateway</html>"), ServerFault),
    (Answer(403, {}, b"<html>not Telegram</html>"), Unauthorized),
    (Answer(302, {}, b""), Unanswered),
    (Answer(400, {}, b'{"description": 7}'), Rejected),
    (Answer(429, {}, b'{"description": "slow", "parameters": []}'), RateLimited),
]


@pytest.mark.parametrize(("answer", "expected"), REFUSALS, ids=[f"{a.status} {a.body[:70]!r}" for a, _ in REFUSALS])
def test_what_a_refusal_means(answer, expected):
    assert expected is type(failure_of(answer))


@pytest.mark.parametrize("status", range(200, 600))
def test_every_status_has_a_meaning(status):
    failure = failure_of(api_error(status, "whatever canary"))
    assert (200 <= status < 300) == (failure is None)
    if failure is not None:
        assert isinstance(failure, DeliveryError)
        assert "canary" not in str(failure)


RETRY_AFTER = [
    (api_error(429, "slow", retry_after=7), 7.0),
    (Answer(429, {"Retry-After": "9"}, api_error(429, "slow").body), 9.0),
    (Answer(429, {"Retry-After": "9"}, b"not JSON"), 9.0),
    (api_error(429, "slow", retry_after=-1), None),
    (api_error(429, "slow", retry_after="soon"), None),
    (api_error(429, "slow", retry_after=10**9), None),
]


@pytest.mark.parametrize(("answer", "seconds"), RETRY_AFTER)
def test_how_long_to_wait(answer, seconds):
    assert seconds == failure_of(answer).retry_after


def test_the_operator_reads_why_a_webhook_is_refused():
    failure = failure_of(api_error(400, "Bad Request: bad webhook: Failed to resolve host"))
    assert "bad webhook: Failed to resolve host" in str(failure)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"ok": true}', b"null"])
def test_a_success_that_is_none_is_unanswered_and_not_logged(body, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(Failed) as caught:
        result_of(body)
    assert Unanswered is type(caught.value.error)
    assert [] == caplog.records


BAD_SETTINGS = [
    ({"TELEGRAM_WEBHOOK_SECRET": ""}, ["TELEGRAM_WEBHOOK_SECRET"]),
    ({"TELEGRAM_WEBHOOK_SECRET": "canary secret!"}, ["TELEGRAM_WEBHOOK_SECRET"]),
    ({"TELEGRAM_WEBHOOK_SECRET": "x" * 257}, ["TELEGRAM_WEBHOOK_SECRET"]),
    ({"TELEGRAM_TOKEN": ""}, ["TELEGRAM_TOKEN"]),
    ({"TELEGRAM_TOKEN": "canary/../token"}, ["TELEGRAM_TOKEN"]),
    ({"TELEGRAM_MODE": "canary"}, ["TELEGRAM_MODE"]),
    (
        {"TELEGRAM_MODE": "push", "TELEGRAM_TOKEN": "a b", "TELEGRAM_WEBHOOK_SECRET": ""},
        ["TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "TELEGRAM_MODE"],
    ),
]


@pytest.mark.parametrize(("changes", "names"), BAD_SETTINGS)
def test_unusable_settings_stop_the_start_with_every_problem_and_no_value(changes, names):
    with pytest.raises(SettingsError) as caught:
        build({**SETTINGS, **changes}, LINKS, None)
    assert sorted(names) == sorted(problem.partition(" ")[0] for problem in caught.value.problems)
    assert "canary" not in str(caught.value)


def test_polling_needs_no_secret_and_opens_no_route_and_only_then_is_there_a_poll():
    polling = build({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_MODE": "polling"}, LINKS, None)
    assert () == polling.hooks
    assert hasattr(polling, "poll")
    assert not hasattr(build(SETTINGS, LINKS, None), "poll")
    assert ("TELEGRAM_MODE", "polling") == ENTRY.not_needed_when["TELEGRAM_WEBHOOK_SECRET"]


def test_what_it_can_carry():
    channel = build(SETTINGS, LINKS, None)
    carried = channel.capabilities
    assert ("telegram", "telegram") == (channel.name, ENTRY.name)
    assert (Medium.TELEGRAM, True, True, True, 4096, 20_000_000) == (
        carried.medium,
        carried.buttons,
        carried.media,
        carried.pins,
        carried.max_text,
        carried.max_file,
    )


def test_building_logs_no_token_at_any_level(caplog):
    with caplog.at_level(logging.DEBUG):
        build(SETTINGS, LINKS, None)
    assert TOKEN not in caplog.text
