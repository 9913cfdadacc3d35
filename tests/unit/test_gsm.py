"""bot.gsm: the alphabet, the count of parts, and look-alikes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gsm import _ALPHABET, EXTENSION, Encoding, Segments, is_gsm7, segments, to_gsm7

gsm_texts = st.text(st.sampled_from(sorted(_ALPHABET)), max_size=700)
any_texts = st.text(max_size=300)


def test_the_alphabet_is_the_standards():
    assert 127 == len(_ALPHABET - EXTENSION)  # 128 less the escape
    assert set("€[]{}~^|\\\f") == set(EXTENSION)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(1, Encoding.GSM7, 0)),
        ("a" * 160, Segments(1, Encoding.GSM7, 160)),
        ("a" * 161, Segments(2, Encoding.GSM7, 161)),
        ("a" * 306, Segments(2, Encoding.GSM7, 306)),
        ("a" * 307, Segments(3, Encoding.GSM7, 307)),
        ("€" * 80, Segments(1, Encoding.GSM7, 160)),
        ("€" * 81, Segments(2, Encoding.GSM7, 162)),
        ("a" * 152 + "€" + "a" * 152, Segments(3, Encoding.GSM7, 306)),  # an escape sequence is not cut: 152 + (2 + 151) + 1
        ("“" * 70, Segments(1, Encoding.UCS2, 70)),
        ("“" * 71, Segments(2, Encoding.UCS2, 71)),
        ("“" * 134, Segments(2, Encoding.UCS2, 134)),
        ("“" * 135, Segments(3, Encoding.UCS2, 135)),
        ("😀" * 35, Segments(1, Encoding.UCS2, 70)),
        ("😀" * 67, Segments(3, Encoding.UCS2, 134)),  # 33 pairs fit into 67 units
    ],
)
def test_segments(text, expected):
    assert expected == segments(text)


@given(gsm_texts)
def test_parts_of_gsm_text_hold_the_units_and_no_part_is_in_vain(text):
    cost = segments(text)
    assert Encoding.GSM7 == cost.encoding
    assert len(text) + sum(text.count(character) for character in EXTENSION) == cost.units
    assert (cost.units <= 160) == (cost.count == 1)
    if cost.count > 1:
        assert -(-cost.units // 153) <= cost.count <= -(-cost.units // 152)


@given(any_texts, any_texts)
def test_more_text_never_costs_less(text, more):
    assert segments(text).count <= segments(text + more).count


@given(any_texts)
def test_units_of_wide_text_are_utf_16s(text):
    cost = segments(text + "“")
    assert Encoding.UCS2 == cost.encoding
    assert len((text + "“").encode("utf-16-be", "surrogatepass")) // 2 == cost.units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Jalan” – ‘rusak’…", "\"Jalan\" - 'rusak'..."),  # noqa: RUF001  # look-alikes are the point
        ("• satu\u00a0dua\tiga", "- satu dua iga"),
        ("Ma’ruf, Jum`at", "Ma'ruf, Jum'at"),  # noqa: RUF001  # look-alikes are the point
        ("çok şirin Łódź Đà", "cok sirin Lodz Dà"),
        ("30 m² ½ №5 ™", "30 m2 1/2 No5 TM"),
        ("a\u0301", "a"),
        ("e\u0301", "é"),
        ("ﬁnal ＡＢ１", "final AB1"),  # noqa: RUF001  # look-alikes are the point
        ("2 ≠ 3, 4 ≥ 3", "2 != 3, 4 >= 3"),
        ("hemat\u200bkata\ufeff", "hematkata"),
        ("satu\u2028dua", "satu\ndua"),
    ],
)
def test_look_alikes(text, expected):
    assert expected == to_gsm7(text)
    assert is_gsm7(expected)


@pytest.mark.parametrize("text", ["😀", "مرحبا", "日本", "ሰላም", "¨"])
def test_what_has_no_likeness_stays(text):
    assert text == to_gsm7(text)
    assert f'"{text}"' == to_gsm7(f"“{text}”")


@given(gsm_texts)
def test_text_in_the_alphabet_is_not_touched(text):
    assert text == to_gsm7(text)


@given(any_texts)
def test_replacing_twice_changes_nothing_more(text):
    assert to_gsm7(text) == to_gsm7(to_gsm7(text))


@given(any_texts)
def test_only_what_is_outside_the_alphabet_is_replaced(text):
    composed = unicodedata.normalize("NFC", text)
    kept = [character for character in composed if is_gsm7(character)]
    replaced = iter(to_gsm7(text))
    assert all(character in replaced for character in kept)  # in the same order
