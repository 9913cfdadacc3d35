"""Tells the intake of events: Standard Webhooks, again and again until it answers 2xx."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import orjson
from standardwebhooks.webhooks import Webhook

from core import logs
from core.clock import Now
from core.settings import Subscription
from core.store.event_log import EventLog, LoggedEvent

BATCH = 16
"""Events under way at once, each of another ticket."""
CALL_SECONDS = 5.0
LEASE = timedelta(seconds=10)
"""Longer than a call and its settling take; the events of a killed process wait for its end."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds. After an outage of the intake, the last event arrives a minute later."""
LONGEST_RETRY_AFTER = 3600.0
"""Seconds: a longer Retry-After is taken for a mistake."""

Draw = Callable[[], float]


def sign(subscription_secrets: Sequence[str], event_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that prove an event, with a signature by every secret: the intake may hold either while they rotate."""
    signatures = [Webhook(secret).sign(event_id, now, body.decode()) for secret in subscription_secrets]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
    }


def wait_seconds(attempts: int, asked: float | None, draw: Draw) -> float:
    """How long to wait after the `attempts`-th failure: doubling, capped, the upper half of it drawn (`draw`: 0 to 1).

    `asked`: what Retry-After says, which is never undercut.
    """
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 30))
    return max(ceiling * (1 + draw()) / 2, asked or 0.0)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by a Retry-After header, in seconds or as a date; None when absent or absurd."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        seconds = float(value[:12])
    else:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return seconds if 0 <= seconds <= LONGEST_RETRY_AFTER else None


def _draw() -> float:
    return secrets.randbelow(1 << 20) / (1 << 20)


class Sender:
    """Sends what the log says is due. Any number of processes may run one."""

    def __init__(self, log: EventLog, http: aiohttp.ClientSession, subscription: Subscription, now: Now, draw: Draw = _draw) -> None:
        self._log = log
        self._http = http
        self._subscription = subscription
        self._now = now
        self._draw = draw

    async def send_due(self) -> int:
        """Attempt the events that are due, at most BATCH; how many were attempted."""
        now = self._now()
        claimed = await self._log.claim_due(now, now + LEASE, BATCH)
        outcomes = await asyncio.gather(*(self._send(event) for event in claimed), return_exceptions=True)
        # Every call of the batch has ended before a failure of the database is told.
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        return len(claimed)

    async def _send(self, claimed: LoggedEvent) -> None:
        status, asked = await self._post(claimed)
        if status is not None and 200 <= status < 300:
            await self._log.delivered(claimed, self._now())
            return
        wait = wait_seconds(claimed.attempts, asked, self._draw)
        logs.get().warning("event_refused", event_id=claimed.event["id"], status=status, attempts=claimed.attempts, wait=round(wait, 1))
        await self._log.put_off(claimed, self._now() + timedelta(seconds=wait))

    async def _post(self, claimed: LoggedEvent) -> tuple[int | None, float | None]:
        """The answer's status (None: no answer) and the wait it asks for."""
        body = orjson.dumps(claimed.event)
        headers = sign(self._subscription.secrets, claimed.event["id"], body, self._now())
        try:
            async with self._http.post(
                self._subscription.url,
                data=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=CALL_SECONDS),
                allow_redirects=False,
            ) as answer:
                return answer.status, retry_after(answer.headers, self._now())
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None, None
