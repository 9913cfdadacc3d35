"""bot.channels.sms_gateway: whose numbers are answered, which bytes are which text, and the report's address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import phone_number, report_token, sms, sms_gateway
from bot.channels.protocol import Links
from bot.errors import Forbidden, Malformed
from bot.hooks import RawRequest
from bot.model import Delivered, DeliveryReport

SECRET = b"s3cret"


def call(query: bytes, path: str = "/hooks/sms/s3cret") -> RawRequest:
    return RawRequest("GET", path, query, {}, b"")


@pytest.mark.parametrize(
    ("sender", "number"),
    [
        (b"+6281234567890", "+6281234567890"),
        (b"6281234567890", "+6281234567890"),
        (b"62811234567", "+62811234567"),
        (b"006281234567890", "+6281234567890"),
        (b"081234567890", "+6281234567890"),
        (b"81234567890", "+6281234567890"),
        (b"622112345678", "+622112345678"),
        (b"+14155550123", "+14155550123"),
        (b"14155550123", "+14155550123"),
        (b"+628590000000001", "+628590000000001"),  # in no table of ranges, and possible
        (b"1708", None),
        (b"+1708", None),
        (b"98108", None),
        (b"1500123", None),
        (b"TELKOMSEL", None),
        (b"INFO81234567", None),
        (b"Bank 123", None),
        (b"+", None),
        (b"9" * 40, None),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660".encode(), None),  # Arabic digits
    ],
)
def test_who_can_be_answered(sender, number):
    assert number == phone_number.of_sender(sender.decode("ascii", "replace"))


@pytest.mark.parametrize(
    ("raw", "coding", "charset", "text"),
    [
        (b"jalan", "0", "UTF-8", "jalan"),
        (b"jalan", "", "", "jalan"),
        ("café".encode(), "0", "", "café"),
        (b"caf\xe9", "0", "ISO-8859-1", "café"),
        (b"\x93rusak\x94", "0", "windows-1252", "“rusak”"),
        (b"caf\xe9", "0", "UTF-8", "café"),  # not what it says: byte by byte
        (b"\x81", "0", "UTF-8", "\x81"),
        (b"a\x00b", "0", "UTF-8", "a\x00b"),
        ("😀".encode("utf-16-be"), "2", "UTF-16BE", "😀"),
        ("é".encode("utf-16-be"), "2", "", "é"),
        ("é".encode("utf-16-be"), "2", "klingon", "é"),
        ("é".encode("utf-16-le"), "2", "UTF-16LE", "é"),
        ("é".encode(), "2", "utf-8", "é"),  # recoded by the gateway
        (b"\x00a\xd8", "2", "UTF-16BE", "a\ufffd"),
        (b"jalan\r\nrusak", "1", "8-BIT", "jalan\r\nrusak"),
        ("“é”".encode(), "1", "", "“é”"),
        (b"caf\xe9", "1", "8-BIT", "café"),
        (b"\x06\x05\x04", "1", "8-BIT", None),
        (b"\x06\x05\x04", "0", "8-BIT", None),
        (b"\x81", "1", "8-BIT", None),
    ],
)
def test_which_bytes_are_which_text(raw, coding, charset, text):
    assert text == sms_gateway._decode(raw, coding, charset)


@given(st.binary(), st.sampled_from(["0", "1", "2", "x"]), st.sampled_from(["", "UTF-8", "8-BIT", "ISO-8859-1", "UTF-16BE", "zlib"]))
def test_any_bytes_become_text_that_can_be_stored_or_binary(raw, coding, charset):
    text = sms_gateway._decode(raw, coding, charset)
    assert text is None or text.encode().decode() == text


@given(st.text())
def test_what_was_sent_in_utf_8_is_not_changed(text):
    assert text == sms_gateway._decode(text.encode(), "0", "UTF-8")


@pytest.mark.parametrize(
    "query", [b"", b"from=%2B6281234567890", b"from=%2B6281234567890&id=", b"id=1", b"id=1&from=", b"id=%FF&from=%2B62812345678"]
)
def test_without_sender_or_id_it_is_malformed(query):
    with pytest.raises(Malformed):
        sms_gateway.receive_message(call(query), secret=SECRET)


def test_an_empty_secret_opens_nothing():
    with pytest.raises(Forbidden):
        sms_gateway.receive_message(call(b"from=%2B6281234567890&id=1&text=x", "/hooks/sms/"), secret=b"")


@pytest.mark.parametrize("st", ["", "%d", "-1", "1.5", "9" * 30, "\u0661"])
def test_a_report_without_state_is_malformed(st):
    query = f"id={report_token.write('sms:+62', 'e')}&st=".encode() + st.encode()
    with pytest.raises(Malformed):
        sms_gateway.receive_report(call(query, "/hooks/sms/s3cret/report"), secret=SECRET)


@pytest.mark.parametrize(
    ("bits", "state", "code"),
    [
        (1, Delivered.DELIVERED, None),
        (2, Delivered.FAILED, "2"),
        (4, Delivered.SENT, None),
        (8, Delivered.SENT, None),
        (9, Delivered.DELIVERED, None),
        (16, Delivered.FAILED, "16"),
        (24, Delivered.FAILED, "24"),
    ],
)
def test_states_of_a_report(bits, state, code):
    query = f"id={report_token.write('sms:+62812', 'turn:0')}&st={bits}".encode()
    received = sms_gateway.receive_report(call(query, "/hooks/sms/s3cret/report"), secret=SECRET)
    assert (DeliveryReport("sms:+62812", "turn:0", state, code),) == received


@given(st.text(min_size=1), st.text(min_size=1))
def test_the_gateway_can_replace_nothing_but_the_state_in_the_reports_address(secret, effect):
    settings = dict.fromkeys(sms.ENTRY.required, "x") | {"SMS_WEBHOOK_SECRET": secret.encode(errors="replace").decode()}
    channel = sms.build(settings, Links("https://public", "http://private:8080/a%20b"), None)
    url = channel._report_url("sms:+62812", effect.encode(errors="replace").decode())
    filled = url.replace("%%", "\0").replace("%d", "8").replace("\0", "%")  # what Kannel does
    assert filled.startswith("http://private:8080/a%20b/hooks/sms/")
    assert filled.endswith("&st=8")
    assert "%" not in url.replace("%%", "").removesuffix("%d")
