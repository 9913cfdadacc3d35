"""Settings from the environment and `.env`. All problems are reported at once; secrets are never printed."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.conversation.understanding.matters import ELSEWHERE
from bot.errors import SettingsError

NAMES: Mapping[str, str] = {
    "MONGODB_URL": "replica set or mongos; unset: an embedded one, for demo, chat and tests only",
    "PUBLIC_BASE_URL": "how providers reach us; signatures are checked against it",
    "PRIVATE_BASE_URL": "how the gateway and the core reach us; default PUBLIC_BASE_URL",
    "PORT": "where web listens; default 8080",
    "HOST": "the address web binds; default 127.0.0.1",
    "AGENCY_NAME": "who is responsible for personal data, in the privacy notice; default SP4N-LAPOR!",
    "AGENCY_CONTACT": "where questions on personal data go, in the privacy notice; default 1708",
    "OUT_OF_SCOPE": "the matters whose own address is told before the report goes on, or none; default pidana peradilan legislatif korupsi",
    "SMS_WEBHOOK_SECRET": "last part of the path the SMS gateway calls",
    "SMS_SEND_URL": "the gateway's whole sendsms URL",
    "SMS_SEND_USERNAME": "sendsms user",
    "SMS_SEND_PASSWORD": "sendsms password",
    "SMS_SENDER": "the number replies come from, 1708",
    "TELEGRAM_TOKEN": "the bot's token",
    "TELEGRAM_WEBHOOK_SECRET": "secret header of Telegram's webhook calls",
    "TELEGRAM_MODE": "webhook (default) or polling",
    "TELEGRAM_USERNAME": "the bot's name in links that admins give out; unset: Telegram is asked",
    "TELEGRAM_API_URL": "ends in /bot; default Telegram's own",
    "TELEGRAM_FILE_URL": "ends in /file/bot; default Telegram's own",
    "TWILIO_ACCOUNT_SID": "the Twilio account",
    "TWILIO_AUTH_TOKEN": "its token, which also signs webhooks",
    "TWILIO_SMS_FROM": "our SMS number at Twilio; switches that channel on",
    "TWILIO_WHATSAPP_FROM": "our WhatsApp number at Twilio; switches that channel on",
    "TWILIO_API_URL": "default Twilio's own",
    "TWILIO_CONTENT_MENUS": "content templates of WhatsApp's buttons and lists, one a number of choices, as 2=HX... 3=HX...",
    "TWILIO_CONTENT_STATUS": "approved content templates for notices after WhatsApp's 24 hours, one a language, as id=HX... en=HX...",
    "FORWARD_TARGET": "core (default), or book: reports are exported at the desk, and their tickets come back in a file",
    "CORE_URL": "the routing core, without /v1",
    "CORE_TOKEN": "bearer token, both ways",
    "CORE_WEBHOOK_SECRET": "whsec_..., several separated by spaces while rotating",
    "DESK_KEY": "switches the desk on; seals its secrets and its audit log; several separated by spaces while rotating, the new one first",
    "DESK_PROXIES": "how many proxies stand before web and add to X-Forwarded-For; default 0",
}
"""Every setting the bot reads, and what it means. Channels and targets say which of these they need."""

DEFAULTS: Mapping[str, str] = {
    "PORT": "8080",
    "HOST": "127.0.0.1",
    "FORWARD_TARGET": "core",
    "AGENCY_NAME": "SP4N-LAPOR!",
    "AGENCY_CONTACT": "1708",
    "OUT_OF_SCOPE": "pidana peradilan legislatif korupsi",
    "TELEGRAM_MODE": "webhook",
    "DESK_PROXIES": "0",
}
DESK_KEY_SHORTEST = 32
"""Characters."""

_URLS = (
    "PUBLIC_BASE_URL",
    "PRIVATE_BASE_URL",
    "SMS_SEND_URL",
    "TELEGRAM_API_URL",
    "TELEGRAM_FILE_URL",
    "TWILIO_API_URL",
    "CORE_URL",
)
_NEEDED = ("MONGODB_URL", "PUBLIC_BASE_URL")
_OF_THE_CORE: Mapping[str, Sequence[str]] = MappingProxyType({"core": ("CORE_URL", "CORE_TOKEN", "CORE_WEBHOOK_SECRET")})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, checked. `values` holds secrets and is left out of the repr."""

    values: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """The value of a setting that is set or has a default; "" when it is neither."""
        return self.values.get(name) or DEFAULTS.get(name, "")

    @property
    def port(self) -> int:
        """Where web listens."""
        return int(self["PORT"])

    @property
    def out_of_scope(self) -> frozenset[str]:
        """Matters that others answer for."""
        return frozenset(self["OUT_OF_SCOPE"].split()) & ELSEWHERE

    @property
    def public_url(self) -> str:
        """Without a trailing slash."""
        return self["PUBLIC_BASE_URL"].rstrip("/")

    @property
    def private_url(self) -> str:
        """Without a trailing slash."""
        return (self["PRIVATE_BASE_URL"] or self["PUBLIC_BASE_URL"]).rstrip("/")

    @property
    def core_secrets(self) -> tuple[str, ...]:
        """All that are valid now."""
        return tuple(self["CORE_WEBHOOK_SECRET"].split())

    @property
    def desk_keys(self) -> tuple[str, ...]:
        """The newest first; none: the desk is off."""
        return tuple(self["DESK_KEY"].split())

    @property
    def desk_proxies(self) -> int:
        """How many proxies add to X-Forwarded-For."""
        return int(self["DESK_PROXIES"])


def environment(directory: Path | None = None) -> dict[str, str]:
    """What is set: `.env` of the directory (default: the current one), overruled by the process environment. Empty means unset."""
    merged = {**dotenv_values((directory or Path.cwd()) / ".env"), **os.environ}
    return {name: value for name, value in merged.items() if value}


def load(environ: Mapping[str, str], channel_problems: list[str], targets: Mapping[str, Sequence[str]] = _OF_THE_CORE) -> Settings:
    """Check everything and say every problem at once, those the channel registry found included. Raises SettingsError.

    `targets`: what FORWARD_TARGET may name -> the settings it needs.
    """
    target = environ.get("FORWARD_TARGET", DEFAULTS["FORWARD_TARGET"])
    needed = (*_NEEDED, *targets.get(target, ()))
    problems = [f"{name} is not set: {NAMES[name]}." for name in needed if not environ.get(name)]
    if target not in targets:
        problems.append(f"FORWARD_TARGET must be one of {', '.join(targets)}.")
    problems += [
        f"{name} must be an http(s) URL with a host."
        for name in _URLS
        if (value := environ.get(name)) and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).netloc)
    ]
    port = environ.get("PORT", DEFAULTS["PORT"])
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        problems.append("PORT must be a number from 1 to 65535.")
    if environ.get("TELEGRAM_MODE", "webhook") not in ("webhook", "polling"):
        problems.append("TELEGRAM_MODE must be webhook or polling.")
    if set(environ.get("OUT_OF_SCOPE", "none").split()) - ELSEWHERE - {"none"}:
        problems.append(f"OUT_OF_SCOPE must name some of {', '.join(sorted(ELSEWHERE))}, or none.")
    problems += [
        "CORE_WEBHOOK_SECRET must be one or more whsec_ secrets separated by spaces."
        for secret in environ.get("CORE_WEBHOOK_SECRET", "").split()
        if not secret.startswith("whsec_")
    ][:1]
    if any(len(key) < DESK_KEY_SHORTEST for key in environ.get("DESK_KEY", "").split()):
        problems.append(f"DESK_KEY must be {DESK_KEY_SHORTEST} random characters or more.")
    if environ.get("DESK_PROXIES", "0") not in {str(number) for number in range(10)}:
        problems.append("DESK_PROXIES must be a number from 0 to 9.")
    problems += channel_problems
    if problems:
        raise SettingsError(problems)
    return Settings({name: environ[name] for name in NAMES if environ.get(name)})
