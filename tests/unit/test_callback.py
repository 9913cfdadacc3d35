"""What a button brings back."""

import pytest

from bot.channels import callback
from bot.model import Pick


@pytest.mark.parametrize("question", ["kind", "", "a:b", "q" * 62, "q" * 63, "daerah-é"])
@pytest.mark.parametrize("value", ["pengaduan", "", "36.71:x", ":", "v" * 56, "v" * 57, "v" * 58, "v" * 59, "🕳️" * 8, "🕳️" * 9])
def test_it_fits_and_never_comes_back_as_another_choice(question, value):
    data = callback.encode(question, value)
    assert 1 <= len(data.encode()) <= 64
    assert callback.decode(data) in (Pick(question, value), Pick("", ""))


def test_it_is_measured_in_bytes():
    assert "q:d:" + "é" * 30 == callback.encode("d", "é" * 30)
    assert "q::" == callback.encode("d", "é" * 31)


def test_a_value_may_hold_colons():
    assert Pick("when", "a:b") == callback.decode(callback.encode("when", "a:b"))


@pytest.mark.parametrize("data", ["", "anything", "q::x", "x:when:a"])
def test_what_is_not_ours_is_no_choice(data):
    assert Pick("", "") == callback.decode(data)
