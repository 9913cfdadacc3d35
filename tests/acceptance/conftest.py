"""A whole installation of real processes: web, worker and the reference core on one mongod, Telegram's server faked."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.acceptance.processes import Process
from tests.fakes.telegram import TelegramServer
from tests.ports import free_port

CORE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Installation:
    """Where everything is, and the processes by name."""

    def __init__(self, environ, directory, telegram):
        self.environ = environ
        self.directory = directory
        self.telegram = telegram
        url = environ["PUBLIC_BASE_URL"]
        self.web = self._process("bot", "web", ready=f"{url}/readyz")
        self.worker = self._process("bot", "worker", says="worker_ready")
        self.core = self._process("core", "serve", ready=f"{environ['CORE_URL']}/healthz")

    @property
    def url(self):
        return self.environ["PUBLIC_BASE_URL"]

    def _process(self, *arguments, ready=None, says=""):
        log = Path(self.directory) / f"{'-'.join(arguments)}.log"
        return Process(*arguments, environ=self.environ, log=log, ready=ready, says=says, cwd=self.directory)

    @property
    def _processes(self):
        return (self.core, self.web, self.worker)

    async def start(self):
        await asyncio.gather(*(process.start() for process in self._processes))

    async def stop(self):
        await asyncio.gather(*(process.stop() for process in self._processes))

    def run(self, *arguments):
        """Another process of the same installation."""
        return self._process(*arguments)

    def logs(self):
        """All that the processes have logged."""
        return "\n".join(path.read_text() for path in Path(self.directory).glob("*.log"))


@asynccontextmanager
async def installed(mongodb_url, directory, *, web=0, **more):
    """Everything running on databases of its own, which are dropped at the end. `web`: its port."""
    from bot.store.store import Store

    name = f"acceptance_{uuid4().hex[:10]}"
    before, _, options = mongodb_url.partition("?")
    base = before.rstrip("/") + "/"
    web, core = web or free_port(), free_port()
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramServer(backoff=0.05, longest_wait=0.5))
        environ = {
            "MONGODB_URL": f"{base}{name}?{options}",
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{web}",
            "PORT": str(web),
            "CORE_URL": f"http://127.0.0.1:{core}",
            "CORE_PORT": str(core),
            "CORE_MONGODB_URL": f"{base}{name}_core?{options}",
            "CORE_EVENTS_URL": f"http://127.0.0.1:{web}/hooks/core",
            "CORE_TOKEN": "acceptance-core-token",
            "CORE_WEBHOOK_SECRET": CORE_SECRET,
            **telegram.settings("telegram-webhook-secret"),
            **more,
        }
        store = await Store.open(environ["MONGODB_URL"])
        stack.push_async_callback(store.close)
        stack.push_async_callback(store._db.client.drop_database, name)
        stack.push_async_callback(store._db.client.drop_database, f"{name}_core")
        await store.migrate()
        installation = Installation(environ, directory, telegram)
        installation.store = store
        stack.push_async_callback(installation.stop)
        await installation.start()
        yield installation


@pytest.fixture
async def installation(mongodb_url, tmp_path):
    async with installed(mongodb_url, tmp_path) as everything:
        yield everything
