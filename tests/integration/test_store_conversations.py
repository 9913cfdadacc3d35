"""Turns and delivery reports, on a real mongod."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pymongo.errors
import pytest

from bot.errors import StoreUnavailable, Unstorable
from bot.model import Delivered, Effect
from bot.ports import Applied, Done, Settlement, StoredConversation, TurnWrite
from bot.store import group, riders
from bot.store.documents import decode_effects

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=31)
ID = "sms:+6281234567890"


def effect(id_, **fields):
    return replace(Effect(id_, "say", "say", {"text": "$jalan.rusak"}, due=NOW), **fields)


def turn(version, **fields):
    return replace(
        TurnWrite(
            conversation=ID,
            version=version,
            session={"step": "where", "text": "$session"},
            applied=(Applied(f"m{version}", NOW),),
            effects=(effect(f"e{version}"),),
            due=LATER,
            at=NOW,
            claim=True,
        ),
        **fields,
    )


async def document(store):
    return await store._db.conversations.find_one({"_id": ID})


async def test_an_unknown_conversation_has_version_0(store):
    assert StoredConversation(ID) == await store.conversations.load(ID)


@pytest.mark.parametrize("claim", [True, False])
async def test_a_turn_is_read_back_as_written(store, claim):
    session = {"$where": "$x", "a.b": {"": None}, "deep": [{"$literal": "$session"}], "n": 1, "text": "$effects \x00 \u20ac"}
    first, second = effect("e0", data={"$set": "$fence", "bytes": b"\x00"}), effect("e1", due=LATER, attempts=3, unsure=True)

    assert await store.conversations.commit(turn(0, claim=claim, session=session, effects=(first, second)))

    expected = StoredConversation(
        id=ID,
        version=1,
        session=session,
        applied=(Applied("m0", NOW),),
        effects=(first, second),
        due=LATER,
        fence=0,
    )
    assert expected == await store.conversations.load(ID)


@pytest.mark.parametrize("claim", [True, False])
async def test_a_later_turn_replaces_the_session_and_pushes_effects(store, claim):
    await store.conversations.commit(turn(0))

    assert await store.conversations.commit(turn(1, claim=claim, session={"step": "photo"}))

    loaded = await store.conversations.load(ID)
    assert (2, {"step": "photo"}, (Applied("m1", NOW),)) == (loaded.version, loaded.session, loaded.applied)
    assert ("e0", "e1") == tuple(each.id for each in loaded.effects)


@pytest.mark.parametrize("claim", [True, False])
@pytest.mark.parametrize("version", [0, 2])
async def test_a_turn_on_another_version_is_refused_and_changes_nothing(store, claim, version):
    await store.conversations.commit(turn(0))
    before = await document(store)

    assert not await store.conversations.commit(turn(version, claim=claim))

    assert before == await document(store)


@pytest.mark.parametrize("version", [0, 1])
async def test_of_two_writers_on_one_version_exactly_one_succeeds(store, version):
    if version:
        await store.conversations.commit(turn(0))

    outcomes = await asyncio.gather(*(store.conversations.commit(turn(version, session={"writer": each})) for each in range(20)))

    assert 1 == outcomes.count(True)
    assert {"writer": outcomes.index(True)} == (await store.conversations.load(ID)).session


@pytest.mark.parametrize(
    ("scheduled", "expected"),
    [
        (None, LATER),  # a lease is not cut short
        (NOW - timedelta(seconds=5), NOW - timedelta(seconds=5)),
        (NOW + timedelta(hours=1), NOW),  # a retry far away does not hold the new effects up
    ],
)
async def test_a_turn_that_joins_is_looked_at_at_once_unless_somebody_holds_a_lease(store, scheduled, expected):
    await store.conversations.commit(turn(0, due=LATER))
    if scheduled:
        await store.conversations.settle(Settlement(ID, 0, NOW, known=frozenset({"e0"}), next_due=scheduled))

    assert await store.conversations.commit(turn(1, claim=False, due=NOW))

    assert expected == (await store.conversations.load(ID)).due


async def test_a_turn_that_joins_though_nothing_is_pending_any_more_is_looked_at_at_once(store):
    await store.conversations.commit(turn(0, due=LATER))
    await store.conversations.settle(Settlement(ID, 0, NOW, done=(Done("e0"),), known=frozenset({"e0"})))

    assert await store.conversations.commit(turn(1, claim=False, due=NOW))

    assert NOW == (await store.conversations.load(ID)).due


async def test_a_turn_that_joins_with_nothing_to_do_wakes_nobody(store):
    assert await store.conversations.commit(turn(0, claim=False, effects=()))

    assert "due" not in await document(store)


async def test_what_is_too_large_fails_alone(store):
    await store.conversations.commit(turn(0, effects=(effect("e0", data={"text": "x" * (8 << 20)}),)))
    large = turn(1, session={"text": "x" * (17 << 20)})
    swollen = turn(1, session={"text": "x" * (9 << 20)})  # fits into the write, but not into the document
    neighbours = [turn(0, conversation=f"sms:{each}") for each in range(5)]

    outcomes = await asyncio.gather(*map(store.conversations.commit, [*neighbours, large, swollen]), return_exceptions=True)

    assert [True] * 5 == outcomes[:5]
    assert [Unstorable, Unstorable] == [type(each) for each in outcomes[5:]]


async def test_what_cannot_be_encoded_fails_alone_and_is_not_quoted(store):
    wrong = [{"number": 1 << 70}, {"text": "rahasia \ud800"}, {"set": {1, 2}}, {"a\x00b": "rahasia"}]
    turns = [turn(0, conversation=f"sms:{index}", session=session) for index, session in enumerate(wrong)]

    outcomes = await asyncio.gather(*map(store.conversations.commit, [*turns, turn(0)]), return_exceptions=True)

    assert [Unstorable] * 4 == [type(each) for each in outcomes[:4]]
    assert not any("rahasia" in str(each) for each in outcomes)
    assert True is outcomes[4]


async def test_the_expired_are_found_until_a_turn_takes_the_expiry_back(store):
    for name, days in (("a", 2), ("b", 1), ("c", 3)):
        await store.conversations.commit(turn(0, conversation=name, expires_at=NOW + timedelta(days=days)))
    await store.conversations.commit(turn(0, conversation="never"))

    assert ["b", "a"] == await store.conversations.expired(NOW + timedelta(days=2), 10)
    assert ["b"] == await store.conversations.expired(NOW + timedelta(days=2), 1)

    await store.conversations.commit(turn(1, conversation="a"))
    await store.conversations.commit(turn(1, conversation="b", claim=False))
    assert ["c"] == await store.conversations.expired(NOW + timedelta(days=9), 10)


async def said(store):
    await store.conversations.commit(turn(0))
    await store.conversations.settle(Settlement(ID, 0, NOW, done=(Done("e0", "SM1"),), known=frozenset({"e0"})))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([Delivered.SENT, Delivered.DELIVERED, Delivered.READ], "read"),
        ([Delivered.DELIVERED, Delivered.SENT], "delivered"),
        ([Delivered.DELIVERED, Delivered.FAILED], "delivered"),
        ([Delivered.FAILED, Delivered.SENT], "failed"),
        ([Delivered.FAILED, Delivered.DELIVERED], "delivered"),
        ([Delivered.ACCEPTED], "accepted"),
    ],
)
async def test_delivery_moves_forward_only(store, told, expected):
    await said(store)

    for state in told:
        assert await store.conversations.report_delivery(ID, "e0", state, None, LATER)

    assert expected == (await document(store))["sent"][0]["state"]


async def test_delivery_keeps_provider_code_and_moment(store):
    await said(store)

    await store.conversations.report_delivery(ID, "e0", Delivered.FAILED, "30008", LATER)

    assert [{"id": "e0", "provider_id": "SM1", "at": LATER, "state": "failed", "code": "30008"}] == (await document(store))["sent"]


async def test_delivery_of_what_was_not_said_is_not_known(store):
    await said(store)

    assert not await store.conversations.report_delivery(ID, "e9", Delivered.SENT, None, NOW)
    assert not await store.conversations.report_delivery("sms:nobody", "e0", Delivered.SENT, None, NOW)


WORDS = effect("e0", data={"text": "$lampu", "brief": {"number": "1"}}, attempts=2, unsure=True)


@pytest.mark.parametrize("claim", [True, False])
async def test_what_is_held_back_stays_until_a_turn_says_otherwise(store, claim):
    await store.conversations.commit(turn(0, claim=claim, unsaid=(WORDS,)))
    await store.conversations.commit(turn(1, claim=claim))
    assert (WORDS,) == (await store.conversations.load(ID)).unsaid

    await store.conversations.commit(turn(2, claim=claim, unsaid=()))
    assert ((), False) == ((await store.conversations.load(ID)).unsaid, "unsaid" in await document(store))


async def said_words(store):
    await store.conversations.commit(turn(0))
    done = (Done("e0", "SM1", WORDS), Done("e9", "SM9"))
    await store.conversations.settle(Settlement(ID, 0, NOW, done=done, known=frozenset({"e0"})))


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (Delivered.ACCEPTED, WORDS),
        (Delivered.SENT, WORDS),
        (Delivered.DELIVERED, None),
        (Delivered.READ, None),
        (Delivered.FAILED, None),
    ],
)
async def test_words_are_remembered_until_their_fate_is_known(store, state, left):
    await said_words(store)
    assert (WORDS, None) == (await store.conversations.words(ID, "e0"), await store.conversations.words(ID, "e9"))

    await store.conversations.report_delivery(ID, "e0", state, None, LATER)

    assert left == await store.conversations.words(ID, "e0")


async def test_words_that_nobody_has_looked_at_are_not_forgotten(store):
    """They came to be known after somebody had asked for them in vain."""
    await said_words(store)

    told = [await store.conversations.report_delivery(ID, id_, Delivered.FAILED, "63016", LATER, wordless=True) for id_ in ("e0", "e9")]

    assert [False, True] == told
    assert WORDS == await store.conversations.words(ID, "e0")
    assert {"e0": "accepted", "e9": "failed"} == {each["id"]: each["state"] for each in (await document(store))["sent"]}


async def test_what_was_spoken_is_what_was_said_and_what_is_still_to_be(store):
    await said_words(store)
    await store.conversations.commit(turn(1))

    assert (["e0", "e9", "e1"], []) == (await store.conversations.spoken(ID), await store.conversations.spoken("sms:nobody"))


async def test_words_of_nobody_are_not_known(store):
    await said_words(store)

    assert (None, None) == (await store.conversations.words(ID, "e1"), await store.conversations.words("sms:nobody", "e0"))


async def test_erased_words_are_gone_and_a_turn_that_knew_them_is_refused(store):
    await said_words(store)
    await store.conversations.commit(turn(1, unsaid=(WORDS,)))

    await store.conversations.erase_words(ID)

    assert not await store.conversations.commit(turn(2))
    assert not {"sent", "unsaid"} & set(await document(store))
    assert ["e1"] == [each.id for each in (await store.conversations.load(ID)).effects]


SETTLED = Settlement(ID, 0, NOW, done=(Done("e0", "SM1"),), known=frozenset({"e0"}))


@pytest.fixture
async def settling(store, monkeypatch):
    """(settlement=SETTLED) -> the settlement of the first turn, which waits for the next: however long a slow disk takes for that."""
    monkeypatch.setattr(group, "PATIENCE", 60.0)
    monkeypatch.setattr(riders, "SOON", 60.0)

    async def begun(settlement=SETTLED):
        await store.conversations.commit(turn(0))
        waiting = asyncio.create_task(store.conversations.settle(settlement))
        await asyncio.sleep(0)
        return waiting

    return begun


async def test_a_settlement_rides_with_the_next_turn(store, settling):
    waiting = await settling()

    assert await store.conversations.commit(turn(1, clears=True))

    await asyncio.wait_for(waiting, 20)
    found = await document(store)
    assert ([effect("e1")], LATER) == ([*decode_effects(found)], found["due"])
    assert [("e0", "SM1", "accepted")] == [(sent["id"], sent["provider_id"], sent["state"]) for sent in found["sent"]]


async def test_of_what_was_sent_the_last_stay_known_also_when_settled_with_turns(store):
    for version in range(25):
        assert await store.conversations.commit(turn(version, clears=True))
        done = Settlement(ID, 0, NOW, done=(Done(f"e{version}", f"SM{version}"),), known=frozenset({f"e{version}"}))
        waiting = asyncio.create_task(store.conversations.settle(done))
        await asyncio.sleep(0)
    await waiting
    assert [f"SM{number}" for number in range(5, 25)] == [sent["provider_id"] for sent in (await document(store))["sent"]]


@pytest.mark.parametrize("change", [{"clears": False}, {"claim": False}])
async def test_a_turn_that_saw_something_pending_takes_no_settlement_along(store, settling, change):
    waiting = await settling()

    assert await store.conversations.commit(turn(1, **change))
    assert not waiting.done()

    store.conversations._riders.all_get_off()
    await waiting
    assert (effect("e1"),) == (await store.conversations.load(ID)).effects


async def test_a_refused_turn_leaves_the_settlement_to_itself(store, settling):
    waiting = await settling()

    assert not await store.conversations.commit(turn(7, clears=True))

    await asyncio.wait_for(waiting, 20)
    loaded = await store.conversations.load(ID)
    assert (1, (), None) == (loaded.version, loaded.effects, loaded.due)


async def test_after_another_process_has_taken_over_neither_turn_nor_settlement_is_taken_for_the_holders(store, settling):
    waiting = await settling()
    [claim] = await store.conversations.claim(LATER, LATER + timedelta(seconds=30), 1)

    assert not await store.conversations.commit(turn(1, clears=True))

    await waiting
    found = await document(store)
    assert (1, [], LATER + timedelta(seconds=30), claim.fence) == (found["version"], found["effects"], found["due"], found["fence"])


async def test_what_is_left_to_do_is_settled_without_a_turn(store, settling):
    again = effect("e0", due=LATER, attempts=1)
    waiting = await settling(Settlement(ID, 0, NOW, changed=(again,), known=frozenset({"e0"}), next_due=LATER))

    await asyncio.wait_for(waiting, 20)

    assert (again,) == (await store.conversations.load(ID)).effects


@pytest.mark.parametrize(("how_many", "patience", "seconds"), [(3, 10.0, riders.SOON), (riders.CROWD, group.PATIENCE, group.PATIENCE)])
async def test_without_a_turn_settlements_go_together_in_time_and_a_few_go_soon(store, monkeypatch, how_many, patience, seconds):
    monkeypatch.setattr(group, "PATIENCE", patience)
    for number in range(how_many):
        await store.conversations.commit(turn(0, conversation=f"{ID}{number}"))
    started = asyncio.get_running_loop().time()

    await asyncio.gather(*(store.conversations.settle(replace(SETTLED, id=f"{ID}{number}")) for number in range(how_many)))

    assert seconds <= asyncio.get_running_loop().time() - started < seconds + 2
    assert 0 == await store._db.conversations.count_documents({"due": {"$exists": True}})


async def test_a_settlement_whose_time_is_up_is_written_before_a_turn_that_comes_at_that_moment(store, settling):
    waiting = await settling()

    store.conversations._riders.all_get_off()
    assert await store.conversations.commit(turn(1, clears=True))

    await waiting
    found = await document(store)
    assert ([effect("e1")], LATER, True) == ([*decode_effects(found)], found["due"], found["leased"])


async def test_close_writes_the_settlements_that_wait(store, settling):
    waiting = await settling()

    await store.conversations.close()

    await waiting
    assert "due" not in await document(store)


async def test_after_an_unknown_outcome_the_settlement_is_written_by_itself_and_nothing_is_known_as_sent_twice(store, settling):
    waiting = await settling()
    write = store.conversations._group._bulk_write

    async def lost(operations):
        await write(operations)
        store.conversations._group._bulk_write = write
        raise pymongo.errors.AutoReconnect

    store.conversations._group._bulk_write = lost
    with pytest.raises(StoreUnavailable):
        await store.conversations.commit(turn(1, clears=True))

    await waiting
    found = await document(store)
    assert (2, ["e1"], ["SM1"]) == (
        found["version"],
        [each["id"] for each in found["effects"]],
        [sent["provider_id"] for sent in found["sent"]],
    )


async def test_after_close_nobody_waits_for_ever(store):
    await store.conversations.commit(turn(0))
    await store.conversations.close()
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(store.conversations.settle(SETTLED), group.PATIENCE * 3)


async def test_a_later_settlement_lets_an_earlier_one_off_first(store, settling):
    waiting = await settling()
    later = Settlement(ID, 0, NOW, changed=(effect("e0", due=LATER),), known=frozenset({"e0"}), next_due=LATER)

    await asyncio.wait_for(store.conversations.settle(later), 20)

    await waiting
    assert ((), None) == ((loaded := await store.conversations.load(ID)).effects, loaded.due)
