"""The real processes, started as an operator would, killed as an operator would not."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One `python -m ...` with an environment of its own."""

    def __init__(self, *arguments, environ, log, ready=None, says="", cwd=ROOT):
        self.arguments = arguments
        self._environ = environ
        self._log = log
        self._ready = ready
        self._says = says
        self._cwd = cwd
        self._process = None

    async def start(self):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        with self._log.open("ab") as log:
            before = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self.arguments, env={**kept, "PYTHONPATH": str(ROOT), **self._environ}, cwd=self._cwd,
                stdout=log, stderr=log,
            )
        if self._ready:
            await self._until_ready()
        elif self._says:
            await self._until_said(before)

    async def _until_ready(self, seconds=30.0):
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as http:
            while True:
                assert self._process.returncode is None, f"{self.arguments} ended at its start:\n{self._log.read_text()[-3000:]}"
                try:
                    async with http.get(self._ready) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)

    async def _until_said(self, before, seconds=30.0):
        async with asyncio.timeout(seconds):
            while self._says not in self._log.read_bytes()[before:].decode():
                assert self._process.returncode is None, f"{self.arguments} ended at its start:\n{self._log.read_text()[-3000:]}"
                await asyncio.sleep(0.05)

    async def kill(self):
        """kill -9, and wait until it is gone."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self, seconds=20.0):
        """SIGTERM; the exit status."""
        if self._process is None or self._process.returncode is not None:
            return None
        self._process.terminate()
        try:
            return await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            return -9
