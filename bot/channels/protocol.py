"""What every channel offers. `receive` is pure: bytes in, values out; only `send` and `fetch` talk to a provider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bot.hooks import Hook
from bot.model import Address, Capabilities, FileRef, Inbound, Outbound


@dataclass(frozen=True, slots=True)
class Links:
    """Where we are reached from outside."""

    public: str
    """PUBLIC_BASE_URL without a trailing slash: providers on the internet."""
    private: str
    """PRIVATE_BASE_URL without a trailing slash: the gateway and the core."""


class Channel(Protocol):
    """One way to talk to people."""

    @property
    def name(self) -> str:
        """The transport in `Address`."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can carry."""

    @property
    def hooks(self) -> Sequence[Hook]:
        """The routes its provider calls."""

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:
        """Hand one message to the provider, once. Answers its message id ("" when it gives none). Raises DeliveryError."""

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:
        """Bytes of a file at the provider. Raises DeliveryError; MediaTooLarge as soon as `limit` bytes are passed."""

    async def start(self) -> None:
        """Make the provider know us (register the webhook). Called by `web` at start. Raises DeliveryError."""


@runtime_checkable
class Acknowledges(Protocol):
    """A channel on which a tap is acknowledged by a call of its own; on the others there is nothing to do, or the hook's answer does it."""

    async def acknowledge(self, message: Inbound) -> None:
        """Best effort: stop the button's spinner. Raises DeliveryError."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the registry: which settings switch the channel on, and how it is built."""

    name: str
    required: tuple[str, ...]
    """The channel is on when these are all set, off when none is, a mistake between."""
    build: Callable[..., Channel]
    """build(settings: Mapping[str, str], links: Links, http: aiohttp.ClientSession) -> Channel."""
    optional: Mapping[str, str] = field(default_factory=dict)
    """Further settings with their defaults."""
    not_needed_when: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """A required setting -> another setting and the value of it that makes the first unnecessary."""
