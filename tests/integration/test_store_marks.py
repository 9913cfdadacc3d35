"""Cursors and leases."""

import asyncio
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
END = NOW + timedelta(seconds=30)


async def test_a_cursor(store):
    assert None is await store.marks.get("events")

    await store.marks.put("events", "$5")
    await store.marks.put("events", "$6")

    assert "$6" == await store.marks.get("events")
    assert None is await store.marks.get("others")


async def test_a_lease_is_renewed_by_its_holder_only(store):
    assert await store.marks.lease("poll", "a", NOW, END)
    assert not await store.marks.lease("poll", "b", NOW, END)
    assert await store.marks.lease("poll", "a", NOW, END + timedelta(seconds=30))
    assert not await store.marks.lease("poll", "b", END, END + timedelta(seconds=30))


async def test_a_lapsed_lease_is_anothers(store):
    await store.marks.lease("poll", "a", NOW, END)

    assert await store.marks.lease("poll", "b", END, END + timedelta(seconds=30))
    assert not await store.marks.lease("poll", "a", END, END + timedelta(seconds=30))


async def test_a_lease_given_back_is_free(store):
    await store.marks.lease("poll", "a", NOW, END)
    await store.marks.lease("poll", "a", NOW, NOW)

    assert await store.marks.lease("poll", "b", NOW, END)


async def test_of_many_one_takes_it(store):
    taken = await asyncio.gather(*(store.marks.lease("poll", f"holder {each}", NOW, END) for each in range(20)))

    assert 1 == taken.count(True)


async def test_cursors_and_leases_may_share_a_name(store):
    await store.marks.put("poll", "5")

    assert await store.marks.lease("poll", "a", NOW, END)
    assert "5" == await store.marks.get("poll")
