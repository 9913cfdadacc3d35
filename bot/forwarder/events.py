"""The core's events: whether they are the core's, and what they say. They come by webhook and, again, by polling."""

from collections.abc import Mapping, Sequence
from typing import Any

from standardwebhooks.webhooks import Webhook

from bot.errors import Forbidden, Malformed
from bot.forwarder import wire
from bot.forwarder.protocol import AgencyMessage, CoreEvent

STATUS_CHANGED = "report.status_changed"
MESSAGE = "report.message"


def verify_event(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> CoreEvent:
    """Read an event that one of the `whsec_` secrets has signed in the last five minutes (Standard Webhooks).

    `headers`: names in lower case. Raises Forbidden without that proof, Malformed when what was proved cannot be read.
    """
    if not any(_signed(secret, headers, body) for secret in secrets):
        raise Forbidden
    return parse_event(wire.read_object(body))


def _signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except Exception:  # noqa: BLE001  # the library raises whatever a forged header makes it stumble over; each is a refusal
        return False
    return True


def parse_event(source: object) -> CoreEvent:
    """Read one decoded event. Unknown fields are left alone. Raises Malformed."""
    event = wire.as_object(source, "event")
    type_ = wire.text(event, "type")
    if type_ not in (STATUS_CHANGED, MESSAGE):
        raise Malformed("type is unknown")
    message = _message(event)
    if type_ == MESSAGE and message is None:
        raise Malformed("message is missing")
    return CoreEvent(
        id=wire.identifier(event, "id"),
        type=type_,
        ticket=wire.ticket(event),
        idempotency_key=wire.identifier(event, "idempotency_key"),
        sequence=wire.sequence(event),
        status=wire.status(event),
        agency=wire.optional_text(event, "agency"),
        note=wire.optional_text(event, "note"),
        message=message,
        missing=_missing(event),
        due=wire.due(event),
        occurred_at=wire.moment(event, "occurred_at"),
    )


def _message(event: Mapping[str, Any]) -> AgencyMessage | None:
    if event.get("message") is None:
        return None
    message = wire.as_object(event["message"], "message")
    return AgencyMessage(
        id=wire.identifier(message, "id"),
        text=wire.text(message, "text"),
        attachments=len(wire.array(message, "attachments")),
        wants_answer=wire.flag(message, "wants_answer"),
    )


def _missing(event: Mapping[str, Any]) -> tuple[str, ...]:
    fields = wire.array(event, "missing")
    if not all(isinstance(field, str) for field in fields):
        raise Malformed("missing is not an array of strings")
    return tuple(fields)
