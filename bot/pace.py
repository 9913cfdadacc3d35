"""How fast people write: who writes too fast is put aside until what is held of them has been applied."""

from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
_SWEEP_ABOVE = 2_000
"""People remembered; when there are more, those who have been quiet are forgotten."""


class Pace:
    """How fast people write: above `most` messages a minute they are held until what is held has been applied."""

    def __init__(self, most: int = 60) -> None:
        self._most = most
        self._recent: dict[str, list[datetime]] = {}
        self._held: set[str] = set()
        self._sweep_above = _SWEEP_ABOVE

    def exceeded(self, conversation: str, now: datetime) -> bool:
        """Count one message; whether it is one too many."""
        self._held.discard(conversation)
        recent = [moment for moment in self._recent.get(conversation, ()) if now - moment < _MINUTE]
        recent.append(now)
        self._recent[conversation] = recent
        if len(self._recent) > self._sweep_above:
            self._sweep(now)
        if len(recent) <= self._most:
            return False
        del recent[0]
        self._held.add(conversation)
        return True

    def holding(self, conversation: str) -> bool:
        """Whether this process held a message of theirs and has not seen the rest applied since."""
        return conversation in self._held

    def _sweep(self, now: datetime) -> None:
        self._recent = {id_: recent for id_, recent in self._recent.items() if recent and now - recent[-1] < _MINUTE}
        self._sweep_above = max(_SWEEP_ABOVE, 2 * len(self._recent))
