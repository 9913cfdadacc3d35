"""A folder of entries that one process holds, by a lock that the system takes from it when it ends, however it ends.

In SPOOL_DIR: `segment-*/` with a file for each entry, named by a rising number; beside each its `segment-*.lock`; and `aside/`, for what
could not be read. Nothing here is asynchronous: it is called in the spool's own thread.
"""

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

ASIDE = "aside"
ENTRY = ".entry"
_UNFINISHED = ".new"
_PREFIX = "segment-"

Write = tuple[Path, bytes]
"""(the entry's path, what is to stand there)"""


class Segment:
    """Held until it is released."""

    def __init__(self, path: Path, lock: int) -> None:
        """By `create` or `take`. `lock`: the descriptor that holds it."""
        self.path = path
        self._lock = lock
        self._number = 0

    @classmethod
    def create(cls, spool: Path) -> Self:
        """A new one. Raises OSError."""
        path = spool / f"{_PREFIX}{uuid4().hex}"
        lock = _locked(path)
        if lock is None:
            raise BlockingIOError(path.name)
        path.mkdir(mode=0o700)
        sync(spool)
        return cls(path, lock)

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """One that is there; None while another process holds it, or when it has just removed it. Raises OSError."""
        lock = _locked(path)
        if lock is None:
            return None
        if not path.is_dir():
            _let_go(path, lock)
            return None
        return cls(path, lock)

    def next(self) -> Path:
        """Where the next entry will stand, in a segment that was created."""
        self._number += 1
        return self.path / f"{self._number:012d}{ENTRY}"

    def entries(self) -> list[Path]:
        """In order. What was never finished was never answered for, and is removed."""
        for unfinished in self.path.glob(f"*{_UNFINISHED}"):
            unfinished.unlink(missing_ok=True)
        return sorted(self.path.glob(f"*{ENTRY}"))

    def write(self, batch: Sequence[Write]) -> list[OSError | None]:
        """Write files that are durable when it returns, or else not there; for each its error. The folder is synced once for all."""
        outcomes = [_attempt(path, data) for path, data in batch]
        try:
            sync(self.path)
        except OSError as error:
            for path, _ in batch:
                _remove(path)
            return [error] * len(batch)
        return outcomes

    def release(self) -> None:
        """Let others take it; an empty one is removed."""
        try:
            self.path.rmdir()
        except OSError:  # entries are left in it
            os.close(self._lock)
            return
        _let_go(self.path, self._lock)


def segments(spool: Path) -> list[Path]:
    """All that are there; which of them nobody holds, taking them tells. Raises OSError."""
    return sorted(path for path in spool.iterdir() if path.name.startswith(_PREFIX) and path.is_dir())


def sync(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _attempt(path: Path, data: bytes) -> OSError | None:
    """Under another name first: what has its name is whole."""
    unfinished = path.with_suffix(_UNFINISHED)
    try:
        with unfinished.open("xb", buffering=0) as file:
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError as error:
        _remove(unfinished)
        return error
    return None


def _remove(path: Path) -> None:
    """As far as the disk lets us: what stays behind was not answered for, and does no harm."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _let_go(path: Path, lock: int) -> None:
    """Of a folder that is no more: its name is never used again."""
    _remove(_lock_of(path))
    os.close(lock)


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock; None while another process does."""
    descriptor = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
