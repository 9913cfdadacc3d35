"""Leases: who holds a document, and what a holder that lost it may still write."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model import Effect
from bot.ports import Claim, Done, Settlement, TurnWrite

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def effect(id_, **fields):
    return replace(Effect(id_, "say", "say", {"text": "halo"}, due=NOW), **fields)


def turn(conversation, *ids, version=0, claim=True, due=NOW):
    return TurnWrite(
        conversation=conversation,
        version=version,
        session={},
        applied=(),
        effects=tuple(effect(id_) for id_ in ids),
        due=due,
        at=NOW,
        claim=claim,
    )


async def test_a_claim_takes_what_is_due_and_raises_the_fence(store):
    await store.conversations.commit(turn("a", "e1", "e2"))
    await store.conversations.commit(turn("b", "e1", due=NOW + LEASE))

    # Whoever wrote the turn had the lease, and may have said them: nobody knows.
    assert [Claim("a", 1, (effect("e1", unsure=True), effect("e2", unsure=True)))] == await store.conversations.claim(NOW, NOW + LEASE, 10)
    assert [] == await store.conversations.claim(NOW, NOW + LEASE, 10)
    assert NOW + LEASE == (await store.conversations.load("a")).due
    assert await store.conversations.held_by("a", 1)
    assert not await store.conversations.held_by("a", 0)
    assert not await store.conversations.held_by("nobody", 1)


async def test_what_comes_due_by_schedule_is_claimed_as_it_stands(store):
    await store.conversations.commit(turn("a", "e1", "e2", due=NOW + LEASE))
    later = effect("e2", due=NOW + timedelta(seconds=2))
    renewal = Settlement("a", 0, NOW, done=(Done("e1"),), known=frozenset({"e1"}), next_due=NOW + LEASE, renews=True)
    await store.conversations.settle(renewal)
    assert NOW + LEASE == (await store.conversations.load("a")).due
    assert [later.id] == [each.id for each in await store.conversations.effects("a", 0)]
    assert () == await store.conversations.effects("a", 1)
    await store.conversations.settle(Settlement("a", 0, NOW, changed=(later,), known=frozenset({"e1", "e2"}), next_due=later.due))

    assert [Claim("a", 1, (later,))] == await store.conversations.claim(later.due, later.due + LEASE, 10)


async def test_claims_take_those_longest_due_first_and_no_more_than_asked(store):
    for index in range(5):
        await store.conversations.commit(turn(f"c{index}", "e", due=NOW - timedelta(seconds=index)))

    claims = await store.conversations.claim(NOW, NOW + LEASE, 2)

    assert {"c4", "c3"} == {claim.id for claim in claims}


async def test_each_document_goes_to_one_of_many_claimants(store):
    await asyncio.gather(*(store.conversations.commit(turn(f"c{index}", "e")) for index in range(30)))

    claims = await asyncio.gather(*(store.conversations.claim(NOW, NOW + LEASE, 30) for _ in range(4)))

    taken = [claim.id for claimed in claims for claim in claimed]
    assert sorted(f"c{index}" for index in range(30)) == sorted(taken)


async def test_a_lapsed_lease_is_taken_over_and_the_zombie_writes_only_what_has_happened(store):
    await store.conversations.commit(turn("a", "e1", "e2", "e3"))
    (zombie,) = await store.conversations.claim(NOW, NOW + LEASE, 1)
    after = NOW + LEASE
    (present,) = await store.conversations.claim(after, after + LEASE, 1)
    assert (1, 2) == (zombie.fence, present.fence)

    late = replace(effect("e2"), due=after + timedelta(hours=1), attempts=7)
    known = frozenset({"e1", "e2", "e3"})
    await store.conversations.settle(
        Settlement("a", zombie.fence, after, done=(Done("e1", "SM1"),), changed=(late,), known=known, next_due=after + timedelta(hours=1))
    )

    loaded = await store.conversations.load("a")
    assert (effect("e2"), effect("e3")) == loaded.effects
    assert after + LEASE == loaded.due
    assert 2 == loaded.fence


async def test_a_settled_document_is_due_no_more(store):
    await store.conversations.commit(turn("a", "e1"))
    (claim,) = await store.conversations.claim(NOW, NOW + LEASE, 1)

    await store.conversations.settle(Settlement("a", claim.fence, NOW, done=(Done("e1"),), known=frozenset({"e1"})))

    assert "due" not in await store._db.conversations.find_one({"_id": "a"})
    assert 1 == (await store.conversations.load("a")).version
    assert [] == await store.conversations.claim(NOW + timedelta(days=1), NOW + timedelta(days=2), 10)


async def test_what_another_pushed_meanwhile_is_due_as_soon_as_the_holder_settles(store):
    await store.conversations.commit(turn("a", "e1", due=NOW + LEASE))
    assert await store.conversations.commit(turn("a", "e2", version=1, claim=False, due=NOW + LEASE + timedelta(seconds=1)))
    assert NOW + LEASE == (await store.conversations.load("a")).due

    at = NOW + timedelta(seconds=2)
    await store.conversations.settle(Settlement("a", 0, at, done=(Done("e1"),), known=frozenset({"e1"}), next_due=None))

    loaded = await store.conversations.load("a")
    assert ((effect("e2"),), at) == (loaded.effects, loaded.due)


async def test_a_rescheduled_effect_keeps_its_words(store):
    await store.conversations.commit(turn("a", "e1", "e2"))
    again = replace(effect("e1"), due=NOW + timedelta(minutes=1), attempts=1, unsure=True)

    await store.conversations.settle(
        Settlement("a", 0, NOW, done=(Done("e2"),), changed=(again,), known=frozenset({"e1", "e2"}), next_due=again.due)
    )

    loaded = await store.conversations.load("a")
    assert ((again,), again.due) == (loaded.effects, loaded.due)


async def test_settling_what_is_not_there_makes_nothing(store):
    await store.conversations.settle(Settlement("ghost", 0, NOW, done=(Done("e1", "SM1"),)))

    assert None is await store._db.conversations.find_one({"_id": "ghost"})
