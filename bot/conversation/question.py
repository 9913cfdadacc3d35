"""What a question is: how it is asked, and how a reply to it is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk
from bot.model import Capabilities


class Outcome(Enum):
    """What became of a reply."""

    TAKEN = auto()
    """Understood; the question is settled."""
    UNCLEAR = auto()
    """Not understood; ask again with a hint."""
    STAYS = auto()
    """Understood, and the question has said what comes next itself."""
    TOLD = auto()
    """No answer, but more of the story, which the draft has now: ask what is open then."""
    PASSED = auto()
    """No reply to this question at all: drop it, and take the message as if it had not been asked."""


Ask = Callable[[Talk, bool], None]
"""(talk, again): say the question; `again`, with a hint, because the last reply was not understood."""

Hear = Callable[[Talk, Reply], Outcome]


@dataclass(frozen=True, slots=True)
class Question:
    """Anything that may be open between two turns."""

    name: str
    ask: Ask
    hear: Hear
    aside: bool = False
    """It stands beside the draft, which goes on when it is closed."""


Applies = Callable[[Draft, Capabilities], bool]


@dataclass(frozen=True, slots=True)
class Step(Question):
    """A question about the draft itself."""

    skip: Callable[[Draft], None] | None = None
    """What leaving it out means; None when it has to be answered."""
    applies: Applies | None = None
    """Whether the answer belongs to this draft at all: it is asked for, or may be corrected. None: to any."""
    optional: bool = False
    """By SMS, where each question costs money, it is not asked of its own accord: the summary offers to fill it in."""
