"""How fast people write: who writes too fast is put aside until what is held of them has been applied."""

from collections import deque
from datetime import datetime, timedelta


class Pace:
    """How fast people write: above `most` messages a minute they are held until what is held has been applied."""

    def __init__(self, most: int = 60) -> None:
        self._most = most
        self._recent: dict[str, deque[datetime]] = {}
        self._held: set[str] = set()

    def exceeded(self, conversation: str, now: datetime) -> bool:
        """Count one message; whether it is one too many."""
        self._held.discard(conversation)
        recent = self._recent.setdefault(conversation, deque())
        while recent and now - recent[0] >= timedelta(minutes=1):
            recent.popleft()
        recent.append(now)
        if len(self._recent) > 50_000:
            self._sweep(now)
        if len(recent) <= self._most:
            return False
        recent.popleft()
        self._held.add(conversation)
        return True

    def holding(self, conversation: str) -> bool:
        """Whether this process held a message of theirs and has not seen the rest applied since."""
        return conversation in self._held

    def _sweep(self, now: datetime) -> None:
        quiet = [id_ for id_, recent in self._recent.items() if not recent or now - recent[-1] >= timedelta(minutes=1)]
        for id_ in quiet:
            del self._recent[id_]
