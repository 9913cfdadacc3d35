"""Two clocks: business time moves ahead, and with it what citizens live by; leases and what is remembered of messages keep real time."""

import asyncio
from datetime import timedelta

import pytest

from bot import clock, clock_moving, sweeping
from bot.clock import BusinessClock
from bot.model import Effect
from bot.ports import TurnWrite
from tests.stage import later

NOW = clock.now()
LEASE = timedelta(seconds=30)


def turn(conversation, *, claim, due):
    effects = (Effect("e", "say", "say", {}, due=due),)
    return TurnWrite(conversation, 0, {}, (), effects, due, NOW, claim)


def test_business_time_is_real_time_until_it_is_moved_and_never_goes_back():
    business = BusinessClock(lambda: NOW)
    assert NOW == business()
    business.move(timedelta(days=2))
    business.move(timedelta(hours=1))
    assert (NOW + timedelta(days=2), timedelta(days=2)) == (business(), business.ahead)


async def test_what_is_scheduled_comes_due_by_business_time_and_no_lease_lapses(store):
    await store.conversations.commit(turn("leased", claim=True, due=NOW + LEASE))
    await store.conversations.commit(turn("scheduled", claim=False, due=NOW + timedelta(days=2)))
    assert [] == await store.conversations.claim(NOW, NOW + LEASE, 10)
    claimed = await store.conversations.claim(NOW, NOW + LEASE, 10, scheduled=NOW + timedelta(days=3))
    assert ["scheduled"] == [claim.id for claim in claimed]
    assert [] == await store.conversations.claim(NOW, NOW + LEASE, 10, scheduled=NOW + timedelta(days=3))
    after = await store.conversations.claim(NOW + LEASE, NOW + 2 * LEASE, 10, scheduled=NOW + timedelta(days=3))
    assert {"leased", "scheduled"} == {claim.id for claim in after}


async def test_a_reminder_comes_when_its_business_day_has_come(stage):
    await stage.web()
    worker = await stage.worker()
    siti = await stage.filed()
    heard = len(siti.person.heard)
    key, reply = (await stage.report_of(siti)).id, NOW.date() + timedelta(days=20)
    due = {"verification": None, "response": None, "resolution": None, "reply": reply.isoformat()}
    assert 200 == await stage.core_says(stage.core.event(key, "postponed", missing=["location"], due=due))
    await siti.person.hears(heard + 1)
    await asyncio.sleep(0.1)
    assert heard + 1 == len(siti.person.heard)
    later(worker, timedelta(days=19))
    await siti.person.hears(heard + 2)
    await stage.quiet()


async def test_a_message_is_known_as_long_as_before_when_business_time_is_moved(stage):
    web = await stage.web()
    stage.by_hand()
    siti = stage.citizen()
    update = siti.person.says("BANTUAN")
    assert 200 == await stage.deliver(update)
    await siti.person.hears(1)
    later(web, timedelta(days=5))
    assert 200 == await stage.deliver(siti.person.says("BANTUAN"))
    assert 200 == await stage.deliver(update)
    await siti.person.hears(2)
    await stage.quiet()
    assert 2 == len(siti.person.heard)


async def test_every_process_follows_the_mark(store):
    businesses = [BusinessClock() for _ in range(2)]
    async with clock_moving.followed(store.marks, businesses[0]), clock_moving.followed(store.marks, businesses[1]):
        assert timedelta(days=1) == await clock_moving.move(store.marks, timedelta(days=1))
        assert timedelta(days=1) == await clock_moving.move(store.marks, timedelta(hours=1))
        async with asyncio.timeout(5):
            while {timedelta(days=1)} != {business.ahead for business in businesses}:  # noqa: ASYNC110  # it looks four times a second
                await asyncio.sleep(0.02)


async def test_the_leases_of_the_sweeps_keep_real_time(stage):
    one, other = await stage.app(), await stage.app()
    business = BusinessClock()
    business.move(timedelta(days=9))
    await one.store.marks.lease("sweep-expired", "one", clock.now(), clock.now() + LEASE)
    sweeper = sweeping.Sweeper(other.store, other.intake, other.amending, "other", business)
    stop, swept = asyncio.Event(), []

    async def sweep():
        swept.append(1)
        return 0

    working = asyncio.create_task(sweeper._again(stop, "expired", 0.01, sweep))
    await asyncio.sleep(0.1)
    stop.set()
    await working
    assert [] == swept


@pytest.mark.parametrize("setting", ["real", "movable"])
async def test_a_process_follows_only_where_its_setting_allows_it(stage, setting):
    from bot.app import opened

    stage.more = {"CLOCK": setting}
    settings = stage.settings()
    async with opened(settings) as app:
        await clock_moving.move(app.store.marks, timedelta(days=1))
        await asyncio.sleep(3 * clock_moving.FOLLOW_SECONDS)
        assert timedelta(days=1 if setting == "movable" else 0) == app.business.ahead
        await app.store._db.client.drop_database(app.store._db.name)
