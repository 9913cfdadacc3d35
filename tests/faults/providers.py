"""Telegram, Twilio and an SMS gateway, faked on local ports: what they take goes to the ledger, what people write goes by post."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from typing import Any, Self
from urllib.parse import urlencode

import orjson
from aiohttp import web

from bot.channels import report_token
from tests.fakes.telegram import TelegramServer
from tests.fakes.twilio import ACCOUNT, WHATSAPP_NUMBER, FakeTwilio
from tests.fakes.twilio import TOKEN as TWILIO_TOKEN
from tests.fakes.twilio import Sent as TwilioSent
from tests.faults.ledger import Ledger
from tests.faults.post import Letter, Post
from tests.faults.victim import DYE, PID

TELEGRAM_SECRET = "telegram-webhook-secret"
SMS_SECRET = "sms-webhook-secret"

_dye: ContextVar[tuple[str, int]] = ContextVar("dye")


def _read_dye(request: web.Request) -> None:
    _dye.set((request.headers.get(DYE, ""), int(request.headers.get(PID, "0"))))


class Telegram(TelegramServer):
    """Telegram's server, delivering by post: in order within a chat."""

    def __init__(self, ledger: Ledger, post: Post, url: str) -> None:
        super().__init__()
        self._ledger = ledger
        self._post = post
        self._hook = f"{url}/hooks/telegram"
        self.buttons: dict[tuple[str, str], Any] = {}
        """What stands above buttons, by conversation and effect."""

    async def _courier(self, chat_id: int) -> None:
        while waiting := [entry for entry in self.pending if entry[0] == chat_id]:
            update = waiting[0][1]
            headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
            letter = Letter(f"telegram:{chat_id}", str(update["update_id"]), "POST", self._hook, headers, orjson.dumps(update))
            await self._post.deliver(letter)
            self.pending.remove(waiting[0])

    async def _called(self, request: web.Request) -> web.StreamResponse:
        _read_dye(request)
        return await super()._called(request)

    async def _send_message(self, params: dict[str, Any]) -> dict[str, Any]:
        message = await super()._send_message(params)
        sent = self.sent.pop()  # a long run would gather them
        effect, pid = _dye.get()
        if sent.rows:
            self.buttons[f"telegram:{sent.chat_id}", effect] = sent
        self._ledger.tell(f"telegram:{sent.chat_id}", sent.text, effect, pid)
        return message


class _Noticed(list):
    """A list that says what is appended."""

    def __init__(self, notice: Callable[[Any], None]) -> None:
        super().__init__()
        self._notice = notice

    def append(self, item: Any) -> None:
        super().append(item)
        self._notice(item)


class WhatsApp(FakeTwilio):
    """Twilio with our WhatsApp number."""

    def __init__(self, ledger: Ledger, post: Post, url: str) -> None:
        super().__init__(url)
        self._ledger = ledger
        self._post = post
        self.messages = _Noticed(self._took)

    def settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "TWILIO_WHATSAPP_FROM": f"whatsapp:{WHATSAPP_NUMBER}",
            "TWILIO_API_URL": self.url,
        }

    async def receive(self, conversation: str, body: str, **more: str) -> None:
        """A person writes; until it is accepted."""
        form = self.inbound(conversation, body, **more)
        url = f"{self.public}/hooks/twilio"
        headers, encoded = self.signed(url, form)
        await self._post.deliver(Letter(conversation, form["MessageSid"], "POST", url, headers, encoded))

    async def _create(self, request: web.Request) -> web.StreamResponse:
        _read_dye(request)
        return await super()._create(request)

    def _took(self, sent: TwilioSent) -> None:
        effect, pid = _dye.get()
        self._ledger.tell(sent.to, sent.body, effect, pid)


class Gateway:
    """An SMS gateway: sendsms for us, a webhook call for each SMS of a person."""

    def __init__(self, ledger: Ledger, post: Post, url: str) -> None:
        self._ledger = ledger
        self._post = post
        self._hook = f"{url}/hooks/sms/{SMS_SECRET}"
        self.slow: dict[str, float] = {}
        """Seconds until we are answered that a message to this number is taken."""
        self._ids = count(1)

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/cgi-bin/sendsms", self._sendsms)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/cgi-bin/sendsms"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        return {
            "SMS_WEBHOOK_SECRET": SMS_SECRET,
            "SMS_SEND_URL": self._url,
            "SMS_SEND_USERNAME": "lapor",
            "SMS_SEND_PASSWORD": "sendsms-password",
            "SMS_SENDER": "1708",
        }

    async def receive(self, number: str, text: str) -> None:
        """A person writes; until it is accepted."""
        await self._post.deliver(self._letter(number, text))

    async def tries(self, number: str, text: str) -> bool:
        """A person writes; once only. Whether it was accepted."""
        return await self._post.tries(self._letter(number, text))

    def _letter(self, number: str, text: str) -> Letter:
        id_ = f"mo-{next(self._ids)}"
        query = {"from": number, "to": "1708", "text": text, "id": id_, "coding": "0", "charset": "UTF-8"}
        return Letter(f"sms:{number}", id_, "GET", f"{self._hook}?{urlencode(query)}")

    async def _sendsms(self, request: web.Request) -> web.Response:
        _read_dye(request)
        _, pid = _dye.get()
        report = request.query["dlr-url"].replace("%%", "%").partition("id=")[2].partition("&")[0]
        conversation, effect = report_token.read(report)
        to = f"sms:{request.query['to']}"
        self._ledger.tell(to if to == conversation else f"{to} for {conversation}", request.query["text"], effect, pid)
        await asyncio.sleep(self.slow.get(request.query["to"], 0.0))
        return web.Response(status=202, text="0: Accepted for delivery")


class Providers:
    """All three, started and stopped together."""

    def __init__(self, ledger: Ledger, post: Post, url: str) -> None:
        """`url`: where our web processes answer."""
        self.telegram = Telegram(ledger, post, url)
        self.whatsapp = WhatsApp(ledger, post, url)
        self.gateway = Gateway(ledger, post, url)

    async def __aenter__(self) -> Self:
        await asyncio.gather(self.telegram.start(), self.whatsapp.start(), self.gateway.start())
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self.telegram.stop(), self.whatsapp.stop(), self.gateway.stop())

    def settings(self) -> dict[str, str]:
        return {**self.telegram.settings(TELEGRAM_SECRET), **self.whatsapp.settings(), **self.gateway.settings()}
