"""Conversations that are going on now, kept with the version they have, so that a turn needs no read.

A copy may be stale: the write's filter on the version finds out. It is bounded: those that are over go first, then the least recently used.
"""

from collections import OrderedDict
from collections.abc import Collection

from bot.model import Effect
from bot.ports import StoredConversation

CAPACITY = 600
"""About 7 kB each while a report is under way. Who writes again after that many others costs one read, which many share: a process with
more people in talk than this is busy enough for that."""


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

    def put(self, copy: StoredConversation, *, over: bool) -> None:
        """Keep the newest copy. `over`: nothing is under way, so that its citizen will hardly write again soon."""
        self._copies[copy.id] = copy
        self._copies.move_to_end(copy.id, last=not over)
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
