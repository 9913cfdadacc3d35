"""Real processes whose business time is moved a day ahead: they all follow, and everything between them still works."""

import asyncio
from datetime import datetime, timedelta

import aiohttp
import pytest

from bot import clock, clock_moving
from bot.forwarder import core_clock
from tests.acceptance.citizens import TelegramCitizen
from tests.acceptance.conftest import installed
from tests.acceptance.processes import command
from tests.ports import free_port

DAY = timedelta(days=1)


@pytest.fixture
async def movable(mongodb_url, tmp_path):
    async with installed(mongodb_url, tmp_path, CLOCK="movable", CORE_CLOCK="movable", WORKER_PORT=str(free_port())) as everything:
        yield everything


async def ahead(http, url):
    """What a process says of its own clock."""
    async with http.get(f"{url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("lapor_clock_ahead_seconds "))


async def until(look, good, seconds=20):
    async with asyncio.timeout(seconds):
        while not good(seen := await look()):  # noqa: ASYNC110  # another process does it
            await asyncio.sleep(0.05)
    return seen


async def test_web_worker_and_core_move_together_and_go_on_working(movable):
    environ = movable.environ
    urls = (movable.url, f"http://127.0.0.1:{environ['WORKER_PORT']}")
    async with aiohttp.ClientSession() as http:
        for url in urls:
            await until(lambda url=url: ahead(http, url), lambda seen: seen == 0)
        await clock_moving.move(movable.store.marks, DAY)
        await core_clock.move(http, environ["CORE_URL"], environ["CORE_TOKEN"], DAY)
        for url in urls:
            await until(lambda url=url: ahead(http, url), lambda seen: seen == DAY.total_seconds())

        siti = TelegramCitizen(movable.telegram.citizen(), "Sampah menumpuk di pasar lama")
        await siti.report(movable.telegram)
        report = await until(lambda: movable.store.reports.find(siti.receipt), lambda found: found and found.ticket)
        tomorrow = clock.now() + DAY
        assert abs(report.submitted_at - tomorrow) < timedelta(minutes=5)
        headers = {"Authorization": f"Bearer {environ['CORE_TOKEN']}"}
        async with http.get(f"{environ['CORE_URL']}/v1/reports/{report.ticket}", headers=headers) as answer:
            shown = await answer.json()
        assert abs(datetime.fromisoformat(shown["updated_at"]) - tomorrow) < timedelta(minutes=5)

        # The officer's command keeps the moved time too; its event is signed by real time, and is taken.
        disposed = await command("core", "dispose", report.ticket, "--agency", "Dinas Uji", cwd=movable.directory, environ=environ)
        assert 0 == disposed.status, disposed.err
        told = await until(lambda: movable.store.reports.load(report.id), lambda found: found.agency == "Dinas Uji")
        assert "disposed" == told.status
