"""The numbers as tables, each a plot on the page and a file of its own: rows with their words, the same for page, file and command."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.books.columns import Column
from bot.books.writing import Sheet
from bot.desk.words import Translate
from bot.drafts_left import How
from bot.figures.figures import Summary
from bot.figures.model import Counted

PROVINCE = 2
"""Characters of its code."""
FEW = 5
"""Of a region fewer than that are not told exactly."""
LIMITS = (0, 60, 120, 300, 600, 1800, 3600, 86_400)
"""Seconds between which times to the receipt are shown."""
MANY = 16
"""Messages; more are shown together."""
NAMES = ("days", "channels", "kinds", "regions", "seconds", "messages", "left", "networks", "admins")


@dataclass(frozen=True, slots=True)
class Names:
    """How what is counted is called."""

    t: Translate
    known: Callable[[str], bool]
    """Whether `t` has words for a key."""
    area: Callable[[str], str]
    """An area's code -> its name; "" for one that is not known."""
    people: Mapping[str, str]
    """Account -> name."""

    def named(self, prefix: str, value: str) -> str:
        """The words of a value; the value itself where there are none."""
        return self.t(prefix + value) if self.known(prefix + value) else value


@dataclass(frozen=True, slots=True)
class Row:
    """What is counted, and how many."""

    label: str
    values: Sequence[int | None]
    """None: a few, not told exactly."""
    key: str = ""
    """Its code."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first value of each row is what the plot shows."""

    name: str
    headings: Sequence[str]
    """Of the labels, then of the values."""
    rows: Sequence[Row]
    keys: str = ""
    """What stands above the codes in a file; "": they are left out."""

    @property
    def most(self) -> int:
        """The largest of the first values."""
        return max((row.values[0] or 0 for row in self.rows), default=0)


def table(name: str, summary: Summary, names: Names, *, exact: bool) -> Table:
    """One of NAMES. `exact`: also the small numbers of a region."""
    counts, t = summary.counts, names.t
    match name:
        case "days":
            return _table(name, names, [Row(day.isoformat(), (count,)) for day, count in summary.reports.items()])
        case "channels":
            return _table(name, names, _rows(counts.channels, lambda channel: names.named("medium.", channel)))
        case "kinds":
            return _table(name, names, _rows(counts.kinds, lambda kind: names.named("kind.", kind)))
        case "regions":
            return regions(counts.regions, names, exact=exact)
        case "seconds":
            return _table(name, names, _durations(counts.seconds, t))
        case "messages":
            return _table(name, names, _messages(counts.messages, t))
        case "left":
            return _table(name, names, _left(counts.left, names), *(t(f"numbers.left_{how}") for how in How))
        case "networks":
            return _redirects(name, names, counts.sent, counts.opened, counts.completed)
        case "admins":
            return _redirects(name, names, counts.sent_by, counts.opened_by, counts.completed_by)
    raise KeyError(name)


def regions(counted: Counted, names: Names, *, exact: bool, province: str | None = None, provinces: bool = False) -> Table:
    """Reports by regency, of all or of a province; or by `provinces`."""
    within: Counter[str] = Counter()
    for code, count in counted.items():
        if province is None or code[:PROVINCE] == province:
            within[code[:PROVINCE] if provinces else code] += count
    rows = _rows(within, lambda code: names.area(code) or names.t("numbers.nowhere"), keyed=True)
    told = [row if exact or _is_many(row) else Row(row.label, (None,), row.key) for row in rows]
    return _table("regions", names, told, keys=names.t("numbers.code"))


def _is_many(row: Row) -> bool:
    """Whether nobody could be found behind it: it is not few, or a whole province's."""
    return len(row.key) <= PROVINCE or (row.values[0] or 0) >= FEW


def sheet(table: Table) -> Sheet:
    """As a file."""
    columns = [Column(str(number), heading) for number, heading in enumerate(table.headings)]
    keys = [Column("key", table.keys)] if table.keys else []
    rows = [
        {"key": row.key, "0": row.label, **{str(number): shown(value) for number, value in enumerate(row.values, 1)}} for row in table.rows
    ]
    return Sheet(table.name, [*keys, *columns], rows)


def shown(value: int | None) -> str:
    """In a file."""
    return f"<{FEW}" if value is None else str(value)


def percent(part: int, whole: int) -> int:
    """Of a hundred."""
    return round(100 * part / whole) if whole else 0


def _table(name: str, names: Names, rows: Sequence[Row], *more: str, keys: str = "") -> Table:
    t = names.t
    return Table(name, (t(f"numbers.head_{name}"), t("numbers.drafts" if name == "left" else "numbers.reports"), *more), rows, keys)


def _rows(counted: Counted, label: Callable[[str], str], *, keyed: bool = False) -> list[Row]:
    """The largest first."""
    rows = [Row(label(key), (count,), key if keyed else "") for key, count in counted.items()]
    return sorted(rows, key=_largest_first)


def _durations(counted: Counted, t: Translate) -> list[Row]:
    if not counted:
        return []
    times = {int(seconds): count for seconds, count in counted.items()}
    return [
        Row(t(f"numbers.within_{until}"), (sum(count for seconds, count in times.items() if since <= seconds < until),))
        for since, until in pairwise(LIMITS)
    ] + [Row(t("numbers.longer"), (sum(count for seconds, count in times.items() if seconds >= LIMITS[-1]),))]


def _messages(counted: Counted, t: Translate) -> list[Row]:
    numbers = {int(number): count for number, count in counted.items()}
    few = [
        Row(str(number), (numbers.get(number, 0),)) for number in range(min(numbers, default=MANY), min(max(numbers, default=0) + 1, MANY))
    ]
    many = sum(count for number, count in numbers.items() if number >= MANY)
    return [*few, *([Row(t("numbers.more_messages", n=MANY), (many,))] if many else [])]


def _left(counted: Counted, names: Names) -> list[Row]:
    """By question, the one at which most gave up first: all, then by how."""
    by_question: dict[str, dict[str, int]] = {}
    for key, count in counted.items():
        question, _, how = key.partition(" ")
        by_question.setdefault(question, {})[how] = count
    rows = [
        Row(names.named("numbers.at_", question), (sum(by_how.values()), *(by_how.get(how, 0) for how in How)))
        for question, by_how in by_question.items()
    ]
    return sorted(rows, key=_largest_first)


def _redirects(name: str, names: Names, sent: Counted, opened: Counted, completed: Counted) -> Table:
    """How many were sent, opened and completed, and how many of a hundred that is."""

    def row(key: str, count: int) -> Row:
        label = names.people.get(key, key) if name == "admins" else names.named("network.", key)
        return Row(label, (count, opened.get(key, 0), completed.get(key, 0), percent(completed.get(key, 0), count)))

    headings = [names.t(f"shares.{each}") for each in ("sent", "opened", "completed")]
    rows = sorted((row(key, count) for key, count in sent.items()), key=_largest_first)
    return Table(name, (names.t(f"numbers.head_{name}"), *headings, names.t("numbers.percent")), rows)


def _largest_first(row: Row) -> tuple[int, str]:
    return -(row.values[0] or 0), row.label
