"""Replies, while the provider is slow, refuses, breaks off, or is told to stop; while processes die; and while somebody floods us."""

import asyncio
from datetime import timedelta

import pytest

from bot import carriage, clock, delivery, effects, intake, metrics, retry
from bot.model import Effect
from bot.parking import Parking


def resent():
    return metrics.RESENT._value.get()


@pytest.fixture
def impatient(monkeypatch):
    """Retries of speech after hundredths of a second."""
    monkeypatch.setattr(retry, "SPEECH", retry.Policy(first=timedelta(seconds=0.02), cap=timedelta(seconds=0.1), limit=60))


def id_of(citizen):
    return f"telegram:{citizen.person.id}"


async def floods(stage, citizen, count):
    """So many messages, each delivered when the one before is answered 200: Telegram keeps the order within a chat."""
    for _ in range(count):
        assert 200 == await stage.deliver(citizen.person.says("BAHASA"))
    stage.telegram.pending.clear()


def assert_in_order(citizen, count):
    """Each BAHASA is answered in the other language, so the answers alternate."""
    said = [sent.text for sent in citizen.person.heard]
    assert count == len(said)
    assert [said[0], said[1]] * (count // 2) == said
    assert said[0] != said[1]


async def test_a_rate_limit_is_kept_to_and_the_order_too(stage):
    await stage.web()
    await stage.worker()
    siti = stage.citizen()
    stage.telegram.refuse("sendMessage", 429, retry_after=0.3)
    began = asyncio.get_running_loop().time()
    for _ in range(4):
        siti.person.says("BAHASA")
    await siti.person.hears(4)
    assert asyncio.get_running_loop().time() - began >= 0.3
    assert_in_order(siti, 4)


@pytest.mark.usefixtures("impatient")
async def test_server_errors_are_tried_again_in_order(stage):
    await stage.web()
    await stage.worker()
    siti = stage.citizen()
    stage.telegram.refuse("sendMessage", 502, times=3)
    for _ in range(10):
        siti.person.says("BAHASA")
    await siti.person.hears(10)
    await stage.quiet()
    assert_in_order(siti, 10)


@pytest.mark.usefixtures("impatient")
async def test_words_whose_answer_was_lost_may_come_twice_and_are_counted(stage):
    await stage.web()
    await stage.worker()
    siti, before = stage.citizen(), resent()
    stage.telegram.drop("sendMessage")
    siti.person.says("BANTUAN")
    first, second = await siti.person.hears(2)
    await stage.quiet()
    assert (first.text, 2, 1) == (second.text, len(siti.person.heard), resent() - before)


async def test_words_to_somebody_who_blocked_us_are_parked_and_the_lane_goes_on(stage):
    web = await stage.web()
    await stage.worker()
    siti, budi = stage.citizen(), stage.citizen()
    siti.person._chat.blocked = True
    siti.person.says("BANTUAN")
    siti.person.says("BAHASA")
    budi.person.says("BANTUAN")
    await budi.person.hears(1)
    await stage.quiet()
    assert ["recipient_unreachable"] * 2 == [item.reason for item in await stage.parked()]
    siti.person._chat.blocked = False
    await stage.says(siti, "BANTUAN")
    first, second = await stage.parked()
    for item in (first, second):
        assert "It was put back on the conversation's lane." == await Parking(web.store, web.intake, web.amending).replay(item.id)
    await siti.person.hears(3)


async def test_what_only_the_next_version_can_do_waits_for_it(stage):
    web, worker, siti, pondered = await stage.web(), await stage.worker(), stage.citizen(), []
    await stage.says(siti, "BANTUAN")
    await web.amending.push(id_of(siti), [Effect("m9/0", effects.SPEECH, "ponder", {}, due=clock.now())])
    tried = await stage.until_true(lambda: stage.store.conversations.load(id_of(siti)), lambda kept: any(e.attempts for e in kept.effects))
    assert ["ponder"] == [effect.kind for effect in tried.effects]

    async def ponder(_owner, effect, _pending):
        pondered.append(effect.id)
        return carriage.Carried()

    worker._conversation_errands._handlers["ponder"] = ponder  # the deploy
    await stage.quiet()
    assert (["m9/0"], []) == (pondered, list(await stage.parked()))


async def test_a_worker_takes_over_what_a_killed_process_left(stage, monkeypatch):
    for module in (intake, delivery, carriage):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.3))
    web = await stage.web()
    siti, before = stage.citizen(), resent()

    async def hangs(*_arguments, **_more):
        await asyncio.Event().wait()

    monkeypatch.setattr(web._channels["telegram"], "send", hangs)
    siti.person.says("BANTUAN")
    await stage.until_true(lambda: stage.store.conversations.load(id_of(siti)), lambda kept: kept.effects)
    for task in list(web.delivery._tasks):
        task.cancel()
    await web.delivery.close()
    await stage.worker()
    await siti.person.hears(1)
    await stage.quiet()
    assert (1, 1) == (len(siti.person.heard), resent() - before)


async def test_a_provider_that_hangs_keeps_its_lease_and_is_asked_once(stage, monkeypatch):
    """Slower than the lease lasts: the process that waits renews it, and nobody says the words again."""
    monkeypatch.setattr(carriage, "SETTLE_SECONDS", 0.05)
    for module in (intake, delivery, carriage):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.3))
    web = await stage.web()
    await stage.worker()
    telegram, siti = web._channels["telegram"], stage.citizen()
    send = telegram.send

    async def slow(*arguments, **more):
        await asyncio.sleep(0.8)
        return await send(*arguments, **more)

    monkeypatch.setattr(telegram, "send", slow)
    siti.person.says("BANTUAN")
    await siti.person.hears(1)
    await stage.quiet()
    assert 1 == len(siti.person.heard)


async def test_a_core_that_hangs_takes_no_room_from_speech(stage, monkeypatch):
    monkeypatch.setattr(delivery, "CARRIAGES_AT_MOST", 2)
    await stage.web()
    worker = await stage.worker()
    stuck = asyncio.Event()

    async def hangs(*_arguments, **_more):
        await stuck.wait()

    monkeypatch.setattr(worker._target, "file", hangs)
    citizens = [stage.citizen() for _ in range(3)]
    await asyncio.gather(*(citizen.report(stage.telegram) for citizen in citizens))
    stage.telegram.refuse("sendMessage", 429, retry_after=0)
    await stage.says(citizens[0], "BANTUAN")
    stuck.set()


async def test_the_replies_of_a_lane_keep_their_order_under_load(stage):
    await stage.web()
    await stage.web()
    await stage.worker()
    stage.by_hand()
    citizens = [stage.citizen() for _ in range(5)]

    async def writes(citizen):
        for turn in range(20):
            assert 200 == await stage.deliver(citizen.person.says("BAHASA"), stage.urls[turn % 2])

    await asyncio.gather(*(writes(citizen) for citizen in citizens))
    stage.telegram.pending.clear()
    await asyncio.gather(*(citizen.person.hears(20) for citizen in citizens))
    await stage.quiet()
    for citizen in citizens:
        assert_in_order(citizen, 20)


async def test_a_flood_is_held_and_applied_in_order_and_harms_nobody_else(stage):
    web = await stage.web()
    worker = await stage.worker()
    stage.by_hand()
    siti, budi, before = stage.citizen(), stage.citizen(), metrics.HELD._value.get()
    await floods(stage, siti, 100)
    await stage.deliver(budi.person.says("BANTUAN"))
    await budi.person.hears(1)
    await floods(stage, siti, 100)
    await siti.person.hears(200, seconds=10)
    await stage.quiet()
    assert metrics.HELD._value.get() > before
    assert_in_order(siti, 200)
    assert (0, 1) == ((await stage.documents())["held"], len(budi.person.heard))
    assert not worker.intake._pace.holding(id_of(siti))
    assert 200 == len((await stage.store.conversations.load(id_of(siti))).applied)
    assert web.intake._pace.exceeded(id_of(siti), web.intake._real())


async def test_one_held_conversation_that_cannot_be_applied_does_not_hold_up_the_others(stage, monkeypatch):
    web = await stage.web()
    web.intake._pace._most = 0
    siti, budi = stage.citizen(), stage.citizen()
    siti.person.says("BANTUAN")
    budi.person.says("BANTUAN")
    await stage.telegram.drained()
    oldest = stage.store.held.oldest
    worker = await stage.app()

    async def broken(conversation, limit):
        if conversation == id_of(siti):
            raise KeyError(conversation)
        return await oldest(conversation, limit)

    monkeypatch.setattr(worker.store.held, "oldest", broken)
    await stage._stack.enter_async_context(worker.working())
    await budi.person.hears(1)
    assert [] == siti.person.heard
    monkeypatch.setattr(worker.store.held, "oldest", oldest)
    await siti.person.hears(1)
