"""The settlement's pipeline, run by a real mongod, against the sentence in `ports.Settlement` written out in Python."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.model import Effect
from bot.ports import Done, Settlement
from bot.store.documents import decode_effects, encode_effect
from bot.store.settlement import SENT_KEPT, settle_pipeline

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
FENCE = 3

ids = st.sampled_from(["a", "b", "$c", "$effects", "$$REMOVE", "d.e"])
moments = st.integers(-100, 100).map(lambda seconds: NOW + timedelta(seconds=seconds))
texts = st.sampled_from(["$session", "$$ROOT", "jalan rusak", "{$literal: 1}"])
effects = st.builds(
    Effect,
    id=ids,
    lane=st.sampled_from(["say", "core"]),
    kind=st.just("say"),
    data=st.fixed_dictionaries({"text": texts}),
    due=moments,
    attempts=st.integers(0, 5),
    unsure=st.booleans(),
)
settlements = st.builds(
    Settlement,
    id=st.just("x"),
    fence=st.sampled_from([FENCE, FENCE, FENCE - 1]),
    at=moments,
    done=st.lists(
        st.builds(Done, ids, st.none() | st.sampled_from(["", "SM1", "$fence"]), st.none() | effects), unique_by=lambda done: done.effect
    ).map(tuple),
    changed=st.lists(effects, unique_by=lambda effect: effect.id).map(tuple),
    known=st.frozensets(ids),
    next_due=st.none() | moments,
)
documents = st.fixed_dictionaries(
    {
        "fence": st.just(FENCE),
        "effects": st.lists(effects, unique_by=lambda effect: effect.id).map(lambda each: [encode_effect(effect) for effect in each]),
    },
    optional={
        "due": moments,
        "sent": st.lists(
            st.integers(0, 30).map(lambda number: {"id": f"old {number}"}) | ids.map(lambda id_: {"id": id_}), max_size=SENT_KEPT
        ),
    },
)


def settled(document, settlement):
    """What the document should be afterwards."""
    held = document["fence"] == settlement.fence
    done = {each.effect for each in settlement.done}
    changed = {each.id: each for each in settlement.changed} if held else {}
    left = []
    for effect in decode_effects(document):
        if effect.id not in done:
            new = changed.get(effect.id, effect)
            left.append(replace(effect, due=new.due, attempts=new.attempts, unsure=new.unsure))
    after = document | {"effects": [encode_effect(effect) for effect in left]}
    known = {each["id"] for each in document.get("sent", ())}
    said = [
        {"id": each.effect, "provider_id": each.provider_id, "at": settlement.at, "state": "accepted", "code": None}
        | ({"words": encode_effect(each.words)} if each.words else {})
        for each in settlement.done
        if each.provider_id is not None and each.effect not in known
    ]
    if any(each.provider_id is not None for each in settlement.done):
        after["sent"] = (document.get("sent", []) + said)[-SENT_KEPT:]
    if held:
        after.pop("due", None)
        if any(effect.id not in settlement.known for effect in left):
            after["due"] = settlement.at
        elif left:
            after["due"] = settlement.next_due or settlement.at
    return after


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents, settlements)
async def test_settling_does_what_the_port_says(store, document, settlement):
    collection = store._db.settlement_model
    await collection.replace_one({"_id": "x"}, document, upsert=True)

    await collection.update_one({"_id": "x"}, settle_pipeline(settlement))

    assert {"_id": "x"} | settled(document, settlement) == await collection.find_one({"_id": "x"})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents, settlements)
async def test_settling_again_after_an_unknown_outcome_changes_nothing(store, document, settlement):
    assume(len(document.get("sent", ())) + len(settlement.done) <= SENT_KEPT)  # what falls out at the old end is known no more
    collection = store._db.settlement_model
    await collection.replace_one({"_id": "x"}, document, upsert=True)
    await collection.update_one({"_id": "x"}, settle_pipeline(settlement))
    once = await collection.find_one({"_id": "x"})

    await collection.update_one({"_id": "x"}, settle_pipeline(settlement))

    assert once == await collection.find_one({"_id": "x"})
