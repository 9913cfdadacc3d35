"""Who practises, which phones are theirs, and how much one visitor may do."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.channels.simulator import MENUS, NAME
from bot.clock import Now
from bot.errors import LaporError
from bot.model import Address, Medium
from bot.pace import Pace
from bot.visitors import Visitor, Visitors

ACTIONS_A_MINUTE = 60
LOOKS_A_MINUTE = 240
"""At what is stored, at files, and at the officer's desk."""
NEW_VISITORS_A_MINUTE = 120
"""In one process; a class of forty comes at once, a flood does not come through."""
CITIZENS_AT_MOST = 200
UPLOADED_AT_MOST = 200_000_000
"""Bytes of all files of a visitor."""
STREAMS_AT_MOST = 6
"""Open pages of one visitor; a browser keeps no more connections to one host."""
STREAMS_IN_ALL = 300
"""In one process: each asks the database several times a second."""


class Bounded(LaporError):
    """This visitor does more than a person practising would: wait a little."""

    code = "bounded"


def visitor_id(secret: str) -> str:
    """What a visitor is known by inside; the secret in their cookie cannot be found from it."""
    return hashlib.blake2s(secret.encode(), digest_size=8).hexdigest()


def phones(visitor: Visitor) -> Mapping[Medium, Address]:
    """The three phones of the citizen the visitor plays now."""
    name = f"try-{visitor.id}-{visitor.citizen}{MENUS if visitor.templates else ''}"
    return {medium: Address(NAME, f"{medium}:{name}") for medium in Medium}


def plays(visitor: Visitor, conversation: str | None) -> bool:
    """Whether a conversation is on a phone of the citizen played now."""
    return conversation in {str(address) for address in phones(visitor).values()}


class Doorkeeper:
    """Keeps what one visitor does within bounds, in this process."""

    def __init__(self, visitors: Visitors, real: Now) -> None:
        self._visitors = visitors
        self._real = real
        self._pace = Pace(ACTIONS_A_MINUTE)
        self._looks = Pace(LOOKS_A_MINUTE)
        self._arrivals = Pace(NEW_VISITORS_A_MINUTE)
        self._streams: Counter[str] = Counter()

    async def admit(self, id_: str, *, uploading: int = 0) -> Visitor:
        """The visitor, about to do something. `uploading`: bytes. Raises Bounded or StoreUnavailable."""
        if self._pace.exceeded(id_, self._real()):
            raise Bounded
        visitor = await self._visitors.load(id_)
        if visitor.citizen == 0 and self._arrivals.exceeded("", self._real()):
            raise Bounded
        if visitor.uploaded + uploading > UPLOADED_AT_MOST:
            raise Bounded
        if visitor.citizen == 0:
            return await self._visitors.renew(id_, templates=False, case="", at=self._real())
        await self._visitors.seen(id_, self._real(), uploaded=uploading)
        return visitor

    def look(self, id_: str) -> None:
        """The visitor is about to look at something. Raises Bounded."""
        if self._looks.exceeded(id_, self._real()):
            raise Bounded

    async def renew(self, id_: str, *, templates: bool, case: str) -> Visitor:
        """The visitor with a new citizen, whose phones are empty. Raises Bounded or StoreUnavailable."""
        visitor = await self.admit(id_)
        if visitor.citizen >= CITIZENS_AT_MOST:
            raise Bounded
        return await self._visitors.renew(id_, templates=templates, case=case, at=self._real())

    @contextmanager
    def streaming(self, id_: str) -> Iterator[None]:
        """One more open page of theirs. Raises Bounded."""
        if self._streams[id_] >= STREAMS_AT_MOST or self._streams.total() >= STREAMS_IN_ALL:
            raise Bounded
        self._streams[id_] += 1
        try:
            yield
        finally:
            self._streams[id_] -= 1
            if not self._streams[id_]:
                del self._streams[id_]
