"""Messages held back."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model import Address, FileRef, Inbound, Pick, Pin

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
FAST = Address("telegram", "42")
FULL = Inbound(
    id="7",
    address=FAST,
    text=" $teks \n",
    pick=Pick("kind", "$pengaduan"),
    pin=Pin(-6.2, 106.8, "Monas"),
    files=(FileRef("f1", "image/jpeg", None, 12), FileRef("f2")),
    album="a",
    ref="r",
    edits="6",
    unsupported="sticker",
    sender_name="Budi",
    ack="cb",
    at=NOW - timedelta(hours=1),
)


def message(id_, address=FAST):
    return Inbound(str(id_), address, text=f"pesan {id_}")


async def test_a_message_is_read_back_exactly(store):
    await store.held.hold(FULL, NOW)
    await store.held.hold(message("8"), NOW)

    assert [FULL, message("8")] == await store.held.oldest(str(FAST), 5)


async def test_the_same_again_is_held_once(store):
    await store.held.hold(FULL, NOW)
    await asyncio.gather(*(store.held.hold(replace(FULL, text="again"), NOW) for _ in range(3)))

    assert [FULL] == await store.held.oldest(str(FAST), 5)


async def test_providers_may_number_each_persons_messages_anew(store):
    other = Address("telegram", "43")

    await store.held.hold(message(1), NOW)
    await store.held.hold(message(1, other), NOW)

    assert [message(1, other)] == await store.held.oldest(str(other), 5)


async def test_in_the_order_of_arrival_also_within_a_millisecond(store):
    await asyncio.gather(*(store.held.hold(message(each), NOW) for each in range(40)))
    await store.held.hold(message("early"), NOW - timedelta(milliseconds=1))

    assert [message("early"), *map(message, range(40))] == await store.held.oldest(str(FAST), 50)
    assert [message("early")] == await store.held.oldest(str(FAST), 1)


async def test_those_waiting_longest_first(store):
    for index, seconds in enumerate((30, 10, 20)):
        address = Address("sms", f"+62{index}")
        await store.held.hold(message("a", address), NOW + timedelta(seconds=seconds))
        await store.held.hold(message("b", address), NOW + timedelta(seconds=60 - seconds))

    assert ["sms:+621", "sms:+622"] == await store.held.waiting(2)


async def test_what_is_applied_is_removed_the_rest_erased(store):
    for each in range(3):
        await store.held.hold(message(each), NOW)
    await store.held.hold(message(1, Address("sms", "1")), NOW)

    await store.held.remove([message(0), message(2)])

    assert [message(1)] == await store.held.oldest(str(FAST), 5)
    assert await store.held.has(str(FAST))
    assert 1 == await store.held.erase(str(FAST))
    assert not await store.held.has(str(FAST))
    assert await store.held.has("sms:1")
