"""Content templates: how Twilio sends buttons, lists and what WhatsApp has approved. Pure.

A template has as many buttons or rows as it was made with, so there is one for each number of choices. Up to three choices are reply
buttons, more are a list; operations.md says how operators make them, and what their variables are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from bot.channels import callback
from bot.errors import SettingsError
from bot.model import Brief, Choice, Menu, Outbound

MENUS = "TWILIO_CONTENT_MENUS"
STATUS = "TWILIO_CONTENT_STATUS"

MAX_TEXT = 1024
"""Above buttons or a list."""

_ENTRY = re.compile(r"(\w+)=(HX[0-9a-fA-F]{32})")
_BUTTONS, _BUTTON_LABEL, _ROWS, _ROW_LABEL = 3, 20, 10, 24


@dataclass(frozen=True, slots=True)
class Content:
    """A template filled in."""

    sid: str
    variables: str
    """JSON, as Twilio takes it."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Those that an operator has made."""

    menus: Mapping[int, str] = field(default_factory=dict)
    """Number of choices -> ContentSid."""
    status: Mapping[str, str] = field(default_factory=dict)
    """Language -> ContentSid."""

    @property
    def shapes(self) -> tuple[Menu, ...]:
        """What fits into the menus."""
        return tuple(_shape(count) for count in sorted(self.menus))

    def menu(self, message: Outbound) -> Content | None:
        """The message with its choices to tap; None when it has none, or no template takes them."""
        sid = self.menus.get(len(message.choices))
        return _filled(sid, message.text, *_labels_and_ids(message)) if sid else None

    def brief(self, brief: Brief) -> Content | None:
        """Number, status and date; None when there is no approved template in the citizen's language."""
        sid = self.status.get(brief.language)
        return _filled(sid, brief.number, brief.status, brief.day) if sid else None


def _shape(count: int) -> Menu:
    return Menu(count, _BUTTON_LABEL if count <= _BUTTONS else _ROW_LABEL, MAX_TEXT)


ALL_SHAPES = tuple(_shape(count) for count in range(1, _ROWS + 1))
"""What fits where an operator has made a template for each number of choices."""


def templates(settings: Mapping[str, str]) -> Templates:
    """Those in the settings. Raises SettingsError."""
    menus, status = _entries(settings.get(MENUS, "")), _entries(settings.get(STATUS, ""))
    problems = []
    if menus is None or not all(count.isascii() and count.isdigit() and 1 <= int(count) <= _ROWS for count in menus):
        problems.append(f"{MENUS}: must be entries as 2=HX..., separated by spaces, for 1 to {_ROWS} choices")
    if status is None:
        problems.append(f"{STATUS}: must be entries as id=HX..., separated by spaces")
    if problems:
        raise SettingsError(problems)
    return Templates({int(count): sid for count, sid in (menus or {}).items()}, status or {})


def numbered(choices: tuple[Choice, ...]) -> str:
    """The choices as lines below a text, for when they cannot be tapped after all."""
    return "".join(f"\n{number}. {choice.label}" for number, choice in enumerate(choices, 1))


def _entries(setting: str) -> Mapping[str, str] | None:
    found = [_ENTRY.fullmatch(entry) for entry in setting.split()]
    return None if None in found else {entry[1]: entry[2] for entry in found if entry}


def _labels_and_ids(message: Outbound) -> Iterator[str]:
    for choice in message.choices:
        yield choice.label
        yield callback.encode(message.question, choice.value)


def _filled(sid: str, *values: str) -> Content:
    return Content(sid, orjson.dumps({str(number): value for number, value in enumerate(values, 1)}).decode())
