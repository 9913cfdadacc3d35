"""What is spooled: a message of a citizen, what a provider says of one of ours, or a webhook that a bug of ours could not read; as bytes.

A later version may add fields, and a former one must read them during a rolling deploy: what it does not know it leaves out.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from bot import inbound_record
from bot.errors import SpoolUnreadable
from bot.model import Delivered, DeliveryReport, Inbound


@dataclass(frozen=True, slots=True)
class Unread:
    """A call with its proof that could not be read because of a bug of ours."""

    transport: str
    reason: str
    """The error's type."""
    body: bytes
    """Query and body, no header."""


Arrival: TypeAlias = Inbound | DeliveryReport | Unread


@dataclass(frozen=True, slots=True)
class Spooled:
    """An arrival as it is taken out again."""

    arrival: Arrival
    at: datetime
    """When it came. An Inbound knows it too."""


def lane(arrival: Arrival) -> str:
    """What must stay in order: the messages of one person. The rest stands in nobody's way."""
    match arrival:
        case Inbound():
            return str(arrival.address)
        case DeliveryReport():
            return f"report {arrival.conversation} {arrival.effect}"
        case Unread():
            return f"unread {arrival.transport}"


def encode(arrival: Arrival, at: datetime) -> bytes:
    """As JSON."""
    kind, kept = _plain(arrival)
    return orjson.dumps({"kind": kind, "at": at.isoformat(), kind: kept})


def decode(data: bytes) -> Spooled:
    """What `encode` was given. Raises SpoolUnreadable: a kind, or a form, that this version does not know."""
    try:
        entry = orjson.loads(data)
        at, kind = datetime.fromisoformat(entry["at"]), entry["kind"]
        return Spooled(_arrival(kind, entry[kind], at), at)
    except (ValueError, KeyError, TypeError) as error:
        raise SpoolUnreadable(type(error).__name__) from None  # the error's text quotes the entry


def _plain(arrival: Arrival) -> tuple[str, Mapping[str, Any]]:
    match arrival:
        case Inbound():
            return "message", inbound_record.record(replace(arrival, at=None))
        case DeliveryReport():
            return "report", asdict(arrival)
        case Unread():
            return "unread", asdict(arrival) | {"body": base64.b64encode(arrival.body).decode()}


def _arrival(kind: str, kept: Mapping[str, Any], at: datetime) -> Arrival:
    match kind:
        case "message":
            return replace(inbound_record.message(kept), at=at)
        case "report":
            known = {name: kept[name] for name in DeliveryReport.__dataclass_fields__ if name in kept}
            return DeliveryReport(**known | {"state": Delivered(kept["state"])})
        case "unread":
            return Unread(kept["transport"], kept["reason"], base64.b64decode(kept["body"]))
        case _:
            raise ValueError(kind)
