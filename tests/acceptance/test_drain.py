"""A deploy under load: SIGTERM ends web and worker in under ten seconds, and cuts no request that was accepted."""

import asyncio
import itertools
import signal
import time
from collections import Counter

import aiohttp
import pytest

from tests.acceptance.conftest import installed
from tests.fakes.gateway import SECRET, gateway

CLIENTS = 20
REFUSED = "refused"
CUT = "cut"


@pytest.fixture
async def office(mongodb_url, tmp_path):
    """An installation with an SMS gateway."""
    async with gateway() as sms, installed(mongodb_url, tmp_path, **sms.settings()) as everything:
        everything.sms = sms
        yield everything


class Citizens:
    """Each message from another number, each on a connection of its own."""

    def __init__(self, office):
        self.office = office
        self.numbers = itertools.count(6_281_200_000_000)
        self.outcomes = {}

    async def write(self, http):
        number = next(self.numbers)
        query = {"from": f"+{number}", "to": "1708", "text": "BANTUAN", "id": f"m{number}"}
        self.outcomes[number] = await outcome(http, f"{self.office.url}/hooks/sms/{SECRET}", query)

    async def keep_writing(self, until):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            while not until.is_set():
                await self.write(http)
                if self.outcomes and list(self.outcomes.values())[-1] == REFUSED:
                    await asyncio.sleep(0.05)

    def accepted(self):
        return [number for number, answer in self.outcomes.items() if answer == 200]


async def outcome(http, url, query=None):
    """The status, refused (no connection was made), or cut."""
    try:
        async with http.get(url, params=query) as answer:
            await answer.read()
            return answer.status
    except aiohttp.ClientConnectorError:
        return REFUSED
    except aiohttp.ClientError:
        return CUT


async def watch(url, until, seen):
    """What /readyz says, again and again."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        while not until.is_set():
            seen.append(await outcome(http, f"{url}/readyz"))
            await asyncio.sleep(0.02)


async def test_a_web_process_that_is_ended_under_load_cuts_nobody_off(office):
    office.sms.slowness = 0.3
    citizens, until, ready = Citizens(office), asyncio.Event(), []
    load = [asyncio.create_task(citizens.keep_writing(until)) for _ in range(CLIENTS)]
    load.append(asyncio.create_task(watch(office.url, until, ready)))
    await asyncio.sleep(2)
    began = time.monotonic()
    office.web.signal(signal.SIGTERM)
    assert 0 == await office.web.wait()
    took = time.monotonic() - began
    until.set()
    await asyncio.gather(*load)

    assert took < 10
    assert {200, REFUSED} == set(citizens.outcomes.values()), Counter(citizens.outcomes.values())
    order = [each for each, _ in itertools.groupby(ready)]
    assert [200, 503, REFUSED] == order  # unready while it still answered
    accepted = citizens.accepted()
    assert len(accepted) > CLIENTS
    known = await office.store._db.conversations.count_documents({"applied.id": {"$in": [f"m{number}" for number in accepted]}})
    assert len(accepted) == known

    async with asyncio.timeout(40):  # what it had not said yet the worker says
        while {to for to, _ in office.sms.sent} < {f"+{number}" for number in accepted}:  # noqa: ASYNC110  # the gateway only records
            await asyncio.sleep(0.1)
    said = Counter(to for to, _ in office.sms.sent)
    assert {1} == set(said.values())


@pytest.mark.parametrize("name", ["web", "worker"])
async def test_a_process_whose_provider_hangs_ends_in_time_and_leaves_it_to_the_lease(office, name):
    office.sms.hangs = True
    if name == "worker":
        await office.web.stop()
        effect = {"id": "e", "lane": "say", "kind": "say", "due": (now := _now()), "attempts": 0, "unsure": False, "data": _words()}
        document = {"_id": "sms:+6281234567890", "version": 1, "session": {}, "applied": [], "effects": [effect], "due": now, "fence": 0}
        await office.store._db.conversations.insert_one(document)
    else:
        await office.worker.stop()
        async with aiohttp.ClientSession() as http:
            await Citizens(office).write(http)
    async with asyncio.timeout(10):
        while not office.sms.begun:  # noqa: ASYNC110  # the gateway only records
            await asyncio.sleep(0.02)
    began = time.monotonic()
    process = getattr(office, name)
    process.signal(signal.SIGTERM)
    assert 0 == await process.wait()
    assert time.monotonic() - began < 10
    left = await office.store._db.conversations.find_one({"effects.0": {"$exists": True}})
    assert (1, True) == (len(left["effects"]), left["leased"])


async def test_a_second_signal_ends_it_at_once(office):
    office.sms.hangs = True
    async with aiohttp.ClientSession() as http:
        await Citizens(office).write(http)
    office.web.signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    began = time.monotonic()
    office.web.signal(signal.SIGTERM)
    assert 1 == await office.web.wait()
    assert time.monotonic() - began < 1
    assert "ended_at_once" in office.web.said()


def _now():
    from bot import clock

    return clock.now()


def _words():
    return {"text": "halo", "choices": [], "question": "", "ask_location": False, "coalesce": "", "key": "told.help"}
