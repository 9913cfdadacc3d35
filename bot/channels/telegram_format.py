"""Our values as Telegram writes them: updates into Inbound, choices into buttons. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from bot.channels import callback
from bot.errors import Malformed
from bot.model import Address, Choice, FileRef, Inbound, Outbound, Pin

Json = Mapping[str, Any]
_Value = TypeVar("_Value")

ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
"""What we ask Telegram to send."""

_ROW_CHARACTERS = 26
"""What fits side by side on a narrow telephone, each button taking two characters of margin."""

_UNUSABLE = ("voice", "audio", "sticker", "contact", "poll", "dice", "game", "story", "invoice", "paid_media", "checklist")
"""Content a person may send that is no evidence we can keep; the fields of a Message, and the words for `unsupported`."""

_SERVICE = ("pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "chat_background_set", "connected_website")
"""What Telegram writes itself into a private chat: nobody has said anything."""

_ADDRESSED_COMMAND = re.compile(r"(/[A-Za-z0-9_]{1,32})@[A-Za-z0-9_]{1,32}(?=\s|$)")


def read(update: Any) -> tuple[Inbound, ...]:
    """What a person said in their private chat; nothing for groups, channels and the chat's own notices.

    `update`: decoded JSON, of which only what we use is looked at: the library's own values for it cost twenty times as much. Raises
    Malformed without an update_id. A message in which something is not what it should be is told to be unsupported: refused, it would
    come again for a day and hold up that chat.
    """
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise Malformed("no update_id")
    try:
        return _understood(update)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return _unreadable(update)


def _understood(update: Json) -> tuple[Inbound, ...]:
    id_ = str(update["update_id"])
    if message := update.get("message"):
        return _said(id_, message)
    if message := update.get("edited_message"):
        return _edited(id_, message)
    if query := update.get("callback_query"):
        return _tapped(id_, query)
    return ()


def _unreadable(update: Json) -> tuple[Inbound, ...]:
    for kind in ("message", "edited_message"):
        match update.get(kind):
            case {"chat": {"type": "private", "id": int(chat_id)}}:
                return (Inbound(str(update["update_id"]), _address(chat_id), unsupported="unreadable"),)
    return ()


def _said(id_: str, message: Json, *, edits: str | None = None) -> tuple[Inbound, ...]:
    if message["chat"]["type"] != "private":
        return ()
    inbound = Inbound(
        id=id_,
        address=_address(message["chat"]["id"]),
        text=_text(message),
        pin=_pin(message),
        files=tuple(_files(message)),
        album=_optional(str, message.get("media_group_id")),
        ref=f"m{_required(int, message['message_id'])}",
        edits=edits,
        unsupported=_first_present(message, _UNUSABLE),
        sender_name=_name(message.get("from")),
    )
    if inbound.text or inbound.pin or inbound.files or inbound.unsupported:
        return (inbound,)
    if _first_present(message, _SERVICE):
        return ()
    return (Inbound(id_, inbound.address, ref=inbound.ref, edits=edits, unsupported="other", sender_name=inbound.sender_name),)


def _edited(id_: str, message: Json) -> tuple[Inbound, ...]:
    if "location" in message:  # only a live location is ever edited: the person moves on, the place stays as first sent
        return ()
    return _said(id_, message, edits=f"m{_required(int, message['message_id'])}")


def _tapped(id_: str, query: Json) -> tuple[Inbound, ...]:
    message = query.get("message")
    if message is None or message["chat"]["type"] != "private":
        return ()
    pick = callback.decode(_optional(str, query.get("data")) or "")
    ack = _required(str, query["id"])
    return (Inbound(id_, _address(message["chat"]["id"]), pick=pick, sender_name=_name(query.get("from")), ack=ack),)


def _required(kind: type[_Value], value: object) -> _Value:
    if type(value) is not kind:  # to isinstance a bool is an int
        raise TypeError(f"not {kind.__name__}")
    return value


def _optional(kind: type[_Value], value: object) -> _Value | None:
    return None if value is None else _required(kind, value)


def _address(chat_id: object) -> Address:
    return Address("telegram", str(_required(int, chat_id)))


def _text(message: Json) -> str:
    """Exactly what was written, but that a command loses the name of the bot it was addressed to."""
    written = _required(str, message.get("text") or message.get("caption") or "")
    return _ADDRESSED_COMMAND.sub(r"\1", written, count=1) if written.startswith("/") else written


def _pin(message: Json) -> Pin | None:
    place = message.get("location")
    if place is None:
        return None
    venue = message.get("venue") or {}
    return Pin(float(place["latitude"]), float(place["longitude"]), _joined(", ", venue.get("title"), venue.get("address")))


def _files(message: Json) -> Iterator[FileRef]:
    if sizes := message.get("photo"):
        yield _file(max(sizes, key=_pixels), "image/jpeg")
    if document := message.get("document"):
        yield _file(document, document.get("mime_type"))
    if video := message.get("video"):
        yield _file(video, video.get("mime_type"))
    if note := message.get("video_note"):
        yield _file(note, "video/mp4")


def _pixels(size: Json) -> int:
    return _required(int, size["width"]) * _required(int, size["height"])


def _file(file: Json, mime: object) -> FileRef:
    return FileRef(
        ref=_required(str, file["file_id"]),
        mime=_optional(str, mime),
        name=_optional(str, file.get("file_name")),
        size=_optional(int, file.get("file_size")),
    )


def _first_present(message: Json, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in message), None)


def _name(person: Json | None) -> str:
    return _joined(" ", person["first_name"], person.get("last_name")) if person else ""


def _joined(between: str, *words: str | None) -> str:
    return between.join(filter(None, words))


def keyboard(message: Outbound) -> dict[str, Any] | None:
    """Buttons under the message, an InlineKeyboardMarkup: long labels one to a row, short ones side by side."""
    if not message.choices:
        return None
    rows = [
        [{"text": choice.label, "callback_data": callback.encode(message.question, choice.value)} for choice in row]
        for row in _rows(message.choices)
    ]
    return {"inline_keyboard": rows}


def _rows(choices: tuple[Choice, ...]) -> list[list[Choice]]:
    rows: list[list[Choice]] = []
    room = 0
    for choice in choices:
        width = len(choice.label) + 2
        if width > room:
            rows.append([])
            room = _ROW_CHARACTERS
        rows[-1].append(choice)
        room -= width
    return rows
