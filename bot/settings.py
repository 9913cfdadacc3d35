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
from bot.spool.keys import read_keys

NAMES: Mapping[str, str] = {
    "MONGODB_URL": "replica set or mongos; unset: an embedded one, for demo, chat and tests only",
    "PUBLIC_BASE_URL": "how providers reach us; signatures are checked against it",
    "PRIVATE_BASE_URL": "how the gateway and the core reach us; default PUBLIC_BASE_URL",
    "PORT": "where web listens; default 8080",
    "HOST": "the address web binds; default 127.0.0.1",
    "WORKER_PORT": "where a worker answers /metrics, /healthz and /readyz, on HOST; unset: nowhere",
    "AGENCY_NAME": "who is responsible for personal data, in the privacy notice; default SP4N-LAPOR!",
    "AGENCY_CONTACT": "where questions on personal data go, in the privacy notice; default 1708",
    "OUT_OF_SCOPE": "the matters whose own address is told before the report goes on, or none; default pidana peradilan legislatif korupsi",
    "SMS_WEBHOOK_SECRET": "last part of the path the SMS gateway calls",
    "SMS_SEND_URL": "the gateway's whole sendsms URL",
    "SMS_SEND_USERNAME": "sendsms user",
    "SMS_SEND_PASSWORD": "sendsms password",
    "SMS_STATUS_URL": "the gateway's status page, for doctor; optional",
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
    "CLOCK": "real (default), or movable: business time may be moved ahead, for demonstrations and tests only",
    "CORE_URL": "the routing core, without /v1",
    "CORE_TOKEN": "bearer token, both ways",
    "CORE_OFFICER_TOKEN": "opens the officer's routes of a training core, which the simulator plays",
    "SIMULATOR": "on: the simulator at /try, in a training installation; always on in demo",
    "SIMULATOR_SMS_PRICE": "rupiah a citizen is shown to pay for one SMS part, an example tariff; default 350",
    "CORE_WEBHOOK_SECRET": "whsec_..., several separated by spaces while rotating",
    "SPOOL_DIR": "a folder on a persistent volume, where web keeps messages while the database is away; unset: no spool",
    "SPOOL_KEY": "encrypts the spool: 32 bytes in base64, several separated by spaces while rotating",
    "SPOOL_MEGABYTES": "how much of that volume one web process may fill; default 256",
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
    "SPOOL_MEGABYTES": "256",
    "SIMULATOR": "off",
    "SIMULATOR_SMS_PRICE": "350",
    "CLOCK": "real",
    "DESK_PROXIES": "0",
}
DESK_KEY_SHORTEST = 32
"""Characters."""

_URLS = (
    "PUBLIC_BASE_URL",
    "PRIVATE_BASE_URL",
    "SMS_SEND_URL",
    "SMS_STATUS_URL",
    "TELEGRAM_API_URL",
    "TELEGRAM_FILE_URL",
    "TWILIO_API_URL",
    "CORE_URL",
)
_PORTS = ("PORT", "WORKER_PORT")
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
    def worker_port(self) -> int | None:
        """Where a worker answers operators; None: nowhere."""
        return int(self["WORKER_PORT"]) if self["WORKER_PORT"] else None

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
    def simulates(self) -> bool:
        """Whether an operator has switched the simulator on."""
        return self["SIMULATOR"] == "on"

    @property
    def core_secrets(self) -> tuple[str, ...]:
        """All that are valid now."""
        return tuple(self["CORE_WEBHOOK_SECRET"].split())

    @property
    def spool_dir(self) -> Path | None:
        """None: there is no spool."""
        return Path(self["SPOOL_DIR"]) if self["SPOOL_DIR"] else None

    @property
    def spool_keys(self) -> tuple[bytes, ...]:
        """The first encrypts, all decrypt."""
        return read_keys(self["SPOOL_KEY"])

    @property
    def spool_bytes(self) -> int:
        """How much of the disk a web process may fill."""
        return int(self["SPOOL_MEGABYTES"]) << 20

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


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536


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
    problems += [
        f"{name} must be a number from 1 to 65535."
        for name in _PORTS
        if (port := environ.get(name, DEFAULTS.get(name))) and not _is_port(port)
    ]
    if environ.get("TELEGRAM_MODE", "webhook") not in ("webhook", "polling"):
        problems.append("TELEGRAM_MODE must be webhook or polling.")
    problems += _simulator_problems(environ)
    if environ.get("CLOCK", "real") not in ("real", "movable"):
        problems.append("CLOCK must be real or movable.")
    if set(environ.get("OUT_OF_SCOPE", "none").split()) - ELSEWHERE - {"none"}:
        problems.append(f"OUT_OF_SCOPE must name some of {', '.join(sorted(ELSEWHERE))}, or none.")
    problems += [
        "CORE_WEBHOOK_SECRET must be one or more whsec_ secrets separated by spaces."
        for secret in environ.get("CORE_WEBHOOK_SECRET", "").split()
        if not secret.startswith("whsec_")
    ][:1]
    problems += _spool_problems(environ)
    if any(len(key) < DESK_KEY_SHORTEST for key in environ.get("DESK_KEY", "").split()):
        problems.append(f"DESK_KEY must be {DESK_KEY_SHORTEST} random characters or more.")
    if environ.get("DESK_PROXIES", "0") not in {str(number) for number in range(10)}:
        problems.append("DESK_PROXIES must be a number from 0 to 9.")
    problems += channel_problems
    if problems:
        raise SettingsError(problems)
    return Settings({name: environ[name] for name in NAMES if environ.get(name)})


def _spool_problems(environ: Mapping[str, str]) -> list[str]:
    """What can be told without looking at the disk: only `web` needs the folder to be there."""
    problems, halves = [], [name for name in ("SPOOL_DIR", "SPOOL_KEY") if environ.get(name)]
    if len(halves) == 1:
        problems.append(f"{halves[0]} is set alone: the spool needs SPOOL_DIR and SPOOL_KEY, or neither.")
    if environ.get("SPOOL_KEY"):
        try:
            read_keys(environ["SPOOL_KEY"])
        except ValueError:
            problems.append(
                "SPOOL_KEY must be one or more keys of 32 bytes in base64, separated by spaces; `openssl rand -base64 32` makes one."
            )
    megabytes = environ.get("SPOOL_MEGABYTES", DEFAULTS["SPOOL_MEGABYTES"])
    if not (megabytes.isascii() and megabytes.isdigit() and int(megabytes) > 0):
        problems.append("SPOOL_MEGABYTES must be a number above 0.")
    return problems


def _simulator_problems(environ: Mapping[str, str]) -> list[str]:
    problems = []
    if environ.get("SIMULATOR", "off") not in ("on", "off"):
        problems.append("SIMULATOR must be on or off.")
    if environ.get("SIMULATOR") == "on" and not environ.get("CORE_OFFICER_TOKEN"):
        problems.append("SIMULATOR is on, and CORE_OFFICER_TOKEN is not set: what is practised may reach no core but one for training.")
    price = environ.get("SIMULATOR_SMS_PRICE", DEFAULTS["SIMULATOR_SMS_PRICE"])
    if not (price.isascii() and price.isdigit() and len(price) < 6):
        problems.append("SIMULATOR_SMS_PRICE must be a whole number of rupiah.")
    return problems
