"""Log records: a stable event name, ids, and nothing a citizen said or is called.

Lines of JSON on standard error; readable ones on a terminal. Callers log ids and `ref(conversation)`. Behind that stands a last line of
defence: what looks like a phone number or a secret is taken out, an exception is told by its type and place, not by its text (a driver's
message may quote a document), and what libraries log is told without its arguments.
"""

import base64
import hashlib
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from datetime import date, datetime
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from bot import tracing
from bot.errors import LaporError

ID_KEYS = frozenset(
    {"report", "ticket", "effect", "operation_id", "event_id", "media", "parked", "provider_id", "message_id", "trace_id", "mac"}
)
"""Fields that hold ids, which may be long numbers. Never a phone number or a chat id: of those log `ref`."""

REDACTED = "[redacted]"

_LONGEST_VALUE = 300
_FRAMES = 12
_CHAIN = 4

_SECRETS = (
    r"whsec_[\w+/=-]+",
    r"\b\d{5,}:[\w-]{30,}",
    r"(?i:bearer|basic)\s+[\w.~+/=-]{8,}",
    r"(?<=/hooks/sms/)[^/\s?]+",
    r"(?<=://)[^/\s@]+(?=@)",
    r"(?i:(?<=password=)|(?<=secret=)|(?<=token=))[^&\s]+",
)
_NUMBERS = (
    r"(?<![\w.-])(?:\+|00)\d[\d\s().-]{6,}\d",
    r"(?<![\w.-])(?:62|0)[\s-]?8[\d\s.-]{6,}\d",
)
_NUMBER = re.compile("|".join(_NUMBERS))
_DIGEST = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{32})?")
"""Report ids, trace ids and macs: some begin as a phone number does."""
_LONG_NUMBER = re.compile(r"\d{9,}")

_key = os.urandom(32)
_known = re.compile("|".join(_SECRETS))
_stream: TextIO | None = None


def configure(*, key: str | bytes, secrets: Iterable[str] = (), level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up once, at the start of a process. `key` for `ref`: the same in all processes; `secrets`: values that never come out."""
    global _key, _known, _stream  # noqa: PLW0603  # one process has one log
    _key = hashlib.blake2b(key.encode() if isinstance(key, str) else key, digest_size=32, person=b"log ref").digest()
    exact = tuple(re.escape(secret) for secret in sorted(secrets, key=len, reverse=True) if len(secret) >= 6)
    _known = re.compile("|".join(exact + _SECRETS))
    _stream = stream
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _add_name,
            _add_trace,
            _explain_error,
            _redact,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _renderer(stream or sys.stderr),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_Lines,
        cache_logger_on_first_use=stream is None,
    )
    _take_over_stdlib()
    sys.excepthook = _log_crash
    threading.excepthook = lambda args: _log_crash(args.exc_type, args.exc_value, args.exc_traceback)


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger; may be made before `configure` is called."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def ref(conversation_id: str) -> str:
    """A short keyed digest that stands for a person's address: the same one all day, and of no use to anybody else."""
    digest = hashlib.blake2b(conversation_id.encode(), key=_key, digest_size=10).digest()
    return base64.b32encode(digest).decode().lower()


class _Lines:
    """Writes lines to standard error, wherever that is now."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        out = _stream or sys.stderr
        with suppress(OSError):  # a full disk costs log lines, not the answer that was about to be given
            out.write(line + "\n")
            out.flush()

    debug = info = warning = error = critical = msg


def _add_name(logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**event, "logger": logger.name}


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    trace = tracing.current()
    return {**event, "trace_id": trace.id} if trace else event


def _renderer(stream: TextIO) -> Any:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer(sort_keys=False)
    return lambda _logger, _method, event: orjson.dumps(event).decode()


# ---- nothing personal gets out


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _clean(value, is_id=key in ID_KEYS) for key, value in event.items()}


def _clean(value: object, *, is_id: bool = False) -> Any:
    """Only plain values pass; of anything else only its type is told, because its repr may hold a text."""
    if value is None or isinstance(value, bool | float | date | datetime):
        return value
    if isinstance(value, int):
        return value if is_id or abs(value) < 10**8 else REDACTED
    if isinstance(value, str):
        return _clean_text(str(value), is_id=is_id)
    if isinstance(value, BaseException):
        return _error(value)
    if isinstance(value, Mapping):
        return {_clean_text(str(key)): _clean(inner, is_id=is_id) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner, is_id=is_id) for inner in value]
    return f"<{type(value).__name__}>"


def _clean_text(text: str, *, is_id: bool = False) -> str:
    text = _known.sub(REDACTED, text[: 4 * _LONGEST_VALUE])
    if not (is_id and _DIGEST.fullmatch(text)):
        text = _NUMBER.sub(REDACTED, text)
    if not is_id:
        text = _LONG_NUMBER.sub(REDACTED, text)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "..."


# ---- errors: what and where, never with which values


def _explain_error(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given else None
    if error is not None:
        event["error"] = _error(error)
    return event


def _error(error: BaseException, depth: int = 1) -> dict[str, Any]:
    """Type, code, place, and what caused it. The text only of our own errors, which hold ids only."""
    told: dict[str, Any] = {"type": type(error).__qualname__}
    code = getattr(error, "code", None)
    if isinstance(code, int) or isinstance(error, LaporError):
        told["code"] = code
    if isinstance(error, LaporError):
        told["detail"] = _clean_text(str(error))
    told["frames"] = [_place(frame.filename, frame.lineno, frame.name) for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _CHAIN:
        told["cause"] = _error(cause, depth + 1)
    if isinstance(error, BaseExceptionGroup) and depth < _CHAIN:
        told["parts"] = [_error(part, depth + 1) for part in error.exceptions]
    return told


def _place(filename: str, line: int | None, function: str) -> str:
    return f"{'/'.join(filename.replace(os.sep, '/').split('/')[-3:])}:{line} {function}"


def _log_crash(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What nothing caught: Python's own report would print the exception's text."""
    if error is None or issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    get_logger(__name__).critical("crashed", exc_info=error.with_traceback(trace))


# ---- libraries


class _Bridge(logging.Handler):
    """Hands records of the standard library's logging on: where they come from and their unfilled text, not its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.msg.partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__
        get_logger(record.name).log(
            record.levelno,
            "library_logged",
            said=text,
            place=_place(record.pathname, record.lineno, record.funcName or ""),
            exc_info=record.exc_info,
        )


def _take_over_stdlib() -> None:
    """All libraries at WARNING. At INFO httpx would log every URL it calls, and a bot's token is part of Telegram's."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if type(handler) in (_Bridge, logging.StreamHandler):  # not its subclasses: pytest listens with one
            root.removeHandler(handler)
    root.addHandler(_Bridge())
    root.setLevel(logging.WARNING)
    for name in ("aiohttp", "asyncio", "httpcore", "httpx", "pymongo", "telegram", "twilio"):
        logging.getLogger(name).setLevel(logging.WARNING)
