"""When to try again. Pure: an error, how often it was tried, and the time give the next moment, or none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import DeliveryError

_MOST_DOUBLINGS = 32
"""Enough to pass any cap, and few enough for timedelta."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient one kind of work is."""

    first: timedelta
    """The wait after the first failure; it doubles with each further one."""
    cap: timedelta
    """The longest wait."""
    limit: int | None = None
    """Attempts in all; None: never give up."""


SPEECH = Policy(first=timedelta(seconds=1), cap=timedelta(minutes=30), limit=60)
"""Words to a citizen: after about a day nobody waits for them. The cap is how long they are mute after the provider is back."""

FILING = Policy(first=timedelta(seconds=1), cap=timedelta(minutes=5))
"""A confirmed report: never given up."""

DEPLOYING = Policy(first=timedelta(seconds=1), cap=timedelta(minutes=1), limit=30)
"""What only the next version can do: left to it for half an hour, in which a rolling deploy is over."""


def next_attempt(error: DeliveryError, attempts: int, now: datetime, *, jitter: float, policy: Policy) -> datetime | None:
    """When to try again after the attempt that just failed; None: park it.

    `attempts`: those made, this one included. `jitter`: 0 to 1, drawn by the caller. The back-off is between half and whole of the
    doubled wait; a Retry-After is never undercut, and is stretched by up to a half, so that those who were told the same
    number do not come back together.
    """
    if not error.retryable or (policy.limit is not None and attempts >= policy.limit):
        return None
    doubled = min(policy.cap, policy.first * (1 << min(max(attempts - 1, 0), _MOST_DOUBLINGS)))
    backed_off = doubled * (0.5 + jitter / 2)
    asked = timedelta(seconds=error.retry_after or 0) * (1 + jitter / 2)
    return now + max(backed_off, asked)
