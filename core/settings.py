"""What the environment says, checked as a whole: every problem is told at once, and no secret is ever shown."""

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values

from core.errors import SettingsError

DATABASE = "lapor_core"
DEMO_FILE = Path(".data/demo.json")

_URL = re.compile(r"https?://[^\s/]+\S*")
_MONGODB_URL = re.compile(r"mongodb(\+srv)?://[^\s/]+(/(?P<database>[^\s?]*))?(\?\S*)?")
_TOKEN = re.compile(r"[!-~]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Database:
    """Where the core keeps its reports."""

    url: str = field(repr=False)
    name: str = DATABASE


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where events go, and the `whsec_` secrets that all sign them."""

    url: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `serve` needs."""

    database: Database
    token: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8090
    subscription: Subscription | None = None
    """None: events are only to be had by polling."""
    officer_token: str | None = field(default=None, repr=False)
    """None: no officer's routes."""
    movable: bool = False
    """Business time may be moved ahead, for demonstrations and tests."""


def environment(directory: Path | None = None) -> Mapping[str, str]:
    """The process's environment over `.env`, over a demo that runs in `directory` (default: the current one). Empty values are unset."""
    directory = directory or Path.cwd()
    given = {**dotenv_values(directory / ".env"), **os.environ}
    values = {name: value for name, value in given.items() if value}
    if "CORE_MONGODB_URL" in values or "MONGODB_URL" in values:
        return values
    return {**_running_demo(directory / DEMO_FILE), **values}


def read_database(values: Mapping[str, str]) -> Database:
    """The database alone, for the officers' commands. Raises SettingsError."""
    problems: list[str] = []
    database = _database(values, problems)
    return _or_raise(database, problems)


def read_settings(values: Mapping[str, str]) -> Settings:
    """Everything `serve` needs. Raises SettingsError with every problem."""
    problems: list[str] = []
    settings = Settings(
        database=_database(values, problems),
        token=_token(values, problems),
        host=values.get("HOST", "127.0.0.1"),
        port=_port(values, problems),
        subscription=_subscription(values, problems),
        officer_token=_officer_token(values, problems),
        movable=_movable(values, problems),
    )
    return _or_raise(settings, problems)


def read_token(values: Mapping[str, str]) -> str:
    """CORE_TOKEN alone, which opens attachments. Raises SettingsError."""
    problems: list[str] = []
    return _or_raise(_token(values, problems), problems)


def read_movable(values: Mapping[str, str]) -> bool:
    """CORE_CLOCK alone: whether business time may have been moved. Raises SettingsError."""
    problems: list[str] = []
    return _or_raise(_movable(values, problems), problems)


def _or_raise(value: T, problems: list[str]) -> T:
    if problems:
        raise SettingsError(problems)
    return value


def _database(values: Mapping[str, str], problems: list[str]) -> Database:
    name = "CORE_MONGODB_URL" if "CORE_MONGODB_URL" in values else "MONGODB_URL"
    url = values.get(name)
    if url is None:
        problems.append("CORE_MONGODB_URL (or MONGODB_URL) is not set, and no demo runs in this directory")
        return Database("")
    match = _MONGODB_URL.fullmatch(url)
    if match is None:
        problems.append(f"{name} is not a mongodb:// address")
        return Database("")
    # MONGODB_URL is the intake's: its database is not ours.
    own = match["database"] if name == "CORE_MONGODB_URL" else None
    return Database(url, own or DATABASE)


def _token(values: Mapping[str, str], problems: list[str]) -> str:
    token = values.get("CORE_TOKEN", "")
    if not token:
        problems.append("CORE_TOKEN is not set")
    elif not _TOKEN.fullmatch(token):
        problems.append("CORE_TOKEN may hold visible ASCII characters only")
    return token


def _officer_token(values: Mapping[str, str], problems: list[str]) -> str | None:
    token = values.get("CORE_OFFICER_TOKEN")
    if token is not None and not _TOKEN.fullmatch(token):
        problems.append("CORE_OFFICER_TOKEN may hold visible ASCII characters only")
    if token is not None and token == values.get("CORE_TOKEN"):
        problems.append("CORE_OFFICER_TOKEN is the same as CORE_TOKEN: the intake would be an officer")
    return token


def _port(values: Mapping[str, str], problems: list[str]) -> int:
    text = values.get("CORE_PORT", "8090")
    if text.isascii() and text.isdigit() and int(text[:6]) <= 65535:
        return int(text)
    problems.append("CORE_PORT is not a port number")
    return 0


def _movable(values: Mapping[str, str], problems: list[str]) -> bool:
    text = values.get("CORE_CLOCK", "real")
    if text not in ("real", "movable"):
        problems.append("CORE_CLOCK is real or movable")
    return text == "movable"


def _subscription(values: Mapping[str, str], problems: list[str]) -> Subscription | None:
    url, secrets = values.get("CORE_EVENTS_URL", ""), values.get("CORE_WEBHOOK_SECRET", "").split()
    if not url and not secrets:
        return None
    if not url or not secrets:
        problems.append("CORE_EVENTS_URL and CORE_WEBHOOK_SECRET are set together or not at all")
    if url and not _URL.fullmatch(url):
        problems.append("CORE_EVENTS_URL is not an http or https address")
    if not all(_is_secret(secret) for secret in secrets):
        problems.append("CORE_WEBHOOK_SECRET is not `whsec_` and base64 (several are separated by spaces)")
    return Subscription(url, tuple(secrets))


def _is_secret(text: str) -> bool:
    encoded = text.removeprefix("whsec_")
    try:
        return encoded != text and bool(base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True))
    except binascii.Error:
        return False


def _running_demo(file: Path) -> Mapping[str, str]:
    """The database and token of a demo whose process lives; nothing otherwise."""
    try:
        demo = json.loads(file.read_text())
        os.kill(int(demo["pid"]), 0)
        found = {"MONGODB_URL": demo["mongodb_url"], "CORE_TOKEN": demo.get("core_token") or demo["token"]}
        found["CORE_CLOCK"] = demo.get("environment", {}).get("CORE_CLOCK", "real")
    except (OSError, ValueError, OverflowError, KeyError, TypeError, AttributeError):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
