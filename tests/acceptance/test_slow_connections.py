"""Five hundred connections that bring their requests byte by byte: everybody else is answered as fast as before, and theirs are ended."""

import asyncio
import itertools
import time
from collections import Counter

import aiohttp
import pytest

from bot import server
from tests.acceptance.conftest import installed
from tests.fakes.gateway import SECRET, gateway

SLOW = 500
LIMIT_SECONDS = 1.0
"""For 99 of 100 ordinary messages, on a machine that other tests use as well; it takes hundredths of it."""
LENIENCE = 5.0

HEADERS = b"POST /hooks/telegram HTTP/1.1\r\nHost: bot\r\nX-Slow: "
BODY = b"POST /hooks/telegram HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


@pytest.fixture
async def office(mongodb_url, tmp_path):
    async with gateway() as sms, installed(mongodb_url, tmp_path, **sms.settings()) as everything:
        yield everything


async def dawdle(port, opening):
    """Send a byte a second until the connection is ended; after how many seconds, and what was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    answer = asyncio.create_task(reader.read())
    try:
        writer.write(opening)
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait({answer}, timeout=1)
    except ConnectionError:
        pass
    try:
        said = await answer
    except ConnectionError:
        said = b""
    writer.close()
    return time.monotonic() - began, said


async def write(http, url, number):
    """An ordinary message of another person each time; how long it took."""
    query = {"from": f"+{number}", "to": "1708", "text": "BANTUAN", "id": f"m{number}"}
    began = time.monotonic()
    async with http.get(f"{url}/hooks/sms/{SECRET}", params=query) as answer:
        assert 200 == answer.status
    return time.monotonic() - began


async def test_slow_connections_harm_nobody_and_are_ended(office):
    port = int(office.url.rpartition(":")[2])
    openings = itertools.cycle((HEADERS, BODY))
    slow = [asyncio.create_task(dawdle(port, next(openings))) for _ in range(SLOW)]
    numbers = itertools.count(6_281_300_000_000)
    took = []
    # Each message on a connection of its own: those must still be taken.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        for _ in range(60):
            took += await asyncio.gather(*(write(http, office.url, next(numbers)) for _ in range(5)))
            await asyncio.sleep(0.1)
    assert SLOW / 2 <= sum(not task.done() for task in slow)  # they were there all the while
    took.sort()
    assert took[len(took) * 99 // 100] < LIMIT_SECONDS

    ended = await asyncio.wait_for(asyncio.gather(*slow), server.HEADERS_SECONDS + 2 * LENIENCE)
    by_headers, by_body = ended[::2], ended[1::2]
    assert max(seconds for seconds, _ in by_headers) < server.HEADERS_SECONDS + LENIENCE
    assert max(seconds for seconds, _ in by_body) < server.BODY_SECONDS + server.LINGERING_SECONDS + LENIENCE
    said = Counter(answer[:12] for _, answer in by_body)
    assert {b"HTTP/1.1 408", b""} >= set(said)  # nothing: who writes on after the end is reset, and the reset may overtake the answer
    assert said[b""] < said[b"HTTP/1.1 408"]
    async with aiohttp.ClientSession() as http:
        await write(http, office.url, next(numbers))
