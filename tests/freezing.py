"""Processes that stand still, as on a host that hangs."""

import os
import signal
import time
from pathlib import Path

_SECONDS = 10.0


def freeze(pid: int) -> None:
    """Stop a process until SIGCONT. When this returns none of its threads runs: the signal alone reaches them a moment later.

    Raises TimeoutError when one still runs after ten seconds.
    """
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + _SECONDS
    while set(_states(pid)) != {"T"}:
        if time.monotonic() > until:
            raise TimeoutError(f"process {pid} still runs")
        time.sleep(0.001)


def _states(pid: int) -> list[str]:
    """Of its threads, as /proc has them: `T` is stopped."""
    return [_state(path.read_text()) for path in Path(f"/proc/{pid}/task").glob("*/stat")]


def _state(stat: str) -> str:
    """The first field behind the command, which stands in brackets and may have any character in it."""
    return stat.rpartition(")")[2].split()[0]
