"""Ports for what a test starts."""

import os

from bot import tcp_port

_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_OURS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_given: set[int] = set()


def free_port() -> int:
    """One that no outgoing connection takes and no other worker or call is given: still free when its server binds it."""
    while (port := tcp_port.free()) % _WORKERS != _OURS or port in _given:
        continue
    _given.add(port)
    return port
