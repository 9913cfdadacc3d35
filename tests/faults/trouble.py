"""What providers answer on bad days: too many requests in every way to say how long to wait, errors, pages, silence, a lost answer."""

import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import web

from bot import clock
from tests.faults.ledger import ANSWER_LOST, Fault, Ledger
from tests.faults.victim import DYE, PID

WAIT = 2
"""Seconds."""

IN_A_ROW = 4
"""How often in a row one effect meets trouble at most. Our back-off doubles: after seven times, which come in one run of ten, a citizen
would wait for longer than the run may take.
"""

TROUBLES: dict[str, Callable[[], web.Response | None]] = {
    "429_seconds": lambda: _too_many(str(WAIT)),
    "429_date": lambda: _too_many(format_datetime(clock.now() + timedelta(seconds=WAIT + 1), usegmt=True)),
    "429_absurd": lambda: _too_many("31536000"),
    "429_nonsense": lambda: _too_many("soon"),
    "500": lambda: web.Response(status=500, text="out of order"),
    "502_page": lambda: web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html"),
    "503_seconds": lambda: web.Response(status=503, headers={"Retry-After": str(WAIT)}),
    "dropped": lambda: None,
}
"""In place of doing what was asked; None: the connection is cut."""

ASKS_TO_WAIT = ("429_seconds", "429_date", "503_seconds")


def dye_of(request: web.Request) -> tuple[str, int]:
    """Which effect says it, and which process."""
    return request.headers.get(DYE, ""), int(request.headers.get(PID, "0"))


class Trouble:
    """For a share of what we send."""

    def __init__(self, chance: random.Random, ledger: Ledger, share: float) -> None:
        self.made: Counter[str] = Counter()
        """How often each was."""
        self.undercut: list[str] = []
        """Who came again sooner than they were asked to."""
        self._chance = chance
        self._ledger = ledger
        self._share = share
        self._not_before: dict[str, float] = {}
        """By effect, in seconds of the monotonic clock."""
        self._in_a_row: Counter[str] = Counter()
        """By effect: its troubles since it was last let through."""

    async def around(self, request: web.Request, doing: Awaitable[web.StreamResponse]) -> web.StreamResponse:
        """The answer, or what happens instead."""
        effect, pid = dye_of(request)
        now = time.monotonic()
        if now < self._not_before.get(effect, 0.0):
            self.undercut.append(f"{effect} came {self._not_before[effect] - now:.1f} s too soon")
        kind = self._drawn(effect)
        self.made[kind] += 1
        if kind in ASKS_TO_WAIT:
            self._not_before[effect] = now + WAIT
        if kind in TROUBLES:
            doing.close()
            return TROUBLES[kind]() or _cut(request)
        answer = await doing
        if kind == ANSWER_LOST:
            self._ledger.faults.append(Fault(kind, frozenset({pid}), now, time.monotonic()))
            return _cut(request)
        return answer

    def _drawn(self, effect: str) -> str:
        """What happens to it this time."""
        if self._in_a_row[effect] == IN_A_ROW or self._chance.random() >= self._share:
            self._in_a_row[effect] = 0
            return ""
        self._in_a_row[effect] += 1
        return self._chance.choice((*TROUBLES, ANSWER_LOST))


def _too_many(wait: str) -> web.Response:
    return web.Response(status=429, headers={"Retry-After": wait})


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
