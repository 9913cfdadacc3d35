"""The places a report can be forwarded to; FORWARD_TARGET names one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import aiohttp

from bot.books.outgoing import Outbound
from bot.forwarder import book, core
from bot.forwarder.protocol import Target

DEFAULT = "core"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the registry: which settings a target needs, and how it is built."""

    required: tuple[str, ...]
    build: Callable[[Mapping[str, str], aiohttp.ClientSession, Outbound], Target]


TARGETS: Mapping[str, Entry] = MappingProxyType(
    {
        "core": Entry(required=("CORE_URL", "CORE_TOKEN", "CORE_WEBHOOK_SECRET"), build=core.build),
        "book": Entry(required=("DESK_KEY",), build=book.build),
    }
)
