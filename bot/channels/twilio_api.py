"""Twilio's REST API over our own HTTP session: a transport for its client, and what each refusal means."""

from collections.abc import Mapping
from logging import getLogger
from typing import Any

import aiohttp
import orjson
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]  # the package ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bot import calling
from bot.calling import Answer
from bot.channels.twilio_form import WINDOW_CLOSED
from bot.errors import DeliveryError, RateLimited, RecipientUnreachable, Rejected, Unauthorized, WindowClosed

_MEANINGS: Mapping[int, type[DeliveryError]] = {
    WINDOW_CLOSED: WindowClosed,
    # This person cannot be written to.
    21211: RecipientUnreachable,  # not a number
    21610: RecipientUnreachable,  # opted out
    21612: RecipientUnreachable,  # no route from our number to theirs
    21614: RecipientUnreachable,  # not a mobile number
    63003: RecipientUnreachable,  # not on WhatsApp
    63024: RecipientUnreachable,
    # This message cannot be sent.
    21408: Rejected,  # a country we may not send to
    21617: Rejected,  # too long
    # Slower.
    14107: RateLimited,
    20429: RateLimited,
    21611: RateLimited,  # our number's queue is full
    63018: RateLimited,
    # The operator must mend the account or the number, and the work waits.
    10001: Unauthorized,  # account not active
    20003: Unauthorized,
    20005: Unauthorized,  # account not active
    21212: Unauthorized,  # our number is not a number
    21606: Unauthorized,  # our number is not ours, or sends no SMS
    63007: Unauthorized,  # our number is not on WhatsApp
}
"""Twilio's error codes, where they say more than the status does."""


def client(sid: str, token: str, api_url: str, http: aiohttp.ClientSession) -> Client:
    """Twilio's client. Its calls raise DeliveryError for whatever is no success, and whatever it meets in a success it cannot read."""
    transport = _Transport(http, aiohttp.encode_basic_auth(sid, token))
    # An environment of its own: the library would else take a region from ours, and change the host by it.
    made = Client(sid, token, http_client=transport, environment={"TWILIO_ACCOUNT_SID": sid})
    made.api.base_url = api_url.rstrip("/")
    return made


class _Transport(AsyncHttpClient):  # type: ignore[misc]  # untyped
    """The library's HTTP client on our own session. Raises DeliveryError for whatever is no success; logs nothing, as texts pass here."""

    def __init__(self, http: aiohttp.ClientSession, credentials: str) -> None:
        super().__init__(getLogger(__name__), is_async=True)
        self._http = http
        self._credentials = credentials

    async def request(self, method: str, uri: str, **given: Any) -> Response:
        """Make one call."""
        headers = {**given["headers"], "Authorization": self._credentials}
        answer = await calling.call(self._http, method, uri, params=given.get("params"), data=given.get("data"), headers=headers)
        if failure := failure_of(answer):
            raise failure
        return Response(answer.status, answer.body.decode(errors="replace"), answer.headers)


def failure_of(answer: Answer) -> DeliveryError | None:
    """What an answer means when it is not a success. Nothing that Twilio quotes gets into the error."""
    error = calling.error_for(answer.status, answer.headers)
    if error is None or answer.status >= 500:
        return error
    code = _code(answer.body)
    meaning = _MEANINGS.get(code) if code else None
    if meaning is None and answer.status == 404:
        meaning = Unauthorized  # no such account, or a wrong TWILIO_API_URL
    detail = f"status {answer.status}, code {code}"
    return (meaning or type(error))(detail, retry_after=calling.retry_after(answer.headers))


def _code(body: bytes) -> int | None:
    try:
        code = orjson.loads(body)["code"]
    except (ValueError, LookupError, TypeError):
        return None
    return code if isinstance(code, int) else None
