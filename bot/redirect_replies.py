"""What an admin copies into the network: the reply with the ways in, a reminder, and a public answer that names no code.

A code serves whoever comes first, and shows them the message: it belongs into a direct message only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlencode

from bot.clock import WIB
from bot.model import Network
from bot.redirects import Redirect


class Purpose(StrEnum):
    """What the text is for."""

    REDIRECT = "redirect"
    UNOPENED = "unopened"
    """A reminder: nobody has come yet."""
    UNFINISHED = "unfinished"
    """A reminder: they came, and have not sent the report."""
    PUBLIC = "public"
    """Under the citizen's public post."""


LIMITS: Mapping[Network, int] = {
    Network.INSTAGRAM: 1_000,
    Network.FACEBOOK: 2_000,
    Network.X: 10_000,
    Network.WHATSAPP: 4_096,
    Network.TIKTOK: 6_000,
    Network.EMAIL: 20_000,
    Network.OTHER: 500,
}
"""Characters of one direct message. Mail has no limit of its own; of a network we do not know little is expected."""

PUBLIC_LIMITS: Mapping[Network, int] = {
    Network.INSTAGRAM: 2_200,
    Network.FACEBOOK: 8_000,
    Network.X: 280,
    Network.TIKTOK: 150,
}
"""Characters of a public comment."""

_PUBLIC_ELSEWHERE = 280
_BRIEF = "brief"
"""The variant that is taken where the usual words are too long."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in that are open, by their channels."""

    telegram: str | None = None
    """The bot's user name, without @."""
    whatsapp: str | None = None
    """Our number there, E.164."""
    sms: str | None = None
    """The number citizens send an SMS to."""
    terminal: bool = False
    """A demo: the links lead to nobody, and `chat` stands for every phone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Ready to copy."""

    text: str
    length: int
    """As the networks count: UTF-16 units."""
    limit: int


@dataclass(frozen=True, slots=True)
class Door:
    """A way in."""

    channel: str
    """telegram, whatsapp or sms."""
    shown: str
    """What to open, or the number and what to send there."""
    link: str
    """Its address; "" where there is none to open in a browser."""
    scanned: str
    """What its QR code says to a phone."""


class Write(Protocol):
    """See `wording.Wording.reply`."""

    def __call__(self, name: str, language: str, *, variant: str, **params: object) -> str:
        """The words of a template, in the variant where it has one."""


def reply(write: Write, redirect: Redirect, purpose: Purpose, ways: Ways, language: str = "id") -> Reply:
    """The words for a redirect's own network. Of the usual and the brief ones, the usual where they fit."""
    network = redirect.network
    limit = LIMITS[network] if purpose is not Purpose.PUBLIC else PUBLIC_LIMITS.get(network, _PUBLIC_ELSEWHERE)
    params: dict[str, object] = {"office": redirect.author.office, "network": network.value}
    if purpose is not Purpose.PUBLIC:
        params |= {"until": _day(redirect), **_doors(redirect.code, ways)}
    return fitted(lambda variant: write(purpose.value, language, variant=variant, **params), network, limit)


def fitted(write: Callable[[str], str], network: Network, limit: int) -> Reply:
    """What `write` makes of a variant: the network's own words, or where they are longer than it takes, the brief ones."""
    text = ""
    for variant in (network.value, _BRIEF):
        text = write(variant)
        if length(text) <= limit:
            break
    return Reply(text, length(text), limit)


def doors(redirect: Redirect, ways: Ways) -> Sequence[Door]:
    """The open ways in, for the admin's own screen."""
    open_: Mapping[str, Any] = _doors(redirect.code, ways)
    links = [Door(channel, open_[channel], open_[channel], open_[channel]) for channel in ("telegram", "whatsapp") if open_[channel]]
    sms = [Door("sms", f"{ways.sms}: {open_['word']}", "", f"SMSTO:{ways.sms}:{open_['word']}")] if ways.sms else []
    return [*links, *sms]


def _doors(code: str, ways: Ways) -> dict[str, object]:
    """Each way in as it is written; None where it is closed."""
    word = f"LAPOR-{code}"
    return {
        "word": word,
        "telegram": f"https://t.me/{ways.telegram}?{urlencode({'start': code})}" if ways.telegram else None,
        "whatsapp": f"https://wa.me/{ways.whatsapp.lstrip('+')}?{urlencode({'text': word})}" if ways.whatsapp else None,
        "sms": ways.sms,
        "terminal": ways.terminal,
    }


def _day(redirect: Redirect) -> date:
    return redirect.expires_at.astimezone(WIB).date()


def length(text: str) -> int:
    """As the networks count: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2
