"""What the contract suite must know of a channel: how its provider proves itself, and how it answers. One module here per channel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.channels.protocol import Channel, Links
from bot.errors import DeliveryError
from bot.hooks import Hook, RawRequest
from bot.model import Address, Choice

PUBLIC = "https://bot.example"
CANARY_NUMBER = "+6281299998888"


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """How the provider answers a call to send, and what `send` is to make of it."""

    status: int
    body: str
    error: type[DeliveryError] | None = None
    """None: it took the message."""
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    calls: int = 1
    """How many it takes: no adapter tries the same twice."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call the provider got."""

    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    json: Any


@dataclass(frozen=True, slots=True)
class Spec:
    """A channel, as the suite sees it."""

    name: str
    secrets: Sequence[str]
    """Values that stand in no log and no error."""
    build: Callable[[str, aiohttp.ClientSession], Channel]
    """(the provider's address, http) -> the channel."""
    prove: Callable[[RawRequest], RawRequest]
    """Make it a genuine call of the provider, whatever is in it."""
    forge: Callable[[RawRequest], Sequence[RawRequest]]
    """Calls that are nearly genuine, made from a genuine one."""
    to: Address
    """Holds the canary number where the provider uses numbers."""
    answers: Mapping[str, ProviderAnswer] = field(default_factory=dict)
    """By what happened; empty where there is no provider."""
    sent_text: Callable[[Call], str] = lambda _: ""
    hooks: Callable[[Channel], Sequence[Hook]] = lambda channel: channel.hooks
    choices: tuple[Choice, ...] = ()
    """What is sent along with each text, in a further spec of the module's VARIANTS."""


REQUIRED_ANSWERS = frozenset(
    {"accepted", "refused for good", "credentials refused", "slow down", "server fault", "unavailable", "nonsense", "redirect"}
)
"""What every provider is known to answer one day."""


def links(private: str = PUBLIC) -> Links:
    """Where we are reached."""
    return Links(public=PUBLIC, private=private)


def with_headers(request: RawRequest, **headers: str) -> RawRequest:
    """The same call with other headers; names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(request.method, request.path, request.query, {**request.headers, **named}, request.body)


def without_header(request: RawRequest, name: str) -> RawRequest:
    """The same call without one header."""
    headers = {each: value for each, value in request.headers.items() if each != name}
    return RawRequest(request.method, request.path, request.query, headers, request.body)
