"""How many messages a report costs: a scripted citizen who answers truthfully sends every labelled report.

`pytest tests/unit/test_messages_needed.py --update` writes the table anew; the difference is to be read.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from bench.understanding import TODAY, load_cases
from bot.clock import WIB
from bot.conversation.understanding.reading import MANY
from tests.transcripts.player import START, Player, tables

TABLE = Path(__file__).resolve().parents[2] / "docs" / "messages-needed.md"
HOME = "36.71.09"
"""Where it is, of reports whose label names no place."""
AT_MOST = 30
MOST_BY_SMS = 4
UNDECIDED = {
    "ask.elsewhere": "tetap",
    "ask.similar": "baru",
    "ask.doubt": "ya",
    "ask.consent": "ya",
    "ask.agency": "lewati",
    "ask.category_word": "lewati",
    "ask.evidence": "lewati",
    "ask.visibility": "terbuka",
    "ask.name": "lewati",
}
"""What everybody answers."""
HEAD = """# How many messages a report needs

A scripted citizen sends each labelled report of `tests/cases` as the first message and answers what is asked truthfully: with the
label's kind, area, day and category. What the summary gets wrong is corrected. Counted is every message or tap of theirs until the
report is filed. A text is complete when its label has the kind, a village, district or regency without doubt, and for a complaint the
day. `tests/unit/test_messages_needed.py` plays this with every run and fails when the table is no longer true.
"""


@dataclass
class Truth:
    """What really happened, as labelled; what the label leaves open is made up."""

    case: dict

    @property
    def area(self):
        candidates = [code for code in self.case["ambiguous"] if (code,) != MANY]
        return self.case["area"] or (candidates[0] if candidates else HOME)

    @property
    def place(self):
        return tables().places.name(self.area)

    @property
    def day(self):
        return date.fromisoformat(self.case["occurred_on"]) if self.case["occurred_on"] else None

    @property
    def is_complete(self):
        placed = self.case["area"] is not None and len(self.case["area"]) > 2
        return placed and (self.case["kind"] != "pengaduan" or self.day is not None)

    def answer(self, say):
        """Words, or the value of a choice."""
        offered = [offer.value for offer in say.offers]
        if say.key in UNDECIDED:
            return UNDECIDED[say.key]
        if say.key == "ask.summary":
            return self._correction(say.params) or "kirim"
        if say.key == "ask.kind":
            return self.case["kind"]
        if say.key == "ask.category":
            return self.case["category"] if self.case["category"] in offered else "lewati"
        if say.key in {"ask.where", "ask.where_more"}:
            return self.place
        if say.key == "ask.where_which":
            return self._choice(offered)
        if say.key == "ask.when":
            return f"{self.day:%d/%m/%Y}" if self.day else "tidak_tahu"
        when = f"{self.day:%d/%m/%Y}" if self.day else "lupa tanggalnya"
        if say.key == "ask.gaps":
            return f"{self.place}, {when}"
        assert say.key == "ask.gaps_which", say.key
        choice = self._choice(offered)
        return f"{offered.index(choice) + 1} {when}"

    def _correction(self, shown):
        """What somebody says who finds a mistake in the summary."""
        if shown["kind"] != self.case["kind"]:
            return f"jenisnya {self.case['kind']}"
        if self.case["area"] and not (shown["area"] and self._is_near(shown["area"])):
            return f"lokasinya {self.place}"
        if self.day and shown["day"] != self.day and self.case["kind"] == "pengaduan":
            return f"tanggalnya {self.day:%d/%m/%Y}"
        return None

    def _is_near(self, shown):
        """The same place, or a part of it, or what it is a part of."""
        return shown.endswith(self.place) or self.place.endswith(shown)

    def _choice(self, offered):
        return next((code for code in offered if self.area.startswith(code) or code.startswith(self.area)), offered[-1])


def messages_until_filed(channel, truth):
    """Sends the case, answers what is asked, and counts."""
    player = Player(channel)
    send = truth.case["text"]
    for count in range(1, AT_MOST):
        if any(line.startswith("! FileReport") for line in player.play(f"> {send}")):
            return count
        send = reply(player, truth)
    raise AssertionError(f"{truth.case['id']} is never filed on {channel}")


def reply(player, truth):
    """The answer to the question that was asked last: words, a tap, or the number of a choice."""
    say = next(say for say in reversed(player.said) if say.question)
    answer = truth.answer(say)
    offered = [offer.value for offer in say.offers]
    if answer not in offered:
        return answer
    return f"[tap {answer}]" if player.capabilities.buttons else str(offered.index(answer) + 1)


@cache
def counted():
    """(channel, complete) -> the messages each case needed."""
    found = {}
    for channel in ("sms", "telegram"):
        for case in load_cases():
            if case["kind"] == "bukan":
                continue
            truth = Truth(case)
            found.setdefault((channel, truth.is_complete), []).append(messages_until_filed(channel, truth))
    return found


def table():
    most = max(max(counts) for counts in counted().values())
    least = min(min(counts) for counts in counted().values())
    columns = range(least, most + 1)
    lines = [
        "| channel | text | reports | " + " | ".join(f"{n}" for n in columns) + " | median | most |",
        "|---|---|---|" + "---|" * (len(columns) + 2),
    ]
    for (channel, complete), counts in counted().items():
        spread = Counter(counts)
        cells = [str(spread[n] or "") for n in columns]
        lines.append(
            f"| {channel} | {'complete' if complete else 'incomplete'} | {len(counts)} | "
            + " | ".join(cells)
            + f" | {median(counts):g} | {max(counts)} |"
        )
    return HEAD + "\n" + "\n".join(lines) + "\n"


def test_the_labels_are_of_the_day_that_is_played():
    assert START.astimezone(WIB).date() == TODAY


def test_a_complete_sms_needs_one_more_message():
    assert 2 == median(counted()[("sms", True)])


@pytest.mark.parametrize("complete", [True, False])
def test_no_report_by_sms_needs_more_than_four(complete):
    assert MOST_BY_SMS >= max(counted()[("sms", complete)])


def test_the_published_table_is_true(request):
    if request.config.getoption("--update", default=False):
        TABLE.write_text(table())
    assert table() == TABLE.read_text()
