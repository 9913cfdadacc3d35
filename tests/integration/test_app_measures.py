"""How much waits, and for how long, as a scrape shows it."""

from datetime import timedelta

import pytest

from bot import clock, measuring, metrics
from bot.model import Address, Effect, Inbound
from bot.ports import ParkedItem, StoredReport, TurnWrite


def shown(name):
    """The series of a metric: labels -> value."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
        if sample.name == name
    }


@pytest.fixture
def now():
    return clock.now()


def effect(id_, kind, due):
    return Effect(id_, kind, kind, {}, due=due)


async def wait_for(store, conversation, *effects):
    due = min(each.due for each in effects)
    assert await store.conversations.commit(TurnWrite(conversation, 0, {}, (), effects, due, due, claim=False))


async def measure(store, now):
    return await measuring.measure(store, "core", now, now)


async def test_what_waits_is_told_by_channel_and_kind_with_its_age(store, now):
    minute = timedelta(minutes=1)
    await wait_for(store, "telegram:1", effect("a", "say", now - minute), effect("b", "fetch", now - 2 * minute))
    await wait_for(store, "telegram:2", effect("a", "say", now - 5 * minute))
    await wait_for(store, "whatsapp:+62", effect("a", "say", now + minute))
    report = StoredReport(
        "r1", "LR", "", "telegram:1", {"confidential": False}, (), now, effects=(effect("f", "forward", now - minute),), due=now
    )
    await store.reports.insert(report)
    assert 4 == await measure(store, now)
    assert {
        ("conversations", "telegram", "say"): 2.0,
        ("conversations", "telegram", "fetch"): 1.0,
        ("conversations", "whatsapp", "say"): 1.0,
        ("reports", "core", "forward"): 1.0,
    } == shown("lapor_waiting_effects")
    assert {
        ("conversations", "telegram", "say"): 300.0,
        ("conversations", "telegram", "fetch"): 120.0,
        ("conversations", "whatsapp", "say"): 0.0,
        ("reports", "core", "forward"): 60.0,
    } == shown("lapor_waiting_oldest_seconds")
    assert {("conversations",): 3.0, ("reports",): 1.0} == shown("lapor_pending_effects")


async def test_what_waits_no_more_is_not_shown_any_more(store, now):
    await wait_for(store, "telegram:1", effect("a", "say", now))
    await store.parked.park(ParkedItem("p", "inbound", "bug", "", {}, now))
    await measure(store, now)
    assert shown("lapor_waiting_effects")
    assert shown("lapor_parked_items")
    await store.conversations._collection.delete_many({})
    await store.parked.remove("p")
    await measure(store, now)
    assert {} == shown("lapor_waiting_effects") == shown("lapor_waiting_oldest_seconds")
    assert {} == shown("lapor_parked_items") == shown("lapor_parked_oldest_seconds")


async def test_what_is_parked_is_told_by_reason_with_its_age(store, now):
    for minutes, reason in ((1, "refused"), (9, "refused"), (3, "bug")):
        await store.parked.park(ParkedItem(f"p{minutes}", "report", reason, "", {}, now - timedelta(minutes=minutes)))
    await measure(store, now)
    assert {("refused",): 2.0, ("bug",): 1.0} == shown("lapor_parked_items")
    assert {("refused",): 540.0, ("bug",): 180.0} == shown("lapor_parked_oldest_seconds")


async def test_senders_whose_messages_are_held_are_counted(store, now):
    for sender, minutes in (("1", 5), ("1", 4), ("2", 1)):
        await store.held.hold(Inbound(f"{sender}{minutes}", Address("telegram", sender)), now - timedelta(minutes=minutes))
    await measure(store, now)
    assert ({(): 2.0}, {(): 300.0}) == (shown("lapor_held_senders"), shown("lapor_held_oldest_seconds"))
    await store.held.erase("telegram:1")
    await store.held.erase("telegram:2")
    await measure(store, now)
    assert ({(): 0.0}, {(): 0.0}) == (shown("lapor_held_senders"), shown("lapor_held_oldest_seconds"))


async def test_every_stage_is_timed(stage):
    before = {name: count(name) for name in STAGES}
    await stage.web()
    await stage.worker()
    siti = await stage.filed()
    event = stage.core.event((await stage.report_of(siti)).id, "disposed", agency="Dinas Uji")
    assert 200 == await stage.core_says(event)
    await stage.quiet()
    assert [] == [name for name in STAGES if count(name) <= before[name]]


STAGES = [f"lapor_{stage}_seconds" for stage in ("webhook", "parse", "turn", "commit", "send", "settle", "forward", "event")]


def count(name):
    return sum(shown(f"{name}_count").values())
