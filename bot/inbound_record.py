"""An Inbound as a plain record, for what is held or parked, and back again."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.model import Address, FileRef, Inbound, Pick, Pin


def record(message: Inbound) -> dict[str, Any]:
    """Plain dicts, lists, strings and numbers."""
    return asdict(message) | {"files": [asdict(file) for file in message.files]}


def message(kept: Mapping[str, Any]) -> Inbound:
    """What `record` was made of, exactly. Fields added by a later version are left out; those it lacks have their defaults."""
    known = {name: kept[name] for name in Inbound.__dataclass_fields__ if name in kept}
    return Inbound(
        **known
        | {
            "address": Address(**kept["address"]),
            "pick": Pick(**kept["pick"]) if kept.get("pick") else None,
            "pin": Pin(**kept["pin"]) if kept.get("pin") else None,
            "files": tuple(FileRef(**file) for file in kept.get("files", ())),
        }
    )


def renamed(kept: Inbound, id_: str) -> Inbound:
    """The same message under another id, so that it is applied again."""
    return replace(kept, id=id_, ack=None)


def storable(received: Inbound) -> Inbound:
    """Half a surrogate pair, which JSON can smuggle in, is no text that any database keeps: it becomes a question mark."""
    label = received.pin.label if received.pin else ""
    written = (received.text, received.sender_name, label, *(file.name or "" for file in received.files))
    if all(map(_is_unicode, written)):
        return received
    return replace(
        received,
        text=_unicode(received.text),
        sender_name=_unicode(received.sender_name),
        pin=received.pin and replace(received.pin, label=_unicode(received.pin.label)),
        files=tuple(replace(file, name=file.name and _unicode(file.name)) for file in received.files),
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unicode(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
