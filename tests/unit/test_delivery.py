"""One carriage: order in a lane, lanes apart, retries, parking, coalescing, the lease."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import carriage as carriage_module
from bot import delivery as delivery_module
from bot import retry
from bot.carriage import LEASE, Carriage, Carried, Wait
from bot.delivery import Delivery
from bot.errors import RateLimited, Rejected, StoreUnavailable, Unanswered, UnknownEffect
from bot.model import Effect
from bot.ports import Claim

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


class Lanes:
    """What the store would keep of one document."""

    def __init__(self):
        self.fence = 1
        self.settlements = []
        self.claims = []
        self.pushed = []

    async def settle(self, settlement):
        self.settlements.append(settlement)

    async def held_by(self, _id, fence):
        return fence == self.fence

    async def effects(self, _id, _fence):
        return self.pushed

    async def claim(self, _now, _until, _limit, *, scheduled):  # noqa: ARG002  # one clock is enough here
        claims, self.claims = self.claims, []
        return claims


class Errands:
    """Records what is carried out; `script` says what goes wrong."""

    def __init__(self, script=None):
        self.lanes = Lanes()
        self.script = script or {}
        self.carried, self.given_up, self.settled_ids, self.forgotten = [], [], [], []

    async def carry(self, _owner, effect, _pending):
        outcomes = self.script.get(effect.id)
        outcome = outcomes.pop(0) if outcomes else Carried(f"p-{effect.id}")
        if callable(outcome):
            outcome = await outcome()
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Carried):
            self.carried.append(effect.id)
        return outcome

    def policy(self, _effect):
        return retry.SPEECH

    async def give_up(self, _owner, effect, error):
        self.given_up.append((effect.id, type(error)))

    def settled(self, _owner, done, changed):
        self.settled_ids.append((set(done), [each.id for each in changed]))

    def forget(self, owner):
        self.forgotten.append(owner)


def say(id_, *, lane="say", due=START, **data):
    return Effect(id_, lane, "say", data, due=due)


async def carry(errands, *effects, clock=None):
    carriage = Carriage(errands, "sms:+62", 1, effects, now=(now := clock or Clock()), real=now, jitter=lambda: 0.0)
    await carriage.run()
    return errands.lanes.settlements[-1]


async def test_a_lane_goes_in_order_and_is_settled_once():
    errands = Errands()
    settlement = await carry(errands, say("a"), say("b"), say("c"))
    assert ["a", "b", "c"] == errands.carried
    assert [("a", "p-a"), ("b", "p-b"), ("c", "p-c")] == [(done.effect, done.provider_id) for done in settlement.done]
    assert (1, None, frozenset("abc")) == (len(errands.lanes.settlements), settlement.next_due, settlement.known)


async def test_a_failing_lane_waits_and_the_others_do_not():
    errands = Errands({"a": [Unanswered()]})
    settlement = await carry(errands, say("a"), say("b"), say("x", lane="file"))
    assert ["x"] == errands.carried
    (again,) = settlement.changed
    assert ("a", 1, True, START + timedelta(seconds=0.5)) == (again.id, again.attempts, again.unsure, again.due)
    assert again.due == settlement.next_due


async def test_retry_after_is_kept():
    settlement = await carry(Errands({"a": [RateLimited(retry_after=30)]}), say("a"))
    assert START + timedelta(seconds=30) == settlement.next_due
    assert not settlement.changed[0].unsure


async def test_what_is_refused_is_parked_and_the_next_goes_on():
    errands = Errands({"a": [Rejected()]})
    settlement = await carry(errands, say("a"), say("b"))
    assert [("a", Rejected)] == errands.given_up
    assert ["b"] == errands.carried
    assert ["a", "b"] == [done.effect for done in settlement.done]


async def test_a_bug_is_parked_and_the_next_goes_on():
    errands = Errands({"a": [KeyError("x")]})
    await carry(errands, say("a"), say("b"))
    assert [("a", KeyError)] == errands.given_up
    assert ["b"] == errands.carried


async def test_the_database_being_away_parks_nothing():
    errands = Errands({"a": [StoreUnavailable()]})
    settlement = await carry(errands, say("a"))
    assert [] == errands.given_up
    assert 1 == settlement.changed[0].attempts


async def test_after_many_attempts_words_are_parked():
    errands = Errands({"a": [Unanswered()]})
    await carry(errands, replace(say("a"), attempts=59))
    assert [("a", Unanswered)] == errands.given_up


@pytest.mark.parametrize(("attempts", "given_up"), [(0, []), (28, []), (29, [("a", UnknownEffect)])])
async def test_what_only_the_next_version_can_do_is_parked_after_a_deploy_should_be_over(attempts, given_up):
    errands = Errands({"a": [UnknownEffect()]})
    settlement = await carry(errands, replace(say("a"), attempts=attempts), say("b"))
    assert given_up == errands.given_up
    assert [attempts + 1] * (not given_up) == [each.attempts for each in settlement.changed]
    assert ["b"] * bool(given_up) == errands.carried  # else it keeps its place in the lane


async def test_what_is_not_due_yet_is_left():
    later = START + timedelta(seconds=2)
    settlement = await carry(Errands(), say("a"), say("b", due=later))
    assert ["a"] == [done.effect for done in settlement.done]
    assert later == settlement.next_due


async def test_waiting_is_no_attempt():
    until = START + timedelta(seconds=9)
    settlement = await carry(Errands({"a": [Wait(until)]}), say("a"))
    assert (0, until, until) == (settlement.changed[0].attempts, settlement.changed[0].due, settlement.next_due)


async def test_of_coalescing_words_only_the_last_is_said():
    errands = Errands()
    settlement = await carry(errands, say("a", coalesce="album:1"), say("b"), say("c", coalesce="album:1"))
    assert ["b", "c"] == errands.carried
    assert ["a", "b", "c"] == [done.effect for done in settlement.done]


async def test_effects_pushed_meanwhile_ride_along():
    errands, clock = Errands(), Clock()
    carriage = Carriage(errands, "sms:+62", 1, [say("a")], now=clock, real=clock, jitter=lambda: 0.0)

    async def push():
        carriage.extend([say("b"), say("a")])
        return Carried("p-a")

    errands.script["a"] = [push]
    await carriage.run()
    assert ["a", "b"] == [done.effect for done in errands.lanes.settlements[-1].done]


async def test_a_long_carriage_renews_its_lease():
    errands, clock = Errands(), Clock()

    async def slowly():
        clock.now += timedelta(seconds=16)
        return Carried()

    errands.script["a"] = [slowly]
    await carry(errands, say("a"), say("b"), clock=clock)
    renewal, last = errands.lanes.settlements
    assert (["a"], clock.now + LEASE) == ([done.effect for done in renewal.done], renewal.next_due)
    assert ["b"] == [done.effect for done in last.done]


async def test_a_slow_lane_holds_up_no_other_and_what_is_done_meanwhile_is_settled(monkeypatch):
    """Neither what this process adds later, nor what others push, nor the settlement."""
    monkeypatch.setattr(carriage_module, "SETTLE_SECONDS", 0.01)
    errands, slow, clock = Errands(), asyncio.Event(), Clock()

    async def slowly():
        await slow.wait()
        return Carried()

    errands.script["x"] = [slowly]
    carriage = Carriage(errands, "sms:+62", 1, [say("a"), say("x", lane="file")], now=clock, real=clock, jitter=lambda: 0.0)
    running = asyncio.create_task(carriage.run())
    while not errands.lanes.settlements:  # noqa: ASYNC110  # the stand-in only records
        await asyncio.sleep(0.001)
    carriage.extend([say("b")])
    await asyncio.sleep(0)
    assert ["a", "b"] == errands.carried
    errands.lanes.pushed = [say("b"), say("x", lane="file"), say("c")]
    while "c" not in errands.carried:  # noqa: ASYNC110  # the same
        await asyncio.sleep(0.001)
    slow.set()
    await running
    assert ["a", "b", "c", "x"] == errands.carried
    first, *_, last = errands.lanes.settlements
    assert (["a"], True, START + LEASE) == ([done.effect for done in first.done], first.renews, first.next_due)
    assert (False, None) == (last.renews, last.next_due)
    assert ["a", "b", "c", "x"] == [done.effect for settlement in errands.lanes.settlements for done in settlement.done]


async def test_a_lane_that_has_ended_begins_again_at_once_while_another_hangs():
    errands, hanging = Errands(), asyncio.Event()

    async def hangs():
        await hanging.wait()
        return Carried()

    errands.script["a"] = [hangs]
    clock = Clock()
    carriage = Carriage(errands, "sms:+62", 1, [say("a"), say("x", lane="file")], now=clock, real=clock, jitter=lambda: 0.0)
    running = asyncio.create_task(carriage.run())
    await asyncio.sleep(0.001)
    assert ["x"] == errands.carried
    carriage.extend([say("y", lane="file"), say("b")])
    await asyncio.sleep(0.001)
    assert ["x", "y"] == errands.carried
    hanging.set()
    await running
    assert ["x", "y", "a", "b"] == errands.carried
    assert 1 == len(errands.lanes.settlements)


async def test_a_store_that_is_away_ends_the_carriage_and_every_lane_of_it():
    errands, clock = Errands(), Clock()

    async def away(_settlement):
        raise StoreUnavailable

    async def slowly():
        clock.now += timedelta(seconds=16)
        return Carried()

    errands.script["a"] = [slowly]
    errands.lanes.settle = away
    carriage = Carriage(errands, "sms:+62", 1, [say("a"), say("b"), say("x", lane="file")], now=clock, real=clock, jitter=lambda: 0.0)
    with pytest.raises(StoreUnavailable):
        await carriage.run()
    assert carriage.closed


async def test_a_bug_in_giving_up_leaves_the_effect_for_later():
    errands = Errands({"a": [Rejected()]})

    async def broken(*_arguments):
        raise KeyError

    errands.give_up = broken
    settlement = await carry(errands, say("a"))
    assert ((), START + timedelta(minutes=5)) == (settlement.done, settlement.next_due)


async def test_a_frozen_carriage_that_lost_its_lease_stops():
    errands, clock = Errands({}), Clock()

    async def frozen():
        clock.now += timedelta(minutes=5)
        errands.lanes.fence = 2
        return Carried()

    errands.script["a"] = [frozen]
    settlement = await carry(errands, say("a"), say("b"), clock=clock)
    assert ["a"] == [done.effect for done in settlement.done]
    assert "b" not in errands.carried


async def test_a_frozen_carriage_parks_nothing():
    errands = Errands({"a": [Rejected()]})
    errands.lanes.fence = 2
    settlement = await carry(errands, say("a"))
    assert ([], ()) == (errands.given_up, settlement.done)


def delivery(conversations, reports=None, acknowledge=None):
    def nothing(_message):
        return None

    return Delivery(
        conversations=conversations,
        reports=reports or Errands(),
        acknowledge=acknowledge or nothing,
        now=Clock(),
        real=Clock(),
        jitter=lambda: 0.0,
    )


async def test_a_carriage_does_not_end_while_a_turn_is_written_that_adds_to_it():
    errands = Errands()
    carriers = delivery(errands)
    carriers.take("sms:+62", 1, [say("a")], after=[], carrying=None)
    with carriers.carrying("sms:+62", 1) as carriage:
        await asyncio.sleep(0.01)
        assert (["a"], []) == (errands.carried, errands.lanes.settlements)
        carriers.take("sms:+62", 1, [say("b")], after=[say("a")], carrying=carriage)
    await carriers.close()
    assert ["a", "b"] == errands.carried
    [settlement] = errands.lanes.settlements
    assert ["a", "b"] == [done.effect for done in settlement.done]


async def test_a_turn_that_adds_nothing_after_all_lets_the_carriage_end():
    errands = Errands()
    carriers = delivery(errands)
    carriers.take("sms:+62", 1, [say("a")], after=[], carrying=None)
    with carriers.carrying("sms:+62", 1) as carriage:
        assert carriage is not None
    await asyncio.wait_for(carriers.close(), 1)
    assert ["a"] == [done.effect for done in errands.lanes.settlements[0].done]


async def test_a_carriage_under_another_fence_takes_no_turns():
    carriers = delivery(Errands())
    carriers.take("sms:+62", 1, [say("a")], after=[], carrying=None)
    with carriers.carrying("sms:+62", 2) as carriage:
        assert None is carriage
    await carriers.close()


async def test_a_turn_that_rides_on_a_carriage_which_has_ended_is_left_to_the_workers():
    errands = Errands()
    carriers = delivery(errands)
    carriers.take("sms:+62", 1, [say("a")], after=[], carrying=None)
    with carriers.carrying("sms:+62", 1) as carriage:
        pass
    await carriers.close()
    carriers.take("sms:+62", 1, [say("b")], after=[say("a")], carrying=carriage)
    await carriers.close()
    assert ["a"] == errands.carried


async def test_a_turn_does_not_overtake_what_another_process_has_pushed_before_it():
    errands = Errands()
    carriers = delivery(errands)
    carriers.take("sms:+62", 1, [say("a")], after=[], carrying=None)
    with carriers.carrying("sms:+62", 1) as carriage:
        carriers.take("sms:+62", 1, [say("b")], after=[say("a")], carrying=carriage)
        carriers.take("sms:+62", 1, [say("d")], after=[say("b"), say("c")], carrying=carriage)
    await carriers.close()
    assert ["a", "b"] == errands.carried
    assert {"a", "b"} == errands.lanes.settlements[-1].known  # what is left is made due, and claimed in its order


async def test_workers_carry_what_they_claim_until_stopped():
    conversations, reports, stop = Errands(), Errands(), asyncio.Event()
    conversations.lanes.claims = [Claim("sms:+62", 7, (say("a"),))]
    reports.lanes.claims = [Claim("r1", 3, (say("b", lane="core"),))]
    carriers = delivery(conversations, reports)
    work = asyncio.create_task(carriers.work(stop))
    await asyncio.sleep(0.05)
    stop.set()
    await work
    await carriers.close()
    assert (["a"], ["b"]) == (conversations.carried, reports.carried)
    assert 7 == conversations.lanes.settlements[0].fence
    assert (["sms:+62"], ["r1"]) == (conversations.forgotten, reports.forgotten)


async def test_a_worker_goes_on_after_whatever_a_claim_raises(monkeypatch):
    monkeypatch.setattr(delivery_module, "POLL_SECONDS", 0.001)
    conversations, stop = Errands(), asyncio.Event()
    failures = [KeyError(), StoreUnavailable()]

    async def claim(_now, _until, _limit, *, scheduled):  # noqa: ARG001  # the same
        if failures:
            raise failures.pop()
        stop.set()
        return []

    conversations.lanes.claim = claim
    await asyncio.wait_for(delivery(conversations).work(stop), 2)


async def test_a_lost_settlement_is_forgotten():
    errands = Errands()

    async def away(_settlement):
        raise StoreUnavailable

    errands.lanes.settle = away
    carriers = delivery(errands)
    carriers.take("sms:+62", 1, [say("a")], after=[], carrying=None)
    await carriers.close()
    with carriers.carrying("sms:+62", 1) as carriage:
        assert (["sms:+62"], None) == (errands.forgotten, carriage)


@pytest.mark.parametrize("error", [Unanswered(), RateLimited()])
async def test_an_acknowledgement_that_fails_harms_nobody(error):
    async def fails(_message):
        raise error

    carriers = delivery(Errands(), acknowledge=fails)
    carriers.acknowledge(None)
    await carriers.close()


# ---- the end of a process


class Slow:
    """Errands whose effect `slow` takes until it is let go."""

    def __init__(self):
        self.let_go = asyncio.Event()
        self.begun = asyncio.Event()

    async def __call__(self):
        self.begun.set()
        await self.let_go.wait()
        return Carried("p-slow")


async def closing(errands, slow, **patience):
    """A process that ends while `slow` is on its way and more waits behind it; the last settlement."""
    carriers = delivery(errands)
    carriers.take("sms:+62", 1, [say("slow"), say("next"), say("x", lane="file")], after=[], carrying=None)
    await slow.begun.wait()
    await carriers.close(**patience)
    return errands.lanes.settlements[-1]


async def test_at_the_end_what_is_due_is_still_carried_out():
    slow = Slow()
    errands = Errands({"slow": [slow]})
    asyncio.get_running_loop().call_later(0.02, slow.let_go.set)
    settlement = await closing(errands, slow, sends=5, calls=5)
    assert ["x", "slow", "next"] == errands.carried
    assert not settlement.renews


async def test_at_the_end_a_call_that_has_begun_may_end_and_the_rest_is_due_for_others_at_once():
    slow = Slow()
    errands = Errands({"slow": [slow]})
    asyncio.get_running_loop().call_later(0.1, slow.let_go.set)
    settlement = await closing(errands, slow, sends=0.01, calls=5)
    assert ["x", "slow"] == errands.carried
    assert (START, False) == (settlement.next_due, settlement.renews)


async def test_at_the_end_a_call_that_hangs_is_left_to_the_lease_and_what_was_done_is_settled():
    slow = Slow()
    errands = Errands({"slow": [slow]})
    settlement = await asyncio.wait_for(closing(errands, slow, sends=0.01, calls=0.01), 2)
    assert ["x"] == errands.carried
    assert ["x"] == [done.effect for done in settlement.done]
    assert (START + delivery_module.LEASE, True) == (settlement.next_due, settlement.renews)
