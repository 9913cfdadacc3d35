"""Writes to a conversation for which nobody wrote anything: its effects, what it keeps back, a draft that has lapsed, an end of silence.

Rare beside turns, and so always from what the database holds; a live copy is left behind by them and forgotten.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import effects, tracing
from bot.clock import Now
from bot.conversation import automatic, leaving, session
from bot.errors import StoreUnavailable
from bot.live import Live
from bot.model import Address, Capabilities, Effect
from bot.ports import Conversations, StoredConversation, TurnWrite

CONFLICTS_AT_MOST = 20
UNSAID_AT_MOST = 30
"""Above that the oldest words give way: what they told of a report, later ones tell better."""


class Amending:
    """All its methods return when what they write is durable, and raise StoreUnavailable when it may not be."""

    def __init__(self, *, conversations: Conversations, live: Live, capabilities: Callable[[Address], Capabilities], now: Now) -> None:
        """`now`: business time."""
        self._conversations = conversations
        self._live = live
        self._capabilities = capabilities
        self._now = now

    async def push(self, conversation: str, new: Sequence[Effect]) -> None:
        """Put effects on a conversation's lanes."""
        await self._amend(conversation, lambda _, same: replace(same, effects=tuple(map(tracing.carried, new))))

    async def hold_back(self, conversation: str, words: Effect, new: Sequence[Effect]) -> None:
        """Keep words until the citizen writes, and push effects: both once for the same words. `words.due`: when they were sent.

        Who has written since is told at once, and not in brief: they need not write once more.
        """

        def changed(stored: StoredConversation, same: TurnWrite) -> TurnWrite | None:
            if session.heard_since(stored.session, words.due):
                again = effects.said_at_last([words], pending=stored.effects, now=same.at)
                return replace(same, effects=tuple(map(tracing.carried, again)))
            if any(each.id == words.id for each in stored.unsaid):
                return None
            return replace(same, effects=tuple(map(tracing.carried, new)), unsaid=(*stored.unsaid, words)[-UNSAID_AT_MOST:])

        await self._amend(conversation, changed)

    async def expire(self, conversation: str) -> None:
        """Erase a draft that had no consent in time, and count those that a week has passed over."""
        capabilities = self._capabilities(Address.parse(conversation))

        def changed(_: StoredConversation, same: TurnWrite) -> TurnWrite:
            state, left = leaving.without_lapsed(same.session, same.at, capabilities)
            return replace(same, session=state, effects=tuple(effects.count_left(each, now=same.at) for each in left))

        await self._amend(conversation, changed)

    async def unmute(self, conversation: str) -> None:
        """Answer them again who were taken for a machine."""
        await self._amend(conversation, lambda _, same: replace(same, session=automatic.unmuted(same.session)))

    async def _amend(self, conversation: str, changed: Callable[[StoredConversation, TurnWrite], TurnWrite | None]) -> None:
        """`changed` is given the write that would leave everything as it is; None: nothing to do."""
        for _ in range(CONFLICTS_AT_MOST):
            stored, now = await self._conversations.load(conversation), self._now()
            same = TurnWrite(conversation, stored.version, stored.session, stored.applied, (), now, now, claim=False)
            write = changed(stored, same)
            if write is None:
                return
            try:
                if await self._conversations.commit(replace(write, expires_at=session.expires_at(write.session))):
                    return
            finally:
                self._live.forget(conversation)
        raise StoreUnavailable("too many writers on one conversation")
