"""The real process: killed in the middle of its work, stopped politely, started wrongly."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
import pytest

from core.store.connection import connect
from tests.fakes import reference_core
from tests.fakes.reference_core import SECRET, TOKEN, Client, report

REPORTS = 60


def environment(database, port, events_url=None):
    own = {"CORE_MONGODB_URL": database.url, "CORE_TOKEN": TOKEN, "CORE_PORT": str(port), "HOST": "127.0.0.1"}
    events = {"CORE_EVENTS_URL": events_url, "CORE_WEBHOOK_SECRET": SECRET} if events_url else {}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CORE_")}
    return inherited | own | events


async def start(values):
    program = (sys.executable, "-m", "core", "serve")
    return await asyncio.create_subprocess_exec(*program, env=values, stderr=asyncio.subprocess.PIPE)


async def ready(process):
    async with asyncio.timeout(20):
        line = orjson.loads(await process.stderr.readline())
    assert "core_started" == line["event"], line
    return line


@asynccontextmanager
async def serving(values):
    process = await start(values)
    try:
        await ready(process)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def call_again_until_answered(client, path, body):
    """As the intake does: the same bytes under the same key until an answer comes."""
    async with asyncio.timeout(30):
        while True:
            try:
                status, answer = await client.post(path, body)
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
                continue
            assert status in (200, 201), answer
            return answer


async def live(client, key):
    """File a report and withdraw it."""
    ticket = (await call_again_until_answered(client, "/v1/reports", report(key)))["ticket"]
    await call_again_until_answered(client, f"/v1/reports/{ticket}/withdrawal", {"id": f"w-{key}", "reason": None})
    return ticket


async def filed(mongo, number):
    """Return once so many reports are in the database."""
    async with asyncio.timeout(20):
        while number > await mongo["reports"].count_documents({}):  # noqa: ASYNC110  # another process fills it
            await asyncio.sleep(0.001)


async def test_killed_again_and_again_it_loses_and_doubles_nothing(mongodb_url, unused_tcp_port):
    async with reference_core.database(mongodb_url) as database, reference_core.intake() as intake, aiohttp.ClientSession() as http:
        values = environment(database, unused_tcp_port, intake.url)
        client = Client(http, f"http://127.0.0.1:{unused_tcp_port}")
        work = asyncio.gather(*(live(client, f"r{n}") for n in range(REPORTS)))
        async with connect(database.url, database.name) as mongo:
            for in_the_middle in (filed(mongo, 1), filed(mongo, REPORTS // 2), intake.has_taken(1)):
                async with serving(values) as process:
                    await in_the_middle
                    process.kill()
                assert len(intake.taken) < REPORTS
        async with serving(values):
            tickets = await work
            await intake.has_taken(REPORTS)
            _, page = await client.get("/v1/events", limit=500)
    assert REPORTS == len(set(tickets))
    assert sorted(f"evt_{ticket}_1" for ticket in tickets) == sorted(event["id"] for event in page["events"])
    assert {event["id"] for event in page["events"]} == {event["id"] for event in intake.taken}


async def test_a_signal_ends_it_well(mongodb_url, unused_tcp_port):
    async with reference_core.database(mongodb_url) as database:
        process = await start(environment(database, unused_tcp_port))
        started = await ready(process)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            _, log = await process.communicate()
    assert 0 == process.returncode
    assert ["core_stopping", "core_stopped"] == [orjson.loads(line)["event"] for line in log.splitlines()]
    assert TOKEN not in str(started)


async def test_a_taken_port_is_said_with_what_to_do(mongodb_url):
    async with reference_core.database(mongodb_url) as database, reference_core.intake() as other:
        port = int(other.url.split(":")[2].split("/")[0])
        process = await start(environment(database, port))
        _, said = await process.communicate()
    assert 2 == process.returncode
    assert said.startswith(f"core: CORE_PORT {port} of 127.0.0.1 cannot be listened on".encode())
    assert 1 == said.count(b"\n")


@pytest.mark.parametrize("arguments", [(), ("serve",)])
async def test_it_does_not_start_without_its_secrets(tmp_path, arguments):
    values = {name: value for name, value in os.environ.items() if not name.startswith(("CORE_", "MONGODB"))}
    values["PYTHONPATH"] = str(Path(__file__).parents[2])
    program = (sys.executable, "-m", "core", *arguments)
    process = await asyncio.create_subprocess_exec(*program, env=values, cwd=tmp_path, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert 2 == process.returncode
    assert [b"CORE_MONGODB_URL", b"CORE_TOKEN"] == [line.split()[1] for line in said.splitlines()]
