"""A citizen's number: shown in part, and whole only to who says why. What they say is audited."""

from dataclasses import dataclass

_SHOWN = 3
"""Characters at each end."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A number as a page may show it."""

    shown: str
    sealed: str
    """What the form that asks for it sends back."""


def masked(number: str, sealed: str) -> Masked:
    """Its first and last characters; of a short one nothing."""
    hidden = max(len(number) - 2 * _SHOWN, 0)
    shown = f"{number[:_SHOWN]}{'•' * hidden}{number[-_SHOWN:]}" if hidden >= _SHOWN else "•" * len(number)
    return Masked(shown, sealed)
