"""Files of strangers are read in a process of their own, within bounds of memory and time: a parser that falls takes nothing with it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.books.grid import FILE_AT_MOST, BookRefused, Line

SECONDS = 8.0
AT_ONCE = 2
"""Readers of one process; others wait their turn."""
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nothing of ours: what is read must not learn a secret."""


class Reader:
    """Starts them."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def read(self, data: bytes) -> Sequence[Line]:
        """The lines that are not blank. Raises BookRefused."""
        if len(data) > FILE_AT_MOST:
            raise BookRefused("big")
        async with self._room:
            said = await _read_apart(data)
        if "refused" in said:
            raise BookRefused(said["refused"])
        return [Line(number, tuple(cells), tuple(formulas)) for number, cells, formulas in said["lines"]]


async def _read_apart(data: bytes) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.books.reader"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        env=_ENVIRONMENT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(data), SECONDS)
        return dict(json.loads(said))
    except (TimeoutError, ValueError):  # killed by its bounds, it has said nothing, or half
        return {"refused": "unread"}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
