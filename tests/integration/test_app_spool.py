"""Webhooks while MongoDB does not answer: 200, kept on the disk, and applied once and in order when it does."""

import asyncio
import base64
import os
import re
import signal
import time
from datetime import date, timedelta

import pymongo.errors
import pytest

from bot import carriage, clock, delivery, intake, reception
from bot.channels import twilio_form
from bot.model import Address, Inbound
from bot.store.mongod import EmbeddedMongod
from bot.store.store import Store
from tests.fakes.disk import full_disk
from tests.freezing import freeze
from tests.stage import CANARY

KEY = base64.b64encode(bytes(range(32))).decode()
WITHIN = 0.5


class Outage:
    """A mongod of the test's own, which it may freeze, kill and start again."""

    def __init__(self, mongod):
        self.mongod = mongod
        self._frozen = False

    def freeze(self):
        freeze(self.mongod.pid)
        self._frozen = True

    async def kill(self):
        os.kill(self.mongod.pid, signal.SIGKILL)
        await self.mongod.stop()

    async def end(self):
        if self._frozen:
            os.kill(self.mongod.pid, signal.SIGCONT)
            self._frozen = False
        if self.mongod.pid is None:
            await self.mongod.start()


@pytest.fixture
async def outage(tmp_path):
    mongod = EmbeddedMongod(tmp_path / "mongod")
    await mongod.start()
    outage = Outage(mongod)
    yield outage
    await outage.end()
    await mongod.stop()


@pytest.fixture
async def spooling(stage, outage, tmp_path, monkeypatch):
    """A web with a spool, on that mongod."""
    monkeypatch.setattr(reception, "ANSWER_WITHIN_SECONDS", WITHIN)
    monkeypatch.setattr(reception, "ROUND_EVERY_SECONDS", 0.02)
    for module in (intake, delivery, carriage):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=5))
    folder = tmp_path / "spool"
    folder.mkdir()
    stage.more = {"SPOOL_DIR": str(folder), "SPOOL_KEY": KEY}
    store = await Store.open(outage.mongod.url, seconds=1)
    await store.migrate()
    stage.spool = folder
    stage.store = store
    await stage.web(store)
    return stage


def person(number):
    return f"+6281234567{number:03}"


async def says(stage, number, text):
    """By SMS; the message's id. It is answered 200, and in time."""
    form, begun = stage.twilio.inbound(person(number), f"{text} {CANARY}"), time.monotonic()
    assert [200] == await stage.twilio.deliver(form)
    assert time.monotonic() - begun < WITHIN + 1
    return form["MessageSid"]


async def converses(stage, number, texts=("BANTUAN", "STATUS", "BANTUAN", "BAHASA")):
    return [await says(stage, number, text) for text in texts]


def spooled(stage):
    return sorted(stage.spool.glob("segment-*/*.entry"))


async def drained(stage):
    async def left():
        return spooled(stage)

    await stage.until_true(left, lambda left: not left, seconds=20)


async def applied(stage, number):
    kept = await stage.store.conversations.load(f"sms_twilio:{person(number)}")
    return [each.id for each in kept.applied]


def heard(stage, number):
    return [sent.body for sent in stage.twilio.messages if sent.to == person(number)]


async def carried_out(stage):
    """By a worker, once the leases have lapsed of writes that landed though nobody heard of it."""
    worker = await stage.app(store=stage.store)
    async with worker.working():
        await stage.quiet(seconds=15)


@pytest.mark.parametrize("how", ["frozen", "killed"])
async def test_with_mongod_away_every_message_is_taken_and_applied_once_and_in_order(spooling, outage, how):
    stage = spooling
    before = await asyncio.gather(*(converses(stage, number, ["BANTUAN"]) for number in range(5)))
    await drained(stage)  # a slow disk may have kept the answers away
    if how == "frozen":
        outage.freeze()
    else:
        await outage.kill()
    during = await asyncio.gather(*(converses(stage, number) for number in range(5)))
    assert 20 == len(spooled(stage))
    await outage.end()
    after = await asyncio.gather(*(converses(stage, number, ["BANTUAN", "STATUS"]) for number in range(5)))
    await drained(stage)
    for number in range(5):
        expected = before[number] + during[number] + after[number]
        assert expected == await applied(stage, number)
    await carried_out(stage)
    assert [True] * 5 == [len(heard(stage, number)) >= 7 for number in range(5)]
    assert [] == await stage.parked()


async def test_under_traffic_that_does_not_stop_outages_lose_nothing_and_keep_the_order(spooling, outage):
    stage, sent, stop = spooling, {number: [] for number in range(6)}, asyncio.Event()

    async def writing(number):
        while not stop.is_set():
            sent[number].append(await says(stage, number, "STATUS"))
            await asyncio.sleep(0.12)

    traffic = asyncio.gather(*(writing(number) for number in range(6)))
    for how in ("freeze", "kill", "freeze"):
        await asyncio.sleep(0.6)
        if how == "freeze":
            outage.freeze()
        else:
            await outage.kill()
        await asyncio.sleep(1.2)
        await outage.end()
    await asyncio.sleep(0.6)
    stop.set()
    await traffic
    await drained(stage)
    for number, ids in sent.items():
        assert len(ids) > 10
        assert ids == await applied(stage, number)
    assert [] == await stage.parked()


async def test_a_write_whose_answer_is_lost_is_spooled_and_found_to_be_applied(spooling):
    stage = spooling
    group = stage.store.conversations._group
    write = group._bulk_write

    async def lost(operations):
        await write(operations)
        group._bulk_write = write
        raise pymongo.errors.AutoReconnect

    group._bulk_write = lost
    sid = await says(stage, 1, "BANTUAN")
    await drained(stage)
    kept = await stage.store.conversations.load(f"sms_twilio:{person(1)}")
    assert (1, [sid]) == (kept.version, [each.id for each in kept.applied])


async def test_a_flood_during_an_outage_is_held_and_applied_in_order_like_any_other(spooling, outage):
    stage = spooling
    outage.freeze()
    ids = [await says(stage, 1, "STATUS") for _ in range(75)]
    await outage.end()
    await drained(stage)
    app = await stage.app(store=stage.store)
    async with app.working():

        async def done():
            return await applied(stage, 1)

        assert ids == await stage.until_true(done, lambda found: len(found) == 75, seconds=15)


async def test_days_are_counted_from_the_time_it_came(stage):
    """Midnight may pass while it waits."""
    app, days = await stage.app(), {}
    text = f"LAPOR Lampu jalan mati di kecamatan Cibodas Kota Tangerang sejak kemarin {CANARY}"
    for number, at in enumerate((None, clock.now() - timedelta(hours=24))):
        await app.intake.receive([Inbound("1", Address("sms_twilio", person(number)), text, at=at)])
        kept = await stage.store.conversations.load(f"sms_twilio:{person(number)}")
        days[number] = date.fromisoformat(kept.session["draft"]["occurred_on"])
    assert timedelta(days=1) == days[0] - days[1]


async def test_a_full_disk_is_503_nothing_half_written_and_taken_again_when_there_is_room(spooling, outage):
    stage = spooling
    outage.freeze()
    first = await says(stage, 1, "BANTUAN")
    form = stage.twilio.inbound(person(1), f"STATUS {CANARY}")
    with full_disk():
        assert [503] == await stage.twilio.deliver(form)
    assert (1, []) == (len(spooled(stage)), list(stage.spool.glob("*/*.new")))
    assert [200] == await stage.twilio.deliver(form)
    await outage.end()
    await drained(stage)
    assert [first, form["MessageSid"]] == await applied(stage, 1)


async def test_a_delivery_report_is_taken_too(spooling, outage):
    stage = spooling
    await says(stage, 1, "BANTUAN")

    async def state():
        document = await stage.store._db["conversations"].find_one({"_id": f"sms_twilio:{person(1)}"})
        return [each["state"] for each in document.get("sent", ())]

    await stage.until_true(state)
    await drained(stage)  # a slow disk may have kept the answer away
    (sent,) = stage.twilio.messages
    outage.freeze()
    assert [200] == await stage.twilio.report(sent, "delivered")
    assert 1 == len(spooled(stage))
    await outage.end()
    assert ["delivered"] == await stage.until_true(state, lambda states: states == ["delivered"])


async def test_what_a_bug_could_not_read_is_kept_and_parked_later(spooling, outage, monkeypatch):
    stage = spooling
    monkeypatch.setattr(twilio_form, "_inbound", lambda *_: 1 / 0)
    outage.freeze()
    assert [200] == await stage.twilio.deliver(stage.twilio.inbound(person(1), f"BANTUAN {CANARY}"))
    await outage.end()
    await drained(stage)
    assert [("webhook", "ZeroDivisionError")] == [(item.what, item.reason) for item in await stage.parked()]


async def test_the_core_is_told_to_come_again(spooling, outage):
    """It repeats its events until they are taken: there is no need to keep them here."""
    outage.freeze()
    event = {"id": "evt-1", "type": "report.status_changed", "ticket": "1", "idempotency_key": "k"}
    assert 503 == await spooling.core_says(event)
    assert [] == spooled(spooling)


async def test_it_says_that_it_is_ready_while_it_can_take_messages(spooling, outage):
    outage.freeze()
    assert 200 == (await spooling.get("/readyz"))[0]
    await says(spooling, 1, "BANTUAN")

    async def scraped():
        return (await spooling.get("/metrics"))[1].decode()

    found = await spooling.until_true(scraped, lambda found: "lapor_spool_entries 1.0" in found)
    assert 0 < float(re.search(r"^lapor_spool_bytes (.+)$", found, re.MULTILINE)[1]) < 2000
