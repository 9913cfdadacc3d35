"""Passwords: what may be set, and that an unknown name takes the work of a known one."""

import pytest
from argon2 import PasswordHasher

from bot.staff import passwords
from bot.staff.passwords import Passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Counting:
    """Counts what is worked out."""

    def __init__(self):
        self.verified = 0

    def hash(self, password):
        return CHEAP.hash(password)

    def verify(self, stored, password):
        self.verified += 1
        return CHEAP.verify(stored, password)


async def test_only_the_right_one_matches():
    hashed = await Passwords(CHEAP).hash("payung biru di bawah meja")
    assert hashed.startswith("$argon2id$")
    assert await Passwords(CHEAP).matches("payung biru di bawah meja", hashed)
    assert not await Passwords(CHEAP).matches("payung merah di bawah meja", hashed)


async def test_a_name_that_is_not_there_takes_the_same_work():
    counting = Counting()
    assert not await Passwords(counting).matches("payung biru di bawah meja", None)
    assert 1 == counting.verified


async def test_what_is_stored_by_nobody_of_us_matches_nothing():
    assert not await Passwords(CHEAP).matches("x", "no hash at all")


async def test_the_same_letters_match_however_they_are_composed():
    composed, decomposed = "café di pojok jalan", "cafe\u0301 di pojok jalan"
    assert await Passwords(CHEAP).matches(decomposed, await Passwords(CHEAP).hash(composed))


def test_the_real_parameters_are_costly():
    hasher = Passwords()._hasher
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.time_cost >= 3


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("payung biru", "short"),
        ("payung biru di bawah meja", None),
        ("aaaaaaaaaaaabbb", "plain"),
        ("x" * 100 + "abcdefgh" * 20, "long"),
        ("Sari.W dan kucingnya", "login"),
    ],
)
def test_what_may_be_set(password, problem):
    assert problem == passwords.problem(password, "sari.w")
