"""The processes of a measurement: started here, ended here by their pid, their words in a file of their own."""

import asyncio
import base64
import itertools
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.citizens import Server
from bench.standin import TOKEN, StandIn
from bench.wire import HOST, Connection
from bot import tcp_port
from bot.child_process import end_with_us
from bot.store.mongod import EmbeddedMongod
from bot.store.store import Store

ROOT = Path(__file__).resolve().parent.parent
SECRET = "bench-secret"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
START_SECONDS = 90.0
STOP_SECONDS = 15.0
_KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
"""Of our own environment: no setting of the bot may come in by it."""

_LAST_WORDS = 2000
"""Characters."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Site:
    """What all servers of a measurement share."""

    directory: Path
    """Scratch."""
    mongodb_url: str
    mongod: int
    """Its pid."""
    standin: StandIn

    def database(self, name: str) -> str:
        """The URL of a database in this mongod."""
        host, _, options = self.mongodb_url.partition("/?")
        return f"{host}/{name}?{options}"


@asynccontextmanager
async def site(directory: Path) -> AsyncIterator[Site]:
    """A real mongod and a stand-in for Telegram."""
    mongod = EmbeddedMongod(directory / "mongod")
    await mongod.start()
    try:
        async with StandIn() as standin:
            assert mongod.pid is not None
            yield Site(directory, mongod.url, mongod.pid, standin)
    except Exception:
        _print_last_words(directory)
        raise
    finally:
        await mongod.stop()


@dataclass(frozen=True, slots=True)
class Program:
    """A process of ours, and the file with what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    async def until(self, ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait. Raises RuntimeError with its last words when it ends before, or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if await ready():
                return
            await asyncio.sleep(0.01)
        raise RuntimeError(f"{self.process.args!r} is not ready:\n{self.log.read_text(errors='replace')[-_LAST_WORDS:]}")

    async def listens(self, port: int) -> None:
        """Wait until somebody answers on the port."""

        async def connected() -> bool:
            try:
                (await Connection.open(port)).close()
            except OSError:
                return False
            return True

        await self.until(connected)

    async def says(self, words: str) -> None:
        """Wait until its log has these words."""

        async def said() -> bool:
            return words in self.log.read_text(errors="replace")

        await self.until(said)


def _print_last_words(directory: Path) -> None:
    """Of every server that said anything: the directory goes with the measurement."""
    for log in sorted(directory.glob("*.log")):
        if words := log.read_text(errors="replace")[-_LAST_WORDS:]:
            print(f"--- {log.name}\n{words}", file=sys.stderr)


@asynccontextmanager
async def running(site: Site, *arguments: str, environ: Mapping[str, str] | None = None) -> AsyncIterator[Program]:
    """`python -m ARGUMENTS`, away from any `.env`; it ends with the block, and with us."""
    program = _spawn(site, arguments, environ or {})
    try:
        yield program
    finally:
        await _stop(program.process)


def _spawn(site: Site, arguments: Sequence[str], environ: Mapping[str, str]) -> Program:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    log = site.directory / f"{next(_numbers)}.log"
    with log.open("wb") as words:
        process = subprocess.Popen(  # noqa: S603  # our own programs
            [sys.executable, "-m", *arguments],
            env={**kept, "PYTHONPATH": str(ROOT), **environ},
            cwd=site.directory,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            preexec_fn=end_with_us(),  # noqa: PLW1509  # one system call, with nothing to allocate or lock
        )
    return Program(process, log)


async def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and insist after a while."""
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def server(site: Site, name: str, *arguments: str, path: str, replies: bool = True) -> AsyncIterator[Server]:
    """A floor or a peer: `python -m ARGUMENTS PORT MONGODB_URL TELEGRAM_URL SECRET`."""
    port = tcp_port.free()
    async with running(site, *arguments, str(port), site.database(f"bench_{port}"), site.standin.url, SECRET) as program:
        await program.listens(port)
        yield Server(name, port, path, HEADERS, site.standin, (program.process.pid,), replies)


@asynccontextmanager
async def bot(site: Site, name: str, database: str = "bench", *, processes: int = 1, workers: int = 0) -> AsyncIterator[Server]:
    """`python -m bot web` as an operator would start it, so many of them on one port; `workers` beside them are not counted."""
    await migrate(site, database)
    port = tcp_port.free()
    environ = settings(site, database, port)
    async with AsyncExitStack() as stack:
        pids = []
        for _ in range(processes):  # one after the other: /metrics tells them apart by when they were started
            program = await stack.enter_async_context(running(site, "bot", "web", environ=environ))
            await program.says("web_ready")
            pids.append(program.process.pid)
        for _ in range(workers):
            await stack.enter_async_context(running(site, "bot", "worker", environ=environ))
        yield Server(name, port, "/hooks/telegram", HEADERS, site.standin, tuple(pids))


async def migrate(site: Site, database: str) -> None:
    """Make the indexes, as an operator would."""
    store = await Store.open(site.database(database))
    await store.migrate()
    await store.close()


def settings(site: Site, database: str, port: int) -> dict[str, str]:
    """As an operator would set them; nobody answers for the core, to which only a worker would turn."""
    return {
        "MONGODB_URL": site.database(database),
        "PORT": str(port),
        "PUBLIC_BASE_URL": f"http://{HOST}:{port}",
        "CORE_URL": f"http://{HOST}:9",
        "CORE_TOKEN": secrets.token_hex(8),
        "CORE_WEBHOOK_SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_URL": f"{site.standin.url}/bot",
        "TELEGRAM_FILE_URL": f"{site.standin.url}/file/bot",
    }
