"""What fills a large database are documents that the store itself can read."""

import random
from datetime import UTC, datetime

from bench import population
from bot.access import normalise_number
from bot.store.documents import decode_conversation, decode_report

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
EFFECT = {"id": "e", "lane": "say", "kind": "say", "data": {}, "due": NOW, "attempts": 0, "unsure": False}
CONVERSATION = {
    "_id": "telegram:1",
    "version": 9,
    "session": {"language": "id"},
    "applied": [],
    "effects": [EFFECT],
    "due": NOW,
    "leased": True,
    "fence": 3,
    "updated_at": NOW,
}
REPORT = {
    "_id": "a" * 32,
    "receipt": "L23456789",
    "code_hash": "",
    "conversation": "telegram:1",
    "body": {"category": "psu", "confidential": False, "location": {"text": "x", "area_code": "36.71.09"}},
    "media": [],
    "submitted_at": NOW,
    "version": 1,
    "status": "received",
    "sequence": 0,
    "missing": [],
    "due_dates": {},
    "wants_answer": False,
    "rated": False,
    "refused": False,
    "applied": [],
    "effects": [EFFECT],
    "due": NOW,
    "fence": 0,
    "language": "id",
}


def reports(count):
    dice = random.Random(1)
    return [decode_report(population.report(REPORT, number, NOW, dice)) for number in range(count)]


def test_a_copied_conversation_is_another_persons_and_at_rest():
    copy = population.conversation(CONVERSATION, 7, NOW)

    read = decode_conversation(copy)
    assert ("telegram:10000000007", 9, (), None) == (read.id, read.version, read.effects, read.due)
    assert "leased" not in copy


def test_a_copied_report_is_at_rest_with_a_ticket():
    (read,) = reports(1)

    assert ((), None, "8000000", "telegram:10000000000") == (read.effects, read.due, read.ticket, read.conversation)


def test_no_two_are_the_same_where_they_must_differ():
    many = reports(2_000)

    for name in ("id", "receipt", "ticket", "conversation"):
        assert 2_000 == len({getattr(each, name) for each in many})
    assert all(each.receipt == normalise_number(each.receipt) for each in many)


def test_they_lie_all_over_the_country_in_all_categories():
    many = reports(2_000)

    assert len({each.body["location"]["area_code"] for each in many}) > 1_500
    assert len({each.body["category"] for each in many}) > 15


def test_ids_are_scattered_over_the_index():
    ids = [each.id for each in reports(200)]

    assert len({id_[0] for id_ in ids}) == 16
    assert ids != sorted(ids)
