"""W3C Trace Context: one id from a provider's webhook to the call to the core, on every log line about that message.

No tracing vendor stands behind it: whoever has one in front of us or behind us finds our lines and calls under the same id. `tracestate`
is not passed on, which the recommendation allows.
"""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from bot.model import Effect

HEADER = "traceparent"

_KEY = "trace"
"""In an effect's `data`, which programs that do not know it leave alone."""

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?P<id>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?")
_TEXT = re.compile(r"(?P<id>[0-9a-f]{32})-(?P<flags>[0-9a-f]{2})")
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """What a message is followed by."""

    id: str
    """32 hexadecimal digits, not all zero."""
    sampled: bool = False
    """Somebody before us records it: that is passed on."""

    def __str__(self) -> str:
        """As it is kept: `<id>-<flags>`."""
        return f"{self.id}-{self.sampled:02x}"

    @property
    def traceparent(self) -> str:
        """The header of one call of ours, under a span id of its own."""
        return f"00-{self.id}-{secrets.token_hex(8)}-{self.sampled:02x}"


def new() -> Trace:
    """For a message that comes without one."""
    return Trace(secrets.token_hex(16))


def read(traceparent: str) -> Trace | None:
    """A caller's header; None when it is absent or not of the recommendation's form. Later versions may append to it."""
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None or not int(match["id"], 16) or not int(match["parent"], 16):
        return None
    if traceparent.lstrip().startswith("00") and match["more"]:
        return None
    return _trace(match)


def parse(text: str) -> Trace | None:
    """What `str` of a trace gave; None of anything else."""
    match = _TEXT.fullmatch(text)
    return _trace(match) if match else None


def _trace(match: re.Match[str]) -> Trace:
    return Trace(match["id"], bool(int(match["flags"], 16) & _SAMPLED))


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The trace of what this task is about."""
    return _current.get()


class bound:  # noqa: N801  # used as a function: several times a message, at a third of what a generator's context costs
    """Inside, everything that is logged and called belongs to `trace`."""

    __slots__ = ("_token", "_trace")

    def __init__(self, trace: Trace | None) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._token = _current.set(self._trace)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def headers() -> dict[str, str]:
    """For a call about what this task is about."""
    trace = current()
    return {HEADER: trace.traceparent} if trace else {}


def carried(effect: Effect) -> Effect:
    """The effect, with the present trace for whoever carries it out; one that has a trace keeps it."""
    trace = current()
    if trace is None or _KEY in effect.data:
        return effect
    # Not `replace`, which takes five times as long: this is done to every effect.
    return Effect(effect.id, effect.lane, effect.kind, {**effect.data, _KEY: str(trace)}, effect.due, effect.attempts, effect.unsure)


def of(effect: Effect) -> Trace | None:
    """The trace an effect came by."""
    return parse(str(effect.data.get(_KEY, "")))
