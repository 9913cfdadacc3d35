"""HTTP/1.1 as far as the driver needs it, on both ends, cheap enough that the driver is not what is measured.

Bodies come with a Content-Length or not at all, connections are kept open, and one request at a time is on its way over each.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Self, cast

HOST = "127.0.0.1"

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"

Answerer = Callable[[bytes, bytes], bytes]
"""(head, body) of a request -> the whole answer."""


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A whole POST of JSON."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + _HEAD_END + body


def answer(body: bytes) -> bytes:
    """A whole 200 with JSON."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def take(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """The first whole message (head, body), removed from the buffer; None while some of it is missing.

    Raises ValueError when it comes in chunks.
    """
    end = buffer.find(_HEAD_END)
    if end < 0:
        return None
    head = bytes(buffer[:end])
    if _CHUNKED.search(head):
        raise ValueError(f"comes in chunks: {head[:200]!r}")
    length = _LENGTH.search(head)
    begin = end + len(_HEAD_END)
    whole = begin + (int(length[1]) if length else 0)
    if len(buffer) < whole:
        return None
    body = bytes(buffer[begin:whole])
    del buffer[:whole]
    return head, body


class Connection(asyncio.Protocol):
    """One client's connection. `open` makes it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[int] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect. Raises OSError."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def post(self, whole: bytes) -> "asyncio.Future[int]":
        """Send a request; the answer's status, or ConnectionError."""
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(whole)
        return self._answered

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._buffer += data
        found = take(self._buffer)
        if found and self._answered:
            self._answered.set_result(int(found[0][9:12]))
            self._answered = None

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        if self._answered:
            self._answered.set_exception(ConnectionError(f"closed before the answer: {error}"))
            self._answered = None

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Listener(asyncio.Protocol):
    """The server's end of one connection."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        assert self._transport is not None
        self._buffer += data
        while found := take(self._buffer):
            self._transport.write(self._answerer(*found))
