"""What the conversation has to know that is not in the session: handed in, so that the engine stays pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.conversation.categories import CATEGORIES, Category
from bot.conversation.understanding.matters import ELSEWHERE
from bot.conversation.understanding.reading import Reading


class AreaChoice(Protocol):
    """One of several places a name may mean."""

    @property
    def code(self) -> str:
        """An area code: 36.71."""

    @property
    def label(self) -> str:
        """What the citizen is shown: Kota Tangerang."""


class AreaGuess(Protocol):
    """What a text says about a place. `code`: sure. `candidates`: one of these. Neither: unknown."""

    @property
    def code(self) -> str | None:
        """The area, when the text is sure of it."""

    @property
    def name(self) -> str:
        """Its full name, or "" when it is not sure."""

    @property
    def candidates(self) -> Sequence[AreaChoice]:
        """What an ambiguous name may mean."""

    @property
    def many(self) -> bool:
        """The name is borne by far more areas than can be asked."""


class Places(Protocol):
    """The administrative areas."""

    def find(self, text: str) -> AreaGuess:
        """Which area a text names."""

    def name(self, code: str) -> str:
        """The full name: "Kecamatan Cibodas, Kota Tangerang, Banten"."""


ReadDay = Callable[[str, date], date | None]
"""(text, today) -> the day the text names, None when it names none."""

ReadText = Callable[[str, date], Reading]
"""(text, today) -> everything that a report's text says."""


def read_nothing(text: str, today: date) -> Reading:
    """For a conversation that asks for everything."""
    del text, today
    return Reading("bukan")


@dataclass(frozen=True, slots=True)
class Tables:
    """Configuration and data of the conversation."""

    privacy_url: str
    """Where the full privacy notice stands: {PUBLIC_BASE_URL}/privasi."""
    notice_version: str
    """The privacy notice's version: consent is asked once for each."""
    places: Places
    read_day: ReadDay
    read: ReadText = read_nothing
    read_note: ReadText = read_nothing
    """The same of words about a report, which need be no report themselves."""
    categories: Sequence[Category] = CATEGORIES
    out_of_scope: frozenset[str] = ELSEWHERE
    """Of what others answer for: the matters whose address is told before the report goes on."""
