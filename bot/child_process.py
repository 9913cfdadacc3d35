"""Processes that we start and that must not outlive us."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_us() -> Callable[[], None] | None:
    """What a child is to do before its program starts (`preexec_fn`). To be called in the thread that starts it, best the main one.

    Linux: let the kernel send it SIGTERM when that thread ends, killed or not. Without it a `kill -9` of ours would leave a child behind
    that holds its port and its data for ever. Elsewhere there is nothing like it.
    """
    libc, parent = _LIBC, os.getpid()
    if libc is None:
        return None

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # we were killed before the call
            os._exit(1)

    return in_child
