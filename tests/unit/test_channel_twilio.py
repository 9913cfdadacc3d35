"""WhatsApp and SMS over Twilio, the way in: what is believed, and what is understood."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from bot.channels import callback, report_token, sms_twilio, whatsapp
from bot.channels.protocol import Channel, Links
from bot.channels.twilio_form import Account, receive_message
from bot.errors import Forbidden, Malformed
from bot.hooks import RawRequest, Received
from bot.model import Address, Delivered, DeliveryReport, FileRef, Inbound, Pick, Pin
from tests.fakes.twilio import ACCOUNT, PUBLIC, SETTINGS, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, FakeTwilio

LINKS = Links(public=PUBLIC, private="http://127.0.0.1:8080")
BUDI = "+6281234567890"


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def twilio() -> FakeTwilio:
    """Writes and signs what Twilio would post; nothing here goes over a wire."""
    return FakeTwilio()


@pytest.fixture
def chat(http: aiohttp.ClientSession) -> Channel:
    return whatsapp.build(SETTINGS, LINKS, http)


@pytest.fixture
def sms(http: aiohttp.ClientSession) -> Channel:
    return sms_twilio.build(SETTINGS, LINKS, http)


def call(twilio: FakeTwilio, form: Mapping[str, str], path: str = "/hooks/twilio", query: str = "", **changes: object) -> RawRequest:
    headers, body = twilio.signed(PUBLIC + path + (f"?{query}" if query else ""), form)
    return replace(RawRequest("POST", path, query.encode(), headers, body), **changes)


def received(channel: Channel, request: RawRequest) -> Received:
    (hook,) = [hook for hook in channel.hooks if (hook.method, hook.path) == (request.method, request.path)]
    return hook.receive(request)


def heard(channel: Channel, twilio: FakeTwilio, from_: str = f"whatsapp:{BUDI}", body: str = "", **more: str) -> Inbound:
    (inbound,) = received(channel, call(twilio, twilio.inbound(from_, body, **more)))
    return inbound


# Proof.


def test_the_published_vector_of_the_signature():
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    assert RequestValidator("12345").validate("https://mycompany.com/myapp.php?foo=1&bar=2", form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


def test_a_signature_over_url_query_and_form_is_believed_as_the_library_does():
    form = {"MessageSid": "SM1", "From": BUDI, "To": SMS_NUMBER, "AccountSid": "AC1", "Body": "halo"}
    account = Account(sid="AC1", token="12345", public="https://mycompany.com", numbers={"sms_twilio": SMS_NUMBER})
    signature = RequestValidator("12345").compute_signature("https://mycompany.com/myapp.php?foo=1&bar=2", form)
    headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
    request = RawRequest("POST", "/myapp.php", b"foo=1&bar=2", headers, urlencode(form).encode())
    assert "halo" == receive_message(request, account=account, path="/myapp.php")[0].text


def _without(form: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in form.items() if key != name}


@pytest.mark.parametrize("name", ["MessageSid", "From", "To", "AccountSid"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_signed_form_without_what_proves_it_is_forbidden(chat: Channel, twilio: FakeTwilio, name: str, value: str | None):
    form = _without(twilio.inbound(f"whatsapp:{BUDI}", "halo"), name) | ({} if value is None else {name: value})
    with pytest.raises(Forbidden):
        received(chat, call(twilio, form))


def test_another_account_is_forbidden(chat: Channel, twilio: FakeTwilio):
    with pytest.raises(Forbidden):
        received(chat, call(twilio, twilio.inbound(f"whatsapp:{BUDI}", AccountSid="AC" + "f" * 32)))


def test_shifted_boundaries_are_forbidden_though_the_signature_holds(chat: Channel, twilio: FakeTwilio):
    form = twilio.inbound(f"whatsapp:{BUDI}", "halo")
    shifted = _without(form, "From") | {"Fro": "m" + form["From"]}
    headers, _ = twilio.signed(f"{PUBLIC}/hooks/twilio", form)
    assert RequestValidator(TOKEN).validate(f"{PUBLIC}/hooks/twilio", shifted, headers["x-twilio-signature"])
    with pytest.raises(Forbidden):
        received(chat, call(twilio, form, body=urlencode(shifted).encode()))


def test_a_sender_named_twice_is_forbidden(chat: Channel, twilio: FakeTwilio):
    form = twilio.inbound(f"whatsapp:{BUDI}", "halo")
    headers, body = twilio.signed(f"{PUBLIC}/hooks/twilio", form)
    twice = body + b"&From=whatsapp%3A%2B6281234567890"  # the library counts equal values once: the signature holds
    with pytest.raises(Forbidden):
        received(chat, call(twilio, form, headers=headers, body=twice))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
        {"x-twilio-signature": "é" * 28},
        {"host": "lapor.example", "x-forwarded-host": "lapor.example"},
    ],
)
def test_no_signature_or_another_is_forbidden(chat: Channel, twilio: FakeTwilio, headers: dict[str, str]):
    form = "application/x-www-form-urlencoded"
    with pytest.raises(Forbidden):
        received(chat, call(twilio, twilio.inbound(f"whatsapp:{BUDI}"), headers=headers | {"content-type": form}))


@pytest.mark.parametrize("query", [b"c=1", b"c=2&d", b"\xff"])
def test_another_query_than_was_signed_is_forbidden(chat: Channel, twilio: FakeTwilio, query: bytes):
    with pytest.raises(Forbidden):
        received(chat, replace(call(twilio, twilio.inbound(f"whatsapp:{BUDI}"), query="c=2"), query=query))


def test_a_url_signed_for_another_host_is_forbidden(chat: Channel, twilio: FakeTwilio):
    form = twilio.inbound(f"whatsapp:{BUDI}")
    headers, body = twilio.signed("https://evil.example/hooks/twilio", form)
    with pytest.raises(Forbidden):
        received(chat, call(twilio, form, headers=headers | {"host": "evil.example"}, body=body))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"Body=%ff", b"{}", b"&".join([b"a=b"] * 2000), b"\x00" * 65_000])
def test_garbage_is_forbidden(chat: Channel, twilio: FakeTwilio, body: bytes):
    with pytest.raises(Forbidden):
        received(chat, call(twilio, twilio.inbound(f"whatsapp:{BUDI}"), body=body))


def test_bytes_that_are_no_text_are_forbidden_though_a_guess_at_them_was_signed(chat: Channel, twilio: FakeTwilio):
    request = call(twilio, twilio.inbound(f"whatsapp:{BUDI}", "\ufffd"))
    assert b"Body=%EF%BF%BD" in request.body
    with pytest.raises(Forbidden):
        received(chat, replace(request, body=request.body.replace(b"%EF%BF%BD", b"%FF")))


def test_too_many_fields_are_forbidden(chat: Channel, twilio: FakeTwilio):
    with pytest.raises(Forbidden):
        received(chat, call(twilio, twilio.inbound(f"whatsapp:{BUDI}") | {f"More{n}": "" for n in range(1000)}))


def test_a_proved_call_of_another_type_is_malformed(chat: Channel, twilio: FakeTwilio):
    request = call(twilio, twilio.inbound(f"whatsapp:{BUDI}"))
    with pytest.raises(Malformed):
        received(chat, replace(request, headers={**request.headers, "content-type": "application/json"}))


def test_a_proved_call_with_an_absurd_id_is_malformed(chat: Channel, twilio: FakeTwilio):
    with pytest.raises(Malformed):
        received(chat, call(twilio, twilio.inbound(f"whatsapp:{BUDI}", MessageSid="S" * 65)))


# Messages.


def test_a_whatsapp_message(chat: Channel, twilio: FakeTwilio):
    inbound = heard(chat, twilio, body="Jalan rusak")
    assert Address("whatsapp", BUDI) == inbound.address
    assert ("Jalan rusak", "Budi") == (inbound.text, inbound.sender_name)
    assert inbound.id.startswith("SM")
    assert (None, None, (), None) == (inbound.pick, inbound.pin, inbound.files, inbound.unsupported)


@pytest.mark.parametrize(
    "text",
    [
        "  di depan dan di belakang \n",
        "a+b & c=d %41",
        "😀 \u200f\u05e2\u05d1\u05e8\u05d9\u05ea",
        "nol\x00byte",
        "{{7*7}}",
        '{"$gt": ""}',
        "x" * 65_000,
        "STOP",
        "BERHENTI",
    ],
)
def test_a_text_is_taken_as_it_is(chat: Channel, twilio: FakeTwilio, text: str):
    assert text == heard(chat, twilio, body=text).text


@pytest.mark.parametrize("one", ["chat", "sms"])
def test_either_channel_hears_both_kinds(one: str, twilio: FakeTwilio, request: pytest.FixtureRequest):
    channel = request.getfixturevalue(one)
    assert Address("whatsapp", BUDI) == heard(channel, twilio, f"whatsapp:{BUDI}", "halo").address
    assert Address("sms_twilio", BUDI) == heard(channel, twilio, BUDI, "halo").address


def test_both_channels_have_the_same_routes(chat: Channel, sms: Channel):
    routes = [("POST", "/hooks/twilio"), ("POST", "/hooks/twilio/status")]
    assert routes == [(hook.method, hook.path) for hook in chat.hooks] == [(hook.method, hook.path) for hook in sms.hooks]


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        (BUDI, "+15005550000"),
        (f"whatsapp:{BUDI}", "whatsapp:+15005550000"),
        (f"whatsapp:{BUDI}", WHATSAPP_NUMBER),
        (BUDI, f"whatsapp:{WHATSAPP_NUMBER}"),
        ("GOJEK", SMS_NUMBER),
        ("1708", SMS_NUMBER),
        ("+1708", SMS_NUMBER),
        ("whatsapp:", f"whatsapp:{WHATSAPP_NUMBER}"),
    ],
)
def test_nobody_is_answered_who_did_not_write_to_us_or_cannot_read(chat: Channel, twilio: FakeTwilio, from_: str, to: str):
    assert () == received(chat, call(twilio, twilio.inbound(from_, "halo", to=to)))


def test_a_number_whose_channel_is_off_is_not_answered(twilio: FakeTwilio, http: aiohttp.ClientSession):
    channel = whatsapp.build(_without(SETTINGS, "TWILIO_SMS_FROM"), LINKS, http)
    assert () == received(channel, call(twilio, twilio.inbound(BUDI, "halo")))
    assert 1 == len(received(channel, call(twilio, twilio.inbound(f"whatsapp:{BUDI}", "halo"))))


@pytest.mark.parametrize("word", ["STOP", "START", "HELP"])
def test_what_twilio_has_answered_itself_is_not_answered_again(sms: Channel, twilio: FakeTwilio, word: str):
    assert () == received(sms, call(twilio, twilio.inbound(BUDI, word, OptOutType=word)))


@pytest.mark.parametrize("name", ["ButtonPayload", "ListId"])
def test_a_tapped_choice_is_a_pick_and_its_label_no_text(chat: Channel, twilio: FakeTwilio, name: str):
    inbound = heard(chat, twilio, body="Ya, kirim", **{name: callback.encode("confirm", "yes")})
    assert (Pick("confirm", "yes"), "") == (inbound.pick, inbound.text)


def test_a_strange_button_is_read_by_its_label(chat: Channel, twilio: FakeTwilio):
    inbound = heard(chat, twilio, body="Mulai", ButtonPayload="start_flow")
    assert (None, "Mulai", None) == (inbound.pick, inbound.text, inbound.unsupported)


def test_a_place(chat: Channel, twilio: FakeTwilio):
    inbound = heard(chat, twilio, Latitude="-6.2", Longitude="106.8", Label="Monas", Address="Gambir", MessageType="location")
    assert (Pin(-6.2, 106.8, "Monas, Gambir"), None) == (inbound.pin, inbound.unsupported)


@pytest.mark.parametrize(("lat", "lon"), [("nan", "1"), ("91", "1"), ("1", "-181"), ("inf", "1"), ("x", "1"), ("", ""), ("1", "")])
def test_a_place_that_is_none(chat: Channel, twilio: FakeTwilio, lat: str, lon: str):
    inbound = heard(chat, twilio, Latitude=lat, Longitude=lon)
    assert (None, "other") == (inbound.pin, inbound.unsupported)


def test_files(chat: Channel, twilio: FakeTwilio):
    media = {
        "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/surat%20rt.pdf",
        "MediaContentType1": "Application/PDF; x=y",
    }
    inbound = heard(chat, twilio, body="foto", **media)
    assert (
        FileRef(media["MediaUrl0"], "image/jpeg", "ME1"),
        FileRef(media["MediaUrl1"], "application/pdf", "surat rt.pdf"),
    ) == inbound.files
    assert ("foto", None) == (inbound.text, inbound.unsupported)


@pytest.mark.parametrize(
    ("from_", "mime", "kind", "word"),
    [
        (f"whatsapp:{BUDI}", "audio/ogg", "audio", "voice"),
        (f"whatsapp:{BUDI}", "audio/ogg; codecs=opus", "audio", "voice"),
        (f"whatsapp:{BUDI}", "text/vcard", "contacts", "contact"),
        (f"whatsapp:{BUDI}", "text/x-vcard", "contacts", "contact"),
        (f"whatsapp:{BUDI}", "image/webp", "sticker", "sticker"),
        (BUDI, "image/jpeg", "", "file"),
    ],
)
def test_what_is_no_evidence_is_named(chat: Channel, twilio: FakeTwilio, *, from_: str, mime: str, kind: str, word: str):
    media = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/ME1", "MediaContentType0": mime, "MessageType": kind}
    inbound = heard(chat, twilio, from_, **media)
    assert ((), word) == (inbound.files, inbound.unsupported)
    spoken = heard(chat, twilio, from_, "dengan kata", **media)
    assert ((), None, "dengan kata") == (spoken.files, spoken.unsupported, spoken.text)


@pytest.mark.parametrize("told", ["", "0", "x", "-1", "٣", "9" * 400])
def test_a_count_of_media_that_is_none(chat: Channel, twilio: FakeTwilio, told: str):
    assert () == heard(chat, twilio, body="foto", NumMedia=told, MediaUrl0="https://api.twilio.com/ME1").files


def test_an_empty_message_is_not_understood(chat: Channel, twilio: FakeTwilio):
    assert "other" == heard(chat, twilio, body=" \n").unsupported


# Delivery reports.


def _status(twilio: FakeTwilio, channel: Channel, status: str, query: str, error: str = "") -> Received:
    form = {"MessageSid": "SM9", "AccountSid": ACCOUNT, "From": SMS_NUMBER, "To": BUDI, "MessageStatus": status}
    return received(channel, call(twilio, form | ({"ErrorCode": error} if error else {}), "/hooks/twilio/status", query))


TOKEN_QUERY = "c=" + report_token.write(f"whatsapp:{BUDI}", "e1")


@pytest.mark.parametrize(
    ("status", "error", "state", "code"),
    [
        ("queued", "", Delivered.ACCEPTED, None),
        ("sending", "", Delivered.ACCEPTED, None),
        ("sent", "", Delivered.SENT, None),
        ("delivered", "", Delivered.DELIVERED, None),
        ("read", "", Delivered.READ, None),
        ("undelivered", "63016", Delivered.FAILED, "63016"),
        ("failed", "30008", Delivered.FAILED, "30008"),
        ("failed", "", Delivered.FAILED, None),
    ],
)
def test_a_delivery_report(chat: Channel, twilio: FakeTwilio, *, status: str, error: str, state: Delivered, code: str | None):
    report = DeliveryReport(f"whatsapp:{BUDI}", "e1", state, code, window_closed=code == "63016")
    assert (report,) == _status(twilio, chat, status, TOKEN_QUERY, error)


@pytest.mark.parametrize(("status", "query"), [("partially_delivered", TOKEN_QUERY), ("", TOKEN_QUERY), ("sent", "")])
def test_a_report_that_says_nothing_to_us(chat: Channel, twilio: FakeTwilio, status: str, query: str):
    assert () == _status(twilio, chat, status, query)


@pytest.mark.parametrize("query", ["c=", "c=%25", "c=YQ", "c=_w"])
def test_a_report_with_another_token_says_nothing_or_is_malformed(chat: Channel, twilio: FakeTwilio, query: str):
    if query == "c=":
        assert () == _status(twilio, chat, "sent", query)
    else:
        with pytest.raises(Malformed):
            _status(twilio, chat, "sent", query)


def test_a_report_for_another_message_than_was_signed_is_forbidden(chat: Channel, twilio: FakeTwilio):
    form = {"MessageSid": "SM9", "AccountSid": ACCOUNT, "From": SMS_NUMBER, "To": BUDI, "MessageStatus": "read"}
    signed = call(twilio, form, "/hooks/twilio/status", TOKEN_QUERY)
    other = ("c=" + report_token.write("whatsapp:+6289", "e2")).encode()
    with pytest.raises(Forbidden):
        received(chat, replace(signed, query=other))


def test_tokens_come_back():
    assert ("whatsapp:+62", "a:1/ü") == report_token.read(report_token.write("whatsapp:+62", "a:1/ü"))


def test_a_token_with_something_in_between_is_not_ours():
    with pytest.raises(Malformed):
        report_token.read("!" + report_token.write("whatsapp:+62", "e1"))
