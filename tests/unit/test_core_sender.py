"""Signatures, waits, and Retry-After of the core's events."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from core import clock, sender

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ONE, TWO = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2VjcmV0LW51bWJlci10d28tMDEyMzQ1"


@pytest.mark.parametrize("known", [ONE, TWO])
def test_either_secret_proves_an_event_while_they_rotate(known):
    body = '{"note": "Jalan “rusak”"}'.encode()
    headers = sender.sign((ONE, TWO), "evt_1_1", body, clock.now())
    assert {"note": "Jalan “rusak”"} == Webhook(known).verify(body, headers)


def test_signature_is_the_published_one():
    # The example of the Standard Webhooks specification's reference tests.
    headers = sender.sign((ONE,), "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC))
    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == headers["webhook-signature"]


@pytest.mark.parametrize(
    ("attempts", "asked", "drawn", "expected"),
    [
        (1, None, 0.0, 0.5),
        (1, None, 1.0, 1.0),
        (3, None, 1.0, 4.0),
        (10, None, 1.0, 60.0),
        (100_000, None, 0.0, 30.0),
        (1, 120.0, 0.5, 120.0),
        (10, 5.0, 1.0, 60.0),
    ],
)
def test_waits_longer_and_longer_up_to_a_minute_and_never_shorter_than_asked(attempts, asked, drawn, expected):
    assert expected == sender.wait_seconds(attempts, asked, lambda: drawn)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7.0),
        ("Fri, 20 Nov 2026 03:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 02:00:00 GMT", None),
        ("999999", None),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_reads_retry_after(value, expected):
    assert expected == sender.retry_after({"Retry-After": value}, NOW)
