"""The JSON shapes of the API, version 1. docs/core-api.yaml describes them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from core.model import Case, Due, Event


def moment(value: datetime) -> str:
    """RFC 3339, in UTC."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")


def due(value: Due) -> dict[str, str | None]:
    """Days as ISO 8601."""
    return {name: day and day.isoformat() for name, day in asdict(value).items()}


def filed(case: Case) -> dict[str, Any]:
    """The answer to a report."""
    return {"ticket": case.ticket, "status": case.status.value, "due": due(case.due)}


def report(case: Case, updated_at: datetime) -> dict[str, Any]:
    """A report as it stands."""
    return {
        "ticket": case.ticket,
        "idempotency_key": case.key,
        "status": case.status.value,
        "sequence": case.sequence,
        "due": due(case.due),
        "agency": case.agency,
        "updated_at": moment(updated_at),
    }


def event(value: Event) -> dict[str, Any]:
    """An event, the same by webhook and by polling."""
    return {
        "id": value.id,
        "type": value.type.value,
        "ticket": value.ticket,
        "idempotency_key": value.idempotency_key,
        "sequence": value.sequence,
        "status": value.status.value,
        "agency": value.agency,
        "note": value.note,
        "message": _message(value),
        "missing": list(value.missing),
        "due": due(value.due),
        "occurred_at": moment(value.occurred_at),
    }


def _message(value: Event) -> Mapping[str, Any] | None:
    if value.message is None:
        return None
    return asdict(value.message) | {"attachments": [asdict(attachment) for attachment in value.message.attachments]}
