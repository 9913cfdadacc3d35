"""Codes that open a report: how they are kept."""

import pytest

from bot import access


def test_a_code_opens_its_own_report_only():
    stored = access.hash_code("QRST6789", "L23456789")
    assert access.code_matches("QRST6789", "L23456789", stored)
    assert not access.code_matches("QRST6788", "L23456789", stored)
    assert not access.code_matches("QRST6789", "L23456788", stored)


def test_a_code_kept_by_an_earlier_program_still_opens():
    stored = "7e597fdbae06462bd0854ea8e2ad41af442d58fbf548be65"
    assert access.code_matches("QRST6789", "L23456789", stored)
    assert not access.code_matches("QRST6788", "L23456789", stored)


@pytest.mark.parametrize("stored", ["", access.NO_HASH])
def test_without_a_hash_no_code_opens_anything(stored):
    assert not access.code_matches("QRST6789", "L", stored)
