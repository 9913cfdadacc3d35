"""What a report is about: words that speak for a category, with their weight; the category most spoken for wins."""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from bot.conversation.understanding.gazetteer import read_lines
from bot.conversation.understanding.normalise import split_words, word_set, write_out

OTHER = "lainnya"
MONEY = "#uang"
_MONEY = re.compile(r"(?:rp)?\d+(?:rb|ribu|rbu|jt|juta|k)|rp\d+|\d{4,7}|ratusan|jutaan|ribuan")
_UNITS = frozenset(("rb", "ribu", "rbu", "jt", "juta", "rupiah"))
_LONGEST_PHRASE = 4
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
    for word in split_words(text):
        term = write_out(word.text)
        if beside and not word.starts_thought and term not in _BESIDE:  # a hole before a school is no matter of schools
            beside = term in _OF_TWO_WORDS
            found.append("")
            continue
        beside = term in _BESIDE
        if _MONEY.fullmatch(term) and not (term.isdigit() and term.startswith(("19", "20")) and len(term) == 4 and not term.endswith("00")):
            term = MONEY
        elif term in _UNITS and found and found[-1].isdigit():
            found[-1] = MONEY
            continue
        found.append(term.removesuffix("nya") if len(term) > 6 else term)
    return tuple(found)


@functools.lru_cache(maxsize=8)
def category_scores(words: tuple[str, ...]) -> Mapping[str, int]:
    """How much the words speak for each category. Phrases count with the words they are made of."""
    phrases, together = _lexicon()
    scores: Counter[str] = Counter()
    seen: set[str] = set()
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1):
            phrase = " ".join(words[start:end])
            if phrase in phrases and phrase not in seen:
                seen.add(phrase)
                scores.update(phrases[phrase])
    present = frozenset(words)
    for first in present & together.keys():
        for needed, votes in together[first]:
            if needed <= present:
                scores.update(votes)
    return scores


Votes = dict[str, int]


@functools.cache
def _lexicon() -> tuple[dict[str, Votes], dict[str, list[tuple[frozenset[str], Votes]]]]:
    phrases: defaultdict[str, Votes] = defaultdict(dict)
    together: defaultdict[str, list[tuple[frozenset[str], Votes]]] = defaultdict(list)
    for line in read_lines("categories.csv"):
        category, weight, entries = line.split(",", 2)
        for entry in entries.split("|"):
            first, *others = entry.split("+")
            if others:
                together[first].append((frozenset(others), {category: int(weight)}))
            else:
                phrases[entry][category] = max(int(weight), phrases[entry].get(category, 0))
    return dict(phrases), dict(together)
