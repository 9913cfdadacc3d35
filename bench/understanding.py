"""`python -m bench.understanding`: how much is understood of the labelled cases, how fast, and in how much memory."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from bench import results
from bench.results import Section
from bench.usage import peak_megabytes

TITLE = "Understanding"
TODAY = date(2026, 11, 20)
ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
ROUNDS = 20
ONE_REGENCY = 5
ONE_DISTRICT = 8

Case = dict[str, Any]


def load_cases() -> list[Case]:
    """Every labelled case."""
    return [orjson.loads(line) for file in sorted(CASES.glob("*.jsonl")) for line in file.read_bytes().splitlines()]


def rates(cases: Sequence[Case], readings: Sequence[Any]) -> dict[str, tuple[int, int]]:
    """For each thing that is measured: how many are right, of how many. `wrong regency` counts those stated as sure."""
    pairs = list(zip(cases, readings, strict=True))
    reports = [(case, reading) for case, reading in pairs if case["kind"] != "bukan"]
    placed = [(case, reading) for case, reading in reports if case["area"]]
    deep = [(case, reading) for case, reading in placed if len(case["area"]) >= ONE_DISTRICT]
    open_ = [(case, reading) for case, reading in reports if case["ambiguous"]]

    def count(of: list[tuple[Case, Any]], right: Callable[[Case, Any], bool]) -> tuple[int, int]:
        return sum(right(case, reading) for case, reading in of), len(of)

    return {
        "kind": count(pairs, lambda case, reading: reading.kind == case["kind"]),
        "regency": count(placed, lambda case, reading: (reading.area or "")[:ONE_REGENCY] == case["area"][:ONE_REGENCY]),
        "district": count(deep, lambda case, reading: (reading.area or "")[:ONE_DISTRICT] == case["area"][:ONE_DISTRICT]),
        "ambiguous": count(open_, lambda case, reading: set(reading.candidates) == set(case["ambiguous"])),
        "day": count(pairs, lambda case, reading: (reading.occurred_on and reading.occurred_on.isoformat()) == case["occurred_on"]),
        "category": count(pairs, lambda case, reading: reading.category == case["category"]),
        "wrong regency": count(pairs, states_wrong_regency),
    }


def states_wrong_regency(case: Case, reading: Any) -> bool:
    """True when a regency is stated as sure that the text does not tell."""
    stated = (reading.area or "")[:ONE_REGENCY]
    return len(stated) == ONE_REGENCY and stated != (case["area"] or "")[:ONE_REGENCY]


def main() -> None:
    """Print the measures."""
    memory = peak_megabytes(os.getpid())
    begun = time.perf_counter()
    from bot.conversation.understanding.area import Places
    from bot.conversation.understanding.reading import read

    places = Places.load()
    started, held = time.perf_counter() - begun, peak_megabytes(os.getpid()) - memory
    cases = load_cases()
    readings = [read(case["text"], TODAY, places) for case in cases]
    print(f"{len(cases)} labelled cases.\n")
    rows = [(name, right, of, f"{right / of:.1%}") for name, (right, of) in rates(cases, readings).items()]
    print(results.table(("understood", "right", "of", ""), rows))
    taken = []
    for case in cases * ROUNDS:
        begun = time.thread_time()  # of CPU: a busy machine must not be taken for a slow reading
        read(case["text"], TODAY, places)
        taken.append((time.thread_time() - begun) * 1000)
    taken.sort()
    print(f"\nCPU a message: p50 {taken[len(taken) // 2]:.2f} ms, p99 {taken[len(taken) * 99 // 100]:.2f} ms, most {taken[-1]:.2f} ms.")
    print(f"Start-up: {started * 1000:.0f} ms, {held:.0f} MB with its packages.")


def measure() -> Section:
    """In a process of its own: its memory is measured too."""
    done = subprocess.run([sys.executable, "-m", "bench.understanding"], cwd=ROOT, capture_output=True, text=True, check=True)
    return Section(TITLE, done.stdout)


if __name__ == "__main__":
    main()
