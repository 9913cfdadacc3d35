"""The routes that move business time in a demonstration."""

from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import clock_routes
from bot.clock import BusinessClock
from bot.web import _failures

TOKEN = {"Authorization": "Bearer demo-token"}


class Marks:
    def __init__(self):
        self.kept = {}

    async def get(self, name):
        return self.kept.get(name)

    async def put(self, name, value):
        self.kept[name] = value


@pytest.fixture
async def demo():
    business, told = BusinessClock(), []

    async def move_core(ahead):
        told.append(ahead)

    app = web.Application(middlewares=[_failures])
    app.add_routes(clock_routes.routes(business, Marks(), move_core, token="demo-token"))
    async with TestClient(TestServer(app)) as client:
        client.business, client.told = business, told
        yield client


async def ahead(client):
    async with client.get("/sim/clock", headers=TOKEN) as answer:
        return (await answer.json())["ahead_seconds"]


async def test_it_is_moved_ahead_together_with_the_cores_and_never_back(demo):
    assert 0 == await ahead(demo)
    for seconds in (86400, 60):
        async with demo.post("/sim/clock", json={"ahead_seconds": seconds}, headers=TOKEN) as answer:
            assert (200, 86400) == (answer.status, (await answer.json())["ahead_seconds"])
    assert 86400 == await ahead(demo)
    assert timedelta(days=1) == demo.business.ahead
    assert [timedelta(days=1)] * 2 == demo.told


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"ahead_seconds": -1}', b'{"ahead_seconds": "x"}', b'{"ahead_seconds": 1e30}'])
async def test_nonsense_moves_nothing(demo, body):
    async with demo.post("/sim/clock", data=body, headers=TOKEN) as answer:
        assert 400 == answer.status
    assert (timedelta(0), []) == (demo.business.ahead, demo.told)


async def test_without_the_token_nothing_is_shown_or_moved(demo):
    for method in ("get", "post"):
        async with getattr(demo, method)("/sim/clock") as answer:
            assert 403 == answer.status
    assert [] == demo.told
