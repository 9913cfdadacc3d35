"""How a command runs: its line of use, its settings, its event loop, and the signals that end it."""

import argparse
import asyncio
import gc
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from bot import settings as settings_module
from bot.commands import joining
from bot.settings import Settings

T = TypeVar("T")

_M_ARENA_MAX = -8
"""As malloc.h has it."""
_YOUNG = 20_000
"""Allocations between two looks of the garbage collector at what is new; Python's own is 700."""


def parse(command: str, description: str, argv: Sequence[str]) -> None:
    """For commands without options: --help works, and anything else is wrong use (exit status 2)."""
    argparse.ArgumentParser(prog=f"python -m bot {command}", description=description).parse_args(argv)


def loaded(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings; by default from the environment, completed by a running demo's. Raises SettingsError with every problem."""
    from bot.channels import registry  # not for --help: with it come HTTP, logs and telephone numbers
    from bot.forwarder.registry import TARGETS

    environ = joining.joined(settings_module.environment()) if environ is None else environ
    _, problems = registry.enabled(environ)
    return settings_module.load(environ, problems, {name: entry.required for name, entry in TARGETS.items()})


def run(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run it to its end, on the faster loop where there is one; its exit status."""
    _share_one_heap()
    try:
        import uvloop
    except ImportError:  # not made for Windows
        return asyncio.run(work())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


def _share_one_heap() -> None:
    """Where there is glibc: it gives each thread a heap, which keeps what it once took, and of our threads one allocates at a time."""
    _tell_glibc("mallopt", _M_ARENA_MAX, 1)


def _tell_glibc(function: str, *arguments: int) -> None:
    """Nothing where there is another C library."""
    import ctypes  # not for --help

    with suppress(AttributeError, OSError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)


def started() -> None:
    """What stands now stands to the end, modules and place names among it: the garbage collector need never walk it again.

    Nearly all that a message leaves behind is freed without the collector, so that it may look seldom too. What only the start needed goes
    back to the system.
    """
    gc.collect()
    gc.freeze()
    _tell_glibc("malloc_trim", 0)
    gc.set_threshold(_YOUNG)


def ending(*, at_most: float | None = None) -> asyncio.Event:
    """Set on SIGTERM or Ctrl-C, from now on: a signal during the start is not lost, and ends it cleanly.

    A second signal ends the process at once, and so do `at_most` seconds after the first: what was in flight is left to its lease, as
    after a crash.
    """
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        if signalled.is_set():
            _end_at_once()
        signalled.set()
        if at_most is not None:
            loop.call_later(at_most, _end_at_once)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    return signalled


def _end_at_once() -> NoReturn:
    from bot import logs

    logs.get_logger(__name__).warning("ended_at_once")
    os._exit(1)


async def unless(ended: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` gives; None when we are to end before it is done: it is cancelled and has cleaned up."""
    working, waiting = asyncio.ensure_future(work), asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
        return await working
    except asyncio.CancelledError:
        if ended.is_set():
            return None
        raise
    finally:
        waiting.cancel()
