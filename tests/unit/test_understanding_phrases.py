"""Phrases are only looked for in texts that hold one of the words that they take: which words those are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.understanding import kind, matters
from bot.conversation.understanding.normalise import plain, plain_of
from bot.conversation.understanding.phrases import Phrases, telling_words


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("kebakaran|banjir", {"kebakaran", "banjir"}),
        ("ada bom", {"bom"}),
        (r"(?:is|are) on fire", {"fire"}),
        (r"(?:kirim|panggil) (?:\S+ ){0,2}(?:damkar|mobil pemadam)", {"damkar", "pemadam"}),
        (r"kebakaran(?! (?:hutan|lahan))", {"kebakaran"}),
        (r"(?<!dengan )cara (?!ini)\S+", {"cara"}),
        ("lama sekali|tidak (?:\\S+ )?(?:ada|pernah)", {"sekali", "tidak"}),
    ],
)
def test_the_longest_words_of_each_phrase_tell(pattern, words):
    assert words == telling_words(pattern)


@pytest.mark.parametrize(
    "pattern", [r"\S+", "banjir|https?", "(?:di)?rahasia", "di ?mana", "rumah(?: sakit)?", "(?:a|b )?rusak", "#?dp", "(?:mati)+"]
)
def test_nothing_tells_where_a_word_may_be_another(pattern):
    assert telling_words(pattern) is None


def test_phrases_are_found_counted_and_cut_out():
    phrases = Phrases("air mati", "bau", end="(?= )")
    said = plain("Air mati, bau bau!")
    assert (3, " air mati") == (phrases.count(said), phrases.search(said).group())
    assert " |  |  |  " == phrases.without(said).text
    assert not phrases.may_be_in(plain("lampu jalan"))


def test_no_alternatives_match_nothing():
    assert Phrases().search(plain("air mati")) is None


def _every_phrases():
    lists = matters._lists()
    others = (lists.harmless, lists.past, lists.explicit, lists.insults, *lists.emergencies.values())
    both = (phrases for matter in lists.elsewhere.values() for phrases in (matter.signs, matter.unless))
    return [*others, *both, *(value for value in vars(kind).values() if isinstance(value, Phrases))]


WORDS = sorted({word for phrases in _every_phrases() for word in re.findall("[a-z]{2,}", phrases._pattern.pattern)})


@given(st.lists(st.sampled_from(WORDS), max_size=8))
def test_whatever_matches_holds_a_telling_word(words):
    said = plain_of(words)
    assert [] == [phrases for phrases in _every_phrases() if phrases._pattern.search(said.text) and not phrases.may_be_in(said)]
