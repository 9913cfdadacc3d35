"""Where a plot's line goes, and what the tables beside the plots make of counts."""

from datetime import date

import pytest

from bot.desk import dates, figure_tables, plots
from bot.desk.figure_tables import Names
from bot.desk.words import Words
from bot.figures.figures import Summary
from bot.figures.model import Counts
from bot.figures.period import Period
from bot.wording import TEMPLATES

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def names():
    words = Words(TEMPLATES / "desk" / "words")
    return Names(words.into("en"), words.keys.__contains__, {"36": "Banten", "36.71": "Kota Tangerang, Banten"}.get, {"a": "Ani"})


def rows(table):
    return [(row.label, *row.values) for row in table.rows]


def made(names, name, **counts):
    return figure_tables.table(name, Summary(Period(DAY, DAY), {DAY: 0}, Counts(**counts), None), names, exact=False)


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (3, 4), (10, 10), (11, 12), (45, 50), (99, 100), (121, 160), (8001, 10_000)])
def test_the_scale_ends_at_a_round_even_number(most, top):
    assert top == plots.line([0, most]).top


def test_a_line_goes_from_edge_to_edge():
    assert "0.0,50.0 300.0,0.0 600.0,100.0" == plots.line([1, 2, 0]).points
    assert "0.0,0.0 600.0,0.0" == plots.line([2]).points
    assert "" == plots.line([]).points


def test_times_are_shown_by_their_length(names):
    seconds = {"59": 1, "60": 2, "299": 3, "86400": 4}
    assert [1, 2, 3, 0, 0, 0, 0, 4] == [row.values[0] for row in made(names, "seconds", seconds=seconds).rows]


def test_messages_are_shown_one_by_one_and_many_together(names):
    assert [("3", 2), ("4", 0), ("5", 1)] == rows(made(names, "messages", messages={"3": 2, "5": 1}))
    assert [("15", 1), ("16 or more", 5)] == rows(made(names, "messages", messages={"15": 1, "16": 2, "40": 3}))
    assert [("16 or more", 3)] == rows(made(names, "messages", messages={"40": 3}))
    assert [] == rows(made(names, "messages"))


def test_what_has_no_words_is_called_by_its_code(names):
    left = made(names, "left", left={"where cancelled": 2, "where erased": 1, "moon expired": 4})
    assert [("moon", 4, 0, 0, 4, 0), ("Place", 3, 2, 0, 0, 1)] == rows(left)
    assert 4 == left.most
    assert [("Ani", 4, 2, 1, 25), ("gone", 1, 0, 0, 0)] == rows(
        made(names, "admins", sent_by={"gone": 1, "a": 4}, opened_by={"a": 2}, completed_by={"a": 1})
    )


def test_a_province_holds_what_its_regencies_have_and_is_told_exactly(names):
    counted = {"36.71": 3, "36": 1, "": 2}
    assert [("Banten", 4), ("Region not known", 2)] == rows(figure_tables.regions(counted, names, exact=False, provinces=True))
    assert [("Kota Tangerang, Banten", None), ("Banten", 1)] == rows(figure_tables.regions(counted, names, exact=False, province="36"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (250, "4 min 10 s"), (3600, "1 h"), (5200, "1 h 26 min"), (90_000, "1 d 1 h")],
)
def test_a_length_of_time_has_two_units(names, seconds, words):
    assert words == dates.lasting(seconds, names.t)
