"""How we listen: bounds, and the end."""

import asyncio
import contextlib
import socket

import aiohttp
import pytest
from aiohttp import web

from bot import server
from bot.errors import SettingsError
from tests.ports import free_port


@pytest.fixture
def listening():
    """Serve `handler` at /; gives the address and what stops it."""

    @contextlib.asynccontextmanager
    async def start(handler, notice=0.0):
        app, port, stopping = web.Application(), free_port(), asyncio.Event()
        app.router.add_route("*", "/", handler)
        async with server.listening(app, "127.0.0.1", port, stopping=stopping, notice=notice):
            yield f"http://127.0.0.1:{port}/", stopping

    return start


async def hello(_request):
    return web.Response(text="hello")


async def test_a_port_that_another_program_has_is_said_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingsError) as raised:
            async with server.listening(web.Application(), "127.0.0.1", port, stopping=asyncio.Event()):
                pass
    (sentence,) = raised.value.problems
    assert f"Port {port} of 127.0.0.1" in sentence
    assert "set another" in sentence


async def test_a_connection_too_many_is_closed_and_the_others_are_served(listening, monkeypatch):
    monkeypatch.setattr(server, "CONNECTIONS_AT_MOST", 2)
    async with listening(hello) as (url, _), aiohttp.ClientSession() as kept:
        port = int(url.rstrip("/").rpartition(":")[2])
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(aiohttp.ClientError):
            await kept.get(url)
        idle.pop()[1].close()
        await asyncio.sleep(0.05)
        async with kept.get(url) as answer:
            assert "hello" == await answer.text()
        idle.pop()[1].close()


async def test_while_it_ends_it_still_answers_and_says_that_the_connection_ends(listening):
    async with aiohttp.ClientSession() as http:
        async with listening(hello, notice=0.2) as (url, stopping):
            async with http.get(url) as answer:
                assert "Connection" not in answer.headers
            stopping.set()
            async with http.get(url) as answer:
                assert (200, "close") == (answer.status, answer.headers["Connection"])
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(url)


async def test_a_request_that_was_accepted_is_answered_at_the_end(listening):
    begun = asyncio.Event()

    async def slow(_request):
        begun.set()
        await asyncio.sleep(0.2)
        return web.Response(text="done")

    async with aiohttp.ClientSession() as http:
        async with listening(slow) as (url, _):
            asking = asyncio.create_task(http.get(url))
            await begun.wait()
        assert "done" == await (await asking).text()


async def test_a_body_that_trickles_is_given_up(listening, monkeypatch):
    monkeypatch.setattr(server, "BODY_SECONDS", 0.05)

    async def read(request):
        return web.Response(body=await server.body(request))

    async def trickle():
        yield b"x"
        await asyncio.sleep(0.5)

    async with listening(read) as (url, _), aiohttp.ClientSession() as http:
        async with http.post(url, data=trickle()) as answer:
            assert 408 == answer.status
        async with http.post(url, data=b"whole") as answer:
            assert b"whole" == await answer.read()
