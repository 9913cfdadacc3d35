"""The reference core's business time: moved where that is allowed, while signatures and sending keep real time."""

from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.errors import Unauthorized
from bot.forwarder import core_clock
from core import app, cases, clock
from core.settings import Settings, Subscription
from core.store.reports import Reports
from core.workflow import Dispose
from tests.fakes import reference_core
from tests.fakes.reference_core import SECRET, TOKEN, Client

WEEK = timedelta(days=7)


@pytest.fixture
async def database(mongodb_url):
    async with reference_core.database(mongodb_url) as found:
        yield found


def moved_by(text, ahead):
    return abs(datetime.fromisoformat(text) - clock.now() - ahead) < timedelta(minutes=1)


async def test_reports_live_by_the_moved_clock_and_signatures_do_not(database):
    async with reference_core.intake() as intake:
        settings = Settings(database=database, token=TOKEN, port=0, subscription=Subscription(intake.url, (SECRET,)), movable=True)
        async with app.running(settings) as port, aiohttp.ClientSession() as http:
            core = Client(http, f"http://127.0.0.1:{port}")
            await core_clock.move(http, core.url, TOKEN, WEEK)
            await core_clock.move(http, core.url, TOKEN, timedelta(hours=1))
            ticket = await core.file("r1")
            _, shown = await core.get(f"/v1/reports/{ticket}")
            assert moved_by(shown["updated_at"], WEEK)
            async with app.opened(database) as (reports, _, moved):
                assert WEEK == await moved.ahead()
                await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now() + await moved.ahead())
                assert isinstance(reports, Reports)
            await intake.has_taken(1)  # its verifier refuses a signature that is not of the last five minutes
            assert moved_by(intake.taken[0]["occurred_at"], WEEK)


async def test_without_the_setting_there_is_no_such_route(database):
    async with reference_core.running(database) as core:
        await core_clock.move(core.http, core.url, TOKEN, WEEK)
        ticket = await core.file("r1")
        _, shown = await core.get(f"/v1/reports/{ticket}")
        assert moved_by(shown["updated_at"], timedelta(0))


async def test_nobody_moves_it_without_the_token_or_by_nonsense(database):
    async with app.running(Settings(database=database, token=TOKEN, port=0, movable=True)) as port, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{port}"
        with pytest.raises(Unauthorized):
            await core_clock.move(http, url, "another", WEEK)
        for body in (b"", b"{}", b"[]", b'{"ahead_seconds": -1}', b'{"ahead_seconds": "nan"}', b'{"ahead_seconds": 1e12}'):
            async with http.put(f"{url}/clock", data=body, headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
                assert 400 == answer.status
