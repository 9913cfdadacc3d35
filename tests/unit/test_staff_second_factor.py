"""Time-based codes and recovery codes."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from bot.staff import second_factor

RFC_6238 = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 21, 3, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(seconds, code):
    assert code == second_factor.code_at(RFC_6238, datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(("away", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_off_by_one_step(away, taken):
    code = second_factor.code_at(RFC_6238, NOW + away * timedelta(seconds=30))
    expected = STEP + away if taken else None
    assert expected == second_factor.matching_step(RFC_6238, code, NOW, after=0)


def test_a_code_serves_once():
    code = second_factor.code_at(RFC_6238, NOW)
    assert STEP == second_factor.matching_step(RFC_6238, code, NOW, after=STEP - 1)
    assert second_factor.matching_step(RFC_6238, code, NOW, after=STEP) is None


def test_a_code_may_be_typed_with_blanks():
    code = second_factor.code_at(RFC_6238, NOW)
    assert STEP == second_factor.matching_step(RFC_6238, f" {code[:3]} {code[3:]}", NOW, after=0)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "\uff11" * 6])
def test_what_is_no_code_is_refused(code):
    assert second_factor.matching_step(RFC_6238, code, NOW, after=0) is None


def test_secrets_and_recovery_codes_are_drawn_anew():
    assert second_factor.draw_secret() != second_factor.draw_secret()
    assert 20 == len(base64.b32decode(second_factor.draw_secret()))
    codes = second_factor.draw_recovery_codes()
    assert 10 == len(set(codes))
    assert {11} == {len(code) for code in codes}


def test_the_qr_code_names_account_and_issuer():
    uri = second_factor.uri(RFC_6238, "sari", "LAPOR!")
    assert uri.startswith("otpauth://totp/LAPOR%21:sari?")
    assert f"secret={RFC_6238}" in uri
