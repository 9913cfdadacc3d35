"""A person at the other end of a private chat with the bot, on the fake of Telegram's server."""

import re
from typing import TYPE_CHECKING, Any

from bot import clock
from tests.fakes.telegram_values import Chat, Sent

if TYPE_CHECKING:
    from tests.fakes.telegram import TelegramServer

_COMMAND = re.compile(r"/[a-z0-9_]+(@\w+)?", re.IGNORECASE)

_PHOTO_WIDTHS = (90, 320, 800, 1280)
"""Telegram keeps a photo in several sizes; the last is the one sent."""


class Citizen:
    """Everything a person does becomes an update; each method returns it as Telegram sends it."""

    def __init__(self, server: "TelegramServer", chat: Chat) -> None:
        self._server = server
        self._chat = chat

    @property
    def id(self) -> str:
        """The chat's id, as in an Address."""
        return str(self._chat.id)

    @property
    def heard(self) -> list[Sent]:
        """What the bot has sent here so far."""
        return [sent for sent in self._server.sent if sent.chat_id == self._chat.id]

    async def hears(self, number: int, *, seconds: float = 5.0) -> list[Sent]:
        """Wait until the bot has sent at least `number` messages here, and return them all."""
        await self._server.until(lambda: len(self.heard) >= number, seconds=seconds)
        return self.heard

    def says(self, text: str) -> dict[str, Any]:
        """A text, or a command."""
        return self.sends(text=text, **_entities(text))

    def edits(self, update: dict[str, Any], text: str) -> dict[str, Any]:
        """Change what `update` said: its text, or its caption."""
        before = update.get("message") or update["edited_message"]
        field = "text" if "text" in before else "caption"
        return self._push({"edited_message": {**before, field: text, "edit_date": _seconds()}})

    def taps(self, sent: Sent, button: str) -> dict[str, Any]:
        """Tap the button with this label under a message of the bot."""
        return self.taps_data(sent, sent.buttons[button])

    def taps_data(self, sent: Sent, data: str) -> dict[str, Any]:
        """Tap a button under a message of the bot that brings back `data`."""
        query = {
            "id": self._server.new_query(),
            "from": self._person(),
            "message": self._server.message_of(sent),
            "chat_instance": "-8129170",
            "data": data,
        }
        return self._push({"callback_query": query})

    def sends_photo(self, data: bytes, *, caption: str = "", album: str | None = None) -> dict[str, Any]:
        """A photo, in the sizes that Telegram makes of it; those of one album share its id."""
        largest = self._server.keep_file(data)
        sizes = [self._photo_size(width, largest, data) for width in _PHOTO_WIDTHS]
        return self.sends(photo=sizes, **_optional(caption=caption, media_group_id=album))

    def sends_document(self, data: bytes, name: str, mime: str, *, caption: str = "", said: int | None = None) -> dict[str, Any]:
        """A file; `said`: the size Telegram states, when it is not the true one."""
        return self.sends(document=self._attachment(data, said, file_name=name, mime_type=mime), **_optional(caption=caption))

    def sends_video(self, data: bytes, *, caption: str = "", said: int | None = None, album: str | None = None) -> dict[str, Any]:
        """A video of 12 seconds."""
        video = self._attachment(data, said, mime_type="video/mp4", width=640, height=360, duration=12)
        return self.sends(video=video, **_optional(caption=caption, media_group_id=album))

    def sends_location(self, lat: float, lon: float) -> dict[str, Any]:
        """A pin on the map."""
        return self.sends(location={"latitude": lat, "longitude": lon})

    def sends_venue(self, lat: float, lon: float, title: str, address: str) -> dict[str, Any]:
        """A named place, which is a location as well."""
        place = {"latitude": lat, "longitude": lon}
        return self.sends(location=place, venue={"location": place, "title": title, "address": address})

    def sends_voice(self, data: bytes, *, caption: str = "") -> dict[str, Any]:
        """A voice message of 3 seconds."""
        voice = self._attachment(data, None, mime_type="audio/ogg", duration=3)
        return self.sends(voice=voice, **_optional(caption=caption))

    def sends(self, **content: Any) -> dict[str, Any]:
        """A message with any content, in the Bot API's words."""
        message = {
            "message_id": self._server.new_id(),
            "from": self._person(),
            "chat": {"id": self._chat.id, "type": "private", "first_name": self._chat.first_name},
            "date": _seconds(),
            **content,
        }
        return self._push({"message": message})

    def blocks(self) -> None:
        """Stop the bot; it may not write here any more."""
        self._chat.blocked = True
        self._push({"my_chat_member": self._membership("member", "kicked")})

    def deletes_account(self) -> None:
        """Leave Telegram."""
        self._chat.deactivated = True

    def _push(self, content: dict[str, Any]) -> dict[str, Any]:
        return self._server.push(self._chat.id, content)

    def _person(self) -> dict[str, Any]:
        name = {"first_name": self._chat.first_name, **_optional(last_name=self._chat.last_name)}
        return {"id": self._chat.id, "is_bot": False, "language_code": "id", **name}

    def _membership(self, before: str, after: str) -> dict[str, Any]:
        member = {"user": {"id": 1708, "is_bot": True, "first_name": "LAPOR!"}}
        return {
            "chat": {"id": self._chat.id, "type": "private", "first_name": self._chat.first_name},
            "from": self._person(),
            "date": _seconds(),
            "old_chat_member": {**member, "status": before},
            "new_chat_member": {**member, "status": after, "until_date": 0},
        }

    def _photo_size(self, width: int, largest: str, data: bytes) -> dict[str, Any]:
        whole = width == _PHOTO_WIDTHS[-1]
        shrunk = data[: max(1, len(data) * width // _PHOTO_WIDTHS[-1])]
        file_id = largest if whole else self._server.keep_file(shrunk)
        size = len(data) if whole else len(shrunk)
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": width, "height": width * 3 // 4, "file_size": size}

    def _attachment(self, data: bytes, said: int | None, **about: Any) -> dict[str, Any]:
        file_id = self._server.keep_file(data, said=said)
        size = len(data) if said is None else said
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size, **about}


def _seconds() -> int:
    return int(clock.now().timestamp())


def _optional(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _entities(text: str) -> dict[str, Any]:
    command = _COMMAND.match(text)
    return {"entities": [{"type": "bot_command", "offset": 0, "length": command.end()}]} if command else {}
