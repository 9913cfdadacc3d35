"""What is parked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import ParkedItem

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ITEM = ParkedItem("sms:+62/m1", "inbound", "bug", "sms:+62", {"$a": {"b.c": 1}, "at": NOW, "raw": b"\x00"}, NOW)


@pytest.mark.parametrize("payload", [ITEM.payload, {"n": 1 << 70}, {"half": "\ud800"}, {"nul\x00": [1, {"$x": None}]}])
async def test_it_is_read_back_as_parked_even_what_bson_refuses(store, payload):
    item = replace(ITEM, payload=payload)

    await store.parked.park(item)

    assert item == await store.parked.load(item.id)
    assert None is await store.parked.load("other")


async def test_it_parks_once(store):
    await store.parked.park(ITEM)
    await store.parked.park(replace(ITEM, reason="later"))

    assert [ITEM] == await store.parked.list(10)


async def test_oldest_first(store):
    for index, hours in enumerate((3, 1, 2)):
        await store.parked.park(replace(ITEM, id=str(index), at=NOW + timedelta(hours=hours)))

    assert ["1", "2"] == [item.id for item in await store.parked.list(2)]


async def test_removed_once(store):
    await store.parked.park(ITEM)

    assert [True, False] == [await store.parked.remove(ITEM.id), await store.parked.remove(ITEM.id)]


async def test_a_persons_are_erased(store):
    await store.parked.park(ITEM)
    await store.parked.park(replace(ITEM, id="2"))
    await store.parked.park(replace(ITEM, id="3", owner="sms:other"))

    assert 2 == await store.parked.erase("sms:+62")
    assert ["3"] == [item.id for item in await store.parked.list(10)]
