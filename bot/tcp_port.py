"""Which ports of this machine are free, for what we start ourselves."""

import secrets
import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether nobody listens there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free() -> int:
    """One below the range from which systems take ports for outgoing connections: it is to be free the next time too."""
    while not is_free(port := 20_000 + secrets.randbelow(10_000)):
        continue
    return port
