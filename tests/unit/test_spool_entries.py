"""An entry of the spool: what goes in comes out, under any of the keys, and nothing else does."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import SpoolForeignKey, SpoolUnreadable
from bot.model import Address, Delivered, DeliveryReport, FileRef, Inbound, Pick, Pin
from bot.spool.arrival import Unread, decode, encode, lane
from bot.spool.keys import read_keys
from bot.spool.sealing import Seal

NOW = datetime(2026, 11, 20, 16, 59, 59, 123000, tzinfo=UTC)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))

text = st.text(max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)
files = st.builds(FileRef, text, st.none() | text, st.none() | text, st.none() | st.integers(0, 1 << 40))
messages = st.builds(
    Inbound,
    id=text,
    address=st.builds(Address, st.sampled_from(["sms", "telegram", "whatsapp"]), st.text(min_size=1, max_size=20)),
    text=text,
    pick=st.none() | st.builds(Pick, text, text),
    pin=st.none() | st.builds(Pin, numbers, numbers, text),
    files=st.lists(st.builds(FileRef, text, st.none() | text, st.none() | text, st.none() | st.integers(0, 1 << 40)), max_size=3).map(
        tuple
    ),
    album=st.none() | text,
    ref=text,
    edits=st.none() | text,
    unsupported=st.none() | text,
    sender_name=text,
    ack=st.none() | text,
)
reports = st.builds(DeliveryReport, text, text, st.sampled_from(Delivered), st.none() | text, st.booleans())
unread = st.builds(Unread, text, text, st.binary(max_size=40))
times = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone

MESSAGE = Inbound("7", Address("sms", "+6281234567890"), "Lampu jalan mati")
SEALED = Seal([OLD]).close(encode(MESSAGE, NOW))


@given(messages, times)
@settings(max_examples=25)
def test_a_message_comes_out_as_it_went_in_with_the_time_it_came(message, at):
    spooled = decode(encode(message, at))
    assert (replace(message, at=at), at) == (spooled.arrival, spooled.at)


@given(reports | unread, times)
def test_so_does_everything_else(arrival, at):
    spooled = decode(encode(arrival, at))
    assert (arrival, at) == (spooled.arrival, spooled.at)


def test_a_message_that_was_spooled_before_keeps_the_later_time():
    assert NOW == decode(encode(replace(MESSAGE, at=NOW - timedelta(hours=1)), NOW)).arrival.at


def test_only_the_messages_of_one_person_have_to_wait_for_each_other():
    report = DeliveryReport(str(MESSAGE.address), "e1", Delivered.SENT)
    lanes = [lane(each) for each in (MESSAGE, report, replace(report, effect="e2"), Unread("sms", "KeyError", b""))]
    assert str(MESSAGE.address) == lanes[0]
    assert 4 == len(set(lanes))


def test_what_another_version_has_written_is_read():
    """A newer one adds fields, an older one lacks some."""
    entry = orjson.loads(encode(MESSAGE, NOW))
    entry["message"]["mood"] = "cross"
    del entry["message"]["pin"], entry["message"]["files"], entry["message"]["at"]
    assert replace(MESSAGE, at=NOW) == decode(orjson.dumps(entry | {"colour": "red"})).arrival
    report = DeliveryReport("sms:1", "e", Delivered.FAILED)
    entry = orjson.loads(encode(report, NOW))
    entry["report"] |= {"cost": 350}
    del entry["report"]["window_closed"]
    assert report == decode(orjson.dumps(entry)).arrival


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"kind": "wish", "at": "2026-11-20T00:00:00+00:00", "wish": {}}',
        b'{"kind": "message", "at": "2026-11-20T00:00:00+00:00", "message": {}}',
        b'{"kind": "report", "at": "2026-11-20T00:00:00+00:00", "report": {"state": "eaten"}}',
        b'{"kind": "message", "at": "yesterday", "message": {}}',
    ],
)
def test_what_cannot_be_read_says_so_and_nothing_of_it(data):
    with pytest.raises(SpoolUnreadable) as caught:
        decode(data)
    assert str(caught.value) in ("JSONDecodeError", "KeyError", "TypeError", "ValueError")


# ---- sealed


@given(st.binary(max_size=200))
def test_sealed_is_opened(plain):
    assert plain == Seal([OLD]).open(Seal([OLD]).close(plain))


def test_the_same_is_never_sealed_in_the_same_way():
    assert 3 == len({Seal([OLD]).close(b"x") for _ in range(3)})


def test_nothing_of_it_is_seen():
    assert (False, False) == (b"Lampu" in SEALED, b"+628" in SEALED)


def test_keys_rotate():
    rotating = Seal([NEW, OLD])
    assert b"x" == rotating.open(Seal([OLD]).close(b"x"))
    assert b"x" == Seal([NEW]).open(rotating.close(b"x"))
    with pytest.raises(SpoolForeignKey):
        Seal([NEW]).open(Seal([OLD]).close(b"x"))


@given(st.integers(0, 8 * len(SEALED) - 1))
@example(0)
@example(8 * len(SEALED) - 1)
def test_any_flipped_bit_is_noticed(bit):
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SpoolUnreadable):
        Seal([OLD, NEW]).open(bytes(damaged))


@pytest.mark.parametrize("length", range(len(SEALED)))
def test_any_truncation_is_noticed(length):
    with pytest.raises(SpoolUnreadable):
        Seal([OLD]).open(SEALED[:length])


def test_anything_more_is_noticed():
    with pytest.raises(SpoolUnreadable):
        Seal([OLD]).open(SEALED + b"\0")


# ---- keys


def encoded(key):
    return base64.b64encode(key).decode()


def test_keys_are_read():
    assert (NEW, OLD) == read_keys(f" {encoded(NEW)}  {encoded(OLD)} ")
    assert (b"\xff" * 32,) == read_keys(base64.urlsafe_b64encode(b"\xff" * 32).decode())


@pytest.mark.parametrize("setting", ["", " ", "geheim", encoded(OLD[:31]), encoded(OLD + b"x"), encoded(OLD)[:-1], f"{encoded(OLD)} x"])
def test_anything_else_is_no_key(setting):
    with pytest.raises(ValueError, match=r"no key|not base64|32 bytes"):
        read_keys(setting)
