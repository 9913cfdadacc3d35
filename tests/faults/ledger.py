"""What the world outside saw, with times: what was accepted, what was told to whom, and which faults were made. In memory, in order.

Times are seconds of the monotonic clock of the harness, which plays everybody outside.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Accepted:
    """An inbound message that was answered 2xx for the first time."""

    conversation: str
    id: str
    attempts: int
    """How many attempts that took; above 1 the provider had to come again."""
    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """An outgoing message that its provider took."""

    conversation: str
    text: str
    effect: str
    """Which effect said it, by the dye that the victims' calls carry."""
    pid: int
    """Which process said it."""
    at: float


ANSWER_LOST = "answer_lost"
"""What a provider took, and could not say so any more."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that we broke."""

    what: str
    """As `before:write`, `random`, `mongod`, `stopped`."""
    pids: frozenset[int] | None
    """The processes it hit; None: all of them."""
    at: float
    until: float
    """When what it hit was gone, or awake again."""

    def hit(self, pid: int) -> bool:
        return self.pids is None or pid in self.pids

    @property
    def kills(self) -> bool:
        """It ended the processes it hit, in that moment."""
        return self.pids is not None and self.at == self.until


@dataclass(slots=True)
class Ledger:
    """One run's."""

    accepted: dict[tuple[str, str], Accepted] = field(default_factory=dict)
    """By conversation and id."""
    told: list[Told] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    """Webhook calls by outcome: a status, or `none` where no answer came."""
    took: list[float] = field(default_factory=list)
    """Seconds that each of them took."""
    listeners: dict[str, Callable[[Told], None]] = field(default_factory=dict)
    """By conversation: who hears what is told there."""

    def accept(self, conversation: str, id_: str, attempts: int) -> None:
        """Note the first 2xx."""
        self.accepted.setdefault((conversation, id_), Accepted(conversation, id_, attempts, time.monotonic()))

    def tell(self, conversation: str, text: str, effect: str, pid: int) -> Told:
        """Note a message, and let the person read it."""
        told = Told(conversation, text, effect, pid, time.monotonic())
        self.told.append(told)
        if listener := self.listeners.get(conversation):
            listener(told)
        return told

    def break_(self, what: str, pids: frozenset[int] | None, *, at: float | None = None) -> None:
        """Note a fault that is over now."""
        now = time.monotonic()
        self.faults.append(Fault(what, pids, now if at is None else at, now))

    @contextmanager
    def breaking(self, what: str) -> Iterator[None]:
        """Note a fault that everybody may feel, and that is over at the end."""
        at = time.monotonic()
        try:
            yield
        finally:
            self.break_(what, None, at=at)

    def by_effect(self) -> dict[tuple[str, str], list[Told]]:
        """Everything told, by conversation and effect."""
        found: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for told in self.told:
            found[told.conversation, told.effect].append(told)
        return found

    def repeats(self) -> list[tuple[Told, Told]]:
        """Each thing told again, with the time before: (before, again)."""
        return [pair for told in self.by_effect().values() for pair in pairwise(told)]
