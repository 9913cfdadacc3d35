"""Taking messages in while the database comes and goes: each accepted one is applied, once, in its sender's order."""

import asyncio
import os
import random
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot import reception as reception_module
from bot.errors import SpoolRefused, StoreUnavailable
from bot.model import Address, Delivered, DeliveryReport, Inbound
from bot.reception import Reception
from bot.spool.arrival import Unread
from bot.spool.sealing import Seal
from bot.spool.segment import ASIDE
from bot.spool.spool import Spool
from tests.fakes.disk import full_disk

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KEY = os.urandom(32)
SITI, BUDI = Address("telegram", "42"), Address("sms", "+628")
PATIENCE = 0.05
HANGS_FOR = 3.0
"""Seconds: far longer than anybody may wait in these tests."""

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(reception_module, "ANSWER_WITHIN_SECONDS", PATIENCE)
    monkeypatch.setattr(reception_module, "ROUND_EVERY_SECONDS", 0.002)


class Database:
    """What intake makes of it: an id that was applied is not applied again."""

    def __init__(self):
        self.applied = []
        self.parked = {}
        self.up = True
        self.lands = False
        """The write is done although nobody hears of it."""
        self.hangs = False
        self.poison = set()
        self.asked = 0

    async def apply(self, arrival):
        self.asked += 1
        if isinstance(arrival, Inbound) and arrival.id in self.poison:
            raise KeyError(arrival.text)
        if self.up or self.lands:
            await asyncio.sleep(0)
            if arrival not in self.applied:
                self.applied.append(arrival)
        await self.probe()

    async def probe(self):
        answers = self.up and not self.hangs  # as it is when asked: a database that is back does not do what it was asked before
        until = asyncio.get_running_loop().time() + HANGS_FOR
        while self.hangs and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110  # a switch that tests turn; then the driver gives up
            await asyncio.sleep(PATIENCE / 5)
        if not answers:
            raise StoreUnavailable

    async def park(self, item):
        await self.probe()
        self.parked.setdefault(item.id, item)

    async def remove(self, id_):
        await self.probe()
        return self.parked.pop(id_, None) is not None

    def of(self, address):
        """The ids of one person's messages, as they took effect first."""
        taken = dict.fromkeys((each.address, each.id) for each in self.applied if isinstance(each, Inbound))
        return [id_ for whose, id_ in taken if whose == address]


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def started(tmp_path, database):
    """Start a process: its reception, and its drain."""

    @asynccontextmanager
    async def start(*, draining=True, now=None, key=KEY, entries=1000):
        spool = await Spool.open(tmp_path, Seal([key]), bytes_at_most=1 << 20, entries_at_most=entries)
        reception = Reception(
            spool=spool,
            apply=database.apply,
            probe=database.probe,
            ping=database.probe,
            parked=database,
            now=now or Clock(),
        )
        reception.spool = spool
        try:
            if draining:
                async with reception.draining():
                    yield reception
            else:
                yield reception
        finally:
            await spool.close()

    return start


def message(id_, address=SITI, text=""):
    return Inbound(str(id_), address, text)


async def until(happened, seconds=3.0):
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110  # what is looked at only records
            await asyncio.sleep(0.002)


async def empty(reception):
    await until(lambda: not reception.spool.usage().entries)


async def test_with_the_database_there_nothing_is_spooled(started, database):
    async with started(draining=False) as reception:
        await reception.receive([message(1), message(2, BUDI)])
        assert ([message(1), message(2, BUDI)], 0) == (database.applied, reception.spool.usage().entries)


@pytest.mark.parametrize("how", ["refuses", "hangs", "lands and hangs"])
async def test_without_it_a_message_is_spooled_and_applied_once_when_it_is_back(started, database, how):
    database.up, database.hangs, database.lands = how != "refuses", how != "refuses", how.startswith("lands")
    async with started() as reception:
        await asyncio.wait_for(reception.receive([message(1)]), 40 * PATIENCE)
        assert 1 == reception.spool.usage().entries
        database.up, database.hangs = True, False
        await empty(reception)
    assert ["1"] == database.of(SITI)
    assert NOW == database.applied[-1].at


async def test_once_it_is_known_to_be_away_nobody_waits_for_it(started, database):
    database.hangs = True
    async with started(draining=False) as reception:
        await reception.receive([message(1)])
        asked = database.asked
        await asyncio.gather(*(reception.receive([message(n, Address("sms", f"+{n}"))]) for n in range(10)))
        assert (asked, 11) == (database.asked, reception.spool.usage().entries)


async def test_what_comes_later_from_the_same_sender_waits_behind_what_is_spooled(started, database):
    async with started(draining=False) as reception:
        database.up = False
        await reception.receive([message(1)])
        database.up = True
        reception._away = False
        await reception.receive([message(2), message(3, BUDI)])
        assert [message(3, BUDI)] == database.applied
        async with reception.draining():
            await empty(reception)
            await reception.receive([message(4)])
    assert ["1", "2", "4"] == database.of(SITI)


async def test_a_message_under_way_is_not_passed_by_a_later_one(started, database):
    """The first one times out and is spooled, though the database is there again for the second."""
    async with started(draining=False) as reception:
        database.hangs = True
        first = asyncio.create_task(reception.receive([message(1)]))
        await asyncio.sleep(PATIENCE / 2)
        database.hangs = False
        await reception.receive([message(2)])
        await first
        assert [] == [each for each in database.applied if each.id == "2"]
        async with reception.draining():
            await empty(reception)
    assert ["1", "2"] == database.of(SITI)


async def test_the_answer_comes_in_time_for_all_of_one_senders_messages(started, database):
    database.hangs = True
    async with started() as reception, asyncio.timeout(20 * PATIENCE):
        await asyncio.gather(*(reception.receive([message(n)]) for n in range(20)))
        assert 20 == reception.spool.usage().entries


async def test_a_full_spool_refuses(started, database):
    database.up = False
    async with started(entries=1) as reception:
        await reception.receive([message(1)])
        with pytest.raises(StoreUnavailable):
            await reception.receive([message(2)])
        with pytest.raises(StoreUnavailable):
            await reception.ready()
        database.up = True
        await empty(reception)
        await reception.ready()
    assert ["1"] == database.of(SITI)


async def test_a_full_disk_refuses(started, database):
    database.up = False
    async with started() as reception:
        with full_disk(1 << 16), pytest.raises(SpoolRefused):
            await reception.receive([message(1, text="x" * 100_000)])
        await reception.receive([message(2)])
        database.up = True
        await empty(reception)
    assert ["2"] == database.of(SITI)


async def test_it_is_ready_as_long_as_the_spool_has_room(started, database):
    async with started() as reception:
        await reception.ready()
        for up, hangs in ((False, False), (True, True)):
            database.up, database.hangs = up, hangs
            await reception.ready()
            assert reception._away
            database.up, database.hangs = True, False
            await until(lambda: not reception._away)
            await reception.ready()


# ---- what is not applied


async def test_a_bug_parks_the_message_and_the_rest_goes_on(started, database):
    database.up, database.poison = False, {"2"}
    async with started() as reception:
        await reception.receive([message(n) for n in (1, 2, 3)])
        database.up = True
        await empty(reception)
    assert ["1", "3"] == database.of(SITI)
    assert [(f"{SITI}/2", "inbound", "KeyError", str(SITI))] == [
        (item.id, item.what, item.reason, item.owner) for item in database.parked.values()
    ]
    assert "2" == database.parked[f"{SITI}/2"].payload["message"]["id"]


@pytest.mark.parametrize(("hours", "parks"), [(47.99, False), (48, True), (500, True)])
async def test_after_48_hours_nobody_can_tell_whether_it_was_applied_and_it_is_parked(started, database, hours, parks):
    clock, report = Clock(), DeliveryReport(str(BUDI), "e1", Delivered.FAILED)
    database.up = False
    async with started(draining=False, now=clock) as reception:
        await reception.receive([message(1)])
        await reception.delivered(report)
    clock.now, database.up = NOW + timedelta(hours=hours), True
    async with started(now=clock) as reception:
        await empty(reception)
    expected = [("inbound", "spooled_too_long"), ("delivery", "spooled_too_long")] if parks else []
    assert expected == [(item.what, item.reason) for item in database.parked.values()]
    assert (0 if parks else 2) == len(database.applied)


async def test_delivery_reports_and_what_could_not_be_read_are_spooled_too(started, database):
    report, unread = DeliveryReport(str(SITI), "e1", Delivered.FAILED, "63016", window_closed=True), Unread("sms", "KeyError", b"\xff?")
    database.up = False
    async with started() as reception:
        await reception.delivered(report)
        await reception.park(unread.transport, unread.reason, unread.body)
        assert 2 == reception.spool.usage().entries
        database.up = True
        await empty(reception)
    assert {report, unread} == set(database.applied)


async def test_what_cannot_be_read_is_parked_once_the_database_is_there_and_forgotten_when_it_is_applied(started, database, tmp_path):
    database.up = False
    async with started(draining=False) as reception:
        await reception.receive([message(1)])
    async with started(key=os.urandom(32)) as reception:
        await asyncio.sleep(0.02)
        assert {} == database.parked
        database.up = True
        await until(lambda: database.parked)
        (item,) = database.parked.values()
        assert ("spool", "spool_foreign_key") == (item.what, item.reason)
        assert (tmp_path / item.payload["file"]).stat().st_size == item.payload["bytes"]
    async with started() as reception:
        await empty(reception)
    assert (["1"], {}, []) == (database.of(SITI), database.parked, list((tmp_path).glob(f"{ASIDE}/*")))


# ---- everything at once


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_the_database_does_each_message_is_applied_in_its_senders_order(started, database, seed):
    chance = random.Random(seed)
    senders = [Address("sms", f"+62{n}") for n in range(5)]
    accepted = {address: [] for address in senders}

    async def write(reception, address):
        for number in range(25):
            await asyncio.sleep(chance.uniform(0, 0.01))
            await reception.receive([message(f"{number:02}", address)])
            accepted[address].append(f"{number:02}")

    async def weather():
        while True:
            database.up, database.hangs, database.lands = chance.random() < 0.6, chance.random() < 0.3, chance.random() < 0.5
            await asyncio.sleep(chance.uniform(0, 0.03))

    changing = asyncio.create_task(weather())
    async with started(draining=False) as reception, reception.draining():
        await asyncio.gather(*(write(reception, address) for address in senders))
    changing.cancel()
    await asyncio.gather(changing, return_exceptions=True)
    database.up, database.hangs = True, False
    async with started() as reception:
        await empty(reception)
    for address in senders:
        assert accepted[address] == database.of(address)
