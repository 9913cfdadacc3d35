"""Three mongods as one replica set, whose members everybody knows by proxies of ours: each can be killed, frozen or cut off."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from bot.store.mongod import REPLICA_SET, EmbeddedMongod
from tests.faults.proxy import Network, Proxy
from tests.freezing import freeze

MEMBERS = 3
HEALTHY_WITHIN = 40.0
"""Seconds, the recovery of a killed member included."""
ASKED_EVERY = 0.05


class Node(EmbeddedMongod):
    """One mongod that is given its configuration by the set."""

    async def _is_primary(self, client: Any) -> bool:
        """It need only answer: who is primary, the set decides."""
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    @property
    def port(self) -> int:
        return self._port


class Member:
    """A node behind its proxy."""

    def __init__(self, directory: Path, network: Network) -> None:
        self.node = Node(directory)
        self._network = network

    async def start(self) -> None:
        await self.node.start()
        self.proxy = Proxy(self.node.port)
        await self.network(self.proxy.start())
        self._client = AsyncIOMotorClient("127.0.0.1", self.node.port, directConnection=True, timeoutMS=500)

    async def stop(self) -> None:
        self._client.close()
        await self.network(self.proxy.stop())
        await self.node.stop()

    async def network(self, work: Coroutine[Any, Any, None]) -> None:
        """Something of the proxy's."""
        await self._network.do(work)

    @property
    def address(self) -> str:
        """By which all others know it."""
        return f"127.0.0.1:{self.proxy.port}"

    def thaw(self) -> bool:
        """Let it go on; False when it is dead."""
        process = self.node._process
        if process is None or process.poll() is not None:
            return False
        process.send_signal(signal.SIGCONT)
        return True

    async def role(self) -> str:
        """`primary`, `secondary`, or neither; without its proxy."""
        try:
            hello = await self.command("hello")
        except PyMongoError:
            return ""
        return "primary" if hello["isWritablePrimary"] else "secondary" if hello.get("secondary") else ""

    async def command(self, name: str, value: Any = 1) -> Any:
        return await self._client.admin.command(name, value)


class ReplicaSet:
    """All three; `url` and the like as `EmbeddedMongod` has them."""

    def __init__(self, directory: Path) -> None:
        self._network = Network()
        self._members = [Member(directory / f"node-{number}", self._network) for number in range(MEMBERS)]

    @property
    def url(self) -> str:
        return f"mongodb://{','.join(member.address for member in self._members)}/?replicaSet={REPLICA_SET}"

    async def start(self) -> None:
        for member in self._members:  # in the main thread, one after the other: see child_process
            await member.start()
        members = [{"_id": number, "host": member.address} for number, member in enumerate(self._members)]
        settings = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 300}
        await self._members[0].command("replSetInitiate", {"_id": REPLICA_SET, "members": members, "settings": settings})
        await self.healthy()

    async def stop(self) -> None:
        for member in self._members:
            member.thaw()
        await asyncio.gather(*(member.stop() for member in self._members))

    async def primary(self, among: Sequence[Member] = ()) -> Member:
        """Wait for one, of these or of all."""
        async with asyncio.timeout(HEALTHY_WITHIN):
            while True:
                for member in among or self._members:
                    if await member.role() == "primary":
                        return member
                await asyncio.sleep(ASKED_EVERY)

    def others(self, member: Member) -> list[Member]:
        return [each for each in self._members if each is not member]

    async def healthy(self) -> None:
        """Wait until one is primary and the others follow it."""
        async with asyncio.timeout(HEALTHY_WITHIN):
            while sorted([await member.role() for member in self._members]) != ["primary", "secondary", "secondary"]:  # noqa: ASYNC110  # they tell nobody
                await asyncio.sleep(ASKED_EVERY)

    # Faults

    async def kill(self, member: Member) -> None:
        os.kill(member.node.pid, signal.SIGKILL)

    async def freeze(self, member: Member) -> None:
        freeze(member.node.pid)

    async def cut_off(self, member: Member) -> None:
        """From everybody: nobody reaches it, and it reaches none of the others."""
        await member.network(member.proxy.cut())
        for other in self.others(member):
            await other.network(other.proxy.cut({member.node.pid}))

    async def silence(self, member: Member) -> None:
        """What is sent to it stays on its way."""
        await member.network(member.proxy.freeze())

    async def refuse(self, member: Member) -> None:
        """Nobody can connect to it."""
        await member.network(member.proxy.refuse())

    async def mend(self) -> None:
        """Everything runs again, and is connected. What was killed recovers from its journal."""
        for member in self._members:
            if not member.thaw():
                await member.node.stop()
                await member.node.start()
            await member.network(member.proxy.mend())


@asynccontextmanager
async def replica_set(directory: Path) -> AsyncIterator[ReplicaSet]:
    """A running one; ended at the end."""
    self = ReplicaSet(directory)
    async with self._network.running():
        try:
            await self.start()
            yield self
        finally:
            await self.stop()
