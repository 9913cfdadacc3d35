"""Values to documents and back, through BSON as the database would."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import media_type
from bot.model import Effect, Status
from bot.ports import Applied, MediaInfo, OutboxItem, ParkedItem, StoredConversation, StoredReport, TurnWrite
from bot.store import documents
from bot.store.connection import CODEC
from bot.store.settlement import literal

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

moments = st.integers(0, 10**10).map(lambda milliseconds: NOW + timedelta(milliseconds=milliseconds))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts | moments | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
mappings = st.dictionaries(keys, plain, max_size=4)
effects = st.builds(Effect, texts, texts, texts, mappings, moments, st.integers(0, 99), st.booleans())
reports = st.builds(
    StoredReport,
    id=texts,
    receipt=texts,
    code_hash=texts,
    conversation=st.none() | texts,
    body=mappings,
    media=st.lists(texts, max_size=3).map(tuple),
    submitted_at=moments,
    version=st.integers(1, 9),
    payload=st.none() | st.binary(max_size=9),
    ticket=st.none() | texts,
    status=st.sampled_from(Status),
    sequence=st.integers(0, 9),
    agency=st.none() | texts,
    note=st.none() | texts,
    missing=st.lists(texts, max_size=2).map(tuple),
    due_dates=st.dictionaries(keys, st.dates(date(2000, 1, 1)), max_size=3),
    wants_answer=st.booleans(),
    rated=st.booleans(),
    refused=st.booleans(),
    applied=st.lists(texts, max_size=2).map(tuple),
    effects=st.lists(effects, max_size=2).map(tuple),
    due=st.none() | moments,
    fence=st.integers(0, 9),
    language=st.sampled_from(["id", "en"]),
)


def stored(document):
    return bson.decode(bson.encode(document, codec_options=CODEC), codec_options=CODEC)


@given(st.lists(effects, max_size=3).map(tuple))
def test_effects_survive(given_effects):
    document = {"effects": [documents.encode_effect(effect) for effect in given_effects]}

    assert given_effects == documents.decode_effects(stored(document))


@given(reports)
def test_a_report_survives(report):
    assert report == documents.decode_report({"_id": report.id, **stored(documents.encode_report(report))})


def test_what_a_report_lacks_is_absent_so_that_partial_indexes_pass_over_it():
    report = StoredReport("r", "L1", "", None, {}, (), NOW)

    assert not {"ticket", "payload", "conversation", "due", "id"} & documents.encode_report(report).keys()


def test_a_conversation_is_read():
    turn = TurnWrite("a", 3, session={"s": 1}, applied=(Applied("m", NOW),), effects=(), due=NOW, at=NOW, claim=True)
    document = {"_id": "a", "version": 4, "session": {"s": 1}, "applied": documents.encode_applied(turn), "effects": [], "fence": 2}

    expected = StoredConversation("a", 4, {"s": 1}, (Applied("m", NOW),), (), None, 2)
    assert expected == documents.decode_conversation(stored(document))
    assert replace(expected, due=NOW) == documents.decode_conversation(stored(document | {"due": NOW}))


@pytest.mark.parametrize("payload", [{"at": NOW, "raw": b"\x00"}, {"n": 1 << 64}, {"half": "\ud800"}, {"nul\x00": {}}, {}])
def test_whatever_is_parked_survives(payload):
    item = ParkedItem("id", "event", "bug", "", payload, NOW)

    assert item == documents.decode_parked(stored(documents.encode_parked(item)))


def test_an_outbox_item_survives():
    item = OutboxItem("e", "sim:sms:a", "sms", "x", NOW, (("1", "Ya"),), 7, "consent")

    assert item == documents.decode_outbox(stored(documents.encode_outbox(item, 7)))


def test_a_file_is_read():
    document = {"_id": "m", "name": "a.jpg", "mime": "image/jpeg", "size": 3, "sha256": media_type.digest(b"abc"), "attempts": []}

    assert MediaInfo("m", "a.jpg", "image/jpeg", 3, media_type.digest(b"abc")) == documents.decode_media(document)


def test_text_in_a_pipeline_is_data():
    assert {"$literal": "$session"} == literal("$session")


def test_what_a_newer_program_adds_to_an_effect_or_an_applied_id_is_passed_over():
    effect = Effect("a", "say", "say", {"text": "x"}, due=NOW)
    document = {
        "_id": "sms:+62",
        "version": 3,
        "session": {},
        "applied": [{"id": "m1", "at": NOW, "urgency": 1}],
        "effects": [documents.encode_effect(effect) | {"urgency": 1}],
        "fence": 1,
    }
    decoded = documents.decode_conversation(document)
    assert ((effect,), (Applied("m1", NOW),)) == (decoded.effects, decoded.applied)
