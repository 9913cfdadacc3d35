"""What is printed and kept: sections of Markdown, each with the command, the commit and the machine it was measured on."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import clock

RESULTS = Path(__file__).parent / "RESULTS.md"
PREFACE = Path(__file__).parent / "PREFACE.md"
"""How to read them."""
_HEADING = re.compile(r"^(?=## )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """One part's figures: tables and the words around them."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be reached."""

    name: str
    value: float
    passes: float
    aim: float | None = None
    unit: str = ""
    more_is_better: bool = False

    @property
    def verdict(self) -> str:
        """How far it came."""
        if self.aim is not None and self._reaches(self.aim):
            return "aim"
        return "pass" if self._reaches(self.passes) else "MISSED"

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.more_is_better else self.value <= bound


def goals(each: Iterable[Goal]) -> str:
    """A table of them."""
    rows = [
        (goal.name, _figure(goal.value, goal.unit), _figure(goal.passes, goal.unit), _figure(goal.aim, goal.unit), goal.verdict)
        for goal in each
    ]
    return table(("goal", "measured", "pass", "aim", ""), rows)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.3g} {unit}".rstrip() if value < 1000 else f"{value:,.0f} {unit}".rstrip()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """In Markdown that reads well as it is: the first column to the left, figures to the right."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = "|" + "|".join("-" * (width + 2) if not column else "-" * (width + 1) + ":" for column, width in enumerate(widths)) + "|"
    body = [
        "| "
        + " | ".join(
            cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in lines
    ]
    return "\n".join([body[0], rule, *body[1:]])


def provenance(command: str) -> str:
    """The line under a section's title."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"`{command}` at commit {_commit()}, {clock.now():%Y-%m-%d %H:%M} UTC. {machine()}; load when it began {load}."


def machine() -> str:
    """What it ran on."""
    info = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} CPUs ({model}), {memory:.0f} GB, Linux {platform.release()}, Python {platform.python_version()}"


def _commit() -> str:
    def git(*arguments: str) -> str:
        directory = Path(__file__).parent
        done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603, S607  # fixed words; git from the PATH
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no", "--", ":!RESULTS.md") else ""
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + changed


def merged(old: str, preface: str, new: Sequence[Section], order: Sequence[str]) -> str:
    """The document `old` with the sections `new` in the place of theirs; those that were not measured now stay as they are."""
    kept = {part.partition("\n")[0].removeprefix("## "): part.strip() for part in _HEADING.split(old) if part.startswith("## ")}
    kept |= {section.title: f"## {section.title}\n\n{section.text.strip()}" for section in new}
    return "\n\n".join([preface.strip(), *(kept[title] for title in order if title in kept)]) + "\n"
