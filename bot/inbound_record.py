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
    text, name = _utf8(received.text), _utf8(received.sender_name)
    unchanged = text is received.text and name is received.sender_name
    return received if unchanged else replace(received, text=text, sender_name=name)


def _utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
