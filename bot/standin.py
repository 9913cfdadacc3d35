"""Local stand-ins for the providers, in demo only: they take what would go to Kannel, Telegram and Twilio and show it at GET /outbox."""

from collections.abc import Mapping
from itertools import count
from uuid import uuid4

import orjson
from aiohttp import web

from bot.clock import Now
from bot.ports import Outbox, OutboxItem

PATHS: Mapping[str, str] = {
    "SMS_SEND_URL": "/standin/sms/cgi-bin/sendsms",
    "TELEGRAM_API_URL": "/standin/telegram/bot",
    "TELEGRAM_FILE_URL": "/standin/telegram/file/bot",
    "TWILIO_API_URL": "/standin/twilio",
}
"""Which setting points to which stand-in, below our own address."""

SHOWN_AT_MOST = 200
_BOT = {"id": 1708, "is_bot": True, "first_name": "LAPOR!", "username": "lapor_demo_bot"}
_TRANSPORTS = ("sms", "sms_twilio", "telegram", "whatsapp")


class StandIns:
    """The providers' ends."""

    def __init__(self, outbox: Outbox, now: Now) -> None:
        self._outbox = outbox
        self._now = now
        self._message_ids = count(1)
        self._telegram_webhook = ""

    def routes(self) -> list[web.RouteDef]:
        """To be mounted beside the webhooks."""
        return [
            web.get("/outbox", self._show),
            web.get(PATHS["SMS_SEND_URL"], self._sms),
            web.post(PATHS["SMS_SEND_URL"], self._sms),
            web.post(PATHS["TELEGRAM_API_URL"] + "{token}/{method}", self._telegram),
            web.post(PATHS["TWILIO_API_URL"] + "/2010-04-01/Accounts/{sid}/Messages.json", self._twilio),
        ]

    async def _take(self, to: str, channel: str, text: str, choices: tuple[tuple[str, str], ...] = ()) -> str:
        item = OutboxItem(id=uuid4().hex, to=to, channel=channel, text=text, at=self._now(), choices=choices)
        await self._outbox.add(item)
        return item.id

    async def _show(self, request: web.Request) -> web.Response:
        to = request.query.get("to")
        items = await self._outbox.newest(_bare(to) if to else None, SHOWN_AT_MOST)
        shown = [
            {
                "to": item.to,
                "channel": item.channel,
                "text": item.text,
                "choices": [{"data": data, "label": label} for data, label in item.choices],
                "at": item.at.isoformat(),
            }
            for item in items
        ]
        return web.Response(body=orjson.dumps(shown, option=orjson.OPT_INDENT_2), content_type="application/json")

    async def _sms(self, request: web.Request) -> web.Response:
        fields = {**request.query, **(await request.post())}
        if not (fields.get("to") and fields.get("from")):
            return web.Response(status=400, text="Missing receiver number, rejected")
        await self._take(str(fields["to"]), "sms", str(fields.get("text", "")))
        return web.Response(status=202, text="0: Accepted for delivery")

    async def _telegram(self, request: web.Request) -> web.Response:
        fields = await _fields(request)
        match request.match_info["method"]:
            case "sendMessage":
                return web.json_response({"ok": True, "result": await self._telegram_message(fields)})
            case "getMe":
                return web.json_response({"ok": True, "result": _BOT})
            case "getWebhookInfo":
                return web.json_response({"ok": True, "result": {"url": self._telegram_webhook}})
            case "setWebhook":
                self._telegram_webhook = str(fields.get("url", ""))
            case "deleteWebhook" | "answerCallbackQuery" | "setMyCommands":
                pass
            case _:
                error = {"ok": False, "error_code": 400, "description": "Bad Request: the stand-in keeps no files"}
                return web.json_response(error, status=400)
        return web.json_response({"ok": True, "result": True})

    async def _telegram_message(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        chat = str(fields["chat_id"])
        text = str(fields.get("text", ""))
        await self._take(chat, "telegram", text, _keyboard(fields.get("reply_markup")))
        return {
            "message_id": next(self._message_ids),
            "date": int(self._now().timestamp()),
            "chat": {"id": int(chat), "type": "private"},
            "text": text,
        }

    async def _twilio(self, request: web.Request) -> web.Response:
        fields = await request.post()
        to = str(fields.get("To", ""))
        channel = "whatsapp" if to.startswith("whatsapp:") else "sms_twilio"
        text, choices = _content(fields) if fields.get("ContentSid") else (str(fields.get("Body", "")), ())
        sid = "SM" + await self._take(to.removeprefix("whatsapp:"), channel, text, choices)
        return web.json_response({"sid": sid, "status": "queued"}, status=201)


def _bare(address: str) -> str:
    """`telegram:123` and `123` name the same; an unquoted + in a query came as a space."""
    transport, colon, rest = address.partition(":")
    bare = rest if colon and transport in _TRANSPORTS else address
    return "+" + bare.strip() if bare.startswith(" ") else bare


async def _fields(request: web.Request) -> Mapping[str, object]:
    if request.content_type == "application/json":
        decoded = orjson.loads(await request.read())
        return decoded if isinstance(decoded, dict) else {}
    return dict(await request.post())


def _content(fields: Mapping[str, object]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What a content template would show: its text, then a label and an id for each choice; an approved one has three plain values."""
    first, *values = orjson.loads(str(fields.get("ContentVariables", "{}"))).values()
    if len(values) == 2 and not values[1].startswith("q:"):
        return " ".join([first, *values]), ()
    return first, tuple(zip(values[1::2], values[::2], strict=True))


def _keyboard(markup: object) -> tuple[tuple[str, str], ...]:
    if not markup:
        return ()
    decoded = orjson.loads(markup) if isinstance(markup, str) else markup
    rows = decoded.get("inline_keyboard", []) if isinstance(decoded, dict) else []
    return tuple((button.get("callback_data", ""), button["text"]) for row in rows for button in row)
