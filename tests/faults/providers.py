"""Telegram, Twilio and an SMS gateway, faked on local ports: what they take goes to the ledger, what people write goes by post."""

import asyncio
import random
from collections.abc import Callable, Mapping
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
from tests.faults.trouble import Trouble, dye_of

TELEGRAM_SECRET = "telegram-webhook-secret"
REFUSED_AFTER = 1.5
"""Seconds from taking a message out of WhatsApp's window to saying that it cannot be delivered."""
SMS_SECRET = "sms-webhook-secret"

_dye: ContextVar[tuple[str, int]] = ContextVar("dye")


def _read_dye(request: web.Request) -> None:
    _dye.set(dye_of(request))


class Telegram(TelegramServer):
    """Telegram's server, delivering by post: in order within a chat."""

    def __init__(self, ledger: Ledger, post: Post, url: str) -> None:
        super().__init__()
        self._ledger = ledger
        self._post = post
        self._hook = f"{url}/hooks/telegram"
        self.trouble: Trouble | None = None
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
        called = super()._called(request)
        return await (self.trouble.around(request, called) if self.trouble and request.path.endswith("/sendMessage") else called)

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

    def __init__(self, ledger: Ledger, post: Post, url: str, chance: random.Random) -> None:
        super().__init__(url)
        self._ledger = ledger
        self._post = post
        self.trouble: Trouble | None = None
        self.losing = 0.0
        """The share of webhook calls that never reach us, and are not made again."""
        self.late: set[str] = set()
        """Those for whom a closed window is told by a delivery report, not at once."""
        self.unheard: list[str] = []
        """The ids of those messages."""
        self._chance = chance
        self.messages = _Noticed(self._took)

    def settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "TWILIO_WHATSAPP_FROM": f"whatsapp:{WHATSAPP_NUMBER}",
            "TWILIO_API_URL": self.url,
        }

    async def receive(self, conversation: str, body: str, **more: str) -> None:
        """A person writes; until it is accepted, or it is lost."""
        form = self.inbound(conversation, body, **more)
        if self._chance.random() < self.losing:
            self.unheard.append(form["MessageSid"])
            return
        url = f"{self.public}/hooks/twilio"
        headers, encoded = self.signed(url, form)
        await self._post.deliver(Letter(conversation, form["MessageSid"], "POST", url, headers, encoded))

    async def _create(self, request: web.Request) -> web.StreamResponse:
        _read_dye(request)
        created = super()._create(request)
        return await (self.trouble.around(request, created) if self.trouble else created)

    def _refused(self, form: Mapping[str, str]) -> int | None:
        self.late_refusals = form.get("To", "") in self.late
        return super()._refused(form)

    async def _tell_refusal(self, sent: TwilioSent) -> int:
        await asyncio.sleep(REFUSED_AFTER)
        return await super()._tell_refusal(sent)

    def _took(self, sent: TwilioSent) -> None:
        effect, pid = _dye.get()
        if self._may_go({"To": sent.to, "ContentSid": sent.content}):  # else it never arrives, and we are told so later
            self._ledger.tell(sent.to, sent.body, effect, pid)


class Gateway:
    """An SMS gateway: sendsms for us, a webhook call for each SMS of a person."""

    def __init__(self, ledger: Ledger, post: Post, url: str) -> None:
        self._ledger = ledger
        self._post = post
        self._hook = f"{url}/hooks/sms/{SMS_SECRET}"
        self.gates: dict[str, asyncio.Event] = {}
        """By number: until it is set, we are not answered that a message to it is taken."""
        self.trouble: Trouble | None = None
        self.report_urls: list[str] = []
        """Where we want to hear what became of each message that was taken."""
        self._ids = count(1)

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def _routes(self) -> list[web.RouteDef]:
        return [web.get("/cgi-bin/sendsms", self._sendsms)]

    async def stop(self) -> None:
        await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        return {
            "SMS_WEBHOOK_SECRET": SMS_SECRET,
            "SMS_SEND_URL": f"{self.url}/cgi-bin/sendsms",
            "SMS_SEND_USERNAME": "lapor",
            "SMS_SEND_PASSWORD": "sendsms-password",
            "SMS_SENDER": "1708",
        }

    async def receive(self, number: str, text: str) -> None:
        """A person writes; until it is accepted."""
        await self._post.deliver(self._letter(number, text))

    async def report(self, url: str, *states: str) -> None:
        """What became of a message, in this order."""
        for state in states:
            await self._post.tries(Letter("", "", "GET", url.replace("%d", state)))

    async def tries(self, number: str, text: str) -> bool:
        """A person writes; once only. Whether it was accepted."""
        return await self._post.tries(self._letter(number, text))

    def _letter(self, number: str, text: str) -> Letter:
        id_ = f"mo-{next(self._ids)}"
        query = {"from": number, "to": "1708", "text": text, "id": id_, "coding": "0", "charset": "UTF-8"}
        return Letter(f"sms:{number}", id_, "GET", f"{self._hook}?{urlencode(query)}")

    async def _sendsms(self, request: web.Request) -> web.StreamResponse:
        _read_dye(request)
        taken = self._take(request)
        return await (self.trouble.around(request, taken) if self.trouble else taken)

    async def _take(self, request: web.Request) -> web.Response:
        _, pid = _dye.get()
        url, to = request.query["dlr-url"].replace("%%", "%"), request.query["to"]
        conversation, effect = report_token.read(url.partition("id=")[2].partition("&")[0])
        # Whom WhatsApp does not let us tell is told by SMS, on the same number.
        is_same = conversation.partition(":")[2] == to
        self._ledger.tell(conversation if is_same else f"sms:{to} for {conversation}", request.query["text"], effect, pid)
        self.report_urls.append(url)
        if gate := self.gates.get(to):
            await gate.wait()
        return web.Response(status=202, text="0: Accepted for delivery")


class Providers:
    """All three, started and stopped together."""

    def __init__(self, ledger: Ledger, post: Post, url: str, chance: random.Random) -> None:
        """`url`: where our web processes answer."""
        self.telegram = Telegram(ledger, post, url)
        self.whatsapp = WhatsApp(ledger, post, url, chance)
        self.gateway = Gateway(ledger, post, url)

    async def __aenter__(self) -> Self:
        await asyncio.gather(self.telegram.start(), self.whatsapp.start(), self.gateway.start())
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self.telegram.stop(), self.whatsapp.stop(), self.gateway.stop())

    def make_trouble(self, trouble: Trouble) -> None:
        """From now on, for all three."""
        self.telegram.trouble = self.whatsapp.trouble = self.gateway.trouble = trouble

    def settings(self) -> dict[str, str]:
        return {**self.telegram.settings(TELEGRAM_SECRET), **self.whatsapp.settings(), **self.gateway.settings()}
