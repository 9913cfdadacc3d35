"""What a report is about: words that speak for a category, with their weight; the category most spoken for wins."""

import functools
import re
from collections import defaultdict
from collections.abc import Mapping

from bot.conversation.understanding.gazetteer import read_lines
from bot.conversation.understanding.normalise import full_words, split_words, starts_thought, word_set

Votes = dict[str, int]

OTHER = "lainnya"
MONEY = "#uang"
_MONEY = re.compile(r"(?:rp)?\d+(?:rb|ribu|rbu|jt|juta|k)|rp\d+|\d{4,7}")
_MONEY_IN_WORDS = frozenset(("ratusan", "jutaan", "ribuan"))
_UNITS = frozenset(("rb", "ribu", "rbu", "jt", "juta", "rupiah"))
_BESIDE = word_set("depan dekat samping belakang sebelah seberang sekitar seputaran ngarep mburi pinggir near front behind")
_OF_TWO_WORDS = word_set("rumah kantor gerbang pintu jembatan gedung balai pos sd sdn smp smpn sma sman smk smkn tk")


def read_category(text: str) -> str | None:
    """The code of the category; `lainnya` when nothing fits. None is for texts that are no report, which only `kind` can tell."""
    scores = category_scores(terms(text))
    return max(scores, key=lambda code: scores[code]) if scores else OTHER


@functools.lru_cache(maxsize=8)  # a turn asks what a text is about, and of which kind it is
def terms(text: str) -> tuple[str, ...]:
    """The text's words written out, without `-nya`, sums of money as MONEY, landmarks as blanks."""
    found: list[str] = []
    beside = False
    for term, gap in zip(full_words(text), split_words(text).gaps, strict=True):
        if beside and not starts_thought(gap) and term not in _BESIDE:  # a hole before a school is no matter of schools
            beside = term in _OF_TWO_WORDS
            found.append("")
            continue
        beside = term in _BESIDE
        if _is_money(term):
            found.append(MONEY)
        elif term in _UNITS and found and found[-1].isdigit():
            found[-1] = MONEY
        else:
            found.append(term.removesuffix("nya") if len(term) > 6 else term)
    return tuple(found)


def _is_money(term: str) -> bool:
    """True for a sum, `50rb`, `rp5000` or `ribuan`, and not for a year."""
    if term.isalpha():
        return term in _MONEY_IN_WORDS
    is_year = len(term) == 4 and term.startswith(("19", "20")) and term.isdigit() and not term.endswith("00")
    return not is_year and _MONEY.fullmatch(term) is not None


@functools.lru_cache(maxsize=8)
def category_scores(words: tuple[str, ...]) -> Mapping[str, int]:
    """How much the words speak for each category. Phrases count with the words they are made of."""
    phrases, longest, together = _lexicon()
    scores: Votes = {}
    seen: set[str] = set()
    for start, first in enumerate(words):
        if first not in longest:
            continue
        for end in range(start + 1, min(start + longest[first], len(words)) + 1):
            phrase = " ".join(words[start:end])
            if phrase in phrases and phrase not in seen:
                seen.add(phrase)
                _count(phrases[phrase], scores)
    present = frozenset(words)
    for first in present & together.keys():
        for needed, votes in together[first]:
            if needed <= present:
                _count(votes, scores)
    return scores


def _count(votes: Votes, scores: Votes) -> None:
    for category, weight in votes.items():
        scores[category] = scores.get(category, 0) + weight


@functools.cache
def _lexicon() -> tuple[dict[str, Votes], dict[str, int], dict[str, list[tuple[frozenset[str], Votes]]]]:
    """Phrases; how many words the longest has that begins with a word; words that count together."""
    phrases: defaultdict[str, Votes] = defaultdict(dict)
    longest: dict[str, int] = {}
    together: defaultdict[str, list[tuple[frozenset[str], Votes]]] = defaultdict(list)
    for line in read_lines("categories.csv"):
        category, weight, entries = line.split(",", 2)
        for entry in entries.split("|"):
            first, *others = entry.split("+")
            if others:
                together[first].append((frozenset(others), {category: int(weight)}))
            else:
                phrases[entry][category] = max(int(weight), phrases[entry].get(category, 0))
                head, *rest = entry.split(" ")
                longest[head] = max(1 + len(rest), longest.get(head, 0))
    return dict(phrases), longest, dict(together)
