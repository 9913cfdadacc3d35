"""What the fake of Telegram's server keeps and records, and how it reads a call."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Call:
    """A call of a method, whatever came of it."""

    method: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message the bot has sent, and Telegram has taken."""

    chat_id: int
    message_id: int
    text: str
    params: dict[str, Any]

    @property
    def rows(self) -> list[list[dict[str, str]]]:
        """The buttons."""
        return self.params.get("reply_markup", {}).get("inline_keyboard", [])

    @property
    def buttons(self) -> dict[str, str]:
        """Label -> callback data."""
        return {button["text"]: button["callback_data"] for row in self.rows for button in row}


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand an update to the webhook; status 0: no answer came."""

    update_id: int
    status: int


@dataclass
class Chat:
    """A private chat with one person."""

    id: int
    first_name: str
    last_name: str | None = None
    blocked: bool = False
    deactivated: bool = False


@dataclass
class Stored:
    """A file at Telegram. `said`: the size Telegram states; `here`: it can still be downloaded."""

    data: bytes
    said: int
    here: bool = True


@dataclass
class Webhook:
    """What setWebhook has registered."""

    url: str
    secret: str | None = None
    max_connections: int = 40
    allowed_updates: list[str] = field(default_factory=list)
    last_error: str | None = None


class Refusal(Exception):
    """An error answer of the Bot API."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"ok": False, "error_code": status, "description": description}
        self.headers = {"Retry-After": str(parameters["retry_after"])} if "retry_after" in parameters else {}
        if parameters:
            self.body["parameters"] = parameters


async def params_of(request: web.Request) -> dict[str, Any]:
    """Read a call's parameters as the Bot API takes them: JSON, a form, or the query, where compound ones are JSON again."""
    if request.content_type == "application/json":
        return await request.json()
    return {name: _compound(str(value)) for name, value in {**request.query, **await request.post()}.items()}


def _compound(value: str) -> Any:
    return json.loads(value) if value[:1] in ("{", "[") else value


def check_keyboard(markup: dict[str, Any]) -> None:
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise Refusal(400, 'Bad Request: can\'t parse inline keyboard button: Field "text" must be non-empty')
            if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
