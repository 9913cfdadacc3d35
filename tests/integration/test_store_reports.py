"""Filed reports, on a real mongod."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.errors import Unstorable
from bot.model import Effect, Status
from bot.ports import Done, Nearby, Settlement, StoredReport

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
FORWARD = Effect("forward:r1", "core", "forward", {}, due=NOW)
NOTIFY = Effect("r1:ticket", "notify", "notify", {"kind": "ticket", "text": "$note"}, due=NOW)
REPORT = StoredReport(
    id="r1",
    receipt="LABCDEFGH",
    code_hash="00ff",
    conversation="sms:+6281234567890",
    body={"title": "$jalan", "location": {"lat": None, "a.b": 1}},
    media=("m1", "m2"),
    submitted_at=NOW,
    effects=(FORWARD,),
    due=NOW,
)


async def update(store, before, changes=(), *, applied=None, effects=(), at=NOW):
    return await store.reports.update(before, dict(changes), applied=applied, effects=effects, at=at)


async def test_a_report_is_read_back_as_filed(store):
    await store.reports.insert(REPORT)

    assert REPORT == await store.reports.load("r1")
    assert None is await store.reports.load("r2")


async def test_every_field_survives(store):
    full = replace(
        REPORT,
        payload=b"\x00{}",
        ticket="1234567",
        status=Status.ANSWERED,
        sequence=4,
        agency="Dinas PU",
        note="$note",
        missing=("photo",),
        due_dates={"verification": date(2026, 11, 25)},
        wants_answer=True,
        rated=True,
        completed_at=NOW,
        refused=True,
        applied=("a", "b"),
        fence=2,
        version=7,
        language="en",
    )

    await store.reports.insert(full)

    assert full == await store.reports.load("r1")


async def test_filing_again_changes_nothing(store):
    await store.reports.insert(REPORT)
    await update(store, REPORT, {"ticket": "77"})

    await asyncio.gather(*(store.reports.insert(replace(REPORT, language="en")) for _ in range(5)))

    assert ("77", "id") == ((await store.reports.load("r1")).ticket, (await store.reports.load("r1")).language)


async def test_a_receipt_that_is_anothers_is_said(store):
    await store.reports.insert(REPORT)

    with pytest.raises(Unstorable, match="duplicate receipt"):
        await store.reports.insert(replace(REPORT, id="r2"))


async def test_found_by_receipt_and_by_ticket(store):
    await store.reports.insert(REPORT)
    await store.reports.insert(replace(REPORT, id="r2", receipt="L22222222"))
    assert None is await store.reports.find("1234567")

    await update(store, REPORT, {"ticket": "1234567"})

    assert "r1" == (await store.reports.find("1234567")).id
    assert "r2" == (await store.reports.find("L22222222")).id


async def test_of_a_conversation_newest_first(store):
    for index in range(4):
        await store.reports.insert(
            replace(REPORT, id=f"r{index}", receipt=f"L2222222{index}", submitted_at=NOW + timedelta(hours=index % 3 * 5 + index))
        )
    await store.reports.insert(replace(REPORT, id="other", conversation="sms:other"))

    assert ["r2", "r1", "r3"] == [each.id for each in await store.reports.of_conversation(REPORT.conversation, 3)]


async def test_an_update_is_one_write_on_the_version_read(store):
    await store.reports.insert(REPORT)
    changes = {
        "ticket": "99",
        "status": Status.DISPOSED,
        "sequence": 2,
        "agency": "$agency",
        "missing": ["photo"],
        "due_dates": {"response": date(2026, 12, 1)},
    }

    assert await update(store, REPORT, changes, applied="r1:ticket", effects=[NOTIFY])

    expected = replace(
        REPORT,
        version=2,
        ticket="99",
        status=Status.DISPOSED,
        sequence=2,
        agency="$agency",
        missing=("photo",),
        due_dates={"response": date(2026, 12, 1)},
        applied=("r1:ticket",),
        effects=(FORWARD, NOTIFY),
    )
    assert expected == await store.reports.load("r1")

    assert not await update(store, REPORT, {"ticket": "100"}, applied="again", effects=[NOTIFY])
    assert expected == await store.reports.load("r1")


async def test_none_takes_a_field_away(store):
    await store.reports.insert(replace(REPORT, note="x", payload=b"x"))

    await update(store, REPORT, {"note": None, "payload": None})

    loaded = await store.reports.load("r1")
    assert (None, None) == (loaded.note, loaded.payload)


async def test_of_many_updates_on_one_version_exactly_one_succeeds(store):
    await store.reports.insert(REPORT)

    outcomes = await asyncio.gather(*(update(store, REPORT, {"sequence": each}) for each in range(20)))

    assert [outcomes.index(True)] == [index for index, outcome in enumerate(outcomes) if outcome]
    assert outcomes.index(True) == (await store.reports.load("r1")).sequence


async def test_a_ticket_that_is_anothers_is_said_and_hurts_nobody(store):
    for number in ("1", "2", "3"):
        await store.reports.insert(replace(REPORT, id=number, receipt=number))
    await update(store, replace(REPORT, id="1"), {"ticket": "77"})

    outcomes = await asyncio.gather(
        update(store, replace(REPORT, id="2"), {"ticket": "77"}),
        update(store, replace(REPORT, id="3"), {"ticket": "78"}),
        return_exceptions=True,
    )

    assert ["duplicate ticket", "True"] == [str(outcome) for outcome in outcomes]


async def test_ids_applied_are_bounded(store):
    await store.reports.insert(replace(REPORT, applied=tuple(f"a{index}" for index in range(500))))

    await update(store, REPORT, applied="new")

    applied = (await store.reports.load("r1")).applied
    assert (500, "a1", "new") == (len(applied), applied[0], applied[-1])


@pytest.mark.parametrize("name", ["id", "version", "applied", "effects", "due", "fence", "tciket"])
async def test_only_fields_of_a_report_may_be_changed(store, name):
    with pytest.raises(ValueError, match=name):
        await update(store, REPORT, {name: 1})


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (None, NOW),
        (NOW - timedelta(seconds=9), NOW - timedelta(seconds=9)),
        (NOW + timedelta(hours=1), NOW),  # a retry far away
    ],
)
async def test_pushed_effects_become_due(store, standing, expected):
    await store.reports.insert(replace(REPORT, effects=(FORWARD,) if standing else (), due=standing))

    await update(store, REPORT, effects=[NOTIFY])

    assert expected == (await store.reports.load("r1")).due


async def test_effects_pushed_while_somebody_holds_the_lease_do_not_cut_it_short(store):
    """Not even when the lease was taken after the pusher looked at the clock."""
    await store.reports.insert(replace(REPORT, effects=(FORWARD,), due=NOW))
    taken = NOW + timedelta(seconds=2)
    await store.reports.claim(taken, taken + timedelta(seconds=30), 1)

    await update(store, REPORT, effects=[NOTIFY])

    assert taken + timedelta(seconds=30) == (await store.reports.load("r1")).due


async def test_a_change_without_effects_leaves_due_alone(store):
    await store.reports.insert(replace(REPORT, due=NOW + timedelta(hours=1)))

    await update(store, REPORT, {"rated": True})

    assert NOW + timedelta(hours=1) == (await store.reports.load("r1")).due


async def test_reports_have_lanes(store):
    await store.reports.insert(REPORT)

    (claim,) = await store.reports.claim(NOW, NOW + timedelta(seconds=30), 5)
    await store.reports.settle(Settlement("r1", claim.fence, NOW, done=(Done(FORWARD.id),), known=frozenset({FORWARD.id})))

    loaded = await store.reports.load("r1")
    assert ((FORWARD,), 1, (), None) == (claim.effects, claim.fence, loaded.effects, loaded.due)


async def test_the_first_payload_is_frozen(store):
    await store.reports.insert(REPORT)

    frozen = await asyncio.gather(*(store.reports.freeze("r1", f"$bytes {each}".encode()) for each in range(5)))

    assert 1 == len(set(frozen))
    assert frozen[0] == (await store.reports.load("r1")).payload
    with pytest.raises(LookupError):
        await store.reports.freeze("r2", b"")


async def test_unbinding_cuts_the_tie_and_overtakes_writers(store):
    await store.reports.insert(REPORT)
    await store.reports.insert(replace(REPORT, id="other", receipt="L2", conversation="sms:other"))

    assert 1 == await store.reports.unbind(REPORT.conversation)

    assert None is (await store.reports.load("r1")).conversation
    assert [] == await store.reports.of_conversation(REPORT.conversation, 9)
    assert not await update(store, REPORT, {"rated": True})
    assert "sms:other" == (await store.reports.load("other")).conversation


# ---- reports nearby


def lamp(name, *, category="psu", area="36.71.09", confidential=False, **fields):
    body = {"category": category, "confidential": confidential, "location": {"area_code": area}}
    return replace(REPORT, id=name, receipt=f"L{name}", conversation=f"sms:{name}", body=body, **fields)


async def count(store, *, since=NOW - timedelta(days=30), besides="sms:me", at_most=99):
    _, found = await store.reports.own_and_nearby(besides, 9, Nearby("psu", "36.71.09", since, at_most))
    return found


async def test_many_who_ask_at_once_get_each_their_own_and_the_others(store):
    for each in (lamp("a"), lamp("b"), replace(lamp("b2"), conversation="sms:b", submitted_at=NOW + timedelta(minutes=1))):
        await store.reports.insert(each)
    nearby = Nearby("psu", "36.71.09", NOW - timedelta(days=30), at_most=99)
    people = ["sms:a", "sms:b", *(f"sms:{number}" for number in range(50))]

    answers = await asyncio.gather(*(store.reports.own_and_nearby(each, 9, nearby) for each in people))

    strangers = [([], 3)] * 50
    assert [(["a"], 2), (["b2", "b"], 1), *strangers] == [([each.id for each in own], count) for own, count in answers]


async def test_who_has_very_many_crowds_out_nobody_who_asks_at_the_same_time(store):
    for number in range(40):
        at = NOW + timedelta(minutes=number)
        await store.reports.insert(replace(lamp(f"many{number:02}", area="36.71.10"), conversation="sms:many", submitted_at=at))
    await store.reports.insert(lamp("a"))
    nearby = Nearby("psu", "36.71.10", NOW - timedelta(days=30), at_most=99)

    many, one, none = await asyncio.gather(*(store.reports.own_and_nearby(f"sms:{who}", 9, nearby) for who in ("many", "a", "none")))

    assert [f"many{number}" for number in range(39, 30, -1)] == [report.id for report in many[0]]
    assert ([], 40) == none
    assert (["a"], 40) == ([report.id for report in one[0]], one[1])


async def test_each_who_asks_at_once_hears_of_the_place_and_category_they_asked_about(store):
    for each in (lamp("a"), lamp("b", category="jalan"), lamp("c", area="36.71.10"), lamp("c2", area="36.71.10")):
        await store.reports.insert(each)
    asked = [("psu", "36.71.09"), ("jalan", "36.71.09"), ("psu", "36.71.10"), ("jalan", "36.71.10"), ("psu", "36.71.09")]

    answers = await asyncio.gather(
        *(
            store.reports.own_and_nearby(f"sms:{number}", 9, Nearby(*what, NOW - timedelta(days=number + 1), at_most=99))
            for number, what in enumerate(asked)
        )
    )

    assert [1, 1, 2, 0, 1] == [count for _, count in answers]


async def test_reports_nearby_are_those_of_the_category_in_the_district_and_deeper(store):
    for each in (
        lamp("district"),
        lamp("village", area="36.71.09.1001"),
        lamp("other category", category="jalan"),
        lamp("other district", area="36.71.10"),
        lamp("longer number", area="36.71.091"),
        lamp("regency", area="36.71"),
        lamp("nowhere", area=None),
    ):
        await store.reports.insert(each)

    assert 2 == await count(store)


async def test_a_confidential_report_counts_for_nobody_else(store):
    await store.reports.insert(lamp("secret", confidential=True))

    assert 0 == await count(store)


async def test_only_open_ones_of_late_by_others_count(store):
    for status in Status:
        await store.reports.insert(lamp(status.value, status=status))
    await store.reports.insert(lamp("old", submitted_at=NOW - timedelta(days=31)))
    await store.reports.insert(replace(lamp("unbound"), conversation=None))

    opened = {Status.RECEIVED, Status.POSTPONED, Status.DISPOSED, Status.IN_PROGRESS, Status.ANSWERED}
    assert len(opened) + 1 == await count(store)
    assert len(opened) == await count(store, besides="sms:received")
    assert 3 == await count(store, at_most=3)
