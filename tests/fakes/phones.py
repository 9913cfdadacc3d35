"""The simulator's routes with a bot behind them that a test writes itself: no database, no conversation."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from aiohttp import web

from bot import clock
from bot.channels.simulator import Simulator
from bot.commands.joining import DemoInfo
from bot.errors import Forbidden, Malformed
from bot.model import Address, Inbound, Outbound
from bot.ports import OutboxItem
from bot.simulator_routes import routes

TOKEN = "simulator-token"


class MemoryOutbox:
    """bot.ports.Outbox, in memory."""

    def __init__(self) -> None:
        self.items: list[OutboxItem] = []

    async def add(self, item: OutboxItem) -> None:
        self.items.append(replace(item, sequence=len(self.items) + 1))

    async def newest(self, to: str | None, limit: int) -> Sequence[OutboxItem]:
        return [item for item in reversed(self.items) if to in (None, item.to) and not item.said][:limit]

    async def after(self, to: str, sequence: int, limit: int) -> Sequence[OutboxItem]:
        return [item for item in self.items if item.to == to and item.sequence > sequence and not item.said][:limit]

    async def dialogue(self, phones: Sequence[str], sequence: int, limit: int) -> Sequence[OutboxItem]:
        return [item for item in self.items if item.to in phones and item.sequence > sequence][:limit]

    async def last_said(self, phone: str) -> datetime | None:
        return next((item.at for item in reversed(self.items) if item.to == phone and item.said), None)

    async def one(self, sequence: int) -> OutboxItem | None:
        return next((item for item in self.items if item.sequence == sequence), None)


class MemoryMarks:
    """The cursors of bot.ports.Marks, in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.values.get(name)

    async def put(self, name: str, value: str) -> None:
        self.values[name] = value


@dataclass(slots=True)
class Phones:
    """The bot's end. `answer` is what it does with a message; its work is pending until it is done."""

    answer: Callable[["Phones", Inbound], Awaitable[None]]
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    received: list[Inbound] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    later: set[Address] = field(default_factory=set)
    """Who waits for something that comes later."""
    marks: MemoryMarks = field(default_factory=MemoryMarks)
    url: str = ""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _working: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def channel(self) -> Simulator:
        """What the bot speaks through."""
        return Simulator(self.outbox, self.read_upload, clock.now)

    async def say(self, to: Address, message: Outbound) -> None:
        await self.channel.send(to, message, conversation=str(to), effect=f"e{len(self.outbox.items)}")

    async def receive(self, messages: Sequence[Inbound]) -> None:
        for message in messages:
            self.received.append(message)
            task = asyncio.ensure_future(self.answer(self, message))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def save_upload(self, upload: str, data: bytes) -> None:
        self.uploads.setdefault(upload, data)

    async def read_upload(self, upload: str) -> bytes | None:
        return self.uploads.get(upload)

    async def pending(self, address: Address, *, later: bool) -> bool:
        return bool(self._working) or (later and address in self.later)

    @property
    def demo(self) -> DemoInfo:
        return DemoInfo(url=self.url, mongodb_url="", token=TOKEN, pid=1, environment={})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Phones"]:
        app = web.Application(middlewares=[_statuses])
        app.add_routes(
            routes(
                self.receive,
                self.outbox,
                self.save_upload,
                self.pending,
                marks=self.marks,
                stopping=self.stopping,
                token=TOKEN,
                now=clock.now,
            )
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()


@web.middleware
async def _statuses(request, handler):
    """As `web` does it."""
    try:
        return await handler(request)
    except Forbidden:
        return web.Response(status=403)
    except Malformed:
        return web.Response(status=400)
