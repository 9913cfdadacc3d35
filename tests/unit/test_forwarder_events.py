"""The core's events: their shape, and whose are believed."""

import base64
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from bot import clock
from bot.errors import Forbidden, Malformed
from bot.forwarder import wire
from bot.forwarder.events import parse_event, verify_event
from bot.forwarder.protocol import AgencyMessage
from bot.model import Status
from tests.fakes.core import SECRET

EVENT = {
    "id": "evt-1",
    "type": "report.message",
    "ticket": "1916449",
    "idempotency_key": "r1",
    "sequence": 3,
    "status": "in_progress",
    "agency": "Dinas PUPR",
    "note": None,
    "message": {"id": "m1", "text": "Di RT berapa?", "attachments": [{"id": "a"}], "wants_answer": True},
    "missing": ["location", "occurred_on"],
    "due": {"verification": "2026-11-25", "response": None, "reply": "2026-12-24", "later": "?"},
    "occurred_at": "2026-11-20T10:00:00+07:00",
    "invented_later": {"fine": True},
}


def test_every_field_of_an_event_is_read():
    event = parse_event(EVENT)
    assert ("evt-1", "report.message", "1916449", "r1", 3) == (event.id, event.type, event.ticket, event.idempotency_key, event.sequence)
    assert (Status.IN_PROGRESS, "Dinas PUPR", None) == (event.status, event.agency, event.note)
    assert AgencyMessage("m1", "Di RT berapa?", 1, wants_answer=True) == event.message
    assert ("location", "occurred_on") == event.missing
    assert {"verification": date(2026, 11, 25), "reply": date(2026, 12, 24)} == event.due
    assert datetime(2026, 11, 20, 3, 0, tzinfo=UTC) == event.occurred_at


def test_a_status_event_needs_only_its_own_fields():
    bare = {name: EVENT[name] for name in ("id", "ticket", "idempotency_key", "sequence", "status", "occurred_at")}
    event = parse_event(bare | {"type": "report.status_changed", "message": None, "due": None, "missing": None})
    assert (None, None, None, (), {}) == (event.message, event.agency, event.note, event.missing, event.due)


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": 7},
        {"id": "x" * (wire.MAX_ID + 1)},
        {"type": "report.exploded"},
        {"type": None},
        {"ticket": 1916449},
        {"ticket": "A1"},
        {"ticket": "１９"},  # noqa: RUF001  # full-width digits
        {"ticket": "1\n"},
        {"ticket": "1" * 19},
        {"idempotency_key": None},
        {"sequence": 0},
        {"sequence": "3"},
        {"sequence": True},
        {"sequence": 1.5},
        {"sequence": 2**63},
        {"status": "exploded"},
        {"status": ["received"]},
        {"agency": 3},
        {"note": {}},
        {"message": None},
        {"message": "text"},
        {"message": {"id": "m1", "text": None, "attachments": []}},
        {"message": {"id": "m1", "text": "t", "attachments": 2}},
        {"message": {"id": "m1", "text": "t", "attachments": [], "wants_answer": "yes"}},
        {"missing": "title"},
        {"missing": [1]},
        {"due": "2026-11-25"},
        {"due": {"reply": 5}},
        {"due": {"reply": "20261125"}},
        {"due": {"reply": "2026-02-30"}},
        {"due": {"reply": "2026-11-25T00:00:00Z"}},
        {"occurred_at": None},
        {"occurred_at": "2026-11-20T10:00:00"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "0001-01-01T00:00:00+07:00"},
    ],
)
def test_an_event_of_another_shape_is_malformed(change: dict[str, Any]):
    with pytest.raises(Malformed) as raised:
        parse_event(EVENT | change)
    assert not re.search(r"Dinas|RT berapa", str(raised.value))


@pytest.mark.parametrize("source", [None, [], "event", 3])
def test_an_event_is_an_object(source: object):
    with pytest.raises(Malformed):
        parse_event(source)


# Their proof.

BODY = orjson.dumps(EVENT)
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret, twenty-four+").decode()


def signed(body: bytes = BODY, *, secret: str = SECRET, age: timedelta = timedelta(0)) -> dict[str, str]:
    moment = clock.now() - age
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt-1", moment, body.decode()),
    }


@pytest.mark.parametrize("secrets", [[SECRET], [OTHER_SECRET, SECRET], [SECRET, OTHER_SECRET]])
@pytest.mark.parametrize("age", [timedelta(0), timedelta(minutes=4, seconds=50), timedelta(minutes=-4, seconds=-50)])
def test_a_signed_event_is_believed(secrets: list[str], age: timedelta):
    assert parse_event(EVENT) == verify_event(secrets, signed(age=age), BODY)


def test_one_of_several_signatures_is_enough():
    both = signed(secret=OTHER_SECRET)["webhook-signature"] + " " + signed()["webhook-signature"]
    assert "evt-1" == verify_event([SECRET], signed() | {"webhook-signature": both}, BODY).id


@pytest.mark.parametrize(
    ("secrets", "headers", "body"),
    [
        pytest.param([], signed(), BODY, id="no secret"),
        pytest.param([""], signed(), BODY, id="empty secret"),
        pytest.param([OTHER_SECRET], signed(), BODY, id="another secret"),
        pytest.param([SECRET], signed(), BODY + b" ", id="another body"),
        pytest.param([SECRET], signed() | {"webhook-id": "evt-2"}, BODY, id="another id"),
        pytest.param([SECRET], {}, BODY, id="no headers"),
        pytest.param([SECRET], {k: v for k, v in signed().items() if k != "webhook-signature"}, BODY, id="no signature"),
        pytest.param([SECRET], signed() | {"webhook-signature": "v1"}, BODY, id="half a signature"),
        pytest.param([SECRET], signed() | {"webhook-signature": "v1,%%%"}, BODY, id="no base64"),
        pytest.param([SECRET], signed() | {"webhook-signature": "v2" + signed()["webhook-signature"][2:]}, BODY, id="unknown version"),
        pytest.param([SECRET], signed() | {"webhook-timestamp": "now"}, BODY, id="no time"),
        pytest.param([SECRET], signed() | {"webhook-timestamp": "1e400"}, BODY, id="endless time"),
        pytest.param([SECRET], signed(), b"\xff", id="no text"),
    ],
)
def test_anything_odd_is_forbidden(secrets: list[str], headers: dict[str, str], body: bytes):
    with pytest.raises(Forbidden):
        verify_event(secrets, headers, body)


@pytest.mark.parametrize("age", [timedelta(minutes=5, seconds=10), -timedelta(minutes=5, seconds=10)])
def test_too_old_or_too_new_is_forbidden(age: timedelta):
    """Signed here and not with the parameters: those are made when the tests are collected, minutes before the last of them runs."""
    with pytest.raises(Forbidden):
        verify_event([SECRET], signed(age=age), BODY)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", orjson.dumps(EVENT | {"status": "exploded"})])
def test_proved_but_unreadable_is_malformed(body: bytes):
    with pytest.raises(Malformed):
        verify_event([SECRET], signed(body), body)
