"""What the pages are told, as plain values for JSON. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.channels.simulator import WINDOW
from bot.gsm import segments
from bot.model import Medium, Status
from bot.ports import OutboxItem, StoredConversation, StoredReport
from bot.simulator.visit import plays
from bot.visitors import Visitor

_BEGUN = frozenset({Status.DISPOSED, Status.IN_PROGRESS, Status.ANSWERED, Status.COMPLETED})
_ANSWERED = frozenset({Status.ANSWERED, Status.COMPLETED})

FACTS: Mapping[str, Any] = {
    "receipt": lambda report: bool(report.receipt),
    "ticket": lambda report: report.ticket is not None,
    "confidential": lambda report: report.body["confidential"],
    "anonymous": lambda report: report.body["anonymous"],
    "evidence": lambda report: bool(report.media),
    "pin": lambda report: report.body["location"]["lat"] is not None,
    "disposed": lambda report: report.status in _BEGUN,
    "postponed": lambda report: report.status is Status.POSTPONED,
    "answered": lambda report: report.status in _ANSWERED,
    "completed": lambda report: report.status is Status.COMPLETED,
    "not_ours": lambda report: report.status is Status.NOT_OUR_AUTHORITY,
    "rated": lambda report: report.rated,
}
"""What a case study's list can tick, and when a report of the citizen has come so far."""


def facts(reports: Sequence[StoredReport]) -> list[str]:
    """What the citizen's reports have come to."""
    return [name for name, holds in FACTS.items() if any(holds(report) for report in reports)]


def message(item: OutboxItem) -> dict[str, Any]:
    """One message on a phone."""
    more = dict(item.more)
    files = [
        {"url": f"/try/files/{item.sequence}/{place}", "name": file["name"], "mime": file["mime"]}
        for place, file in enumerate(more.pop("files", ()))
    ]
    shown = {
        "sequence": item.sequence,
        "id": item.id,
        "to": item.to,
        "phone": item.channel,
        "said": item.said,
        "text": item.text,
        "at": item.at.isoformat(),
        "question": item.question,
        "choices": [{"value": value, "label": label} for value, label in item.choices],
        "files": files,
        **more,
    }
    return shown | ({"segments": segments(item.text).count} if item.channel == Medium.SMS else {})


def report(visitor: Visitor, stored: StoredReport, place: Callable[[str], str]) -> dict[str, Any]:
    """One report in the officer's list. `place`: an area's name by its code."""
    code = stored.body["location"]["area_code"]
    address = stored.conversation or ""
    return {
        "id": stored.id,
        "receipt": stored.receipt,
        "ticket": stored.ticket,
        "status": stored.status,
        "sequence": stored.sequence,
        "title": stored.body["title"],
        "kind": stored.body["kind"],
        "category": stored.body["category"],
        "place": place(code) if code else "",
        "agency": stored.agency,
        "confidential": stored.body["confidential"],
        "anonymous": stored.body["anonymous"],
        "phone": address.split(":")[1] if address else "",
        "submitted_at": stored.submitted_at.isoformat(),
        "due": {name: day.isoformat() for name, day in stored.due_dates.items()},
        "current": plays(visitor, stored.conversation),
        "version": stored.version,
    }


def window(last_said: datetime | None) -> str | None:
    """When WhatsApp closes; None before the first message."""
    return (last_said + WINDOW).isoformat() if last_said else None


def state(
    visitor: Visitor,
    reports: Sequence[StoredReport],
    whatsapp: StoredConversation,
    last_said: datetime | None,
    *,
    ahead: timedelta,
    place: Callable[[str], str],
) -> dict[str, Any]:
    """All that a page shows beside the messages."""
    mine = [each for each in reports if plays(visitor, each.conversation)]
    return {
        "citizen": visitor.citizen,
        "templates": visitor.templates,
        "case": visitor.case,
        "ahead_seconds": int(ahead.total_seconds()),
        "window": window(last_said),
        "held": len(whatsapp.unsaid),
        "facts": facts(mine),
        "reports": [report(visitor, each, place) for each in reports],
    }


def stored(conversation: StoredConversation, reports: Sequence[StoredReport], core: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What lies in the database about one phone, and at the core."""
    return {
        "conversation": conversation if conversation.version else None,
        "reports": [
            {
                "document": _without_payload(each),
                "forwarded": orjson.loads(each.payload) if each.payload else None,
                "core": core.get(each.ticket or ""),
            }
            for each in reports
        ],
    }


def _without_payload(report: StoredReport) -> dict[str, Any]:
    """The document; the payload is shown decoded."""
    return {name: getattr(report, name) for name in report.__dataclass_fields__ if name != "payload"}
