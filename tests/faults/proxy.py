"""TCP proxies that can be cut, refuse, freeze or be slow: a network's ways to fail, for the one server behind each."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.ports import free_port

CHUNK = 65_536


class Network:
    """A loop in a thread of its own for all proxies: what uses them may block, as a database's driver does when it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    async def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Something of a proxy's, there."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()


class Proxy:
    """Before one server on this machine. Everything here runs in the network's loop."""

    def __init__(self, target: int) -> None:
        """`target`: the server's port."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._relays: dict[asyncio.Task[None], int] = {}
        """Each connection, and the port it came from."""
        self._passing = asyncio.Event()
        self._passing.set()
        self._delay = 0.0
        self._is_cut = False
        self._strangers: Collection[int] = ()
        """Processes whose connections are cut."""
        self.port = free_port()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def stop(self) -> None:
        await self.refuse()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def cut(self, pids: Collection[int] | None = None) -> None:
        """End all connections, and each new one at once; `pids`: only those of these processes."""
        self._is_cut, self._strangers = pids is None, pids or ()
        for relay, port in self._relays.items():
            if self._is_cut_off(port):
                relay.cancel()

    async def refuse(self) -> None:
        """As if nobody listened."""
        if self._server:
            self._server.close()
            self._server = None
        await self.cut()

    async def freeze(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._passing.clear()

    async def slow(self, seconds: float) -> None:
        """Each chunk takes this long."""
        self._delay = seconds

    async def mend(self) -> None:
        """As it was. What was frozen goes on."""
        self._is_cut, self._strangers, self._delay = False, (), 0.0
        self._passing.set()
        if self._server is None:
            await self.start()

    def _is_cut_off(self, port: int) -> bool:
        return self._is_cut or any(_has_connected(pid, port) for pid in self._strangers)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        task = asyncio.current_task()
        self._relays[task] = port
        try:
            if not self._is_cut_off(port):
                await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either end has gone, or we have cut it
        finally:
            del self._relays[task]
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Both ways, until either ends."""
        there, to = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [asyncio.create_task(self._carry(reader, to)), asyncio.create_task(self._carry(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self._delay:
                await asyncio.sleep(self._delay)
            await self._passing.wait()
            writer.write(data)
            await writer.drain()


def _has_connected(pid: int, port: int) -> bool:
    """Whether a process holds the connection from this port of 127.0.0.1."""
    local = f"0100007F:{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == local}
    return bool(sockets) and any(_target(entry) in sockets for entry in Path(f"/proc/{pid}/fd").iterdir())


def _target(entry: Path) -> str:
    with contextlib.suppress(OSError):  # closed meanwhile
        return str(entry.readlink())
    return ""
