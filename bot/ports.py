"""What the use cases ask of a store. `bot.store` keeps these promises with MongoDB; the use cases know only these."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from bot.history import Milestone, Waits
from bot.model import Delivered, Effect, Inbound, Status
from bot.origin import Filter, Origin
from bot.redirects import Scope

LEASE_SECONDS = 30
"""How long a process that claimed a document may work on it unseen."""


@dataclass(frozen=True, slots=True)
class Applied:
    """An inbound message or event that has taken effect."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation's document as read. Version 0: there is none yet."""

    id: str
    version: int = 0
    session: Mapping[str, Any] = field(default_factory=dict)
    applied: tuple[Applied, ...] = ()
    effects: tuple[Effect, ...] = ()
    due: datetime | None = None
    fence: int = 0
    unsaid: tuple[Effect, ...] = ()
    """Words held back until the citizen writes, in order."""


@dataclass(frozen=True, slots=True)
class TurnWrite:
    """The one atomic write of a turn."""

    conversation: str
    version: int
    """The version the turn was computed on; the write is refused when the document has another."""
    session: Mapping[str, Any]
    applied: tuple[Applied, ...]
    """All that stay known: the former ones less those over 48 hours, and the new; at most 500."""
    effects: tuple[Effect, ...]
    """New ones only."""
    due: datetime
    at: datetime
    claim: bool
    """True: the writer carries the effects out itself, as nothing was pending, or as it holds the lease of what was: `due` is the end of
    its lease and is set.
    False: somebody else does; the effects are looked at when `due` has come, or by the holder of a lease that stands."""
    fence: int = 0
    """The fence the turn was computed on; a write that claims is refused when the document has another."""
    clears: bool = False
    """With `claim`: nothing was pending at that version and fence, but for what is settled already, or is on its way to be."""
    expires_at: datetime | None = None
    """When a draft without consent is to be erased; None: never."""
    unsaid: tuple[Effect, ...] | None = None
    """All words held back from now on; None: as it was."""


@dataclass(frozen=True, slots=True)
class Done:
    """An effect carried out; `provider_id` for what was said."""

    effect: str
    provider_id: str | None = None
    words: Effect | None = None
    """The effect itself, where the provider may yet say that the words were not delivered, and they are to be told otherwise."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of the effects a holder of a lease worked on."""

    id: str
    fence: int
    at: datetime
    done: tuple[Done, ...] = ()
    """Pulled whatever the fence: they have happened. What was said (with a provider id) joins `sent`: the last 20."""
    changed: tuple[Effect, ...] = ()
    """Rescheduled ones with their new due, attempts and unsure; only while the fence is still the holder's."""
    known: frozenset[str] = frozenset()
    """All effect ids the holder has seen."""
    next_due: datetime | None = None
    """When the known ones that are left want to be looked at. While the fence is still the holder's: `due` is unset when no effect is
    left, becomes `at` when one is left that the holder does not know, else becomes `next_due` (`at` when None)."""
    renews: bool = False
    """The holder goes on working: `due` becomes `next_due`, the end of its lease, whatever is left."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A document whose lease a worker has just taken; the fence is already the new one."""

    id: str
    fence: int
    effects: tuple[Effect, ...]
    """`unsure` where the lease of somebody who died has lapsed: any of them may have happened."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to be carried out in one collection."""

    pending: int
    """Documents with effects, counted up to a bound."""
    oldest: datetime | None
    """The earliest `due`; a lease ahead of now while somebody works on it."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How much of one kind waits, and since when."""

    kind: str
    """An effect's kind, or the reason why it is parked."""
    count: int
    """Up to the bound of whoever counted."""
    oldest: datetime | None
    channel: str = ""
    """The transport of the conversations concerned."""


class Lanes(Protocol):
    """Documents with effects: conversations and reports alike."""

    async def claim(self, now: datetime, until: datetime, limit: int, *, scheduled: datetime | None = None) -> Sequence[Claim]:
        """Take up to `limit` documents with due <= now: due becomes `until`, fence rises by one.

        `scheduled`: business time, where it is ahead of `now`. What is due by schedule is due by it; a lease ends by real time.
        """

    async def settle(self, settlement: Settlement) -> None:
        """Record it in the next bulk, or with the next turn, at most 500 ms later; returns when it is durable."""

    async def held_by(self, id_: str, fence: int) -> bool:
        """Whether this fence is still the present one."""

    async def effects(self, id_: str, fence: int) -> Sequence[Effect]:
        """What is still to be carried out, also what others have pushed; nothing when the fence is no longer the present one."""

    async def backlog(self) -> Backlog:
        """How much is pending, and since when."""

    async def waiting(self) -> Sequence[Queue]:
        """The same by channel and kind of effect, of the two thousand documents that are due first."""


class Conversations(Lanes, Protocol):
    """The conversations."""

    async def load(self, id_: str) -> StoredConversation:
        """Majority-committed state; version 0 when there is no document. Raises StoreUnavailable."""

    async def commit(self, turn: TurnWrite) -> bool:
        """Write in a group; True when durable (majority, journal), False when another version stands. Raises StoreUnavailable: unknown."""

    async def expired(self, now: datetime, limit: int) -> Sequence[str]:
        """Conversations whose `expires_at` has passed."""

    async def report_delivery(
        self, id_: str, effect: str, state: Delivered, code: str | None, at: datetime, *, wordless: bool = False
    ) -> bool:
        """Move a sent message's state forward, never backwards; False when it is not known. Its words are forgotten once their fate is
        known. `wordless`: a message whose words are remembered is left alone, and counts as not known.
        """

    async def words(self, id_: str, effect: str) -> Effect | None:
        """What was said, while it is remembered: the `words` of its `Done`."""

    async def spoken(self, id_: str) -> Sequence[str]:
        """What was said of late, or is still to be: the ids of the effects."""

    async def erase_words(self, id_: str) -> None:
        """Erase what is held back and what is known of sent messages."""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report's document as read."""

    id: str
    receipt: str
    code_hash: str
    conversation: str | None
    """None once unbound by erasure."""
    body: Mapping[str, Any]
    """What is forwarded, still without attachments."""
    media: tuple[str, ...]
    submitted_at: datetime
    version: int = 1
    payload: bytes | None = None
    """The frozen bytes, once frozen."""
    ticket: str | None = None
    status: Status = Status.RECEIVED
    sequence: int = 0
    """Of the last status known; messages do not move it."""
    agency: str | None = None
    note: str | None = None
    missing: tuple[str, ...] = ()
    due_dates: Mapping[str, date] = field(default_factory=dict)
    wants_answer: bool = False
    rated: bool = False
    completed_at: datetime | None = None
    """When the core called it completed last."""
    refused: bool = False
    """The core refused it; it lies parked."""
    applied: tuple[str, ...] = ()
    """Event and operation ids already taken in (the last 500)."""
    effects: tuple[Effect, ...] = ()
    due: datetime | None = None
    fence: int = 0
    language: str = "id"
    redirect: str | None = None
    """The code with which an admin sent its writer to us."""
    entered: Mapping[str, Any] | None = None
    """Who entered it for the citizen, and how they agreed; see `bot.entering.Entry`."""
    contact: str | None = None
    """The conversation of a number that an admin typed, until its owner has shown the access code: it hears that there is news, no more."""
    origin: Origin | None = None
    """The admin through whom it came, redirected or entered."""
    history: tuple[Milestone, ...] = ()
    """The last hundred, oldest first."""
    waits: Waits | None = None
    """Whose turn it is; None when it is over. This and the next are kept up only where `origin` is set."""
    moved_at: datetime | None = None
    """Its last milestone, or its filing."""
    started_at: datetime | None = None
    """When the first message of it came; of one that came by message, as the next."""
    messages: int | None = None
    """How many it took, where that is known."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """Open reports of others, none of them confidential."""

    category: str
    district: str
    """An area code: in it or deeper."""
    since: datetime
    """Submitted since then."""
    at_most: int
    """Counted no further."""


class Reports(Lanes, Protocol):
    """The filed reports."""

    async def insert(self, report: StoredReport) -> None:
        """File it; the same id again is no error and changes nothing."""

    async def load(self, id_: str) -> StoredReport | None:
        """By id."""

    async def find(self, number: str) -> StoredReport | None:
        """By receipt or ticket, normalised."""

    async def of_conversation(self, conversation: str, limit: int) -> Sequence[StoredReport]:
        """Newest first."""

    async def own_and_nearby(self, conversation: str, limit: int, nearby: Nearby) -> tuple[Sequence[StoredReport], int]:
        """What `of_conversation` finds, without payload, effects and history; and how many others there are nearby. One read for both."""

    async def of_redirects(self, codes: Sequence[str]) -> Mapping[str, StoredReport]:
        """Code -> the report that has become of it, where one has."""

    async def entered(self, scope: Scope, before: datetime, limit: int) -> Sequence[StoredReport]:
        """What admins entered for citizens before a moment, newest first."""

    async def brief(self, ids: Sequence[str]) -> Mapping[str, StoredReport]:
        """By id, in brief: without text, history, payload and effects."""

    async def originated(self, scope: Scope, wanted: Filter, before: datetime | None, limit: int) -> Sequence[StoredReport]:
        """What came through a desk, in brief. Newest first, those filed before a moment; where `waits` is asked for the longest waiting
        first, those that wait since after that moment.
        """

    async def update(
        self,
        before: StoredReport,
        changes: Mapping[str, Any],
        *,
        applied: str | None,
        effects: Sequence[Effect],
        at: datetime,
        history: Sequence[Milestone] = (),
    ) -> bool:
        """One atomic write on the version read: sets `changes` (field names of StoredReport), adds `applied` and `history`, pushes
        `effects` (and makes them due no later than `at`, or the end of a lease that stands). False: another version stands.
        """

    async def freeze(self, id_: str, payload: bytes) -> bytes:
        """Set the payload if none is set; answers the one that stands."""

    async def unbind(self, conversation: str) -> int:
        """Cut the tie between a person and their reports; how many."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A file we keep."""

    id: str
    name: str
    mime: str
    """Sniffed from the bytes, not what the sender said."""
    size: int
    sha256: str


class Media(Protocol):
    """Evidence, in GridFS under deterministic ids."""

    async def put(self, media_id: str, conversation: str, data: bytes, *, name: str, mime: str, at: datetime) -> MediaInfo:
        """Keep it; the same id again keeps the first."""

    async def info(self, media_ids: Sequence[str]) -> Mapping[str, MediaInfo]:
        """What is known of those that are here."""

    async def read(self, media_id: str) -> tuple[MediaInfo, AsyncIterator[bytes]] | None:
        """Stream it; None when it is not here."""

    async def bind(self, media_ids: Sequence[str], report: str) -> None:
        """Mark as part of a filed report: erasure of a draft leaves it."""

    async def erase(self, conversation: str) -> int:
        """Erase a person's files that belong to no filed report."""

    async def erase_unfiled(self, before: datetime) -> int:
        """Erase files kept since before then that belong to no filed report."""


@dataclass(frozen=True, slots=True)
class ParkedItem:
    """Something the program could not handle, kept with its reason."""

    id: str
    """Deterministic: the same thing parks once."""
    what: str
    """inbound, effect, operation, report, event."""
    reason: str
    """An error code."""
    owner: str
    """The conversation's or report's id, or ""."""
    payload: Mapping[str, Any]
    at: datetime


class Parked(Protocol):
    """The parked things."""

    async def park(self, item: ParkedItem) -> None:
        """Keep it; the same id again is no error."""

    async def list(self, limit: int) -> Sequence[ParkedItem]:
        """Oldest first."""

    async def load(self, id_: str) -> ParkedItem | None:
        """By id."""

    async def remove(self, id_: str) -> bool:
        """After a replay; False when it was not there."""

    async def erase(self, owner: str) -> int:
        """Erase what is parked of a conversation."""

    async def backlog(self) -> Sequence[Queue]:
        """How much is parked for each reason, ten thousand items in all at most, and since when."""


class Held(Protocol):
    """Messages of senders who write too fast: applied later, in order."""

    async def hold(self, message: Inbound, at: datetime) -> None:
        """Keep it under transport + provider id; the same again is no error."""

    async def has(self, conversation: str) -> bool:
        """Whether anything of this conversation is held."""

    async def waiting(self, limit: int) -> Sequence[str]:
        """Conversations with held messages, those waiting longest first."""

    async def oldest(self, conversation: str, limit: int) -> Sequence[Inbound]:
        """In the order of arrival."""

    async def remove(self, messages: Sequence[Inbound]) -> None:
        """After they are applied."""

    async def erase(self, conversation: str) -> int:
        """Erase them."""

    async def backlog(self) -> Queue:
        """How many senders' messages are held, a thousand at most, and since when."""


class Marks(Protocol):
    """Small shared state: cursors, and leases for work that only one process may do."""

    async def get(self, name: str) -> str | None:
        """A cursor."""

    async def put(self, name: str, value: str) -> None:
        """Set a cursor."""

    async def lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew; False while another holder's lease stands."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message as it went out to a simulated phone or a stand-in provider."""

    id: str
    to: str
    channel: str
    text: str
    at: datetime
    choices: tuple[tuple[str, str], ...] = ()
    """(callback data or value, label)."""
    sequence: int = 0
    """Rises over the whole outbox."""
    question: str = ""
    """The question the choices stand under; with a value it makes a `Pick`."""
    said: bool = False
    """The simulated citizen's own words, kept for their phone to show."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the phone shows: files, pin, edits, pick (said), template, ask_location (heard)."""


class Outbox(Protocol):
    """What went to the simulator and the stand-ins; kept for a week, and only there. What simulated citizens said lies beside it."""

    async def add(self, item: OutboxItem) -> None:
        """Append; the same id again is a further item: a repeated word must be seen."""

    async def newest(self, to: str | None, limit: int) -> Sequence[OutboxItem]:
        """Newest first; `to`: an exact address."""

    async def after(self, to: str, sequence: int, limit: int) -> Sequence[OutboxItem]:
        """Oldest first."""

    async def dialogue(self, phones: Sequence[str], sequence: int, limit: int) -> Sequence[OutboxItem]:
        """What was said and heard on simulated phones since then, oldest first."""

    async def last_said(self, phone: str) -> datetime | None:
        """When a simulated citizen wrote last."""

    async def one(self, sequence: int) -> OutboxItem | None:
        """By its number."""
