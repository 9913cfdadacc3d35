"""Content templates as Twilio keeps them for an operator, and what it makes of their variables."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """What the phone shows."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    """(id, label) of what can be tapped."""


@dataclass(frozen=True, slots=True)
class Template:
    """So many reply buttons or rows; or none, and a sentence of three variables."""

    choices: int
    approved: bool = False
    """By WhatsApp: it goes out at any time."""
    line_breaks: bool = True
    """Whether variables may hold them: Twilio's pages on 21656 and 92007 do not agree."""

    def shown(self, variables: str) -> Shown | None:
        """None: error 21656, the variables are not valid."""
        try:
            values = json.loads(variables)
        except ValueError:
            return None
        count = 1 + 2 * self.choices if self.choices else 3
        if not isinstance(values, dict) or list(values) != [str(number) for number in range(1, count + 1)]:
            return None
        texts = list(values.values())
        if not all(isinstance(text, str) and text for text in texts):
            return None
        if (self.approved or not self.line_breaks) and any("\n" in text for text in texts):
            return None
        if not self.choices:
            return Shown("Kabar laporan nomor {}: {}, per tanggal {}. Balas pesan ini untuk membacanya.".format(*texts))
        return self._menu(*texts)

    def _menu(self, text: str, *pairs: str) -> Shown | None:
        choices = tuple(zip(pairs[1::2], pairs[::2], strict=True))
        longest = 20 if self.choices <= 3 else 24
        unique = len({id_ for id_, _ in choices}) == len({label for _, label in choices}) == len(choices)
        if not unique or len(text) > 1024 or any(len(label) > longest or len(id_) > 200 for id_, label in choices):
            return None
        return Shown(text, choices)
