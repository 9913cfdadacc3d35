"""A whole installation of real processes on free ports, with people around it who can be believed, and hands that break it.

    async with staged(directory, seed=7) as stage:
        await stage.start("web-1", "web", "--at", "before:write", "--nth", "3")
        ...
        found = await stage.findings()

mongod, the reference core, web and worker processes run as an operator's would; providers, citizens and the officer are played here.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.store.mongod import EmbeddedMongod
from bot.store.store import Store
from core.settings import Database
from tests.acceptance.processes import Process
from tests.faults.citizens import Crowd
from tests.faults.findings import Findings, gather
from tests.faults.ledger import Ledger
from tests.faults.officer import Line, Officer
from tests.faults.post import Post
from tests.faults.providers import Providers
from tests.ports import free_port

CORE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LEASE = 4.0
"""Seconds: an eighth of the true one, and still longer than two busy cores make a process wait."""

READY_WITHIN = 90.0
"""Seconds: many processes start at once."""

Flags = Callable[[], Sequence[str]]
"""What is to be done to the next process of a kind: a victim's options."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which a run takes place."""

    seed: int
    lease: float | None = LEASE
    """Seconds; None: the product's own."""
    copies: tuple[int, int] = (1, 1)
    """How often each message of a citizen comes, at least and at most."""
    spread: float = 0.0
    """Seconds within which the further copies come."""
    held: float = 0.0
    """The share of the core's events that are overtaken by later ones."""
    repeated: float = 0.0
    """The share that come twice."""
    pause: float = 0.2
    """Seconds a citizen thinks, at most."""
    patience: float = 15.0
    """Seconds a provider waits for our answer."""
    alternate: bool = False
    """Each call comes over a connection of its own, so that any web process may get it."""


class Stage:
    """One installation."""

    def __init__(self, directory: Path, conditions: Conditions, mongod: EmbeddedMongod) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.conditions = conditions
        self.mongod = mongod
        self.chance = random.Random(conditions.seed)
        self.ledger = Ledger()
        self.running: dict[str, Process] = {}
        """web and worker processes, by name."""
        self.web_url = f"http://127.0.0.1:{free_port()}"
        self.began = time.monotonic()
        self._keepers: list[asyncio.Task[None]] = []
        self._ending = False
        self._ready: set[Process] = set()
        self._meant: set[int] = set()
        """Processes that we have killed ourselves, and noted."""

    async def open(self, stack: AsyncExitStack) -> None:
        """Everything but web and worker processes."""
        conditions, chance, name = self.conditions, self.chance, f"faults_{os.getpid()}_{free_port()}"
        self.post = await stack.enter_async_context(
            Post(
                self.ledger,
                chance,
                copies=conditions.copies,
                spread=conditions.spread,
                patience=conditions.patience,
                alternate=conditions.alternate,
            )
        )
        events = await stack.enter_async_context(Post(Ledger(), chance))
        self.providers = await stack.enter_async_context(Providers(self.ledger, self.post, self.web_url))
        hook = f"{self.web_url}/hooks/core"
        self.line = await stack.enter_async_context(Line(events, chance, hook, held=conditions.held, repeated=conditions.repeated))
        self.crowd = Crowd(self.providers, self.ledger, chance, pause=conditions.pause)
        self.environ = self._environ(name)
        self.store = await Store.open(self.environ["MONGODB_URL"])
        stack.push_async_callback(self.store.close)
        await self.store.migrate()
        self.core_database = Database(self.environ["CORE_MONGODB_URL"], f"{name}_core")
        core = Process("core", "serve", environ=self.environ, log=self.directory / "core.log", ready=f"{self.environ['CORE_URL']}/healthz")
        await core.start()
        stack.push_async_callback(core.stop)
        officer = asyncio.create_task(Officer(self.core_database).work())
        stack.push_async_callback(_cancelled, officer)
        stack.push_async_callback(self._end)

    def _environ(self, name: str) -> dict[str, str]:
        base, _, options = self.mongod.url.partition("?")
        core = free_port()
        return {
            "MONGODB_URL": f"{base}{name}?{options}",
            "PUBLIC_BASE_URL": self.web_url,
            "PORT": self.web_url.rpartition(":")[2],
            "CORE_URL": f"http://127.0.0.1:{core}",
            "CORE_PORT": str(core),
            "CORE_MONGODB_URL": f"{base}{name}_core?{options}",
            "CORE_EVENTS_URL": self.line.url,
            "CORE_TOKEN": "faults-core-token",
            "CORE_WEBHOOK_SECRET": CORE_SECRET,
            **self.providers.settings(),
        }

    # Processes

    async def start(self, name: str, role: str, *flags: str) -> Process:
        """One web or worker process; returns when it is ready, or has been struck down before."""
        lease = ("--lease", str(self.conditions.lease)) if self.conditions.lease else ()
        process = Process(
            *("tests.faults.victim", *lease, *flags, "--", role),
            environ=self.environ,
            log=self.directory / f"{name}.log",
            says=f"{role}_ready",
            cwd=self.directory,
            seconds=READY_WITHIN,
        )
        self.running[name] = process
        try:
            await process.start()
            self._ready.add(process)
        except AssertionError:
            if process.status != -signal.SIGKILL:
                raise
        return process

    def is_ready(self, name: str) -> bool:
        """It has said so, and has not ended since."""
        process = self.running.get(name)
        return process in self._ready and process.status is None

    def keep(self, name: str, role: str, flags: Flags = tuple) -> None:
        """Keep such a process running, as a supervisor would: whatever ends it, the next one starts."""
        self._keepers.append(asyncio.create_task(self._keep(name, role, flags)))

    async def _keep(self, name: str, role: str, flags: Flags) -> None:
        while not self._ending:
            asked = flags()
            process = await self.start(name, role, *asked)
            status = await process.wait(seconds=3600)
            if self._ending:
                return
            assert status == -signal.SIGKILL, f"{name} ended with {status}:\n{process.said()[-3000:]}"
            if process.pid not in self._meant:
                self.ledger.break_(asked[asked.index("--at") + 1], frozenset({process.pid}))

    async def ready(self) -> None:
        """Every process that is kept is ready."""
        async with asyncio.timeout(60):
            while len(self.running) < len(self._keepers) or not all(map(self.is_ready, self.running)):
                self.check()
                await asyncio.sleep(0.05)

    def check(self) -> None:
        """Raise what has gone wrong with a supervisor."""
        for keeper in self._keepers:
            if keeper.done() and not keeper.cancelled():
                keeper.result()

    def kill(self, name: str, what: str = "random") -> bool:
        """kill -9, now; False when it does not run."""
        process = self.running[name]
        if not process.started or process.status is not None or process.pid in self._meant:
            return False
        self._meant.add(process.pid)
        process.signal(signal.SIGKILL)
        self.ledger.break_(what, frozenset({process.pid}))
        return True

    def kill_all_and_mongod(self) -> list[str]:
        """kill -9 of the database and of whatever uses it; which processes those were."""
        os.kill(self.mongod.pid, signal.SIGKILL)
        return [name for name in self.running if self.kill(name, "cold")]

    async def restart_mongod(self) -> None:
        """On its journal, after it was killed."""
        at = time.monotonic()
        await self.mongod.stop()
        await self.mongod.start()
        self.ledger.break_("mongod", None, at=at)

    async def _end(self) -> None:
        """Stop what is kept; each finishes what it has in hand."""
        self._ending = True
        await asyncio.gather(*(process.stop() for process in self.running.values()))
        await asyncio.gather(*self._keepers, return_exceptions=True)

    # Looking

    async def quiet(self, seconds: float = 60.0) -> bool:
        """Wait until nothing is under way anywhere; False when that does not come in time."""
        until, still = time.monotonic() + seconds, 0
        while still < 3:
            if time.monotonic() > until:
                return False
            self.check()
            await asyncio.sleep(0.2)
            still = still + 1 if self.line.idle and not await self._pending() else 0
        return True

    async def _pending(self) -> int:
        db = self.store._db
        core = db.client[self.core_database.name]
        counts = await asyncio.gather(
            db["conversations"].count_documents({"due": {"$exists": True}}),
            db["reports"].count_documents({"due": {"$exists": True}}),
            db["held"].count_documents({}),
            core["reports"].count_documents({"unlogged": True}),
            core["reports"].count_documents({"status": {"$in": ["received", "disposed"]}}),
            core["events"].count_documents({"due": {"$exists": True}}),
        )
        return sum(counts)

    async def findings(self) -> Findings:
        """All there is to be looked at, once it is quiet."""
        return await gather(
            self.store._db,
            self.store._db.client[self.core_database.name],
            ledger=self.ledger,
            citizens=self.crowd.citizens,
            logs=self.directory,
            lease=self.conditions.lease or 30.0,
        )


@asynccontextmanager
async def staged(directory: Path, conditions: Conditions, mongod: EmbeddedMongod) -> AsyncIterator[Stage]:
    """An installation without web and worker yet; ended at the end. Its databases are dropped."""
    async with AsyncExitStack() as stack:
        stage = Stage(directory, conditions, mongod)
        await stage.open(stack)
        yield stage
        await stage._end()
        client = stage.store._db.client
        for name in (stage.store._db.name, stage.core_database.name):
            await client.drop_database(name)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
