"""Bugs of our own: what they touch is parked with its reason, the citizen hears the truth, and what comes next still works."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot import intake
from bot.channels import telegram_channel
from bot.conversation.protocol import Heard, Notice, Turn
from bot.parking import Parking
from tests.stage import CANARY

ROOT = Path(__file__).resolve().parents[2]
SORRY = "Maaf, ada gangguan"


@pytest.fixture
def engine(monkeypatch):
    """An engine with bugs: `engine.bug` decides on (session, event)."""

    class Engine:
        bug = None

        def __init__(self):
            self.right = intake.engine.advance

        def advance(self, session, event, now, **more):
            outcome = self.bug(session, event) if self.bug else None
            return outcome or self.right(session, event, now, **more)

    engine = Engine()
    monkeypatch.setattr(intake.engine, "advance", engine.advance)
    return engine


def fails_on(word):
    def bug(_session, event):
        if isinstance(event, Heard) and word in event.message.text:
            raise ZeroDivisionError(event.message.text)

    return bug


async def test_a_message_that_meets_a_bug_is_parked_and_the_next_one_works(stage, engine):
    web = await stage.web()
    await stage.worker()
    siti = stage.citizen()
    engine.bug = fails_on("GANJIL")
    [sorry] = await stage.says(siti, f"Jalan GANJIL berlubang di pasar {CANARY}")
    [help_] = await stage.says(siti, "BANTUAN")
    assert sorry.startswith(SORRY)
    assert "STATUS" in help_
    [item] = await stage.parked()
    assert ("inbound", "ZeroDivisionError", f"telegram:{siti.person.id}") == (item.what, item.reason, item.owner)
    assert f"Jalan GANJIL berlubang di pasar {CANARY}" == item.payload["message"]["text"]

    engine.bug = None
    before = len(siti.person.heard)
    assert "The message was applied again." == await Parking(web.store, web.intake, web.amending).replay(item.id)
    await siti.person.hears(before + 1)
    session = (await stage.store.conversations.load(item.owner)).session
    assert "GANJIL" in session["draft"]["parts"][0]["text"]
    assert [] == await stage.parked()
    assert await Parking(web.store, web.intake, web.amending).replay(item.id) is None


async def test_the_command_lists_what_is_parked_without_a_word_of_it(stage, engine):
    await stage.web()
    engine.bug = fails_on("GANJIL")
    siti = stage.citizen()
    await stage.says(siti, f"GANJIL {CANARY}")
    before, _, options = stage.settings()["MONGODB_URL"].partition("?")
    url = f"{before.rstrip('/')}/{stage.store._db.name}?{options}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "parked"),
        env={**os.environ, **stage.settings().values, "MONGODB_URL": url, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert 0 == process.returncode, err
    [item] = await stage.parked()
    assert b"ZeroDivisionError" in out
    assert item.id.encode() in out
    assert CANARY.encode() not in out + err


async def test_words_that_cannot_be_rendered_are_a_bug_like_any_other(stage):
    web = await stage.web()
    siti = stage.citizen()
    render = web.intake._render

    def broken(say, capabilities):
        if say.key == "told.help":
            raise LookupError(say.key)
        return render(say, capabilities)

    web.intake._render = broken
    [sorry] = await stage.says(siti, "BANTUAN")
    [status] = await stage.says(siti, "STATUS")
    assert sorry.startswith(SORRY)
    assert not status.startswith(SORRY)
    assert ["LookupError"] == [item.reason for item in await stage.parked()]


async def test_a_turn_the_database_will_never_take_is_parked_and_its_neighbours_are_not(stage, engine):
    await stage.web()
    await stage.worker()
    stage.by_hand()
    siti = stage.citizen()

    def bug(session, event):
        if isinstance(event, Heard) and "RAKSASA" in event.message.text:
            return Turn({**session, "huge": 2**80})
        return None

    engine.bug = bug
    updates = [siti.person.says(text) for text in ("BANTUAN", "BANTUAN", "RAKSASA", "BANTUAN")]
    assert [200] * 4 == await asyncio.gather(*(stage.deliver(update) for update in updates))
    heard = await siti.person.hears(4)
    assert 1 == sum(sent.text.startswith(SORRY) for sent in heard)
    assert [("inbound", "unstorable")] == [(item.what, item.reason) for item in await stage.parked()]
    stage.telegram.pending.clear()
    kept = await stage.store.conversations.load(f"telegram:{siti.person.id}")
    assert {str(update["update_id"]) for update in updates} == {applied.id for applied in kept.applied}


async def test_a_bug_in_reading_a_webhook_parks_its_body(stage, monkeypatch):
    await stage.web()
    stage.by_hand()

    def broken(_update):
        raise KeyError(CANARY)

    update = stage.citizen().person.says("BANTUAN")
    monkeypatch.setattr(telegram_channel, "read", broken)
    assert 200 == await stage.deliver(update)
    assert 200 == await stage.deliver(update)
    stage.telegram.pending.clear()
    [item] = await stage.parked()
    assert ("webhook", "KeyError") == (item.what, item.reason)
    assert b"BANTUAN" in item.payload["body"]


async def test_a_notice_that_meets_a_bug_is_parked_and_can_be_told_later(stage, engine):
    web = await stage.web()
    worker = await stage.worker()
    siti = stage.citizen()

    def bug(_session, event):
        if isinstance(event, Notice) and event.kind == "ticket":
            raise ZeroDivisionError

    engine.bug = bug
    await siti.report(stage.telegram)
    [item] = await stage.until_true(stage.parked)
    await stage.quiet()
    report = await stage.report_of(siti)
    assert [] == [sent for sent in siti.person.heard if sent.text.startswith(SORRY) or report.ticket in sent.text]
    engine.bug = None
    assert "The citizen is told again." == await Parking(web.store, worker.intake, worker.amending).replay(item.id)
    assert report.ticket == await stage.ticket(siti)


async def test_a_bug_in_an_effect_parks_it_and_the_lane_goes_on(stage, monkeypatch):
    web, worker = await stage.web(), await stage.worker()
    sent = []
    for telegram in (web._channels["telegram"], worker._channels["telegram"]):

        async def broken(to, message, *, send=telegram.send, **more):
            sent.append(message)
            if len(sent) == 1:
                raise ZeroDivisionError(message.text)
            return await send(to, message, **more)

        monkeypatch.setattr(telegram, "send", broken)
    siti = stage.citizen()
    siti.person.says("BANTUAN")
    siti.person.says("BANTUAN")
    await siti.person.hears(1)
    await stage.quiet()
    [item] = await stage.parked()
    assert ("effect", "bug") == (item.what, item.reason)
    assert "It was put back on the conversation's lane." == await Parking(web.store, web.intake, web.amending).replay(item.id)
    await siti.person.hears(2)


async def test_even_a_bug_in_parking_loses_nothing(stage, monkeypatch):
    """Neither the words nor the way to park them work: they wait."""
    web = await stage.web()

    async def broken(*_arguments, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(web._channels["telegram"], "send", broken)
    monkeypatch.setattr(web._conversation_errands, "give_up", broken)
    siti = stage.citizen()
    siti.person.says("BANTUAN")
    id_ = f"telegram:{siti.person.id}"
    kept = await stage.until_true(lambda: stage.store.conversations.load(id_), lambda kept: kept.effects and kept.effects[0].attempts)
    assert 1 == len(kept.effects)
