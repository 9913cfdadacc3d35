"""Telegram's Bot API as its documentation describes it, on a free local port.

    async with TelegramServer() as server:          # server.settings(secret) switches the channel on
        siti = server.citizen("Siti")
        siti.says("Lampu jalan mati")               # goes to the registered webhook, or waits for getUpdates
        [answer] = await siti.hears(1)
        siti.taps(answer, "Pengaduan")

An update is delivered again, with back-off and in order within its chat, until the webhook answers 2xx.
"""

import asyncio
import contextlib
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from itertools import count
from typing import Any, Self

import aiohttp
from aiohttp import web

from bot import clock
from tests.fakes.telegram_citizen import Citizen
from tests.fakes.telegram_values import Call, Chat, Delivery, Refusal, Sent, Stored, Webhook, check_keyboard, params_of

TOKEN = "1708:test-token"

MAX_DOWNLOAD = 20_000_000

_BOT = {"id": 1708, "is_bot": True, "first_name": "LAPOR!", "username": "lapor_uji_bot"}


class TelegramServer:
    """The server; `calls`, `sent`, `answered` and `deliveries` record what happened, in order."""

    def __init__(self, token: str = TOKEN, *, backoff: float = 0.02, longest_wait: float = 0.5) -> None:
        self.token = token
        self.webhook: Webhook | None = None
        self.calls: list[Call] = []
        self.sent: list[Sent] = []
        self.answered: list[str] = []
        self.deliveries: list[Delivery] = []
        self.deliver_again = 0
        """How many times each update is delivered once more although it was answered 2xx: the answer was lost."""
        self.pending: list[tuple[int, dict[str, Any]]] = []
        """(chat id, update) still to be delivered or polled."""
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, Stored] = {}
        self._backoff = backoff
        self._longest_wait = longest_wait
        self._faults: dict[str, deque[Callable[[], web.Response | None]]] = defaultdict(deque)
        self._queries: set[str] = set()
        self._ids = count(1000)
        self._update_ids = count(870_000_001)
        self._changed = asyncio.Event()
        self._couriers: dict[int, asyncio.Task[None]] = {}
        self._poller = 0
        self.proxy_headers: dict[str, str] = {}
        """What a proxy in front of the bot adds to each call of the webhook."""
        self._runner: web.AppRunner | None = None
        self._methods: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "getMe": self._get_me,
            "sendMessage": self._send_message,
            "answerCallbackQuery": self._answer_callback_query,
            "getFile": self._get_file,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "getUpdates": self._get_updates,
        }

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application(client_max_size=50 << 20)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._api)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def stop(self) -> None:
        """Stop delivering and listening."""
        self._poller += 1
        self._changed.set()
        couriers = list(self._couriers.values())
        for courier in couriers:
            courier.cancel()
        await asyncio.gather(*couriers, return_exceptions=True)
        await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        """For TELEGRAM_API_URL."""
        return f"{self.url}/bot"

    @property
    def file_url(self) -> str:
        """For TELEGRAM_FILE_URL."""
        return f"{self.url}/file/bot"

    def settings(self, secret: str = "") -> dict[str, str]:
        """The bot's settings to be served here: by webhook with this secret, or by polling without one."""
        served = {"TELEGRAM_TOKEN": self.token, "TELEGRAM_API_URL": self.api_url, "TELEGRAM_FILE_URL": self.file_url}
        return {**served, "TELEGRAM_WEBHOOK_SECRET": secret} if secret else {**served, "TELEGRAM_MODE": "polling"}

    def citizen(self, first_name: str = "Siti", last_name: str | None = None) -> Citizen:
        """A person who has opened a chat with the bot."""
        chat = Chat(6_280_000_000 + next(self._ids), first_name, last_name)
        self.chats[chat.id] = chat
        return Citizen(self, chat)

    # Misbehaviour

    def refuse(self, method: str, status: int, *, times: int = 1, description: str = "", retry_after: float | None = None) -> None:
        """Answer the next calls of `method` with an error."""
        parameters = {} if retry_after is None else {"retry_after": retry_after}
        words = description or HTTPStatus(status).phrase

        def fault() -> None:
            raise Refusal(status, words, **parameters)

        self._faults[method].extend([fault] * times)

    def garble(self, method: str, body: bytes = b"<html>", *, status: int = 200) -> None:
        """Answer the next call of `method` with something that is not the Bot API's; it has been carried out."""
        self._faults[method].append(lambda: web.Response(status=status, body=body))

    def drop(self, method: str) -> None:
        """Carry out the next call of `method`, and close the connection in place of an answer."""
        self._faults[method].append(lambda: None)

    # What people do

    def push(self, chat_id: int, content: dict[str, Any]) -> dict[str, Any]:
        """Make an update of `content`, to be delivered; one of a kind the webhook does not want is dropped, as Telegram does."""
        update = {"update_id": next(self._update_ids), **content}
        wanted = self.webhook.allowed_updates if self.webhook else []
        if not wanted or set(content) & set(wanted):
            self.pending.append((chat_id, update))
            self._changed.set()
            self._deliver_to(chat_id)
        return update

    def new_id(self) -> int:
        """A number for a message, file or query."""
        return next(self._ids)

    def keep_file(self, data: bytes, *, said: int | None = None) -> str:
        """Store a file and answer its id; `said`: the size Telegram states, when it is not the true one."""
        file_id = f"AgACAgUAAxkBAAI{self.new_id()}"
        self.files[file_id] = Stored(data, len(data) if said is None else said)
        return file_id

    def new_query(self) -> str:
        """A callback query that waits to be answered."""
        query_id = str(48_000_000_000 + self.new_id())
        self._queries.add(query_id)
        return query_id

    async def until(self, happened: Callable[[], bool], *, seconds: float = 5.0) -> None:
        """Wait for something recorded here; TimeoutError when it does not come."""
        async with asyncio.timeout(seconds):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    async def drained(self, *, seconds: float = 5.0) -> None:
        """Wait until every update is delivered, or confirmed by a later poll."""
        await self.until(lambda: not self.pending, seconds=seconds)

    # Towards the webhook

    def _deliver_to(self, chat_id: int) -> None:
        courier = self._couriers.get(chat_id)
        if self.webhook and (courier is None or courier.done()):
            self._couriers[chat_id] = asyncio.create_task(self._courier(chat_id))

    async def _courier(self, chat_id: int) -> None:
        while self.webhook and (waiting := [entry for entry in self.pending if entry[0] == chat_id]):
            update = waiting[0][1]
            wait = self._backoff
            delivered = 0
            while self.webhook and delivered <= self.deliver_again:
                if await self._hand_over(self.webhook, update):
                    delivered += 1
                    continue
                await asyncio.sleep(wait)
                wait = min(wait * 2, self._longest_wait)
            if delivered:
                self.pending.remove(waiting[0])
                self._changed.set()

    async def _hand_over(self, webhook: Webhook, update: dict[str, Any]) -> bool:
        headers = ({"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}) | self.proxy_headers
        status, told = 0, None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._http.post(webhook.url, json=update, headers=headers) as response:
                status = response.status
                told = await response.json() if response.content_type == "application/json" else None
        self.deliveries.append(Delivery(update["update_id"], status))
        self._changed.set()
        if 200 <= status < 300:
            await self._carry_out(told)
            return True
        webhook.last_error = f"Wrong response from the webhook: {status}" if status else "Connection failed"
        return False

    async def _carry_out(self, told: dict[str, Any] | None) -> None:
        """A method in the answer to a webhook's call. What becomes of it, nobody hears."""
        if told is None:
            return
        self.calls.append(Call(told["method"], told))
        with contextlib.suppress(Refusal):
            await self._methods[told["method"]](told)

    # The Bot API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.match_info["token"] != self.token:
                known_form = re.fullmatch(r"\d+:[\w-]+", request.match_info["token"])
                raise Refusal(401, "Unauthorized") if known_form else Refusal(404, "Not Found")
            return await self._called(request)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        answer = self._methods.get(method)
        if answer is None:
            raise Refusal(404, "Not Found: method not found")
        params = await params_of(request)
        self.calls.append(Call(method, params))
        self._changed.set()
        faults = self._faults[method]
        fault = faults.popleft() if faults else None
        instead = fault() if fault else None
        result = await answer(params)
        if fault is None:
            return web.json_response({"ok": True, "result": result})
        if instead is None:
            request.transport.abort()
            return web.Response()
        return instead

    async def _get_me(self, _params: dict[str, Any]) -> dict[str, Any]:
        return _BOT

    async def _send_message(self, params: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(params.get("chat_id"))
        text = params.get("text")
        if not isinstance(text, str) or not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        check_keyboard(params.get("reply_markup", {}))
        sent = Sent(chat.id, self.new_id(), text, params)
        self.sent.append(sent)
        self._changed.set()
        return self.message_of(sent)

    def message_of(self, sent: Sent) -> dict[str, Any]:
        """The Message object of what the bot has sent."""
        chat = self.chats[sent.chat_id]
        message = {
            "message_id": sent.message_id,
            "from": _BOT,
            "chat": {"id": chat.id, "type": "private", "first_name": chat.first_name},
            "date": int(clock.now().timestamp()),
            "text": sent.text,
        }
        return {**message, "reply_markup": sent.params["reply_markup"]} if sent.rows else message

    def _chat(self, chat_id: object) -> Chat:
        chat = self.chats.get(int(chat_id)) if re.fullmatch(r"-?\d+", str(chat_id)) else None
        if chat is None:
            raise Refusal(400, "Bad Request: chat not found")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        return chat

    async def _answer_callback_query(self, params: dict[str, Any]) -> bool:
        query_id = str(params.get("callback_query_id"))
        if query_id not in self._queries:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._queries.remove(query_id)
        self.answered.append(query_id)
        return True

    async def _get_file(self, params: dict[str, Any]) -> dict[str, Any]:
        file_id = str(params.get("file_id"))
        stored = self.files.get(file_id)
        if stored is None:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if stored.said > MAX_DOWNLOAD:
            raise Refusal(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": stored.said, "file_path": f"photos/{file_id}.jpg"}

    async def _file(self, request: web.Request) -> web.Response:
        stored = self.files.get(request.match_info["path"].removeprefix("photos/").removesuffix(".jpg"))
        if request.match_info["token"] != self.token or stored is None or not stored.here:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        return web.Response(body=stored.data, content_type="application/octet-stream")

    async def _set_webhook(self, params: dict[str, Any]) -> bool:
        url = params.get("url", "")
        if not url:
            return await self._delete_webhook(params)
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):  # a local Bot API server takes http
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        secret = params.get("secret_token")
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = Webhook(url, secret, params.get("max_connections", 40), params.get("allowed_updates", []))
        for chat_id in {chat_id for chat_id, _ in self.pending}:
            self._deliver_to(chat_id)
        return True

    async def _delete_webhook(self, params: dict[str, Any]) -> bool:
        self.webhook = None
        if params.get("drop_pending_updates"):
            self.pending.clear()
        return True

    async def _get_webhook_info(self, _params: dict[str, Any]) -> dict[str, Any]:
        info = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.pending)}
        if self.webhook is None:
            return info
        kept = {"url": self.webhook.url, "max_connections": self.webhook.max_connections, "allowed_updates": self.webhook.allowed_updates}
        return {**info, **kept, **({"last_error_message": self.webhook.last_error} if self.webhook.last_error else {})}

    async def _get_updates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook is not None:
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._poller += 1
        self._changed.set()
        poller, offset = self._poller, int(params.get("offset", 0))
        self.pending = [entry for entry in self.pending if entry[1]["update_id"] >= offset]
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: bool(self.pending) or poller != self._poller, seconds=float(params.get("timeout", 0)))
        if poller != self._poller:
            raise Refusal(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        return [update for _, update in self.pending[: int(params.get("limit", 100))]]
