"""Telegram: that it knows the bot, calls us, and is answered."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson

from bot import calling, clock
from bot.checks.finding import Finding, good, wrong
from bot.errors import DeliveryError
from bot.settings import Settings

MANY_WAITING = 100
LATELY = timedelta(hours=1)
_API = "https://api.telegram.org/bot"


async def check(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    """What is right and wrong with TELEGRAM_TOKEN and the webhook."""
    url = f"{settings['TELEGRAM_API_URL'] or _API}{settings['TELEGRAM_TOKEN']}/getWebhookInfo"
    try:
        answer = await calling.call(http, "POST", url, seconds=10)
    except DeliveryError as error:
        return [wrong(f"Telegram cannot be reached ({error.code}): check the way out to the internet, or TELEGRAM_API_URL.")]
    if answer.status in (401, 404):
        return [wrong("Telegram does not know TELEGRAM_TOKEN: copy it again from BotFather.")]
    try:
        info = orjson.loads(answer.body)["result"]
        return judge(info, settings, clock.now())
    except (ValueError, LookupError, TypeError, AttributeError):
        return [wrong(f"Telegram answers {answer.status} with something else than it should: try again, or check TELEGRAM_API_URL.")]


def judge(info: Mapping[str, Any], settings: Settings, now: datetime) -> list[Finding]:
    """What Telegram's WebhookInfo means. Raises LookupError, TypeError or ValueError when it is none."""
    return [_address(info["url"], settings), *_errors(info, now), *_waiting(int(info["pending_update_count"]))]


def _address(url: str, settings: Settings) -> Finding:
    if settings["TELEGRAM_MODE"] == "polling":
        if url:
            return wrong("Telegram has a webhook, while TELEGRAM_MODE is polling: start a worker, which removes it.")
        return good("Telegram knows the bot, and waits to be asked.")
    if url != f"{settings.public_url}/hooks/telegram":
        return wrong("Telegram's webhook is not registered at our PUBLIC_BASE_URL: restart `web`, which registers it.")
    return good("Telegram knows the bot, and its webhook is ours.")


def _errors(info: Mapping[str, Any], now: datetime) -> list[Finding]:
    """Telegram keeps the last error for ever: only one of late says something."""
    told = info.get("last_error_message")
    at = datetime.fromtimestamp(int(info.get("last_error_date", 0)), UTC)
    if not told or now - at > LATELY:
        return []
    minutes = (now - at) / timedelta(minutes=1)
    return [
        wrong(f'{minutes:.0f} minutes ago Telegram could not deliver: "{told}". Look at the proxy, its certificate, and the log of `web`.')
    ]


def _waiting(count: int) -> list[Finding]:
    if count <= MANY_WAITING:
        return [good(f"{count} message(s) wait at Telegram.")]
    return [
        wrong(f"{count} messages wait at Telegram: they come faster than we take them. Look at lapor_webhook_seconds; start more `web`.")
    ]
