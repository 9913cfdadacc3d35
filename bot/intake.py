"""The first use case: messages and notices enter a conversation, each in ONE atomic write, before anybody is told they arrived.

Events of one conversation wait in a mailbox and advance together; conversations do not wait for each other. The write is filtered on the
version that was read; whoever finds that another process was faster reads again and computes again, with the same drawn values.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot import access, answering, effects, logs, metrics, tracing
from bot.clock import WIB, Now
from bot.conversation import engine, session
from bot.conversation.protocol import Drawn, Event, Heard, Notice, Query, Say, SideEffect, Turn
from bot.conversation.tables import Tables
from bot.errors import StoreUnavailable, Unstorable
from bot.inbound_record import record, storable
from bot.live import Live
from bot.model import Address, Brief, Capabilities, Effect, Inbound, Outbound
from bot.pace import Pace
from bot.ports import LEASE_SECONDS, Applied, Conversations, Held, Parked, ParkedItem, Reports, StoredConversation, StoredReport, TurnWrite
from bot.redirects import Redirects
from bot.tracing import Trace

LEASE = timedelta(seconds=LEASE_SECONDS)
APPLIED_FOR = timedelta(hours=48)
APPLIED_AT_MOST = 500
TURNS_A_WRITE = 50
CONFLICTS_AT_MOST = 20
NEEDS_AT_MOST = 5

log = logs.get_logger(__name__)


class Carriers(Protocol):
    """Who carries out what a turn decided: `bot.delivery`."""

    def carrying(self, conversation: str, fence: int) -> AbstractContextManager[object | None]:
        """A token while this process is carrying out effects of this conversation under this fence. It goes on at least as long as the
        context: a turn's write may add to it.
        """

    def take(self, conversation: str, fence: int, new: Sequence[Effect], *, after: Sequence[Effect], carrying: object | None) -> None:
        """Carry out effects that a turn's own write has claimed. With a token of `carrying`: only if that is still going on (else its
        end has made them due for a worker), and in their order: `after` is what was pending before them.
        """

    def acknowledge(self, message: Inbound) -> None:
        """Best effort, outside the lanes."""


@dataclass(slots=True)
class _Letter:
    """An event waiting in a mailbox."""

    id: str
    event: Event
    trace: Trace
    done: asyncio.Future[None]


@dataclass(slots=True)
class _Mailbox:
    letters: list[_Letter] = field(default_factory=list)
    emptying: bool = False


class Intake:
    """Applies events to conversations."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        reports: Reports,
        redirects: Redirects,
        parked: Parked,
        held: Held,
        live: Live,
        carriers: Carriers,
        render: Callable[[Say, Capabilities], Outbound],
        brief: Callable[[Say, date], Brief | None],
        capabilities: Callable[[Address], Capabilities],
        tables: Tables,
        now: Now,
        real: Now,
    ) -> None:
        """`now`: business time, which turns are computed at; `real`: of leases, pace, and how long an id is remembered."""
        self._conversations = conversations
        self._reports = reports
        self._redirects = redirects
        self._parked = parked
        self._held = held
        self._live = live
        self._carriers = carriers
        self._render = render
        self._brief = brief
        self._capabilities = capabilities
        self._tables = tables
        self._now = now
        self._real = real
        self._mailboxes: dict[str, _Mailbox] = {}
        self._emptying: set[asyncio.Task[None]] = set()
        self._pace = Pace()

    async def receive(self, messages: Sequence[Inbound]) -> None:
        """Apply what citizens sent; returns when it is durable. Raises StoreUnavailable: the provider must send it again."""
        waiting = []
        for message in map(storable, messages):
            if await self._too_fast(message):
                await self._held.hold(replace(message, trace=str(tracing.current() or tracing.new())), self._real())
                metrics.HELD.inc()
            else:
                waiting.append(self.apply(message))
        if len(waiting) == 1:
            await waiting[0]
        else:
            await asyncio.gather(*waiting)

    async def _too_fast(self, message: Inbound) -> bool:
        conversation = str(message.address)
        if self._pace.holding(conversation) and await self._held.has(conversation):
            return True
        return self._pace.exceeded(conversation, self._real())

    async def apply(self, message: Inbound) -> None:
        """Apply one message, however fast its sender writes."""
        event = Heard(message=message, drawn=Drawn(*access.draw_report()), capabilities=self._capabilities(message.address))
        with tracing.bound(tracing.parse(message.trace) or tracing.current()):
            await self._post(str(message.address), message.id, event)
        if message.ack:
            self._carriers.acknowledge(message)

    async def notice(self, conversation: str, notice: Notice) -> None:
        """Tell a conversation what happened; returns when it is durable."""
        await self._post(conversation, notice.id, notice)

    def capabilities(self, conversation: str) -> Capabilities:
        """What the channel of a conversation can carry."""
        return self._capabilities(Address.parse(conversation))

    async def close(self) -> None:
        """Wait for the mailboxes that are being emptied."""
        while self._emptying:
            await asyncio.gather(*self._emptying, return_exceptions=True)

    async def _post(self, conversation: str, id_: str, event: Event) -> None:
        letter = _Letter(id_, event, tracing.current() or tracing.new(), asyncio.get_running_loop().create_future())
        mailbox = self._mailboxes.setdefault(conversation, _Mailbox())
        mailbox.letters.append(letter)
        if not mailbox.emptying:
            mailbox.emptying = True
            task = asyncio.create_task(self._empty(conversation, mailbox))
            self._emptying.add(task)
            task.add_done_callback(self._emptying.discard)
        await letter.done

    async def _empty(self, conversation: str, mailbox: _Mailbox) -> None:
        """Apply what waits, all of it together, until nothing does."""
        while mailbox.letters:
            batch = mailbox.letters[:TURNS_A_WRITE]
            del mailbox.letters[:TURNS_A_WRITE]
            try:
                await self._apply(conversation, batch)
            except Exception as error:  # noqa: BLE001  # whatever it was, each sender must hear that it did not arrive
                for letter in batch:
                    if not letter.done.done():
                        letter.done.set_exception(error)
            else:
                for letter in batch:
                    if not letter.done.done():
                        letter.done.set_result(None)
        del self._mailboxes[conversation]

    async def _apply(self, conversation: str, batch: Sequence[_Letter], *, refused: bool = False) -> None:
        """`refused`: the database would not take what a letter of this batch has made of the document."""
        for _ in range(CONFLICTS_AT_MOST):
            stored = self._live.get(conversation) or await self._conversations.load(conversation)
            known = {applied.id for applied in stored.applied}
            new = list({letter.id: letter for letter in batch if letter.id not in known}.values())
            if new and not await self._apply_new(stored, new, refused=refused):
                continue
            metrics.INBOUND.labels(_transport(conversation), "applied").inc(len(new))
            if len(new) < len(batch):
                metrics.INBOUND.labels(_transport(conversation), "duplicate").inc(len(batch) - len(new))
            return
        raise StoreUnavailable("too many writers on one conversation")

    async def _apply_new(self, stored: StoredConversation, new: Sequence[_Letter], *, refused: bool) -> bool:
        """False when another process was faster."""
        with metrics.TURN_SECONDS.time():
            state, decided = await self._advance(stored, new, refused=refused)
        try:
            return await self._write_turn(stored, state, new, decided)
        except Unstorable:
            if refused:
                raise
            for letter in new:  # apart, to find the one; that one is given up
                await self._apply(stored.id, [letter], refused=len(new) == 1)
            return True

    async def _write_turn(
        self, stored: StoredConversation, state: Mapping[str, Any], letters: Sequence[_Letter], new: Sequence[Effect]
    ) -> bool:
        """False when another process was faster."""
        # From here to the write nothing may wait: whether a carriage of ours is still going on decides who carries out.
        with self._carriers.carrying(stored.id, stored.fence) as carrying:
            stored = self._newest(stored)
            write = self._write(stored, state, letters, new, carried_here=carrying is not None)
            durable = await self._commit(write)
            if durable and write.claim:
                self._live.put(_after(self._newest(stored), write))
                self._carriers.take(stored.id, stored.fence, write.effects, after=stored.effects, carrying=carrying)
            elif durable and not write.effects:
                self._live.put(_after(self._newest(stored), write))
            else:  # whoever carries these out settles them behind our back
                self._live.forget(stored.id)
        return durable

    async def _commit(self, write: TurnWrite) -> bool:
        """True when durable. After a refusal or an unknown outcome the copy is no longer to be trusted."""
        try:
            with metrics.COMMIT_SECONDS.time():
                if await self._conversations.commit(write):
                    return True
        except StoreUnavailable:
            self._live.forget(write.conversation)
            raise
        self._live.forget(write.conversation)
        return False

    def _newest(self, stored: StoredConversation) -> StoredConversation:
        """The same version, less what has been settled since it was read."""
        copy = self._live.get(stored.id)
        return copy if copy is not None and copy.version == stored.version else stored

    async def _advance(
        self, stored: StoredConversation, letters: Sequence[_Letter], *, refused: bool
    ) -> tuple[Mapping[str, Any], list[Effect]]:
        """Compute the turns of all letters, one on top of the other: the session after them, and what they decided.

        What was held back until the citizen writes is said before that.
        """
        state: Mapping[str, Any] = stored.session
        new = effects.said_at_last(stored.unsaid, pending=stored.effects, now=self._now()) if _any_heard(letters) else []
        for letter in letters:
            with tracing.bound(letter.trace):
                state, decided = await self._turn(stored.id, state, letter, pending=[*stored.effects, *new], refused=refused)
                new += map(tracing.carried, decided)
        return state, new

    def _write(
        self,
        stored: StoredConversation,
        state: Mapping[str, Any],
        letters: Sequence[_Letter],
        new: Sequence[Effect],
        *,
        carried_here: bool,
    ) -> TurnWrite:
        now, real = self._now(), self._real()
        claim = bool(new) and (carried_here or not stored.effects)
        applied = tuple(each for each in stored.applied if real - each.at < APPLIED_FOR)
        applied = (*applied, *(Applied(letter.id, real) for letter in letters))[-APPLIED_AT_MOST:]
        return TurnWrite(
            conversation=stored.id,
            version=stored.version,
            session=state,
            applied=applied,
            effects=tuple(new),
            due=real + LEASE if claim else now,
            at=now,
            claim=claim,
            fence=stored.fence,
            clears=claim and not stored.effects,
            expires_at=session.expires_at(state),
            unsaid=() if stored.unsaid and _any_heard(letters) else None,
        )

    async def _turn(
        self, conversation: str, state: Mapping[str, Any], letter: _Letter, *, pending: Sequence[Effect], refused: bool
    ) -> tuple[Mapping[str, Any], list[Effect]]:
        """One event. A bug in the conversation or its words parks it, tells the citizen the truth, and leaves the session as it was."""
        now = self._now()
        reason = "unstorable"
        if not refused:
            try:
                event = _heard_after(letter.event, pending)
                turn = await self._answered(conversation, state, event, _came(event) or now, effects.unfiled(pending))
                return turn.session, self._effects(letter, turn.effects, now, len(pending))
            except StoreUnavailable:
                raise
            except Exception as error:  # a poison message must not block what comes after it
                log.exception("turn_failed", conversation=logs.ref(conversation), event_id=letter.id)
                reason = type(error).__name__
        await self._park(conversation, letter, reason, now)
        # A notice was not written by the citizen, who does not miss it; an operator replays it.
        sorry = (Say("sorry.parked", language=str(state.get("language", "id"))),) if isinstance(letter.event, Heard) else ()
        return state, self._effects(letter, sorry, now, len(pending))

    def _effects(self, letter: _Letter, decided: Sequence[SideEffect], now: datetime, pending: int) -> list[Effect]:
        capabilities = letter.event.capabilities

        def render(say: Say) -> Outbound:
            words = self._render(say, capabilities)
            return replace(words, brief=self._brief(say, now.astimezone(WIB).date())) if capabilities.closes else words

        return effects.of_turn(letter.id, decided, now=now, render=render, pending=pending)

    async def _park(self, conversation: str, letter: _Letter, reason: str, now: datetime) -> None:
        metrics.PARKED.labels("inbound").inc()
        await self._parked.park(_parked_letter(conversation, letter, reason, now))

    async def _answered(
        self, conversation: str, state: Mapping[str, Any], event: Event, now: datetime, unfiled: Sequence[StoredReport]
    ) -> Turn:
        answers: dict[Query, Any] = {}
        for _ in range(NEEDS_AT_MOST):
            outcome = engine.advance(state, event, now, answers=answers, tables=self._tables)
            if isinstance(outcome, Turn):
                return outcome
            answers[outcome.query] = await answering.find(
                self._reports, conversation, outcome.query, now, unfiled, redirects=self._redirects
            )
        raise RuntimeError("the conversation asks without end")


def _after(stored: StoredConversation, write: TurnWrite) -> StoredConversation:
    """The copy as it is once the write is durable."""
    return StoredConversation(
        id=stored.id,
        version=write.version + 1,
        session=write.session,
        applied=write.applied,
        effects=(*stored.effects, *write.effects),
        due=stored.due,
        fence=stored.fence,
        unsaid=stored.unsaid if write.unsaid is None else write.unsaid,
    )


def _any_heard(letters: Sequence[_Letter]) -> bool:
    """Whether the citizen has written: then every channel is open."""
    return any(isinstance(letter.event, Heard) for letter in letters)


def _came(event: Event) -> datetime | None:
    """When it came, where that was before now."""
    return event.message.at if isinstance(event, Heard) else None


def _heard_after(event: Event, pending: Sequence[Effect]) -> Event:
    """The event, knowing whether words of ours were still waiting when it came."""
    if not isinstance(event, Heard) or not any(effect.lane == effects.SPEECH for effect in pending):
        return event
    return replace(event, quiet=False)


def _transport(conversation: str) -> str:
    return conversation.partition(":")[0]


def _parked_letter(conversation: str, letter: _Letter, reason: str, now: datetime) -> ParkedItem:
    event = letter.event
    if isinstance(event, Heard):
        payload: dict[str, Any] = {"message": record(replace(event.message, trace=str(letter.trace)))}
    else:
        told = {"kind": event.kind, "text": event.text, "attachments": event.attachments, "reason": event.reason}
        payload = {"notice": told, "report": event.report.id if event.report else None}
    return ParkedItem(id=f"{conversation}/{letter.id}", what="inbound", reason=reason, owner=conversation, payload=payload, at=now)
