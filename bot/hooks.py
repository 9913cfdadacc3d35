"""What passes between a route that a provider calls and the channel that understands it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.model import DeliveryReport, Inbound


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A webhook call as it came."""

    method: str
    path: str
    """Without the query."""
    query: bytes
    """Raw, still percent-encoded; without the question mark."""
    headers: Mapping[str, str]
    """Each found under its name in lower case."""
    body: bytes


Received = Sequence[Inbound | DeliveryReport]


def _nothing(_received: Received) -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class Hook:
    """A route the provider calls."""

    method: str
    path: str
    """aiohttp's notation: /hooks/sms/{secret}."""
    receive: Callable[[RawRequest], Received]
    """Verifies, then parses. Raises Forbidden (403) or Malformed (400); an empty answer is a 200."""
    answer: Callable[[Received], bytes] = _nothing
    """What the provider reads in the body of our 200, as JSON, once what it sent is durable: it acknowledges what is to be acknowledged.
    Empty: there is nothing to say.
    """
