"""What a visitor does: write from a phone, play the officer, move the clock, look at what is stored."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bot import workdays
from bot.clock import WIB, Now
from bot.errors import Forbidden, Malformed
from bot.model import Inbound, Medium
from bot.ports import Conversations, Outbox, OutboxItem, StoredReport
from bot.simulator import shown
from bot.simulator.office import STEPS, Dossiers, Office, Reply, collect
from bot.simulator.visit import Doorkeeper, phones
from bot.simulator_routes import SaveUpload, compose, said
from bot.visitors import Visitor, Visitors

PAGE = 100
REPORTS_SHOWN = 30
FILES_AT_MOST = 5
AHEAD_AT_MOST = timedelta(days=400)
"""How far the clock can be moved ahead in all; holidays are known no further."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Business time."""

    now: Now
    ahead: Callable[[], timedelta]
    """How far it is ahead of the real time."""
    move: Callable[[timedelta], Awaitable[None]] | None
    """Have it so far ahead, here and in the offices, for everybody; raises DeliveryError. None: it cannot be moved."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What practising needs of the rest."""

    receive: Callable[[Sequence[Inbound]], Awaitable[None]]
    outbox: Outbox
    save_upload: SaveUpload
    read_upload: Callable[[str], Awaitable[bytes | None]]
    visitors: Visitors
    conversations: Conversations
    place: Callable[[str], str]
    """The name of an area by its code."""
    clock: Clock
    office: Office | None
    """None: the core has no officer routes."""
    real: Now


class Practice:
    """The use case of the pages."""

    def __init__(self, parts: Parts) -> None:
        self.doors = Doorkeeper(parts.visitors, parts.real)
        self._parts = parts
        self.movable = parts.clock.move is not None
        """Whether the clock can be moved."""

    async def say(self, id_: str, given: Mapping[str, Any]) -> str:
        """Take a message from a phone of this visitor; its id. Raises Malformed, Bounded or StoreUnavailable."""
        phone = _phone(given.get("phone"))
        visitor = await self.doors.admit(id_, uploading=_bytes_of(given.get("files") or []))
        message, uploads = compose(given, phones(visitor)[phone])
        for upload, data in uploads.items():
            await self._parts.save_upload(upload, data)
        await self._parts.outbox.add(said(message, self._parts.clock.now()))
        await self._parts.receive((message,))
        return message.id

    async def dialogue(self, visitor: Visitor, after: int) -> Sequence[OutboxItem]:
        """What was said and heard on the citizen's phones since then. Raises StoreUnavailable."""
        return await self._parts.outbox.dialogue([str(address) for address in phones(visitor).values()], after, PAGE)

    async def state(self, id_: str) -> tuple[Visitor, Mapping[str, Any]]:
        """All that a page shows beside the messages. Raises StoreUnavailable."""
        visitor = await self._parts.visitors.load(id_)
        whatsapp = str(phones(visitor)[Medium.WHATSAPP])
        reports = await self._parts.visitors.reports(id_, REPORTS_SHOWN)
        conversation = await self._parts.conversations.load(whatsapp)
        last = await self._parts.outbox.last_said(whatsapp)
        ahead = self._parts.clock.ahead()
        return visitor, shown.state(visitor, reports, conversation, last, ahead=ahead, place=self._parts.place)

    async def upload(self, id_: str, sequence: int, place: int) -> bytes | None:
        """A file of a message of this visitor; None when it is not theirs or not there. Raises Bounded or StoreUnavailable."""
        self.doors.look(id_)
        item = await self._parts.outbox.one(sequence)
        if item is None or not any(item.to.startswith(f"sim:{medium}:try-{id_}-") for medium in Medium):
            return None
        files = item.more.get("files", ())
        return await self._parts.read_upload(files[place]["upload"]) if 0 <= place < len(files) else None

    async def dossiers(self, id_: str) -> Dossiers:
        """What the core knows of this visitor's reports. Raises Bounded or StoreUnavailable."""
        self.doors.look(id_)
        return await self._core_knows(await self._parts.visitors.reports(id_, REPORTS_SHOWN))

    async def step(self, id_: str, ticket: str, name: str, words: bytes) -> Reply:
        """Play the officer on a report of this visitor.

        Raises Malformed, Forbidden for anybody else's, Bounded, DeliveryError or StoreUnavailable.
        """
        if name not in STEPS:
            raise Malformed("no step of an officer")
        await self.doors.admit(id_)
        reports = await self._parts.visitors.reports(id_, REPORTS_SHOWN)
        if self._parts.office is None or ticket not in {report.ticket for report in reports}:
            raise Forbidden
        return await self._parts.office.step(ticket, name, words)

    async def advance(self, id_: str, by: object) -> None:
        """Move the clock of the bot and of the offices. Raises Malformed, Forbidden, Bounded, DeliveryError or StoreUnavailable."""
        clock = self._parts.clock
        ahead = clock.ahead() + _leap(by, clock.now())
        await self.doors.admit(id_)
        if clock.move is None or ahead > AHEAD_AT_MOST:
            raise Forbidden
        await clock.move(ahead)

    async def stored(self, id_: str, phone: object) -> Mapping[str, Any]:
        """What lies in the database about one phone of the citizen, and at the core. Raises Malformed, Bounded or StoreUnavailable."""
        self.doors.look(id_)
        visitor = await self._parts.visitors.load(id_)
        address = str(phones(visitor)[_phone(phone)])
        reports = [report for report in await self._parts.visitors.reports(id_, REPORTS_SHOWN) if report.conversation == address]
        found = await self._core_knows(reports)
        return shown.stored(await self._parts.conversations.load(address), reports, found.by_ticket)

    async def _core_knows(self, reports: Sequence[StoredReport]) -> Dossiers:
        if self._parts.office is None:
            return Dossiers(away=True)
        return await collect(self._parts.office, [report.ticket for report in reports if report.ticket])


def _phone(name: object) -> Medium:
    try:
        return Medium(str(name))
    except ValueError:
        raise Malformed("no such phone") from None


def _bytes_of(files: object) -> int:
    """About how many bytes come in base64."""
    if not isinstance(files, list) or len(files) > FILES_AT_MOST or not all(isinstance(file, dict) for file in files):
        raise Malformed(f"files are a list of at most {FILES_AT_MOST}")
    return sum(len(str(file.get("data"))) * 3 // 4 for file in files)


def _leap(by: object, now: datetime) -> timedelta:
    """How far a button moves the clock. Five working days end at the same time of day."""
    match by:
        case "1h":
            return timedelta(hours=1)
        case "25h":
            return timedelta(hours=25)
        case "5wd":
            here = now.astimezone(WIB)
            return datetime.combine(workdays.shift(here.date(), 5), time.min, WIB) - datetime.combine(here.date(), time.min, WIB)
        case _:
            raise Malformed("no such leap")
