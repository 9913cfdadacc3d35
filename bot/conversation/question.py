"""What a question is: how it is asked, and how a reply to it is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.conversation.session import Draft
from bot.conversation.talk import Reply, Talk
from bot.model import Capabilities, Medium


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


def by_chat(draft: Draft, capabilities: Capabilities) -> bool:
    """For steps whose answer is optional: each question by SMS costs money, and the summary offers to fill it in."""
    del draft
    return capabilities.medium is not Medium.SMS


def _always(draft: Draft, capabilities: Capabilities) -> bool:
    del draft, capabilities
    return True


@dataclass(frozen=True, slots=True)
class Step(Question):
    """A question about the draft itself."""

    skip: Callable[[Draft], None] | None = None
    """What leaving it out means; None when it has to be answered."""
    applies: Callable[[Draft, Capabilities], bool] = _always
    """Whether the answer belongs to this draft at all: it is asked for, or may be corrected."""
    asked: Callable[[Draft, Capabilities], bool] = _always
    """Whether it is asked of its own accord."""
