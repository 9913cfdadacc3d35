"""The proxy of tests/faults: it passes on what it gets, and breaks in the way it is told to."""

import asyncio
import contextlib
import os

import pytest

from tests.faults.proxy import Proxy

SOON = 0.2
"""Seconds in which what passes has passed."""


@pytest.fixture
async def proxy():
    """Before a server that answers each line with itself."""

    async def echo(reader, writer):
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(line)
        writer.transport.abort()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    self = Proxy(server.sockets[0].getsockname()[1])
    self.clients = []
    await self.start()
    yield self
    for client in self.clients:
        client.transport.abort()
    await self.stop()
    server.close()


async def connect(proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    proxy.clients.append(writer)
    return reader, writer


async def says(connection, seconds=SOON):
    """What comes back: the line, nothing in time, or an end."""
    reader, writer = connection
    try:
        writer.write(b"halo\n")
        return await asyncio.wait_for(reader.readline(), seconds)
    except TimeoutError:
        return None
    except ConnectionError:
        return b""


async def test_it_passes_on_both_ways(proxy):
    connection = await connect(proxy)
    assert b"halo\n" == await says(connection)


async def test_cut_it_ends_every_connection_and_mended_it_takes_new_ones(proxy):
    before = await connect(proxy)
    assert b"halo\n" == await says(before)
    await proxy.cut()
    assert b"" == await says(before)
    assert b"" == await says(await connect(proxy))
    await proxy.mend()
    assert b"halo\n" == await says(await connect(proxy))


@pytest.mark.parametrize(("pid", "expected"), [(os.getpid(), b""), (1, b"halo\n")], ids=["this process", "another"])
async def test_it_cuts_one_process_off(proxy, pid, expected):
    connection = await connect(proxy)
    assert b"halo\n" == await says(connection)
    await proxy.cut({pid})
    assert expected == await says(connection)
    assert expected == await says(await connect(proxy))


async def test_refusing_it_takes_no_connection_until_it_is_mended(proxy):
    await proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await connect(proxy)
    await proxy.mend()
    assert b"halo\n" == await says(await connect(proxy))


async def test_frozen_it_keeps_what_is_sent_until_it_is_mended(proxy):
    connection = await connect(proxy)
    await proxy.freeze()
    assert None is await says(connection, seconds=0.05)
    await proxy.mend()
    assert b"halo\n" == await asyncio.wait_for(connection[0].readline(), SOON)


async def test_slow_it_takes_its_time(proxy):
    connection = await connect(proxy)
    await proxy.slow(0.1)
    assert None is await says(connection, seconds=0.05)
    assert b"halo\n" == await asyncio.wait_for(connection[0].readline(), 5 * SOON)
