"""The real processes, started as an operator would, killed as an operator would not."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]


KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
"""Of our own environment: no setting of the bot may come in by it."""


def surroundings(environ):
    """The environment of a process that knows only these settings."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {"PYTHONPATH": str(ROOT), **environ}


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has come to its end."""

    status: int
    out: str
    err: str


async def command(*arguments, cwd, environ=None, stdin="", seconds=40.0):
    """One `python -m ...` to its end, its standard input a pipe."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        env=surroundings(environ or {}),
        cwd=cwd,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), seconds)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return Finished(process.returncode, out.decode(), err.decode())


class Process:
    """One `python -m ...` with an environment of its own."""

    def __init__(self, *arguments, environ, log, ready=None, says="", cwd=ROOT, seconds=30.0):
        """`seconds`: within which it must be ready."""
        self.arguments = arguments
        self._environ = environ
        self._log = log
        self._ready = ready
        self._says = says
        self._cwd = cwd
        self._seconds = seconds
        self._process = None

    async def start(self):
        with self._log.open("ab") as log:
            before = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self.arguments), env=surroundings(self._environ), cwd=self._cwd, stdout=log, stderr=log
            )
        if self._ready:
            await self._until_ready()
        elif self._says:
            await self._until_said(before)

    async def _until_ready(self):
        async with asyncio.timeout(self._seconds), aiohttp.ClientSession() as http:
            while True:
                assert self._process.returncode is None, f"{self.arguments} ended at its start:\n{self._log.read_text()[-3000:]}"
                try:
                    async with http.get(self._ready) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)

    async def _until_said(self, before):
        async with asyncio.timeout(self._seconds):
            while self._says not in self._log.read_bytes()[before:].decode():
                assert self._process.returncode is None, f"{self.arguments} ended at its start:\n{self._log.read_text()[-3000:]}"
                await asyncio.sleep(0.05)

    @property
    def pid(self):
        return self._process.pid

    @property
    def started(self):
        """Whether there is a process, running or ended."""
        return self._process is not None

    @property
    def status(self):
        """Its exit status; None while it runs, or before."""
        return self._process.returncode if self._process else None

    def said(self):
        """All that it has written."""
        return self._log.read_text()

    def signal(self, number):
        self._process.send_signal(number)

    async def wait(self, seconds=20.0):
        """Its exit status, once it has ended by itself."""
        return await asyncio.wait_for(self._process.wait(), seconds)

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
