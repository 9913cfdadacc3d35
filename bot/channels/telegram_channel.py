"""Talk to people on Telegram, through a webhook or, without a public address, by long polling."""

import hmac
import json
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import aiohttp
import orjson
from telegram import Bot
from yarl import URL

from bot import calling
from bot.channels.download import download
from bot.channels.telegram_format import ALLOWED_UPDATES, keyboard, read
from bot.channels.telegram_request import SECONDS, AiohttpRequest, Failed, failure_of, result_of
from bot.errors import Forbidden, Malformed, MediaGone, MediaTooLarge, ServerFault, Unanswered
from bot.hooks import Hook, RawRequest, Received
from bot.model import Address, Capabilities, FileRef, Inbound, Medium, Outbound

PATH = "/hooks/telegram"

_SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  # a header's name

_NO_PREVIEW = {"is_disabled": True}
_JSON = {"Content-Type": "application/json"}

_POLLED = 8
"""Updates of one poll. The longest texts, escaped and quoted in replies, take 120 kB an update, and `calling` reads one MiB."""

_Result = TypeVar("_Result")


class TelegramChannel:
    """The part of `bot.channels.protocol.Channel` that is the same however updates come."""

    name = "telegram"
    capabilities = Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096, max_file=20_000_000)

    def __init__(self, http: aiohttp.ClientSession, *, token: str, api_url: str, file_url: str) -> None:
        self._http = http
        request = AiohttpRequest(http)
        self._bot = Bot(token, base_url=api_url, base_file_url=file_url, request=request, get_updates_request=request)
        self._username: str | None = None

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:  # noqa: ARG002  # no delivery reports here
        """One message, its text as it is: no parse mode, so nothing in it is markup. Answers Telegram's message id.

        Past the library, which takes three times as long over a message as the call itself.
        """
        words: dict[str, Any] = {"chat_id": to.id, "text": message.text, "link_preview_options": _NO_PREVIEW}
        if buttons := keyboard(message):
            words["reply_markup"] = buttons
        answer = await calling.call(
            self._http, "POST", f"{self._bot.base_url}/sendMessage", seconds=SECONDS, data=_json(words), headers=_JSON
        )
        if failure := failure_of(answer):
            raise failure
        return _sent_id(answer.body)

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:
        """Ask where the file lies (Telegram promises the place for an hour), then stream it."""
        found = await _answered(self._bot.get_file(file.ref))
        if (found.file_size or 0) > limit:
            raise MediaTooLarge
        if not found.file_path or not found.file_path.startswith(self._bot.base_file_url):
            raise MediaGone("no file path")
        return await download(self._http, URL(found.file_path), limit=limit)

    async def username(self) -> str:
        """The bot's name, as it stands in links; Telegram is asked once. Raises DeliveryError."""
        if self._username is None:
            self._username = (await _answered(self._bot.get_me())).username
        if not self._username:
            raise Unanswered("no user name")
        return self._username


class WebhookChannel(TelegramChannel):
    """Telegram calls us. A tap is acknowledged by the very answer to the call that brought it."""

    def __init__(self, http: aiohttp.ClientSession, *, url: str, secret: str, **api: str) -> None:
        """`url`: what Telegram is to call, with `secret` in a header."""
        super().__init__(http, **api)
        self._url = url
        self._secret = secret.encode()
        self.hooks: Sequence[Hook] = (Hook("POST", PATH, self._receive, _acknowledging),)

    def _receive(self, request: RawRequest) -> Received:
        proof = request.headers.get(_SECRET_HEADER, "").encode(errors="replace")
        if not self._secret or not hmac.compare_digest(proof, self._secret):
            raise Forbidden
        return read(_decoded(request.body))

    async def start(self) -> None:
        """Have updates sent to us. Always, as Telegram does not tell which secret it has."""
        await _answered(
            self._bot.set_webhook(self._url, secret_token=self._secret.decode(), allowed_updates=ALLOWED_UPDATES, max_connections=40)
        )


class PollingChannel(TelegramChannel):
    """We ask Telegram, one process at a time; no hooks."""

    hooks: Sequence[Hook] = ()

    def __init__(self, http: aiohttp.ClientSession, **api: str) -> None:
        super().__init__(http, **api)
        self._webhook_removed = False

    async def start(self) -> None:
        """Have updates kept until we ask."""
        await _answered(self._bot.delete_webhook(drop_pending_updates=False))
        self._webhook_removed = True

    async def acknowledge(self, message: Inbound) -> None:
        """Stop the tapped button's spinner."""
        if message.ack:
            await _answered(self._bot.answer_callback_query(message.ack))

    async def poll(self, offset: int, *, seconds: int) -> tuple[Sequence[Inbound], int]:
        """Wait up to `seconds` for updates from `offset` on (0: the oldest waiting): what they say, and the next offset.

        Asking from an offset on makes Telegram forget what lies before: pass the next one only when these are durably applied.
        Raises DeliveryError; ServerFault while another process polls.
        """
        if not self._webhook_removed:
            await self.start()
        asked = {"offset": offset, "limit": _POLLED, "timeout": seconds, "allowed_updates": ALLOWED_UPDATES}
        answer = await calling.call(self._http, "POST", f"{self._bot.base_url}/getUpdates", seconds=seconds + SECONDS, json=asked)
        if answer.status == 409:  # a webhook stands, or another process polls
            self._webhook_removed = False
            raise ServerFault("status 409")
        if failure := failure_of(answer):
            raise failure
        return _polled(answer.body, offset)


def _decoded(body: bytes) -> Any:
    """JSON, also with half a surrogate pair in it, which only the patient decoder takes: refused, it would hold up that chat for a day."""
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None


def _acknowledging(received: Received) -> bytes:
    """Stops the tapped button's spinner: Telegram carries out one method that stands in the answer to its own call."""
    ack = next((each.ack for each in received if isinstance(each, Inbound) and each.ack), None)
    if not ack:
        return b""
    return _json({"method": "answerCallbackQuery", "callback_query_id": ack})


def _json(value: Any) -> bytes:
    """Encoded, in as many bytes as that takes: orjson's own keep 4 kB, and hundreds may wait for a connection."""
    return b"".join((orjson.dumps(value), b""))


def _sent_id(body: bytes) -> str:
    try:
        return str(result_of(body)["message_id"])
    except Failed as failed:
        raise failed.error from None
    except (LookupError, TypeError):
        raise Unanswered("not a message") from None


def _polled(body: bytes, offset: int) -> tuple[Sequence[Inbound], int]:
    try:
        updates: list[dict[str, Any]] = result_of(body)
        heard = [inbound for update in updates for inbound in read(update)]
        return heard, max((update["update_id"] + 1 for update in updates), default=offset)
    except Failed as failed:
        raise failed.error from None
    except (Malformed, TypeError):
        raise Unanswered("not a list of updates") from None


async def _answered(call: Awaitable[_Result]) -> _Result:
    """The call's result, or a DeliveryError without the library's text: that may hold the token, or what a citizen wrote."""
    try:
        return await call
    except Failed as failed:
        raise failed.error from None
    except Exception as error:  # noqa: BLE001  # the library raises whatever its constructors meet in a success it cannot read
        raise Unanswered(type(error).__name__) from None
