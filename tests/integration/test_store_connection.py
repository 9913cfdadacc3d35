"""Connecting: what is demanded of a server, and what an absent or frozen one looks like."""

import asyncio
import os
import signal
import subprocess
import time
from datetime import UTC, datetime

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from bot.errors import StoreUnavailable, StoreUnsuitable
from bot.ports import TurnWrite
from bot.store import connection
from bot.store.connection import connect, translated
from bot.store.mongod import EmbeddedMongod, find_binary
from bot.store.store import Store
from tests.freezing import freeze
from tests.ports import free_port

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def turn(version=0):
    return TurnWrite("a", version, session={}, applied=(), effects=(), due=NOW, at=NOW, claim=True)


@pytest.mark.parametrize(
    ("url", "database", "expected"),
    [
        ("mongodb://127.0.0.1:1/", None, "lapor"),
        ("mongodb://127.0.0.1:1/intake?replicaSet=rs0", None, "intake"),
        ("mongodb://127.0.0.1:1/intake", "test", "test"),
    ],
)
async def test_the_database_is_named_by_argument_url_or_default(url, database, expected):
    db = connect(url, database)

    assert expected == db.name
    db.client.close()


async def test_what_we_promise_is_not_the_urls_to_weaken():
    db = connect("mongodb://127.0.0.1:1/?w=1&journal=false&readConcernLevel=local", seconds=2)

    assert {"w": "majority", "j": True, "wtimeout": 2000} == db.write_concern.document
    assert "majority" == db.read_concern.level
    assert UTC == db.codec_options.tzinfo
    db.client.close()


@pytest.mark.parametrize("url", ["postgres://x", "mongodb://", "mongodb://user:p@ss@host/"])
async def test_an_unreadable_url_is_said_without_quoting_it(url):
    with pytest.raises(StoreUnsuitable, match=r"^MONGODB_URL cannot be read") as raised:
        connect(url)

    assert url not in str(raised.value)


async def test_a_server_that_does_not_answer_is_found_out_by_a_ping():
    store = await Store.open(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", seconds=0.2)

    with pytest.raises(StoreUnavailable):
        await store.ping()
    with pytest.raises(StoreUnavailable):
        await store.conversations.commit(turn())
    with pytest.raises(StoreUnavailable):
        await store.conversations.load("a")
    await store.close()


async def test_a_standalone_is_refused(tmp_path):
    port = free_port()
    standalone = await asyncio.create_subprocess_exec(
        find_binary(), "--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", tmp_path, "--nounixsocket", stdout=subprocess.DEVNULL
    )
    try:
        with pytest.raises(StoreUnsuitable, match="runs as a standalone: start it with --replSet"):
            await Store.open(f"mongodb://127.0.0.1:{port}/", seconds=10)
    finally:
        standalone.terminate()
        await standalone.wait()


async def test_an_old_server_is_refused(mongodb_url, monkeypatch):
    monkeypatch.setattr(connection, "_WIRE_VERSION_OF_5_0", 99)

    with pytest.raises(StoreUnsuitable, match=r"older than 5\.0"):
        await Store.open(mongodb_url)


@pytest.fixture
async def server(tmp_path):
    server = EmbeddedMongod(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def test_a_frozen_server_is_unavailable_in_time_and_may_write_when_it_wakes(server):
    store = await Store.open(server.url, seconds=0.3)
    assert await store.conversations.commit(turn())
    started = time.monotonic()
    freeze(server.pid)
    try:
        with pytest.raises(StoreUnavailable):
            await store.conversations.commit(turn(1))
        assert time.monotonic() - started < 1.5
    finally:
        os.kill(server.pid, signal.SIGCONT)

    # What was in flight may be written after our next look: then the version has moved, and a further look is right.
    looked = await store.conversations.load("a")
    if not await store.conversations.commit(turn(looked.version)):
        looked = await store.conversations.load("a")
        assert await store.conversations.commit(turn(looked.version))
    assert looked.version in (1, 2)
    assert looked.version + 1 == (await store.conversations.load("a")).version
    await store.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AutoReconnect("rahasia"), "AutoReconnect"),
        (OperationFailure("rahasia", 13), "OperationFailure 13"),
    ],
)
def test_errors_of_the_driver_are_named_but_not_quoted(error, expected):
    with pytest.raises(StoreUnavailable) as raised, translated():
        raise error

    assert expected == str(raised.value)
    assert raised.value.__suppress_context__
