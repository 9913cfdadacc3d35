"""Messages that Twilio took and whose webhook never reached us are found in its list, and applied once."""

import asyncio
from datetime import timedelta

import pytest

from bot import clock, gaps
from bot.errors import RateLimited
from tests.fakes.twilio import Fault

SITI = "whatsapp:+6281234567890"
CONVERSATION = "whatsapp:+6281234567890"


@pytest.fixture
async def found(stage):
    """Gaps that have looked an hour ago; `look` looks again at the whole hour, and a little beyond the present."""
    await stage.web()
    app = await stage.app()
    stage.gaps = app._gaps()
    stage.whatsapp = stage.gaps._channels["whatsapp"]
    assert {"whatsapp", "sms_twilio"} == set(stage.gaps._channels)

    async def look(*, since=timedelta(hours=1), until=timedelta(minutes=5)):
        stage.gaps._real = lambda: clock.now() + until
        for name in stage.gaps._channels if since else ():
            await stage.store.marks.put(f"gaps {name}", (clock.now() - since).isoformat())
        return sum([await stage.gaps.look(name, channel) for name, channel in stage.gaps._channels.items()])

    stage.look = look
    yield stage
    await app.close()


async def applied(stage, conversation=CONVERSATION):
    return [each.id for each in (await stage.store.conversations.load(conversation)).applied]


async def answers(stage, count):
    await stage.until_true(lambda: asyncio.sleep(0, len(stage.twilio.messages)), lambda seen: seen >= count)
    await stage.quiet()
    return stage.twilio.messages


async def test_what_came_before_the_first_look_is_not_ours(found):
    found.twilio.inbound(SITI, "kepada pemilik nomor yang lama")
    assert 0 == await found.look(since=None)
    assert 0 == await found.look(since=None, until=timedelta(minutes=20))
    assert [] == await applied(found)
    assert 1 == len([query for query in found.twilio.lists if query["To"].startswith("whatsapp")])


async def test_a_lost_message_is_taken_in_and_answered_once(found):
    lost = found.twilio.inbound(SITI, "Lampu jalan mati di Cibodas")
    assert 1 == await found.look()
    assert [lost["MessageSid"]] == await applied(found)
    assert SITI == (await answers(found, 1))[0].to
    assert 0 == await found.look()
    assert {200} == set(await found.twilio.deliver(lost))
    assert 1 == len(await answers(found, 1))
    assert '"event":"message_recovered"' in found.log.getvalue()


async def test_what_came_by_webhook_is_not_taken_again(found):
    assert {200} == set(await found.twilio.text(SITI, "BANTUAN"))
    assert {200} == set(await found.twilio.text("+6281234567890", "BANTUAN"))
    await answers(found, 2)
    assert 0 == await found.look()


async def test_lost_ones_are_taken_in_the_order_they_were_sent_over_all_pages(found, monkeypatch):
    monkeypatch.setattr("bot.channels.twilio.PAGE", 2)
    sids = [found.twilio.inbound(SITI, "BANTUAN")["MessageSid"] for _ in range(5)]
    assert 5 == await found.look()
    assert sids == await applied(found)
    assert {"0", "1", "2"} == {query.get("Page", "0") for query in found.twilio.lists}
    await answers(found, 5)


async def test_files_come_with_their_messages(found):
    url = found.twilio.add_media(b"\x89PNG\r\n\x1a\n" + b"x" * 100, "image/png")
    found.twilio.inbound(SITI, "Jalan rusak parah di depan pasar", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
    [message] = await found.whatsapp.received(clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=1))
    assert [(url, "image/png")] == [(file.ref, file.mime) for file in message.files]
    assert b"PNG" in await found.whatsapp.fetch(message.files[0], limit=1000)
    assert 1 == await found.look()
    await answers(found, 1)


async def test_a_list_that_cannot_be_had_moves_nothing_on(found):
    found.twilio.inbound(SITI, "BANTUAN")
    found.twilio.fail_next(Fault.RATE_LIMITED)
    with pytest.raises(RateLimited):
        await found.look()
    assert 1 == await found.look()
    await answers(found, 1)


async def test_a_sender_whose_messages_are_held_keeps_their_order(found):
    lost = found.twilio.inbound(SITI, "BANTUAN")
    [message] = await found.whatsapp.received(clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=1))
    await found.store.held.hold(message, clock.now())
    assert 0 == await found.look()
    assert [lost["MessageSid"]] == [each.id for each in await found.store.held.oldest(CONVERSATION, 10)]
    await found.store.held.erase(CONVERSATION)


async def test_after_a_long_outage_the_list_is_read_an_hour_at_a_time(found):
    await found.look(since=timedelta(days=5))
    asked = [query for query in found.twilio.lists if query["To"].startswith("whatsapp")]
    assert 47 == len(asked)


async def test_workers_look_by_themselves_one_at_a_time(found, monkeypatch):
    monkeypatch.setattr(gaps, "EVERY_SECONDS", 0.02)
    monkeypatch.setattr(gaps, "GRACE", timedelta(seconds=-1))
    for name in found.gaps._channels:
        await found.store.marks.put(f"gaps {name}", clock.now().isoformat())
    await found.worker()
    await found.worker()
    lost = found.twilio.inbound(SITI, "BANTUAN")
    await found.until_true(lambda: applied(found), lambda ids: lost["MessageSid"] in ids)
    assert 1 == len(await answers(found, 1))
