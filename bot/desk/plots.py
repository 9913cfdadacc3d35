"""Where the lines of a plot go. What is drawn with them stands in the templates; a stylesheet stretches it to the screen."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 100
"""The plot's own units: from the top left."""
_STEPS = (10, 12, 16, 20, 30, 40, 50, 60, 80, 100)
"""Round two digits."""


@dataclass(frozen=True, slots=True)
class Line:
    """Values from left to right."""

    points: str
    """As SVG wants them."""
    top: int
    """The value at the upper edge: even, so that there is a whole one half way up."""
    width: int = WIDTH
    height: int = HEIGHT


def line(values: Sequence[int]) -> Line:
    """A line over these, none of them negative; a level one over a single value."""
    top = _round(max(values, default=0))
    heights = [HEIGHT - HEIGHT * value / top for value in values] * (2 if len(values) == 1 else 1)
    step = WIDTH / max(len(heights) - 1, 1)
    return Line(" ".join(f"{number * step:.1f},{height:.1f}" for number, height in enumerate(heights)), top)


def _round(most: int) -> int:
    """The next round number, and an even one."""
    if most <= _STEPS[0]:
        return max(most + most % 2, 2)
    unit: int = 10 ** (len(str(most)) - 2)
    return next(step * unit for step in _STEPS if step * unit >= most)
