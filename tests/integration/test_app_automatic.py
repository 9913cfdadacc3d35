"""Another bot at the other end: the talk ends, nothing of it is lost, and operators hear of it."""

import asyncio

import pytest

from bot import metrics
from bot.conversation import automatic
from bot.parking import Parking

WORDS = "Halo, ada yang bisa kami bantu hari ini?"


async def answers_everything(stage, citizen, words):
    """Answer each message with the same words, until operators hear of it; how many answers that took."""
    citizen.person.says(words)
    answered = 0
    async with asyncio.timeout(60):
        while not await stage.parked():
            if len(citizen.person.heard) > answered:
                answered += 1
                citizen.person.says(words)
            await asyncio.sleep(0.01)
    return answered


@pytest.fixture
async def muted(stage):
    stage.app_web = await stage.web()
    stage.machine = stage.citizen(name="Otomatis")
    before = metrics.MUTED._value.get()
    stage.answered = await answers_everything(stage, stage.machine, WORDS)
    await stage.quiet(seconds=20)
    stage.counted = metrics.MUTED._value.get() - before
    return stage


async def test_the_talk_ends_and_operators_are_told(muted):
    assert automatic.SAME_AT_MOST <= muted.answered <= 3 * automatic.SAME_AT_MOST
    parked = await muted.parked()
    assert {("inbound", automatic.REASON, f"telegram:{muted.machine.person.id}")} == {
        (each.what, each.reason, each.owner) for each in parked
    }
    assert WORDS == parked[0].payload["message"]["text"]
    assert 1 == muted.counted
    assert '"event":"conversation_muted"' in muted.log.getvalue()


async def test_replay_unmutes_and_answers_and_remove_only_forgets(muted):
    first, *others = [item.id for item in await muted.parked()]
    heard = len(muted.machine.person.heard)
    for other in others:
        assert await muted.store.parked.remove(other)
    muted.machine.person.says(WORDS)
    await muted.quiet()
    assert heard == len(muted.machine.person.heard)
    parking = Parking(muted.store, muted.app_web.intake, muted.app_web.amending)
    assert "applied again" in await parking.replay(first)
    await muted.machine.person.hears(heard + 1)
    await muted.quiet()
    muted.machine.person.says("BANTUAN")
    await muted.machine.person.hears(heard + 2)
    await muted.quiet()


async def test_others_are_answered_meanwhile(muted):
    siti = muted.citizen()
    await siti.report(muted.telegram)
    assert siti.receipt
