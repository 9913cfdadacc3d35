"""Alive, ready, metrics: the routes that operators ask."""

import asyncio

import aiohttp
import pytest

import bot
from bot import metrics, monitoring
from bot.errors import StoreUnavailable
from tests.acceptance.processes import ROOT
from tests.ports import free_port


class Database:
    def __init__(self):
        self.answers = "well"

    async def ping(self):
        if self.answers == "not":
            raise StoreUnavailable
        if self.answers == "never":
            await asyncio.Event().wait()


@pytest.fixture
async def worker():
    """get(path) -> (status, text), at a listener of its own."""
    port, database, stopping = free_port(), Database(), asyncio.Event()
    async with monitoring.listening("127.0.0.1", port, database.ping, stopping), aiohttp.ClientSession() as http:

        async def get(path):
            async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, await answer.text()

        get.database, get.stopping = database, stopping
        yield get


async def test_it_lives_and_is_ready_and_shows_its_metrics(worker):
    assert (200, "ok\n") == await worker("/healthz")
    assert (200, "ready\n") == await worker("/readyz")
    status, text = await worker("/metrics")
    assert 200 == status
    assert f'lapor_build_info{{version="{bot.VERSION}"}} 1.0' in text
    assert "process_open_fds" in text


@pytest.mark.parametrize("answers", ["not", "never"])
async def test_without_the_database_it_lives_and_is_not_ready(worker, answers, monkeypatch):
    monkeypatch.setattr(monitoring, "READY_SECONDS", 0.05)
    worker.database.answers = answers
    assert 503 == (await worker("/readyz"))[0]
    assert 200 == (await worker("/healthz"))[0]


async def test_while_it_ends_it_is_not_ready(worker):
    worker.stopping.set()
    assert (503, "ending\n") == await worker("/readyz")
    assert 200 == (await worker("/healthz"))[0]


def test_the_version_is_that_of_the_package():
    assert f'version = "{bot.VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_every_gauge_of_what_waits_is_absent_until_it_is_measured():
    """A web process must not say that nothing is parked when it has not looked."""
    text = metrics.render().decode()
    assert "# TYPE lapor_parked_items gauge" in text
