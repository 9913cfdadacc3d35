"""The demo's core, where another program has the port that it was to have."""

import io

import aiohttp
import pytest
from aiohttp import web

from bot.commands import demo
from bot.errors import SettingsError
from bot.forwarder.core import CoreTarget
from tests.ports import free_port


@pytest.fixture
async def anothers():
    """The port of another demo's core, which does not know us."""

    async def refuse(_request):
        return web.Response(status=401)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
def environ(mongodb_url):
    return {"MONGODB_URL": mongodb_url.replace("/?", "/demo_core?"), "PORT": str(free_port())}


@pytest.fixture
def kept(tmp_path):
    return demo._kept_secrets(tmp_path)


@pytest.fixture
def log(tmp_path):
    with (tmp_path / "demo.log").open("w+") as log:
        yield log


def said(log: io.TextIOBase) -> str:
    log.seek(0)
    return log.read()


async def test_it_is_not_taken_for_ours_and_ours_gets_another_port(monkeypatch, anothers, environ, kept, log):
    """Both have looked in the same moment, and the port was free."""
    ports = [anothers, free_port()]
    monkeypatch.setattr(demo, "_core_port", lambda _ours: ports.pop(0))
    async with demo._core(environ, kept, demo._completed(environ, kept), log) as complete, aiohttp.ClientSession() as http:
        assert complete["CORE_URL"] != f"http://127.0.0.1:{anothers}"
        await CoreTarget(complete["CORE_URL"], complete["CORE_TOKEN"], http).events(None)
    assert f"CORE_PORT {anothers} of 127.0.0.1 cannot be listened on" in said(log)


async def test_a_port_that_was_asked_for_is_said_to_be_taken(anothers, environ, kept, log):
    asked = environ | {"CORE_PORT": str(anothers)}
    with pytest.raises(SettingsError, match="exit status 2"):
        async with demo._core(asked, kept, demo._completed(asked, kept), log):
            pass
    assert f"CORE_PORT {anothers} of 127.0.0.1 cannot be listened on" in said(log)
