"""Saying things to citizens, and what becomes of words that their provider refuses because they have been silent for a day.

It may refuse them at once or, having taken them, by a delivery report. Either way they are held back until the citizen writes, and then
said first; who has written before the report came is told at once. If they were a notice, a nudge tells it in brief meanwhile: by an
approved template, else by SMS.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from bot import effects, metrics
from bot.carriage import Carried
from bot.clock import Now
from bot.errors import LaporError, Rejected, Unreachable, WindowClosed
from bot.model import Address, Brief, Delivered, DeliveryReport, Effect, FileRef, Outbound
from bot.ports import Conversations


class Channel(Protocol):
    """What is needed of a channel here: see `bot.channels.protocol.Channel`."""

    async def send(self, to: Address, message: Outbound, *, conversation: str, effect: str) -> str:
        """Once; answers the provider's id."""

    async def fetch(self, file: FileRef, *, limit: int) -> bytes:
        """The bytes of a file."""


@runtime_checkable
class TellsInBrief(Protocol):
    """A channel whose provider takes an approved template at any time."""

    async def send_brief(self, to: Address, brief: Brief, *, conversation: str, effect: str) -> str:
        """Once; answers the provider's id. Raises Rejected when there is no such template."""


class Keeper(Protocol):
    """Who writes what a conversation keeps: `amending.Amending`."""

    async def hold_back(self, conversation: str, words: Effect, new: Sequence[Effect]) -> None:
        """Keep words until the citizen writes, and push effects: both once for the same words. `words.due`: when they were sent."""

    async def push(self, conversation: str, new: Sequence[Effect]) -> None:
        """Push effects."""


class Speech:
    """The way of words, and of files, through the channels."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        channel: Callable[[str], Channel | None],
        by_sms: Callable[[Address], Address | None],
        keeper: Keeper,
        now: Now,
    ) -> None:
        """`by_sms`: where the same person gets an SMS, if they do."""
        self._conversations = conversations
        self._channel = channel
        self._by_sms = by_sms
        self._keeper = keeper
        self._now = now

    def reach(self, address: Address) -> Channel:
        """The channel of an address. Raises Unreachable while it is switched off."""
        channel = self._channel(address.transport)
        if channel is None:
            raise Unreachable("this channel is switched off")
        return channel

    async def say(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        """The words of a turn."""
        address, sent_at = Address.parse(owner), self._now()
        sending = self.reach(address).send(address, effects.outbound(effect.data), conversation=owner, effect=effect.id)
        try:
            provider_id = await _counted(address, effect, sending)
        except WindowClosed:
            await self._hold_back(owner, replace(effect, due=sent_at))
            return Carried()
        return Carried(provider_id, words=replace(effect, due=sent_at) if effects.brief(effect.data) else None)

    async def nudge(self, owner: str, effect: Effect, _pending: Sequence[Effect]) -> Carried:
        """A notice in brief, by the first way that takes it. If none does, its words are still held back."""
        address, brief = Address.parse(owner), effects.brief(effect.data)
        if brief is None:
            raise Rejected("a nudge says nothing")
        channel = self.reach(address)
        if effect.data["by_template"] and isinstance(channel, TellsInBrief):
            try:
                sending = channel.send_brief(address, brief, conversation=owner, effect=effect.id)
                return Carried(await _counted(address, effect, sending), words=effect)
            except Rejected:
                pass  # there is none, or the provider will not have it
        number = self._by_sms(address)
        if number is None:
            return Carried()
        try:
            sending = self.reach(number).send(number, Outbound(brief.text), conversation=owner, effect=effect.id)
            return Carried(await _counted(number, effect, sending))
        except Rejected:
            return Carried()

    async def reported(self, report: DeliveryReport) -> bool:
        """What a provider says later of words it took; False when they are not known, or not yet."""
        owner, failed = report.conversation, report.state is Delivered.FAILED
        words = await self._conversations.words(owner, report.effect) if failed else None
        if words:
            if words.kind == "nudge":
                await self._keeper.push(owner, effects.nudge(words, now=self._now(), by_template=False))
            elif report.window_closed and not effects.is_overtaken(words, await self._conversations.spoken(owner)):
                await self._hold_back(owner, words)
        # Last: it forgets the words, so that the same report again does nothing. Words that have come to be known meanwhile it must not.
        return await self._conversations.report_delivery(
            owner, report.effect, report.state, report.code, self._now(), wordless=failed and words is None
        )

    async def _hold_back(self, owner: str, words: Effect) -> None:
        await self._keeper.hold_back(owner, words, effects.nudge(words, now=self._now()))
        metrics.HELD_BACK.inc()


async def _counted(to: Address, effect: Effect, sending: Awaitable[str]) -> str:
    if effect.unsure:
        metrics.RESENT.inc()
    try:
        with metrics.SEND_SECONDS.labels(to.transport).time():
            provider_id = await sending
    except LaporError as error:
        metrics.SEND.labels(to.transport, error.code).inc()
        raise
    metrics.SEND.labels(to.transport, "sent").inc()
    return provider_id
