"""Our values as Telegram writes them: updates into Inbound, choices into buttons. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)

from bot.channels import callback
from bot.errors import Malformed
from bot.model import Address, Choice, FileRef, Inbound, Outbound, Pin

ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
"""What we ask Telegram to send."""

_ROW_CHARACTERS = 26
"""What fits side by side on a narrow telephone, each button taking two characters of margin."""

_UNUSABLE = ("voice", "audio", "sticker", "contact", "poll", "dice", "game", "story", "invoice", "paid_media", "checklist")
"""Content a person may send that is no evidence we can keep; the attributes of a Message, and the words for `unsupported`."""

_SERVICE = ("pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "chat_background_set", "connected_website")
"""What Telegram writes itself into a private chat: nobody has said anything."""

_ADDRESSED_COMMAND = re.compile(r"(/[A-Za-z0-9_]{1,32})@[A-Za-z0-9_]{1,32}(?=\s|$)")


def read(update: Any) -> tuple[Inbound, ...]:
    """What a person said in their private chat; nothing for groups, channels and the chat's own notices.

    `update`: decoded JSON. Raises Malformed without an update_id. A message that the library cannot read (it knows
    the Bot API of its day) is told to be unsupported: refused, it would come again for a day and hold up that chat.
    """
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise Malformed("no update_id")
    try:
        return _understood(Update.de_json(update, None))
    except Exception:  # noqa: BLE001  # the library raises whatever its constructors meet in data of an unknown shape
        return _unreadable(update)


def _understood(update: Update) -> tuple[Inbound, ...]:
    id_ = str(update.update_id)
    if update.message is not None:
        return _said(id_, update.message)
    if update.edited_message is not None:
        return _edited(id_, update.edited_message)
    if update.callback_query is not None:
        return _tapped(id_, update.callback_query)
    return ()


def _unreadable(update: dict[str, Any]) -> tuple[Inbound, ...]:
    for kind in ("message", "edited_message"):
        match update.get(kind):
            case {"chat": {"type": "private", "id": int(chat_id)}}:
                return (Inbound(str(update["update_id"]), _address(chat_id), unsupported="unreadable"),)
    return ()


def _said(id_: str, message: Message, *, edits: str | None = None) -> tuple[Inbound, ...]:
    if message.chat.type != "private":
        return ()
    inbound = Inbound(
        id=id_,
        address=_address(message.chat.id),
        text=_text(message),
        pin=_pin(message),
        files=tuple(_files(message)),
        album=message.media_group_id,
        ref=f"m{message.message_id}",
        edits=edits,
        unsupported=_first_present(message, _UNUSABLE),
        sender_name=_name(message.from_user),
    )
    if inbound.text or inbound.pin or inbound.files or inbound.unsupported:
        return (inbound,)
    if _first_present(message, _SERVICE):
        return ()
    return (Inbound(id_, inbound.address, ref=inbound.ref, edits=edits, unsupported="other", sender_name=inbound.sender_name),)


def _edited(id_: str, message: Message) -> tuple[Inbound, ...]:
    if message.location is not None:  # only a live location is ever edited: the person moves on, the place stays as first sent
        return ()
    return _said(id_, message, edits=f"m{message.message_id}")


def _tapped(id_: str, query: CallbackQuery) -> tuple[Inbound, ...]:
    if query.message is None or query.message.chat.type != "private":
        return ()
    address = _address(query.message.chat.id)
    return (Inbound(id_, address, pick=callback.decode(query.data or ""), sender_name=_name(query.from_user), ack=query.id),)


def _address(chat_id: object) -> Address:
    if type(chat_id) is not int:
        raise TypeError("a chat id is a number")
    return Address("telegram", str(chat_id))


def _text(message: Message) -> str:
    """Exactly what was written, but that a command loses the name of the bot it was addressed to."""
    written = message.text or message.caption or ""
    if not isinstance(written, str):
        raise TypeError("a text is a string")
    return _ADDRESSED_COMMAND.sub(r"\1", written, count=1) if written.startswith("/") else written


def _pin(message: Message) -> Pin | None:
    place = message.location
    if place is None:
        return None
    label = ", ".join(filter(None, (message.venue.title, message.venue.address))) if message.venue else ""
    return Pin(float(place.latitude), float(place.longitude), label)


def _files(message: Message) -> Iterator[FileRef]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        yield FileRef(largest.file_id, "image/jpeg", size=largest.file_size)
    if message.document:
        yield FileRef(message.document.file_id, message.document.mime_type, message.document.file_name, message.document.file_size)
    if message.video:
        yield FileRef(message.video.file_id, message.video.mime_type, message.video.file_name, message.video.file_size)
    if message.video_note:
        yield FileRef(message.video_note.file_id, "video/mp4", size=message.video_note.file_size)


def _first_present(message: Message, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if getattr(message, name)), None)


def _name(person: User | None) -> str:
    return " ".join(filter(None, (person.first_name, person.last_name))) if person else ""


def keyboard(message: Outbound) -> InlineKeyboardMarkup | None:
    """Buttons under the message: long labels one to a row, short ones side by side."""
    if not message.choices:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(choice.label, callback_data=callback.encode(message.question, choice.value)) for choice in row]
            for row in _rows(message.choices)
        ]
    )


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
