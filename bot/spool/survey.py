"""What `doctor` tells of the spool, and what `web` asks before it relies on it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bot.spool.segment import ASIDE, ENTRY, segments, sync


@dataclass(frozen=True, slots=True)
class Survey:
    """The folder as it is now, over all processes."""

    entries: int
    """That wait."""
    unreadable: int
    """That were set aside."""
    free: int
    """Bytes."""


def problem(directory: Path) -> str | None:
    """Why the folder cannot keep a spool, in a sentence; None when it can: a file was written, synced and removed."""
    if not directory.is_dir():
        return f"SPOOL_DIR {directory} is no folder: make it on a persistent volume, and mount that before the start."
    probe = directory / f".probe-{uuid4().hex}"
    try:
        try:
            probe.write_bytes(b"can be written")
            sync(directory)
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        return f"SPOOL_DIR {directory} cannot be written ({error.strerror}): give it to the user that runs `web`, and look at the volume."
    return None


def survey(directory: Path) -> Survey:
    """Count. Raises OSError."""
    waiting = sum(1 for segment in segments(directory) for _ in segment.glob(f"*{ENTRY}"))
    unreadable = sum(1 for _ in (directory / ASIDE).glob(f"*{ENTRY}"))
    return Survey(waiting, unreadable, shutil.disk_usage(directory).free)
