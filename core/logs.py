"""Structured logs: a stable event name and ids. Never a text, a name, an address or a secret."""

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog


def configure() -> None:
    """JSON lines on standard error; readable ones on a terminal."""
    terminal = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _program,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # aiohttp writes requests it cannot read, bytes and all; what our handlers raise is logged by core.problems.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)


def get() -> Any:
    """The logger."""
    return structlog.get_logger()


def where(error: BaseException) -> str:
    """`ErrorClass file.py:12`: enough to find a bug, with none of the values that may be in the error's text."""
    frame: TracebackType | None = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" {frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
    return f"{type(error).__name__}{place}"


def _program(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record["program"] = "core"
    return record
