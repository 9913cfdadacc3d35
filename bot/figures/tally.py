"""Counting, and what follows from counts. Pure: the same facts are the same counts, in whatever order they come."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from bot.figures.model import ALL, NAMES, Counted, Counts, Facts, Filed, Sent

REGENCY = 5
"""Characters of its code: 36.71."""
_OF_OFFICES = frozenset({"sent_by", "opened_by", "completed_by"})
"""What is not counted for ALL: admins are many, and each is their own office's business."""


def tally(facts: Facts) -> Mapping[str, Counts]:
    """By office, and ALL of them together, which is always there."""
    counters: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for office, name, key in _marks(facts):
        for each in {office} if name in _OF_OFFICES else {office, ALL}:
            counters[each][name][key] += 1
    return {office: Counts(**counters[office]) for office in (*counters, ALL)}


def total(days: Iterable[Counts]) -> Counts:
    """The sum."""
    sums: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
    for counts in days:
        for name in NAMES:
            sums[name].update(getattr(counts, name))
    return Counts(**sums)


def quantile(counted: Counted, share: float) -> int | None:
    """The least number that is not exceeded by that share of all: 0.5 gives the median. None of none."""
    needed, seen = share * sum(counted.values()), 0
    for number in sorted(map(int, counted)):
        seen += counted[str(number)]
        if seen >= needed:
            return number
    return None


def two_digits(seconds: int) -> int:
    """Rounded so that a day's times are few different ones: 47, 130, 5200."""
    step: int = 10 ** max(len(str(seconds)) - 2, 0)
    return (seconds + step // 2) // step * step


def _marks(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """(office, field of Counts, key) for each thing that is counted once."""
    for filed in facts.filed:
        for name, key in _of_report(filed):
            yield filed.office, name, key
    for left in facts.left:
        yield left.office, "left", f"{left.question} {left.how}"
    for sent in facts.sent:
        for name, key in _of_redirect(sent):
            yield sent.office, name, key


def _of_report(filed: Filed) -> Iterator[tuple[str, str]]:
    yield "channels", filed.channel
    yield "kinds", filed.kind
    yield "regions", filed.area[:REGENCY]
    if filed.seconds is not None:
        yield "seconds", str(two_digits(max(filed.seconds, 0)))
    if filed.messages is not None:
        yield "messages", str(filed.messages)


def _of_redirect(sent: Sent) -> Iterator[tuple[str, str]]:
    for name, counts in (("sent", True), ("opened", sent.opened), ("completed", sent.completed)):
        if counts:
            yield name, sent.network
            yield f"{name}_by", sent.account
