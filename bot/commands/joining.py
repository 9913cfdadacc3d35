"""How commands find a running demo: `.data/demo.json`, mode 600, which is true as long as somebody holds `.data/demo.lock`."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.errors import LaporError

DATA = Path(".data")
FILE = "demo.json"
LOCK = "demo.lock"

_LOOKING_SECONDS = 0.5
"""A command that looks whether the lock is held holds it for a moment itself."""


class DemoRuns(LaporError):
    """A demo is starting or stopping in this directory: try again in a moment."""

    code = "demo_runs"


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """Where a demo answers. `token` opens its simulator routes, `core_token` its files to the officer."""

    url: str
    mongodb_url: str
    token: str
    pid: int
    environment: Mapping[str, str]
    """The settings the demo made up, so that other commands see the same."""
    core_token: str = ""
    desk_password: str = ""
    """Of the demo's accounts at the desk."""


@contextmanager
def held(data: Path = DATA) -> Iterator[None]:
    """Be the only demo in the directory; the system ends it with the process, however that ends. Raises DemoRuns."""
    data.mkdir(mode=0o700, exist_ok=True)
    with (data / LOCK).open("a") as lock:
        give_up = time.monotonic() + _LOOKING_SECONDS
        while not _locks(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > give_up:
                raise DemoRuns
            time.sleep(0.05)
        yield


@contextmanager
def announced(info: DemoInfo, data: Path = DATA) -> Iterator[None]:
    """Say where this demo is, as long as it is there."""
    write_private(data / FILE, asdict(info))
    try:
        yield
    finally:
        (data / FILE).unlink(missing_ok=True)


def write_private(path: Path, value: Mapping[str, Any]) -> None:
    """As JSON, for our own eyes; the whole of it or nothing, whenever we are killed."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(value, file, indent=1)
    new.replace(path)


def running_demo(data: Path = DATA) -> DemoInfo | None:
    """The demo that runs in this directory. A process id alone would not tell: another program may have it by now."""
    try:
        info = DemoInfo(**json.loads((data / FILE).read_text()))
        with (data / LOCK).open() as lock:
            return None if _locks(lock.fileno(), fcntl.LOCK_SH) else info
    except (OSError, ValueError, TypeError):
        return None


def _locks(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def joined(environ: Mapping[str, str], data: Path = DATA) -> dict[str, str]:
    """The environment, completed by a running demo's when MONGODB_URL is unset."""
    if environ.get("MONGODB_URL") or not (info := running_demo(data)):
        return dict(environ)
    return {**info.environment, **environ, "MONGODB_URL": info.mongodb_url}
