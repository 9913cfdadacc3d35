"""Telegram's line in the registry: its settings, and what they must look like."""

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import aiohttp

from bot.channels.protocol import Entry, Links
from bot.errors import SettingsError

if TYPE_CHECKING:
    from bot.channels.telegram_channel import PollingChannel, WebhookChannel

_TOKEN = re.compile(r"[A-Za-z0-9:_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MODES = ("webhook", "polling")


def build(settings: Mapping[str, str], links: Links, http: aiohttp.ClientSession) -> "PollingChannel | WebhookChannel":
    """A channel on `http`, which stays the caller's. Raises SettingsError with every problem; no value is quoted."""
    from bot.channels.telegram_channel import PATH, PollingChannel, WebhookChannel  # the library takes 0.3 s to import

    # What the library writes at DEBUG holds addresses with the token, and what citizens say.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    values = {**ENTRY.optional, **{name: value for name, value in settings.items() if value}}
    polling = values["TELEGRAM_MODE"] == "polling"
    if problems := _problems(values, polling=polling):
        raise SettingsError(problems)
    api = {"token": values["TELEGRAM_TOKEN"], "api_url": values["TELEGRAM_API_URL"], "file_url": values["TELEGRAM_FILE_URL"]}
    if polling:
        return PollingChannel(http, **api)
    return WebhookChannel(http, url=links.public + PATH, secret=values["TELEGRAM_WEBHOOK_SECRET"], **api)


def _problems(values: Mapping[str, str], *, polling: bool) -> list[str]:
    problems = []
    if not _TOKEN.fullmatch(values.get("TELEGRAM_TOKEN", "")):
        problems.append("TELEGRAM_TOKEN must be the token that BotFather gave: letters, digits, : _ -.")
    if values["TELEGRAM_MODE"] not in _MODES:
        problems.append("TELEGRAM_MODE must be webhook or polling.")
    if not polling and not _SECRET.fullmatch(values.get("TELEGRAM_WEBHOOK_SECRET", "")):
        problems.append("TELEGRAM_WEBHOOK_SECRET must be 1 to 256 letters, digits, _ or -; only polling needs none.")
    return problems


ENTRY = Entry(
    name="telegram",
    required=("TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET"),
    optional={
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_USERNAME": "",
        "TELEGRAM_API_URL": "https://api.telegram.org/bot",
        "TELEGRAM_FILE_URL": "https://api.telegram.org/file/bot",
    },
    not_needed_when={"TELEGRAM_WEBHOOK_SECRET": ("TELEGRAM_MODE", "polling")},
    build=build,
)
