"""Files at a provider: the limit, and where a redirect may lead."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.channels.download import _elsewhere, download
from bot.errors import DeliveryError, MediaGone, MediaTooLarge, ServerFault, Unanswered, Unauthorized, Unreachable


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def storage() -> AsyncIterator[str]:
    """A host with a place for each thing that can go wrong."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 1000)

    async def around(request: web.Request) -> web.Response:
        location = request.query.get("to")
        return web.Response(status=307, headers={"Location": location} if location else {})

    async def status(request: web.Request) -> web.Response:
        return web.Response(status=int(request.query["is"]), body=b"x" * 1000)

    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x")
        request.transport.abort()
        return response

    app = web.Application()
    app.router.add_get("/status", status)
    app.router.add_get("/broken", broken)
    app.router.add_get("/endless", endless)
    app.router.add_get("/around", around)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_endless_file_is_left_at_the_limit(storage: str, http: aiohttp.ClientSession):
    with pytest.raises(MediaTooLarge):
        await download(http, URL(f"{storage}/endless"), limit=10_000)


@pytest.mark.parametrize("query", ["", "?to=/around?to=/endless", "?to=file:///etc/passwd", "?to=http://[", "?to=http://127.0.0.1:9/"])
async def test_a_redirect_to_nowhere(storage: str, http: aiohttp.ClientSession, query: str):
    error = Unreachable if query.endswith(":9/") else Unanswered
    with pytest.raises(error):
        await download(http, URL(f"{storage}/around{query}", encoded=True), limit=10, redirects=1)


async def test_a_file_comes_whole(storage: str, http: aiohttp.ClientSession):
    assert b"x" * 1000 == await download(http, URL(f"{storage}/status?is=200"), limit=1000)


async def test_a_file_that_says_it_is_too_large_is_not_read(storage: str, http: aiohttp.ClientSession):
    with pytest.raises(MediaTooLarge):
        await download(http, URL(f"{storage}/broken"), limit=999)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, MediaGone), (410, MediaGone), (403, Unauthorized), (500, ServerFault), (302, Unanswered), (304, Unanswered)],
)
async def test_what_a_status_means(storage: str, http: aiohttp.ClientSession, status: int, error: type[DeliveryError]):
    with pytest.raises(DeliveryError) as raised:
        await download(http, URL(f"{storage}/status?is={status}"), limit=1000)
    assert error is type(raised.value)


async def test_a_broken_connection(storage: str, http: aiohttp.ClientSession):
    with pytest.raises(Unanswered):
        await download(http, URL(f"{storage}/broken"), limit=1000)


@pytest.mark.parametrize(
    ("here", "location", "there"),
    [
        ("https://a.example/x", "https://b.example/y?s=%2F", "https://b.example/y?s=%2F"),
        ("https://a.example/x", "/y", "https://a.example/y"),
        ("http://a.example/x", "http://b.example/y", "http://b.example/y"),
        ("http://a.example/x", "https://b.example/y", "https://b.example/y"),
        ("https://a.example/x", "http://b.example/y", None),
        ("https://a.example/x", "file:///etc/passwd", None),
    ],
)
def test_a_redirect_never_leads_away_from_https(here: str, location: str, there: str | None):
    response = SimpleNamespace(url=URL(here), headers={"Location": location})
    if there:
        assert URL(there, encoded=True) == _elsewhere(response)
    else:
        with pytest.raises(Unanswered):
            _elsewhere(response)
