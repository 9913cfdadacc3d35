"""Reads the values in the core's answers and events, strictly. Every reader raises Malformed, naming the field and never its content."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson

from bot.errors import Malformed
from bot.model import Status

DEADLINES = ("verification", "response", "resolution", "reply")

MAX_ID = 200
"""Characters of an id we are ready to keep."""

_MAX_INTEGER = 2**63 - 1
_TICKET = re.compile(r"[0-9]{1,18}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_object(body: bytes) -> Mapping[str, Any]:
    """A JSON object; HTML, nothing or half an answer is Malformed."""
    try:
        return as_object(orjson.loads(body), "body")
    except orjson.JSONDecodeError:
        raise Malformed("body is not JSON") from None


def as_object(value: object, name: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise Malformed(f"{name} is not an object")
    return value


def array(source: Mapping[str, Any], name: str) -> Sequence[Any]:
    """An array; absent or null is an empty one."""
    value = source.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Malformed(f"{name} is not an array")
    return value


def text(source: Mapping[str, Any], name: str) -> str:
    """A string."""
    value = source.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} is not a string")
    return value


def optional_text(source: Mapping[str, Any], name: str) -> str | None:
    """A string, or None when absent or null."""
    return None if source.get(name) is None else text(source, name)


def identifier(source: Mapping[str, Any], name: str) -> str:
    """A string of 1 to MAX_ID characters."""
    value = text(source, name)
    if not 0 < len(value) <= MAX_ID:
        raise Malformed(f"{name} is empty or too long")
    return value


def ticket(source: Mapping[str, Any]) -> str:
    """A ticket: a decimal number as a string, as `access.normalise_number` takes it."""
    value = text(source, "ticket")
    if not _TICKET.fullmatch(value):
        raise Malformed("ticket is not a decimal number")
    return value


def status(source: Mapping[str, Any]) -> Status:
    """One of the contract's statuses."""
    try:
        return Status(text(source, "status"))
    except ValueError:
        raise Malformed("status is unknown") from None


def sequence(source: Mapping[str, Any]) -> int:
    """A whole number from 1, as the database can keep it."""
    value = source.get("sequence")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MAX_INTEGER:
        raise Malformed("sequence is not a whole number from 1")
    return value


def flag(source: Mapping[str, Any], name: str) -> bool:
    """A boolean; absent or null is False."""
    value = source.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Malformed(f"{name} is not a boolean")
    return value


def due(source: Mapping[str, Any]) -> Mapping[str, date]:
    """The deadlines that are set; names we do not know are left out."""
    if source.get("due") is None:
        return {}
    days = as_object(source["due"], "due")
    return {name: day(days, name) for name in DEADLINES if days.get(name) is not None}


def day(source: Mapping[str, Any], name: str) -> date:
    """A day as YYYY-MM-DD."""
    value = text(source, name)
    if not _DAY.fullmatch(value):
        raise Malformed(f"{name} is not a day")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Malformed(f"{name} is not a day") from None


def moment(source: Mapping[str, Any], name: str) -> datetime:
    """A time with its offset, as UTC."""
    try:
        value = datetime.fromisoformat(text(source, name))
        if value.tzinfo is None:
            raise Malformed(f"{name} has no offset")
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(f"{name} is not a time") from None
