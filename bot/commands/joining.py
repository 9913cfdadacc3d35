"""How commands find a running demo: `.data/demo.json`, mode 600."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

DATA = Path(".data")
FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """Where a demo answers. `token` opens its simulator routes."""

    url: str
    mongodb_url: str
    token: str
    pid: int
    environment: Mapping[str, str]
    """The settings the demo made up, so that other commands see the same."""


def write(info: DemoInfo, data: Path = DATA) -> None:
    """Say where this demo is."""
    path = data / FILE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(info), file, indent=1)


def running_demo(data: Path = DATA) -> DemoInfo | None:
    """The demo that runs in this directory, if its process lives."""
    try:
        info = DemoInfo(**json.loads((data / FILE).read_text()))
        os.kill(info.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return info


def joined(environ: Mapping[str, str], data: Path = DATA) -> dict[str, str]:
    """The environment, completed by a running demo's when MONGODB_URL is unset."""
    if environ.get("MONGODB_URL") or not (info := running_demo(data)):
        return dict(environ)
    return {**info.environment, **environ, "MONGODB_URL": info.mongodb_url}
