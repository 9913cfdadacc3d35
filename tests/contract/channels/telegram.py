"""Telegram: its proof is a secret in a header."""

import json

from bot.channels import telegram
from bot.errors import RateLimited, RecipientUnreachable, Rejected, ServerFault, Unanswered, Unauthorized
from bot.model import Address
from tests.contract.channels.spec import ProviderAnswer, Spec, links, with_headers, without_header

TOKEN = "1708:telegram-token-5c3e"
SECRET = "telegram-secret-5c3e"
HEADER = "x-telegram-bot-api-secret-token"


def _build(url, http):
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_URL": f"{url}/bot",
        "TELEGRAM_FILE_URL": f"{url}/file/bot",
    }
    return telegram.ENTRY.build(settings, links(), http)


def _forge(request):
    wrong = ["", SECRET[:-1], SECRET + "x", SECRET.upper(), "é"]
    return [without_header(request, HEADER), *(with_headers(request, **{HEADER: each}) for each in wrong)]


def _refusal(status, description, **parameters):
    return json.dumps({"ok": False, "error_code": status, "description": description, "parameters": parameters})


_SENT = json.dumps(
    {"ok": True, "result": {"message_id": 5, "date": 1795240000, "chat": {"id": 812_9999_8888, "type": "private"}, "text": "x"}}
)

SPEC = Spec(
    name="telegram",
    secrets=(TOKEN, SECRET),
    build=_build,
    prove=lambda request: with_headers(request, **{HEADER: SECRET}),
    forge=_forge,
    to=Address("telegram", "81299998888"),
    answers={
        "accepted": ProviderAnswer(200, _SENT),
        "refused for good": ProviderAnswer(400, _refusal(400, "Bad Request: message text is empty"), Rejected),
        "gone": ProviderAnswer(400, _refusal(400, "Bad Request: chat not found"), RecipientUnreachable),
        "blocked": ProviderAnswer(403, _refusal(403, "Forbidden: bot was blocked by the user"), RecipientUnreachable),
        "credentials refused": ProviderAnswer(401, _refusal(401, "Unauthorized"), Unauthorized),
        "slow down": ProviderAnswer(429, _refusal(429, "Too Many Requests", retry_after=7), RateLimited, {"Retry-After": "7"}, 7.0),
        "server fault": ProviderAnswer(500, _refusal(500, "Internal Server Error"), ServerFault),
        "unavailable": ProviderAnswer(503, "<html>", ServerFault),
        "nonsense": ProviderAnswer(200, "<html>It works!</html>", Unanswered),
        "redirect": ProviderAnswer(302, "", Unanswered, {"Location": "/login"}),
    },
    sent_text=lambda call: call.json["text"],
)
