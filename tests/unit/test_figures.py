"""What is counted of a day, what follows from counts, and when a day is counted again."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from bot.clock import WIB
from bot.drafts_left import DraftLeft, How
from bot.figures.counting import FURTHEST, is_stale
from bot.figures.model import ALL, Counts, Facts, Filed, Sent
from bot.figures.period import Period
from bot.figures.tally import quantile, tally, total, two_digits

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
CITY = "Kota Tangerang"
FILED = (
    Filed("sms", "pengaduan", "36.71.09.1001", "", 247, 4),
    Filed("telegram", "pengaduan", "36.71", CITY, 61, 8),
    Filed("telegram", "aspirasi", "36", "", 61, 6),
    Filed("desk", "informasi", "", CITY),
)
LEFT = (DraftLeft("a", DAY, How.EXPIRED, "consent"), DraftLeft("b", DAY, How.CANCELLED, "where", CITY))
SENT = (
    Sent(CITY, "rina", "instagram", opened=True, completed=True),
    Sent(CITY, "rina", "x", opened=True, completed=False),
    Sent(CITY, "budi", "x", opened=False, completed=False),
)


def test_everything_is_counted_for_all_and_for_the_office_it_came_through():
    counted = tally(Facts(FILED, LEFT, SENT))

    assert {ALL, CITY} == set(counted)
    networks = {"sent": {"instagram": 1, "x": 2}, "opened": {"instagram": 1, "x": 1}, "completed": {"instagram": 1}}
    assert counted[ALL] == Counts(
        channels={"sms": 1, "telegram": 2, "desk": 1},
        kinds={"pengaduan": 2, "aspirasi": 1, "informasi": 1},
        regions={"36.71": 2, "36": 1, "": 1},
        seconds={"250": 1, "61": 2},
        messages={"4": 1, "8": 1, "6": 1},
        left={"consent expired": 1, "where cancelled": 1},
        **networks,
    )
    assert counted[CITY] == Counts(
        channels={"telegram": 1, "desk": 1},
        kinds={"pengaduan": 1, "informasi": 1},
        regions={"36.71": 1, "": 1},
        seconds={"61": 1},
        messages={"8": 1},
        left={"where cancelled": 1},
        **networks,
        sent_by={"rina": 2, "budi": 1},
        opened_by={"rina": 2},
        completed_by={"rina": 1},
    )


def test_the_order_of_the_facts_does_not_matter():
    filed, sent = list(FILED), list(SENT)
    random.Random(1).shuffle(filed)
    random.Random(2).shuffle(sent)
    assert tally(Facts(FILED, LEFT, SENT)) == tally(Facts(filed, LEFT[::-1], sent))


def test_a_day_without_anything_is_counted_too():
    assert {ALL: Counts()} == tally(Facts())
    assert 0 == Counts().reports


def test_days_add_up():
    one = tally(Facts(FILED, LEFT, SENT))[ALL]
    twice = total([one, Counts(), one])
    assert (8, {"36.71": 4, "36": 2, "": 2}) == (twice.reports, twice.regions)


@pytest.mark.parametrize(
    ("counted", "share", "number"),
    [
        ({}, 0.5, None),
        ({"7": 1}, 0.9, 7),
        ({"9": 1, "10": 1, "100": 1}, 0.5, 10),
        ({"1": 5, "2": 4, "30": 1}, 0.5, 1),
        ({"1": 5, "2": 4, "30": 1}, 0.9, 2),
        ({"1": 5, "2": 4, "30": 1}, 0.91, 30),
    ],
)
def test_a_quantile_is_one_of_the_numbers(counted, share, number):
    assert number == quantile(counted, share)


@pytest.mark.parametrize(("seconds", "rounded"), [(0, 0), (9, 9), (47, 47), (99, 99), (104, 100), (105, 110), (247, 250), (5249, 5200)])
def test_seconds_keep_two_digits(seconds, rounded):
    assert rounded == two_digits(seconds)


def test_a_period_has_all_its_days():
    assert [date(2026, 11, 18), date(2026, 11, 19), DAY] == Period.until(DAY, 3).days
    assert [DAY] == Period.between("2026-11-20", "2026-11-20").days


@pytest.mark.parametrize(
    ("first", "last"), [("", ""), ("2026-11-20", ""), ("2026-11-21", "2026-11-20"), ("kemarin", "2026-11-20"), ("2025-11-19", "2026-11-20")]
)
def test_no_period_without_a_day_or_with_too_many(first, last):
    with pytest.raises(ValueError, match=r".+"):
        Period.between(first, last)


def test_a_day_is_counted_often_while_it_may_change_and_once_more_when_it_is_closed():
    hours = [NOON + timedelta(hours=number) for number in range(24 * 60)]
    counted = []
    for hour in hours:
        if is_stale(DAY, counted[-1] if counted else None, hour):
            counted.append(hour)
    pauses = [later - earlier for earlier, later in pairwise(counted)]

    assert {timedelta(hours=1)} == set(pauses[:35])  # until the end of the next day in Jakarta
    assert timedelta(hours=6) == max(pauses)
    assert date(2026, 12, 21) == counted[-1].astimezone(WIB).date()


def test_a_day_is_not_looked_for_again_once_drafts_left_on_it_are_gone():
    from bot.store.drafts_left import KEPT_FOR

    assert timedelta(days=FURTHEST) < KEPT_FOR
