"""SIGTERM while the database is gone and many conversations are open: web ends in under ten seconds all the same."""

import asyncio
import signal
import time

import aiohttp
import pytest

from bot.store.mongod import EmbeddedMongod
from tests.acceptance.conftest import installed
from tests.fakes.gateway import SECRET, gateway
from tests.ports import free_port

PEOPLE = 200
LIMIT_SECONDS = 10.0 + 2.0
"""What is promised, and what a machine that other tests use as well may add."""
CUT_OFF = 1
"""The status of a process that has had to end before everything had come to its end."""


@pytest.fixture
async def office(tmp_path):
    """An installation with a mongod of its own, and an SMS gateway."""
    mongod = EmbeddedMongod(tmp_path / "mongod")
    await mongod.start()
    async with gateway() as sms, installed(mongod.url, tmp_path, web=free_port(), **sms.settings()) as everything:
        everything.sms, everything.mongod = sms, mongod
        yield everything
        mongod._process.send_signal(signal.SIGCONT)
        await mongod.stop()
        await mongod.start()
    await mongod.stop()


async def write(http, office, number):
    query = {"from": f"+{number}", "to": "1708", "text": "BANTUAN", "id": f"m{number}-{time.monotonic_ns()}"}
    try:
        async with http.get(f"{office.url}/hooks/sms/{SECRET}", params=query) as answer:
            return answer.status
    except aiohttp.ClientError:
        return None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
async def test_a_web_process_ends_in_time_without_its_database(office, number):
    office.sms.slowness = 0.5
    people = range(6_281_400_000_000, 6_281_400_000_000 + PEOPLE)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        assert {200} == set(await asyncio.gather(*(write(http, office, person) for person in people)))
        office.mongod._process.send_signal(number)
        late = [asyncio.create_task(write(http, office, person)) for person in people]
        await asyncio.sleep(1)
        began = time.monotonic()
        office.web.signal(signal.SIGTERM)
        status = await office.web.wait(seconds=30)
        took = time.monotonic() - began
        answers = set(await asyncio.gather(*late))
    assert took < LIMIT_SECONDS
    assert status in (0, CUT_OFF), office.web.said()[-2000:]
    assert answers <= {503, None}
