"""The bodies of the core's API."""

import contextlib
import copy
from datetime import UTC, date, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import forms
from core.errors import Malformed, Refused
from core.model import Attachment, Filing, Kind, Location, Reporter
from core.workflow import CitizenMessage, Rate, Reopen, Withdraw

ATTACHMENT = {
    "id": "m1",
    "name": "foto.jpg",
    "mime": "image/jpeg",
    "size": 3,
    "sha256": "a" * 64,
    "url": "http://127.0.0.1:8080/media/m1",
}
REPORT = {
    "id": "r1",
    "kind": "pengaduan",
    "title": "Jalan rusak",
    "body": "Jalan rusak \u0000 {{7*7}} \u202e",
    "occurred_on": "2026-11-19",
    "location": {"text": "Cibodas", "area_code": "36.71", "lat": -6.2, "lon": 106},
    "category": "jalan",
    "agency": None,
    "anonymous": False,
    "confidential": True,
    "reporter": {"name": None, "channel": "sms", "address": "+6281234567890"},
    "channel": "sms",
    "entered_by": None,
    "attachments": [ATTACHMENT],
    "submitted_at": "2026-11-20T10:00:00.123+07:00",
    "of_a_later_version": {"$gt": ""},
}


def read(changes):
    source = copy.deepcopy(REPORT)
    for path, value in changes.items():
        inner = source
        *parents, last = path.split(".")
        for name in parents:
            inner = inner[int(name)] if name.isdigit() else inner[name]
        inner[last] = value
    return forms.read_filing(orjson.dumps(source), "r1")


def test_reads_a_report():
    expected = Filing(
        id="r1",
        kind=Kind.COMPLAINT,
        title="Jalan rusak",
        body="Jalan rusak \u0000 {{7*7}} \u202e",
        location=Location("Cibodas", "36.71", -6.2, 106.0),
        channel="sms",
        submitted_at=datetime(2026, 11, 20, 3, 0, 0, 123000, tzinfo=UTC),
        occurred_on=date(2026, 11, 19),
        category="jalan",
        confidential=True,
        reporter=Reporter("sms", "+6281234567890"),
        attachments=(Attachment(**ATTACHMENT),),
    )
    assert expected == read({})


def test_an_anonymous_report_needs_no_more_than_its_contents():
    body = {name: REPORT[name] for name in ("id", "kind", "title", "body", "confidential", "channel", "submitted_at")} | {"anonymous": True}
    filing = forms.read_filing(orjson.dumps(body), "r1")
    assert (None, Location(""), ()) == (filing.reporter, filing.location, filing.attachments)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"id": "r2"}, ["id"]),
        ({"kind": "kritik"}, ["kind"]),
        ({"kind": ["pengaduan"]}, ["kind"]),
        ({"title": "  "}, ["title"]),
        ({"title": {"$gt": ""}}, ["title"]),
        ({"body": "x" * 100_001}, ["body"]),
        ({"occurred_on": "19/11/2026"}, ["occurred_on"]),
        ({"occurred_on": "2026-02-30"}, ["occurred_on"]),
        ({"location": "Cibodas"}, ["location"]),
        ({"location.lat": None}, ["location.lat"]),
        ({"location.lon": 181}, ["location.lon", "location.lon"]),
        ({"location.lat": True, "location.lon": None}, ["location.lat"]),
        ({"anonymous": "no"}, ["anonymous"]),
        ({"anonymous": True}, ["reporter"]),
        ({"reporter": None}, ["reporter"]),
        ({"reporter.address": ""}, ["reporter.address"]),
        ({"submitted_at": "2026-11-20T10:00:00"}, ["submitted_at"]),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, ["submitted_at"]),
        ({"attachments": [1]}, ["attachments"]),
        ({"attachments": [ATTACHMENT] * 101}, ["attachments"]),
        ({"attachments.0.size": -1}, ["attachments.0.size"]),
        ({"attachments.0.size": 2**63}, ["attachments.0.size"]),
        ({"attachments.0.sha256": "A" * 64}, ["attachments.0.sha256"]),
        ({"attachments.0.url": "file:///etc/passwd"}, ["attachments.0.url"]),
        ({"title": 1, "channel": None}, ["title", "channel"]),
    ],
)
def test_names_every_field_that_is_wrong(changes, fields):
    with pytest.raises(Refused) as caught:
        read(changes)
    assert fields == [error.field for error in caught.value.errors]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"a": "\\ud800"}', b"[" * 5000])
@pytest.mark.parametrize("reader", [forms.read_filing, forms.read_message, forms.read_rating, forms.read_withdrawal, forms.read_reopening])
def test_refuses_what_is_no_json_object(reader, body):
    with pytest.raises(Malformed):
        reader(body, "r1")


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(st.characters(codec="utf-8"), max_size=5)
NAMES = st.sampled_from([*REPORT, "text", "lat", "scores", "size"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=12)


@given(VALUES)
def test_any_json_is_read_or_refused(value):
    for reader in (forms.read_filing, forms.read_message, forms.read_rating):
        with contextlib.suppress(Malformed, Refused):
            reader(orjson.dumps(value), "r1")


@pytest.mark.parametrize(
    ("reader", "body", "expected"),
    [
        (forms.read_message, {"text": "RT 3", "attachments": []}, CitizenMessage("RT 3")),
        (forms.read_message, {"text": "", "attachments": [ATTACHMENT]}, CitizenMessage("", (Attachment(**ATTACHMENT),))),
        (forms.read_rating, {"scores": {"overall": 5}}, Rate({"overall": 5})),
        (forms.read_rating, {"scores": {f"u{n}": 4 for n in range(1, 10)}}, Rate({f"u{n}": 4 for n in range(1, 10)})),
        (forms.read_withdrawal, {"reason": None}, Withdraw()),
        (forms.read_reopening, {"reason": "belum selesai"}, Reopen("belum selesai")),
    ],
)
def test_reads_operations(reader, body, expected):
    assert expected == reader(orjson.dumps({"id": "o1", **body}), "o1")


@pytest.mark.parametrize(
    ("reader", "body", "field"),
    [
        (forms.read_message, {"text": " ", "attachments": []}, "text"),
        (forms.read_message, {"text": 3}, "text"),
        (forms.read_message, {"id": "o2", "text": "RT 3"}, "id"),
        (forms.read_rating, {}, "scores"),
        (forms.read_rating, {"scores": {"overall": 6}}, "scores"),
        (forms.read_rating, {"scores": {"overall": True}}, "scores"),
        (forms.read_rating, {"scores": {"u1": 4}}, "scores"),
        (forms.read_rating, {"scores": {f"u{n}": 5 for n in range(1, 10)}}, "scores"),
        (forms.read_withdrawal, {"reason": ["x"]}, "reason"),
    ],
)
def test_refuses_operations(reader, body, field):
    with pytest.raises(Refused) as caught:
        reader(orjson.dumps({"id": "o1", **body}), "o1")
    assert [field] == [error.field for error in caught.value.errors]
