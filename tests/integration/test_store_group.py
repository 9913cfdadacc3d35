"""Group commit over a real collection: how many bulks, and who suffers from whom."""

import asyncio
from functools import partial

import pytest
from pymongo import WriteConcern

from bot.errors import StoreUnavailable, Unstorable
from bot.store import group
from bot.store.group import Group


class Bulks:
    """A collection's bulk_write that notes the size of each batch."""

    def __init__(self, collection):
        self.collection = collection
        self.sizes = []
        self.flying = 0

    async def __call__(self, operations):
        assert 0 == self.flying, "one bulk in flight"
        self.flying += 1
        self.sizes.append(len(operations))
        try:
            return await self.collection.bulk_write(operations, ordered=False)
        finally:
            self.flying -= 1


@pytest.fixture
async def collection(store):
    collection = store._db.grouped
    yield collection
    await collection.drop()  # with the indexes that a test has given it


@pytest.fixture
async def bulks(collection):
    return Bulks(collection)


@pytest.fixture
async def writes(bulks):
    return Group(bulks)


def insert(writes, id_, **options):
    return writes.update({"_id": id_, "version": 0}, {"$inc": {"version": 1}}, upsert=True, **options)


async def test_arrivals_ride_together(writes, bulks, collection):
    outcomes = await asyncio.gather(*(insert(writes, each) for each in range(100)))

    assert [True] * 100 == outcomes
    assert 100 == await collection.count_documents({})
    assert [100] == bulks.sizes


async def test_arrivals_in_flight_ride_the_next(writes, bulks):
    first = asyncio.create_task(insert(writes, "first"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert 1 == bulks.flying

    await asyncio.gather(first, *(insert(writes, each) for each in range(50)))

    assert [1, 50] == bulks.sizes


@pytest.fixture
def patience(monkeypatch):
    """More than the slowest disk takes for a write."""
    monkeypatch.setattr(group, "PATIENCE", 60.0)


@pytest.mark.usefixtures("patience")
async def test_a_lone_caller_does_not_wait(writes):
    assert await asyncio.wait_for(insert(writes, "alone"), 20)


async def test_a_bulk_is_bounded_in_number(writes, bulks):
    await asyncio.gather(*(insert(writes, each) for each in range(2 * group.MAX_OPERATIONS + 1)))

    assert [group.MAX_OPERATIONS, group.MAX_OPERATIONS, 1] == bulks.sizes


async def test_a_bulk_is_bounded_in_bytes(writes, bulks):
    text = "x" * (3 << 20)

    outcomes = await asyncio.gather(*(writes.update({"_id": each}, {"$set": {"text": text}}, upsert=True) for each in range(5)))

    assert [True] * 5 == outcomes
    assert [2, 2, 1] == bulks.sizes


async def test_misses_do_not_hurt_their_neighbours(writes, bulks):
    await asyncio.gather(*(insert(writes, each) for each in range(0, 100, 3)))

    outcomes = await asyncio.gather(*(insert(writes, each) for each in range(100)))

    assert [each % 3 != 0 for each in range(100)] == outcomes
    assert 2 == len(bulks.sizes)


async def test_a_refused_operation_does_not_hurt_its_neighbours(writes, collection):
    await collection.insert_one({"_id": "text", "list": "no list"})
    push = writes.update({"_id": "text"}, {"$push": {"list": 1}}, upsert=True)
    unknown = writes.update({"_id": "operator"}, {"$nonsense": {"a": 1}}, upsert=True)

    outcomes = await asyncio.gather(insert(writes, "a"), push, unknown, insert(writes, "b"), return_exceptions=True)

    assert [bool, Unstorable, Unstorable, bool] == [type(each) for each in outcomes]
    assert 3 == await collection.count_documents({})


async def test_anothers_unique_value_is_no_miss(writes, collection):
    await collection.create_index("receipt", unique=True)
    await collection.insert_one({"_id": "a", "receipt": "L1"})

    with pytest.raises(Unstorable, match="duplicate receipt"):
        await writes.update({"_id": "b"}, {"$set": {"receipt": "L1"}}, upsert=True)


async def test_a_write_concern_error_leaves_all_unknown(collection):
    impossible = collection.with_options(write_concern=WriteConcern(w=3, wtimeout=100))
    writes = Group(partial(impossible.bulk_write, ordered=False))

    outcomes = await asyncio.gather(*(insert(writes, each) for each in range(3)), return_exceptions=True)

    assert [StoreUnavailable] * 3 == [type(each) for each in outcomes]


async def test_whatever_fails_nobody_waits_for_ever():
    async def broken(_operations):
        raise RuntimeError("rahasia")

    with pytest.raises(StoreUnavailable, match=r"^RuntimeError$"):
        await insert(Group(broken), "a")


@pytest.mark.usefixtures("patience")
async def test_the_patient_ride_with_the_next_who_is_not(writes, bulks):
    patient = asyncio.create_task(insert(writes, "patient", patient=True))
    await asyncio.sleep(0.02)
    assert [] == bulks.sizes

    await insert(writes, "urgent")
    await asyncio.wait_for(patient, 20)

    assert [2] == bulks.sizes


async def test_the_patient_wait_no_longer_than_promised(writes, bulks):
    started = asyncio.get_running_loop().time()

    await asyncio.gather(*(insert(writes, each, patient=True) for each in range(3)))

    assert [3] == bulks.sizes
    assert group.PATIENCE <= asyncio.get_running_loop().time() - started < group.PATIENCE + 2


async def test_the_patient_that_arrive_in_flight_wait_for_their_timer(writes, bulks):
    first = asyncio.create_task(insert(writes, "first"))
    await asyncio.sleep(0)
    patient = asyncio.create_task(insert(writes, "patient", patient=True))
    await first
    assert not patient.done()

    assert await patient
    assert [1, 1] == bulks.sizes


async def test_a_caller_that_has_gone_hurts_nobody(writes, collection):
    gone = asyncio.create_task(insert(writes, "gone"))
    await asyncio.sleep(0)
    gone.cancel()

    assert await insert(writes, "stays")
    assert 2 == await collection.count_documents({})


async def test_close_writes_what_waits_and_then_refuses(writes, collection):
    patient = asyncio.create_task(insert(writes, "patient", patient=True))
    await asyncio.sleep(0)

    await writes.close()

    assert await patient
    assert 1 == await collection.count_documents({})
    with pytest.raises(StoreUnavailable):
        await insert(writes, "late")
