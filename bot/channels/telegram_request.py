"""Telegram's answers over our own HTTP session: a transport for `telegram.Bot`, and what each refusal means.

The library's own transport costs many times more, and its errors and debug log hold addresses with the token in them.
"""

from typing import Any, NamedTuple

import aiohttp
import orjson
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from bot import calling
from bot.calling import Answer
from bot.errors import (
    DeliveryError,
    MediaGone,
    MediaTooLarge,
    RateLimited,
    RecipientUnreachable,
    Rejected,
    Unanswered,
    Unauthorized,
)

SECONDS = 15.0
"""How long a call may take. A long poll takes its own time on top."""

_MEANINGS: tuple[tuple[str, type[Rejected]], ...] = (
    ("chat not found", RecipientUnreachable),
    ("peer_id_invalid", RecipientUnreachable),
    ("user is deactivated", RecipientUnreachable),
    ("file is too big", MediaTooLarge),
    ("file is temporarily unavailable", MediaGone),
    ("file_id", MediaGone),
    ("file identifier", MediaGone),
)
"""What Telegram writes, in lower case, when it answers 400. It has no codes for these."""


class Failed(TelegramError):
    """A delivery error on its way through the library, which lets only its own errors pass."""

    def __init__(self, error: DeliveryError) -> None:
        """Carry `error` to the caller of the library."""
        super().__init__(str(error))
        self.error = error


class AiohttpRequest(BaseRequest):
    """The transport of `telegram.Bot` on an aiohttp session, which belongs to whoever opened it. Raises Failed."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    @property
    def read_timeout(self) -> float:
        """In seconds."""
        return SECONDS

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_timeouts: Any,
        **_more_timeouts: Any,
    ) -> tuple[int, bytes]:
        """Make one call; only a success comes back. The library's four timeouts are ours here: one for the whole call."""
        try:
            answer = await calling.call(self._http, method, url, seconds=SECONDS, json=request_data.parameters if request_data else None)
        except DeliveryError as error:
            raise Failed(error) from None
        if failure := failure_of(answer):
            raise Failed(failure)
        return answer.status, answer.body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read a success. Unlike the library's, it logs nothing of what it cannot read."""
        return {"result": result_of(payload)}


def result_of(body: bytes) -> Any:
    """What a successful call returned. Raises Failed(Unanswered) when this is not Telegram's answer."""
    try:
        return orjson.loads(body)["result"]
    except (ValueError, LookupError, TypeError):
        raise Failed(Unanswered("not an answer of the Bot API")) from None


class _Refusal(NamedTuple):
    """Telegram's own words about a failed call."""

    description: str
    retry_after: float | None


def failure_of(answer: Answer) -> DeliveryError | None:
    """What an answer means when it is not a success. Nothing Telegram quotes gets into the error, but for a refused webhook."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status in (401, 404):  # 404: not even the form of a token, or a wrong TELEGRAM_API_URL
        return Unauthorized(f"status {status}")
    refusal = _refusal(answer.body)
    if refusal is None:
        return calling.error_for(status, answer.headers)
    if status == 429:
        wait = calling.retry_after(answer.headers) if refusal.retry_after is None else refusal.retry_after
        return RateLimited("status 429", retry_after=wait)
    if status == 403:
        return RecipientUnreachable("status 403")
    if status == 400:
        return _refused(refusal.description)
    return calling.error_for(status, answer.headers)


def _refusal(body: bytes) -> _Refusal | None:
    """Read Telegram's error; None when something between us and Telegram answered instead."""
    try:
        error = orjson.loads(body)
        description = error["description"]
        wait = error.get("parameters", {}).get("retry_after")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if not isinstance(description, str):
        return None
    usable = isinstance(wait, int | float) and 0 <= wait <= calling.MAX_WAIT
    return _Refusal(description, float(wait) if usable else None)


def _refused(description: str) -> Rejected:
    lowered = description.lower()
    for phrase, meaning in _MEANINGS:
        if phrase in lowered:
            return meaning(f"status 400: {phrase}")
    if "webhook" in lowered:  # names a host, never a person, and the operator must read it
        return Rejected(f"status 400: {description}")
    return Rejected("status 400")
