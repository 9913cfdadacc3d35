"""`python -m tests.faults.victim [what is done to it] -- web`: the program as it is, but for what is asked for here.

    --lease SECONDS          leases as short as this
    --core-seconds SECONDS   no longer do we wait for the core
    --poison                 stumble over messages with the word POISON
    --eager-gaps             gaps in what a provider has handed over are looked for every second
    --at POINT --nth N       the signal strikes at the N-th pass of a point of `steps.py`, as before:write
    --signal KILL|STOP       which one; KILL when it is not said
    --defect NAME            a deliberate defect of `defects.py`
    --next                   the program as its next version may be: see `next_version.py`

Everything is patched in this process; the product has no switches. Each call to a provider carries the dye that tells the harness which
effect said it, and which process.
"""

import argparse
import functools
import inspect
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from datetime import timedelta
from importlib import import_module
from itertools import count
from typing import Any

from tests.faults.steps import POINTS, STEPS

DYE = "X-Lapor-Effect"
PID = "X-Lapor-Pid"

_effect: ContextVar[str] = ContextVar("effect", default="")


def wrap(place: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put `wrapper(function)` in the place of `module:attribute.attribute`."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, import_module(module))
    setattr(owner, name, wrapper(getattr(owner, name)))


def resolve(place: str) -> Any:
    """What stands at `module:attribute.attribute`."""
    module, _, path = place.partition(":")
    return functools.reduce(getattr, path.split("."), import_module(module))


# ---- the dye


def dye() -> None:
    """Let every outgoing call of an effect say which effect and which process it is of."""

    def saying(say: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(say)
        async def dyed(self: Any, owner: str, effect: Any, pending: Any) -> Any:
            _effect.set(effect.id)
            return await say(self, owner, effect, pending)

        return dyed

    def requesting(request: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(request)
        async def dyed(self: Any, method: str, url: Any, **more: Any) -> Any:
            if effect := _effect.get():
                more["headers"] = {**(more.get("headers") or {}), DYE: effect, PID: str(os.getpid())}
            return await request(self, method, url, **more)

        return dyed

    wrap("bot.speech:Speech.say", saying)
    wrap("bot.speech:Speech.nudge", saying)
    wrap("aiohttp:ClientSession._request", requesting)


# ---- the signal


def strike_at(point: str, nth: int, number: signal.Signals) -> None:
    """Send ourselves the signal at the n-th pass of a point."""
    moment, _, name = point.partition(":")
    passes = count(1)

    def passed(here: str, args: Sequence[Any]) -> None:
        if here == moment and _is_of_a_message(args) and next(passes) == nth:
            sys.stderr.write(f'{{"event": "struck", "point": "{point}"}}\n')
            sys.stderr.flush()
            os.kill(os.getpid(), number)

    def striking(function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def struck(*args: Any, **kwargs: Any) -> Any:
                passed("before", args)
                result = await function(*args, **kwargs)
                passed("after", args)
                return result
        else:

            @functools.wraps(function)
            def struck(*args: Any, **kwargs: Any) -> Any:
                passed("before", args)
                result = function(*args, **kwargs)
                passed("after", args)
                return result

        return struck

    for place in STEPS[name].functions:
        wrap(place, striking)


def _is_of_a_message(args: Sequence[Any]) -> bool:
    """Of the answers of a web process, those to a provider or the core; elsewhere every pass counts."""
    path = getattr(args[1], "path", None) if len(args) > 1 else None
    return not isinstance(path, str) or path.startswith("/hooks/")


def shorten_leases(seconds: float) -> None:
    """Where a lease's length has been taken from `bot.ports`."""
    for module in ("bot.intake", "bot.carriage", "bot.delivery"):
        import_module(module).LEASE = timedelta(seconds=seconds)


def wait_no_longer_for_the_core(seconds: float) -> None:
    """Than this."""
    import_module("bot.forwarder.core").CoreTarget.__init__.__kwdefaults__["seconds"] = seconds


def look_for_gaps_eagerly() -> None:
    """Where minutes are usual."""
    gaps = import_module("bot.gaps")
    gaps.EVERY_SECONDS, gaps.GRACE, gaps.OVERLAP = 1.0, timedelta(seconds=3), timedelta(seconds=1)


class Poisoned(Exception):
    """A bug that one message in many brings out."""


POISON = Poisoned.__name__
"""The word in it, and the reason for which it is parked."""


def stumble_over_poison() -> None:
    """As over any bug in the conversation."""

    def stumbling(advance: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(advance)
        def advanced(state: Any, event: Any, *args: Any, **kwargs: Any) -> Any:
            if POISON in getattr(getattr(event, "message", None), "text", ""):
                raise Poisoned
            return advance(state, event, *args, **kwargs)

        return advanced

    wrap("bot.conversation.engine:advance", stumbling)


def main(argv: Sequence[str]) -> int:
    """Patch, then run the program."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.victim")
    parser.add_argument("--lease", type=float)
    parser.add_argument("--core-seconds", type=float)
    parser.add_argument("--poison", action="store_true")
    parser.add_argument("--eager-gaps", action="store_true")
    parser.add_argument("--at", choices=POINTS)
    parser.add_argument("--nth", type=int, default=1)
    parser.add_argument("--signal", choices=("KILL", "STOP"), default="KILL")
    parser.add_argument("--defect")
    parser.add_argument("--next", action="store_true")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(argv)
    if given.lease:
        shorten_leases(given.lease)
    if given.core_seconds:
        wait_no_longer_for_the_core(given.core_seconds)
    if given.poison:
        stumble_over_poison()
    if given.eager_gaps:
        look_for_gaps_eagerly()
    if given.next:
        from tests.faults import next_version

        next_version.install()
    if given.defect:
        from tests.faults import defects

        defects.DEFECTS[given.defect].install()
    if given.at:
        strike_at(given.at, given.nth, signal.Signals[f"SIG{given.signal}"])
    dye()
    from bot.__main__ import main as program

    return program(given.command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
