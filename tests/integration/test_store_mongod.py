"""The mongod we start ourselves: started, ended, killed, crowded out."""

import asyncio
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable, StoreUnsuitable
from bot.ports import TurnWrite
from bot.store import mongod as module
from bot.store.mongod import EmbeddedMongod, embedded, find_binary
from bot.store.store import Store

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def turn(conversation, version=0):
    return TurnWrite(conversation, version, session={"n": version}, applied=(), effects=(), due=NOW, at=NOW, claim=True)


async def commit(url, conversation, version=0):
    store = await Store.open(url)
    assert await store.conversations.commit(turn(conversation, version))
    await store.close()


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


async def test_it_keeps_its_data_and_its_port(tmp_path):
    async with embedded(tmp_path) as first:
        await commit(first, "a")
    async with embedded(tmp_path) as second:
        await commit(second, "a", 1)

    assert first == second


@pytest.fixture
async def server(tmp_path):
    server = EmbeddedMongod(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def test_after_kill_9_every_acknowledged_write_is_there(tmp_path, server):
    store = await Store.open(server.url, seconds=0.3)

    async def talk(conversation):
        """How many turns were acknowledged before the end."""
        acknowledged = 0
        try:
            while await store.conversations.commit(turn(conversation, acknowledged)):
                acknowledged += 1
        except StoreUnavailable:
            return acknowledged

    talks = [asyncio.create_task(talk(f"c{index}")) for index in range(40)]
    await asyncio.sleep(0.5)
    os.kill(server.pid, signal.SIGKILL)
    acknowledged = await asyncio.gather(*talks)
    await store.close()
    await server.stop()
    assert min(acknowledged) > 0

    async with embedded(tmp_path) as url:
        reopened = await Store.open(url)
        for index, count in enumerate(acknowledged):
            # One more may have been kept without our hearing of it: "unknown".
            assert (await reopened.conversations.load(f"c{index}")).version in (count, count + 1)
        await reopened.close()


async def test_when_another_program_has_its_port_it_moves_with_its_data(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "VACANCY_SECONDS", 0.1)
    async with embedded(tmp_path) as old:
        await commit(old, "a")

    async def hang_up(_reader, writer):
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", int((tmp_path / "port").read_text())), embedded(tmp_path) as new:
        assert new != old
        await commit(new, "a", 1)

    async with embedded(tmp_path) as again:
        assert new == again


async def test_two_on_the_same_data_are_one_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "VACANCY_SECONDS", 0.3)
    async with embedded(tmp_path) as url:
        with pytest.raises(StoreUnsuitable, match="another mongod works in"):
            await EmbeddedMongod(tmp_path).start()

        await commit(url, "a")


async def test_it_ends_with_us_even_when_we_are_killed_and_the_next_start_waits_for_that(tmp_path):
    program = (
        "import asyncio, pathlib, sys\n"
        "from bot.store.mongod import EmbeddedMongod\n"
        "async def main():\n"
        "    server = EmbeddedMongod(pathlib.Path(sys.argv[1]))\n"
        "    await server.start()\n"
        "    print(server.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    us = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    pid = int(await asyncio.wait_for(us.stdout.readline(), 60))
    port = (tmp_path / "port").read_text()
    assert alive(pid)

    us.kill()
    await us.wait()
    async with embedded(tmp_path) as url:
        assert f":{port}/" in url
        assert not alive(pid)
        await commit(url, "a")


async def test_ended_means_gone(server):
    pid = server.pid
    await server.stop()
    await server.stop()

    assert not alive(pid)


def script(path, words, status):
    binary = path / "mongod"
    binary.write_text(f"#!/bin/sh\necho '{words}'\nexit {status}\n")
    binary.chmod(0o755)
    return binary


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file or directory",
            r"mongod needs libcurl\.so\.4, which this system lacks: install libcurl4 \(apt-get install libcurl4\)",
        ),
        ("something else", r"mongod ended with status 7; see .*mongod\.log"),
    ],
)
async def test_a_start_that_fails_says_what_to_do(tmp_path, words, sentence):
    with pytest.raises(StoreUnsuitable, match=sentence):
        await EmbeddedMongod(tmp_path, script(tmp_path, words, 7)).start()


async def test_a_binary_that_cannot_run_is_said(tmp_path):
    (tmp_path / "mongod").write_text("no program")

    with pytest.raises(StoreUnsuitable, match="mongod cannot be started"):
        await EmbeddedMongod(tmp_path, tmp_path / "mongod").start()


async def test_one_that_never_gets_ready_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "START_SECONDS", 0.2)
    binary = tmp_path / "mongod"
    binary.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    binary.chmod(0o755)
    started = time.monotonic()

    with pytest.raises(StoreUnsuitable, match="is not ready after"):
        await EmbeddedMongod(tmp_path, binary).start()

    assert not alive(int((tmp_path / "pid").read_text()))
    assert time.monotonic() - started < 5


def test_the_binary_is_found_without_importing_its_package():
    assert find_binary().is_file()
    assert "fiftyone" not in sys.modules


def test_without_any_binary_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "_PACKAGES", ("no-such-distribution",))
    monkeypatch.setattr(module.shutil, "which", lambda _name: None)

    with pytest.raises(StoreUnsuitable, match="install the extra `embedded`"):
        find_binary()
