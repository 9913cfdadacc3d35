"""Conversations that are going on now, kept with the version they have, so that a turn needs no read.

A copy may be stale: the write's filter on the version finds out. It is bounded: the least recently used go first.
"""

from collections import OrderedDict
from collections.abc import Collection

from bot.model import Effect
from bot.ports import StoredConversation

CAPACITY = 1_000
"""About 7 kB each while a report is under way. A copy must outlive the half second in which what was said may wait to be settled, at the
rate of a full process: whoever reads before that takes the words for unsaid. Later it costs one read, which many share.
"""


class Live:
    """A bounded map from conversation id to the copy this process knows."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._copies: OrderedDict[str, StoredConversation] = OrderedDict()

    def get(self, id_: str) -> StoredConversation | None:
        """The copy, if there is one."""
        copy = self._copies.get(id_)
        if copy is not None:
            self._copies.move_to_end(id_)
        return copy

    def put(self, copy: StoredConversation) -> None:
        """Keep the newest copy."""
        self._copies[copy.id] = copy
        self._copies.move_to_end(copy.id)
        if len(self._copies) > self._capacity:
            self._copies.popitem(last=False)

    def forget(self, id_: str) -> None:
        """After a refused or unknown write: the next turn reads."""
        self._copies.pop(id_, None)

    def settled(self, id_: str, done: Collection[str], changed: Collection[Effect]) -> None:
        """Take over what became of effects, so that the next turn knows whether anything is pending."""
        copy = self._copies.get(id_)
        if copy is None:
            return
        news = {effect.id: effect for effect in changed}
        left = tuple(news.get(effect.id, effect) for effect in copy.effects if effect.id not in done)
        # Not `replace`, which takes five times as long: this is done for every message.
        self._copies[id_] = StoredConversation(copy.id, copy.version, copy.session, copy.applied, left, copy.due, copy.fence, copy.unsaid)
