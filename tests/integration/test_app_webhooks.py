"""Webhooks, as providers really call them: again, in parallel, out of order, forged, oversize, and while the database is away."""

import asyncio
import random
import re

import aiohttp
import orjson
import pymongo.errors
import pytest

from bot.store.mongod import EmbeddedMongod
from bot.store.store import Store
from tests.acceptance.citizens import RECEIPT
from tests.stage import SECRET

MIB = 1 << 20
TICKET = re.compile(r"\b19[0-9]{5}\b")


async def deliver_badly(stage, chance):
    """Telegram and a clumsy load balancer: every update 3 to 10 times, in parallel, at any web, old ones again in between."""
    telegram, old = stage.telegram, []

    async def one(chat_id):
        mine = [entry for entry in telegram.pending if entry[0] == chat_id]
        entry = mine[0]
        copies = [entry[1]] * chance.randint(3, 10) + chance.sample(old, min(3, len(old)))
        chance.shuffle(copies)
        statuses = await asyncio.gather(*(stage.deliver(update, chance.choice(stage.urls)) for update in copies))
        assert {200} == set(statuses)
        old.append(entry[1])
        telegram.pending.remove(entry)

    while True:
        await telegram.until(lambda: bool(telegram.pending), seconds=60)
        await asyncio.gather(*(one(chat_id) for chat_id in {chat_id for chat_id, _ in telegram.pending}))


@pytest.fixture
async def badly(stage):
    """Two webs, and updates delivered to them as badly as can be."""
    await stage.web()
    await stage.web()
    stage.by_hand()
    courier = asyncio.create_task(deliver_badly(stage, random.Random(1708)))
    yield stage
    courier.cancel()
    await asyncio.gather(courier, return_exceptions=True)


def heard(citizen):
    """What the bot said, without what is each citizen's own: numbers, and how many others nearby have said the same."""
    said = [TICKET.sub("T", RECEIPT.sub("L", sent.text)).partition("Kode akses")[0] for sent in citizen.person.heard]
    return [text.partition("Bukti:")[0] for text in said]


async def test_updates_redelivered_in_parallel_at_two_webs_are_applied_once_and_answered_in_order(badly):
    await badly.worker()
    siti, budi = badly.citizen(), badly.citizen()
    await siti.report(badly.telegram)
    await budi.report(badly.telegram)
    await badly.quiet()
    assert heard(siti) == heard(budi)
    assert len(set(heard(siti))) == len(heard(siti))
    assert 2 == (await badly.documents())["reports"]


async def test_many_citizens_at_once_each_get_their_own_receipt(badly):
    await badly.worker()
    citizens = [badly.citizen(f"Jalan berlubang nomor {number} dekat pasar") for number in range(6)]
    await asyncio.gather(*(citizen.report(badly.telegram) for citizen in citizens))
    await badly.quiet()
    assert 6 == len({citizen.receipt for citizen in citizens})
    assert 6 == (await badly.documents())["reports"] == len(badly.core.reports)
    for number, citizen in enumerate(citizens):
        report = await badly.report_of(citizen)
        assert (f"telegram:{citizen.person.id}", True) == (report.conversation, f"nomor {number} " in report.body["body"])


async def test_shuffled_copies_of_ten_messages_at_once(stage):
    """No order is promised to messages that come at once, but each is applied once, and each answer is said once."""
    await stage.web()
    await stage.web()
    await stage.worker()
    stage.by_hand()
    siti = stage.citizen()
    updates = [siti.person.says("BANTUAN") for _ in range(10)]
    copies = updates * 5
    random.Random(17).shuffle(copies)
    statuses = await asyncio.gather(*(stage.deliver(update, stage.urls[place % 2]) for place, update in enumerate(copies)))
    assert {200} == set(statuses)
    await siti.person.hears(10)
    stage.telegram.pending.clear()
    await stage.quiet()
    kept = await stage.store.conversations.load(f"telegram:{siti.person.id}")
    assert sorted(str(update["update_id"]) for update in updates) == sorted(applied.id for applied in kept.applied)
    assert 10 == len(siti.person.heard)


async def test_two_webs_take_turns_with_one_citizen(stage):
    """Each has a copy of the conversation that the other has made stale."""
    await stage.web()
    await stage.web()
    await stage.worker()
    stage.by_hand()
    siti = stage.citizen()
    for turn in range(8):
        update = siti.person.says("BANTUAN" if turn % 3 else "BAHASA")
        assert 200 == await stage.deliver(update, stage.urls[turn % 2])
        assert 200 == await stage.deliver(update, stage.urls[1 - turn % 2])
        await siti.person.hears(turn + 1)
    stage.telegram.pending.clear()
    await stage.quiet()
    assert (8, 8) == (len(siti.person.heard), (await stage.store.conversations.load(f"telegram:{siti.person.id}")).version)
    said = heard(siti)
    english, indonesian = said[1], said[4]
    assert [english, english, indonesian, indonesian, english] == [said[1], said[2], said[4], said[5], said[7]]
    assert english != indonesian


async def test_a_copy_of_pending_effects_does_not_grow_while_a_worker_carries_them_out(stage):
    web = await stage.web()
    await stage.worker()
    stage.telegram.refuse("sendMessage", 429, retry_after=0)
    siti = stage.citizen()
    for turn in range(5):
        siti.person.says("BANTUAN")
        await siti.person.hears(turn + 1)
    await stage.quiet()
    siti.person.says("BANTUAN")
    await siti.person.hears(6)
    await stage.quiet()
    copy = web._live.get(f"telegram:{siti.person.id}")
    assert copy is None or () == copy.effects


async def test_an_outcome_that_is_unknown_is_not_applied_twice(stage):
    """The write is done, but its answer is lost: 503, and the redelivered message is a duplicate."""
    web = await stage.web()
    await stage.worker()
    stage.by_hand()
    group = web.store.conversations._group
    write = group._bulk_write

    async def lost(operations):
        await write(operations)
        group._bulk_write = write
        raise pymongo.errors.AutoReconnect

    siti = stage.citizen()
    update = siti.person.says("BANTUAN")
    group._bulk_write = lost
    assert 503 == await stage.deliver(update)
    assert 200 == await stage.deliver(update)
    kept = await stage.store.conversations.load(f"telegram:{siti.person.id}")
    assert (1, 1) == (kept.version, len(kept.applied))


async def test_the_database_away_is_503_and_the_message_is_applied_once_when_it_is_back(stage, tmp_path):
    mongod = EmbeddedMongod(tmp_path)
    await mongod.start()
    try:
        store = await Store.open(mongod.url, seconds=0.3)
        await stage.web(store)
        siti = stage.citizen()
        siti.person.says("BANTUAN")
        await siti.person.hears(1)
        await mongod.stop()
        update = siti.person.says("STATUS")
        await stage.telegram.until(lambda: 503 in [delivery.status for delivery in stage.telegram.deliveries])
        await mongod.start()
        await siti.person.hears(2, seconds=10)
        await stage.telegram.drained()
        assert 200 == await stage.deliver(update)
        kept = await store.conversations.load(f"telegram:{siti.person.id}")
        assert (2, str(update["update_id"])) == (len(kept.applied), kept.applied[-1].id)
        await store.close()
    finally:
        await mongod.stop()


async def test_a_tap_is_acknowledged_by_the_answer_to_its_webhook_once_it_is_durable(stage):
    web = await stage.web()
    siti = stage.citizen()
    siti.person.says("halo")
    [question] = await siti.person.hears(1)
    await stage.quiet()
    stage.by_hand()
    update = siti.person.taps_data(question, "q:gone.1:ya")
    tap = update["callback_query"]["id"]
    group = web.store.conversations._group
    group._closed = True
    assert (503, b"") == await answered(stage, update)
    group._closed = False
    status, body = await answered(stage, update)

    assert (200, {"method": "answerCallbackQuery", "callback_query_id": tap}) == (status, orjson.loads(body))
    await siti.person.hears(2)
    assert {"setWebhook", "sendMessage"} == {call.method for call in stage.telegram.calls}


async def answered(stage, update):
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with aiohttp.ClientSession() as http, http.post(f"{stage.url}/hooks/telegram", json=update, headers=headers) as answer:
        return answer.status, await answer.read()


@pytest.fixture
async def untouched(stage):
    """Nothing is written while the test runs."""
    await stage.web()
    before = await stage.documents()
    yield stage
    assert before == await stage.documents()


async def test_a_wrong_or_missing_secret_is_403(untouched):
    untouched.by_hand()
    update = orjson.dumps(untouched.citizen().person.says("BANTUAN"))
    for secret in (None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "telegram-webhook-secret\u00e9"):
        assert 403 == await untouched.deliver(update, secret=secret), secret


async def test_garbage_with_the_right_secret_is_400(untouched):
    bodies = (b"", b"\x00", b"{", b"[]", b"null", b'"x"', b"{}", b'{"update_id": "1"}', b'{"update_id": 1.5}', b"\xff\xfe", b"[" * 100_000)
    for body in bodies:
        assert 400 == await untouched.deliver(body), body[:20]


async def test_a_body_over_one_mebibyte_is_413(untouched):
    assert 400 == await untouched.deliver(b" " * MIB)
    assert 413 == await untouched.deliver(b" " * MIB + b" ")


async def test_twilio_without_a_good_signature_is_403(untouched):
    form = untouched.twilio.inbound("+6281234567890", "Lampu jalan mati")
    headers, body = untouched.twilio.signed(f"{untouched.url}/hooks/twilio", form)
    assert 403 == await untouched.post("/hooks/twilio", body, {})
    assert 403 == await untouched.post("/hooks/twilio", body + b"&x=1", headers)
    assert 403 == await untouched.post("/hooks/twilio", body.replace(b"Lampu", b"Pompa"), headers)
    assert 403 == await untouched.post("/hooks/twilio/status", body, headers)


async def test_a_forged_event_of_the_core_is_403(untouched):
    event = {"id": "evt-1", "type": "report.status_changed", "ticket": "1", "idempotency_key": "k"}
    headers, body = untouched.core.signed(event)
    for changed in (
        ({}, body),
        (headers, body + b" "),
        (headers | {"webhook-id": "evt-2"}, body),
        (headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}, body),
        (headers | {"webhook-timestamp": "x"}, body),
        (headers | {"webhook-signature": "v1,"}, body),
        (headers | {"webhook-signature": "\u00e9"}, body),
    ):
        assert 403 == await untouched.post("/hooks/core", changed[1], changed[0])
