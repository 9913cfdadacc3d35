"""Reads that ride together, over a collection that only counts."""

import asyncio

import pymongo.errors
import pytest

from bot.errors import StoreUnavailable
from bot.store.reads import Reads


class Collection:
    def __init__(self, documents):
        self.documents = documents
        self.asked = []

    async def fetch(self, ids):
        self.asked.append(ids)
        await asyncio.sleep(0)
        return {id_: self.documents[id_] for id_ in ids if id_ in self.documents}


async def test_each_gets_its_own_and_none_what_is_not_there():
    collection = Collection({"a": {"n": 1}, "b": {"n": 2}})
    together = Reads(collection.fetch)
    assert [{"n": 1}, None, {"n": 2}, {"n": 1}] == await asyncio.gather(*map(together.get, "axba"))
    assert [["a", "x", "b"]] == collection.asked


async def test_who_comes_while_a_read_is_under_way_gets_what_is_there_later():
    collection = Collection({"a": {"n": 1}})
    together = Reads(collection.fetch)
    first = asyncio.create_task(together.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [["a"]] == collection.asked
    late = asyncio.create_task(together.get("a"))
    collection.documents = {"a": {"n": 2}}
    assert {"n": 2} == await late
    await first
    assert 2 == len(collection.asked)


async def test_they_are_no_more_than_so_many():
    collection = Collection({})
    await asyncio.gather(*map(Reads(collection.fetch, at_most=2).get, "abcde"))
    assert [["a", "b"], ["c", "d"], ["e"]] == collection.asked


@pytest.mark.parametrize("error", [pymongo.errors.AutoReconnect(), RuntimeError()])
async def test_whatever_fails_nobody_waits_for_ever_and_the_next_try_anew(error):
    outcomes = [error]

    async def fetch(_ids):
        if outcomes:
            raise outcomes.pop()
        return {"a": {}}

    together = Reads(fetch)
    failed = await asyncio.gather(together.get("a"), together.get("b"), return_exceptions=True)
    assert [StoreUnavailable, StoreUnavailable] == [type(each) for each in failed]
    assert {} == await together.get("a")


async def test_a_caller_that_has_gone_hurts_nobody():
    together = Reads(Collection({"a": {"n": 1}}).fetch)
    gone = asyncio.create_task(together.get("a"))
    stays = asyncio.create_task(together.get("a"))
    await asyncio.sleep(0)
    gone.cancel()
    assert {"n": 1} == await stays
