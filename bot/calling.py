"""Outgoing HTTP calls: one call, one mapping from what happened to a named delivery error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import aiohttp

from bot import clock
from bot.errors import (
    DeliveryError,
    RateLimited,
    Rejected,
    ServerFault,
    Unanswered,
    Unauthorized,
    Unreachable,
)

MAX_ANSWER = 1 << 20
"""Bytes of an answer we read; no provider's answer to a call is near it."""

MAX_WAIT = 3600.0
"""Seconds: a longer Retry-After is taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def call(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    seconds: float = 15.0,
    **request: Any,
) -> Answer:
    """Make one call. Raises Unreachable (nothing was sent) or Unanswered (it may have been done); every status comes back as an Answer."""
    try:
        async with http.request(method, url, timeout=_timeout(seconds), allow_redirects=False, **request) as response:
            content = response.content
            body = await content.read(MAX_ANSWER + 1)
            while not content.at_eof() and len(body) <= MAX_ANSWER:
                body += await content.read(MAX_ANSWER + 1 - len(body))
            return Answer(response.status, response.headers, body)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise Unreachable(type(error).__name__) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unanswered(type(error).__name__) from None


@cache
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=5)


def error_for(status: int, headers: Mapping[str, str]) -> DeliveryError | None:
    """What a status means when the provider says nothing more exact; None for 2xx."""
    if 200 <= status < 300:
        return None
    detail = f"status {status}"
    wait = retry_after(headers)
    if status == 429:
        return RateLimited(detail, retry_after=wait)
    if status in (401, 403):
        return Unauthorized(detail)
    if status in (408, 425) or status >= 500:
        return ServerFault(detail, retry_after=wait)
    if status < 400:
        return Unanswered(detail)
    return Rejected(detail)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by a Retry-After header, in seconds or as a date; None when absent or absurd."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        seconds = float(value[:12])
    else:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - clock.now()).total_seconds()
    return seconds if 0 <= seconds <= MAX_WAIT else None
