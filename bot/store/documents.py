"""Values to documents and back. Pure; nothing here knows a database."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import bson
from bson.errors import BSONError

from bot.history import Milestone, Waits
from bot.model import Effect, Network, Status
from bot.origin import Origin
from bot.ports import Applied, MediaInfo, OutboxItem, ParkedItem, StoredConversation, StoredReport, TurnWrite

Document = dict[str, Any]

_EFFECT = tuple(field.name for field in fields(Effect))


def encode_effect(effect: Effect) -> Document:
    """As it lies in `effects`."""
    return {
        "id": effect.id,
        "lane": effect.lane,
        "kind": effect.kind,
        "data": effect.data,
        "due": effect.due,
        "attempts": effect.attempts,
        "unsure": effect.unsure,
    }


def decode_effect(document: Document) -> Effect:
    """One effect. What a newer program has added to it is passed over."""
    return Effect(**{name: document[name] for name in _EFFECT if name in document})


def decode_effects(document: Document, name: str = "effects") -> tuple[Effect, ...]:
    """The effects of a conversation's or report's document."""
    return tuple(map(decode_effect, document.get(name, ())))


def encode_applied(turn: TurnWrite) -> list[Document]:
    """The ids a conversation remembers."""
    return [{"id": applied.id, "at": applied.at} for applied in turn.applied]


def decode_conversation(document: Document) -> StoredConversation:
    """A conversation as read."""
    return StoredConversation(
        id=document["_id"],
        version=document["version"],
        session=document["session"],
        applied=tuple(Applied(applied["id"], applied["at"]) for applied in document["applied"]),
        effects=decode_effects(document),
        due=document.get("due"),
        fence=document["fence"],
        unsaid=decode_effects(document, "unsaid"),
    )


def encode_report(report: StoredReport) -> Document:
    """A whole report; what is None is left out, so that partial indexes pass over it."""
    document = {field.name: encode_report_field(field.name, getattr(report, field.name)) for field in fields(report) if field.name != "id"}
    return {name: value for name, value in document.items() if value is not None}


def encode_report_field(name: str, value: Any) -> Any:
    """One field of a report as stored."""
    match name:
        case "effects":
            return [encode_effect(effect) for effect in value]
        case "media" | "missing" | "applied":
            return list(value)
        case "status":
            return Status(value).value
        case "waits":
            return value and Waits(value).value
        case "origin":
            return value and {"account": value.account, "office": value.office, "network": value.network.value}
        case "history":
            return [encode_milestone(milestone) for milestone in value] or None
        case "due_dates":
            return {what: day.isoformat() for what, day in value.items()}
        case _:
            return value


def encode_milestone(milestone: Milestone) -> Document:
    """As it lies in `history`; what is empty is left out."""
    document = {field.name: value for field in fields(milestone) if (value := getattr(milestone, field.name))}
    return document | ({"status": milestone.status.value} if milestone.status else {})


def _decode_milestone(document: Document) -> Milestone:
    known = {field.name: document[field.name] for field in fields(Milestone) if field.name in document}
    return Milestone(**known | ({"status": Status(document["status"])} if "status" in document else {}))


def _decode_origin(document: Document | None) -> Origin | None:
    return None if document is None else Origin(document["account"], document["office"], Network(document["network"]))


def decode_report(document: Document) -> StoredReport:
    """A report as read; what a projection has left out is empty."""
    known = {field.name: document[field.name] for field in fields(StoredReport) if field.name in document}
    return StoredReport(
        **{
            **known,
            "id": document["_id"],
            "conversation": document.get("conversation"),
            "media": tuple(document["media"]),
            "missing": tuple(document["missing"]),
            "applied": tuple(document.get("applied", ())),
            "status": Status(document["status"]),
            "due_dates": {what: date.fromisoformat(day) for what, day in document["due_dates"].items()},
            "effects": decode_effects(document),
            "origin": _decode_origin(document.get("origin")),
            "waits": Waits(document["waits"]) if "waits" in document else None,
            "history": tuple(_decode_milestone(milestone) for milestone in document.get("history", ())),
        }
    )


def encode_parked(item: ParkedItem) -> Document:
    """What could not be handled. It may be the very thing that BSON refuses (a huge number, half a surrogate): that is kept as JSON."""
    document: Document = {"_id": item.id, "what": item.what, "reason": item.reason, "owner": item.owner, "at": item.at}
    try:
        bson.encode(item.payload)
    except (BSONError, OverflowError, UnicodeError):
        return document | {"json": json.dumps(item.payload)}
    return document | {"payload": item.payload}


def decode_parked(document: Document) -> ParkedItem:
    """What could not be handled."""
    payload: Mapping[str, Any] = json.loads(document["json"]) if "json" in document else document["payload"]
    return ParkedItem(document["_id"], document["what"], document["reason"], document["owner"], payload, document["at"])


def encode_outbox(item: OutboxItem, sequence: int) -> Document:
    """A message that went out to a simulated phone."""
    return {
        "_id": sequence,
        "id": item.id,
        "to": item.to,
        "channel": item.channel,
        "text": item.text,
        "at": item.at,
        "choices": [list(choice) for choice in item.choices],
        "question": item.question,
        **({"said": True} if item.said else {}),
        **({"more": item.more} if item.more else {}),
    }


def decode_outbox(document: Document) -> OutboxItem:
    """A message that went out to a simulated phone."""
    return OutboxItem(
        id=document["id"],
        to=document["to"],
        channel=document["channel"],
        text=document["text"],
        at=document["at"],
        choices=tuple((value, label) for value, label in document["choices"]),
        sequence=document["_id"],
        question=document["question"],
        said=document.get("said", False),
        more=document.get("more", {}),
    )


def decode_media(document: Document) -> MediaInfo:
    """A file of ours."""
    return MediaInfo(document["_id"], document["name"], document["mime"], document["size"], document["sha256"])
