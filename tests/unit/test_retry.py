"""The retry decision, as a table."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.errors import (
    Conflict,
    DeliveryError,
    RateLimited,
    RecipientUnreachable,
    Refused,
    Rejected,
    ServerFault,
    Unanswered,
    Unauthorized,
    Unreachable,
    WindowClosed,
)
from bot.retry import DEPLOYING, FILING, SPEECH, Policy, next_attempt

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
POLICY = Policy(first=timedelta(seconds=1), cap=timedelta(seconds=300), limit=12)
ENDLESS = Policy(first=timedelta(seconds=1), cap=timedelta(seconds=300))


@pytest.mark.parametrize(
    ("error", "attempts", "jitter", "policy", "seconds"),
    [
        pytest.param(Unreachable(), 1, 1.0, POLICY, 1, id="first failure, whole wait"),
        pytest.param(Unreachable(), 1, 0.0, POLICY, 0.5, id="first failure, half wait"),
        pytest.param(Unreachable(), 1, 0.5, POLICY, 0.75, id="jitter lies between"),
        pytest.param(Unanswered(), 2, 1.0, POLICY, 2, id="doubles"),
        pytest.param(ServerFault(), 5, 1.0, POLICY, 16, id="keeps doubling"),
        pytest.param(ServerFault(), 9, 1.0, POLICY, 256, id="last below the cap"),
        pytest.param(ServerFault(), 10, 1.0, POLICY, 300, id="capped"),
        pytest.param(ServerFault(), 10, 0.0, POLICY, 150, id="the capped wait is jittered too"),
        pytest.param(ServerFault(), 11, 1.0, POLICY, 300, id="one before the limit"),
        pytest.param(ServerFault(), 12, 1.0, POLICY, None, id="limit reached"),
        pytest.param(ServerFault(), 13, 1.0, POLICY, None, id="past the limit"),
        pytest.param(ServerFault(), 1_000_000, 1.0, ENDLESS, 300, id="no limit, no overflow"),
        pytest.param(Unreachable(), 0, 1.0, POLICY, 1, id="none counted yet"),
        pytest.param(Unauthorized(), 1, 1.0, POLICY, 1, id="credentials: the operator mends them"),
        pytest.param(RateLimited(retry_after=60), 1, 0.0, POLICY, 60, id="Retry-After is a minimum"),
        pytest.param(RateLimited(retry_after=60), 1, 1.0, POLICY, 90, id="Retry-After is spread"),
        pytest.param(RateLimited(retry_after=1), 10, 1.0, POLICY, 300, id="a short Retry-After does not shorten the back-off"),
        pytest.param(RateLimited(retry_after=900), 3, 0.0, POLICY, 900, id="Retry-After passes the cap"),
        pytest.param(ServerFault(retry_after=30), 1, 0.0, POLICY, 30, id="503 with Retry-After"),
        pytest.param(RateLimited(), 1, 1.0, POLICY, 1, id="429 without Retry-After"),
        pytest.param(RateLimited(retry_after=0), 1, 1.0, POLICY, 1, id="Retry-After 0"),
        pytest.param(RateLimited(retry_after=60), 12, 0.0, POLICY, None, id="Retry-After does not lift the limit"),
        *(
            pytest.param(error(), 1, 1.0, ENDLESS, None, id=f"not retryable: {error.code}")
            for error in (Rejected, Conflict, Refused, RecipientUnreachable, WindowClosed)
        ),
    ],
)
def test_next_attempt(error: DeliveryError, attempts: int, jitter: float, policy: Policy, seconds: float | None):
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert expected == next_attempt(error, attempts, NOW, jitter=jitter, policy=policy)


def test_words_are_tried_for_about_a_day_and_then_parked():
    moments = _retries(SPEECH, jitter=1.0, most=100)
    assert SPEECH.limit == len(moments) + 1
    assert timedelta(hours=23) < moments[-1] - NOW < timedelta(hours=26)
    assert timedelta(hours=11) < _retries(SPEECH, jitter=0.0, most=100)[-1] - NOW


def test_a_confirmed_report_is_never_given_up_and_never_waits_longer_than_five_minutes():
    moments = _retries(FILING, jitter=1.0, most=1000)
    assert 1000 == len(moments)
    assert timedelta(minutes=5) == max(later - earlier for earlier, later in pairwise(moments))


def test_what_only_the_next_version_can_do_is_left_to_it_for_half_an_hour():
    moments = _retries(DEPLOYING, jitter=1.0, most=100)
    assert timedelta(minutes=20) < moments[-1] - NOW < timedelta(minutes=30)
    assert timedelta(minutes=10) < _retries(DEPLOYING, jitter=0.0, most=100)[-1] - NOW


def _retries(policy: Policy, *, jitter: float, most: int) -> list[datetime]:
    moments, now = [], NOW
    for attempts in range(1, most + 1):
        due = next_attempt(ServerFault(), attempts, now, jitter=jitter, policy=policy)
        if due is None:
            break
        moments.append(due)
        now = due
    return moments
