"""The outbox of simulated phones."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from bot.ports import OutboxItem
from bot.store.store import Store

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ITEM = OutboxItem("e1", "sim:sms:budi", "sms", "$halo", NOW, choices=(("1", "Ya"), ("2", "Tidak")), question="consent")


async def test_an_item_is_read_back_with_its_number(store):
    await store.outbox.add(ITEM)

    assert [replace(ITEM, sequence=1)] == await store.outbox.newest(None, 5)


async def test_the_same_id_again_is_a_further_item(store):
    await store.outbox.add(ITEM)
    await store.outbox.add(ITEM)

    assert [2, 1] == [item.sequence for item in await store.outbox.newest(None, 5)]


async def test_by_address_and_after(store):
    for index in range(6):
        await store.outbox.add(replace(ITEM, id=str(index), to=f"sim:sms:{index % 2}"))

    assert ["5", "4"] == [item.id for item in await store.outbox.newest(None, 2)]
    assert ["4", "2"] == [item.id for item in await store.outbox.newest("sim:sms:0", 2)]
    assert ["2", "4"] == [item.id for item in await store.outbox.after("sim:sms:0", 1, 5)]
    assert ["2"] == [item.id for item in await store.outbox.after("sim:sms:0", 1, 1)]


async def test_a_reader_misses_nothing_while_processes_write(store, mongodb_url):
    second = await Store.open(mongodb_url, store._db.name)
    writing = asyncio.gather(*(each.outbox.add(ITEM) for each in (store, second) for _ in range(25)))
    seen = []
    while len(seen) < 50:
        seen += [item.sequence for item in await store.outbox.after(ITEM.to, seen[-1] if seen else 0, 100)]
    await writing
    await second.close()

    assert list(range(1, 51)) == seen


async def test_numbers_go_on_when_the_outbox_has_been_emptied(store):
    await store.outbox.add(ITEM)
    await store._db.outbox.delete_many({})

    await store.outbox.add(ITEM)

    assert [2] == [item.sequence for item in await store.outbox.newest(None, 5)]


async def test_forgotten_after_a_week(store):
    indexes = await store._db.outbox.index_information()

    assert 7 * 24 * 3600 == indexes["at"]["expireAfterSeconds"]
