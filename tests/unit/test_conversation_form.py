"""A page's fields are taken and refused as the conversation takes and refuses the same words."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.conversation.form import Form, Problem, fill
from bot.conversation.protocol import Drawn
from bot.conversation.story import LIMIT
from bot.model import Kind, Report
from tests.transcripts.player import START, tables

DRAWN = Drawn("report-1", "LABCDEFGH", "WXYZ2345")
FORM = Form(text="Lampu jalan di gang kami mati", kind="pengaduan", place="kec Cibodas Kota Tangerang", day="2026-11-19", category="psu")
BARE = Form(text="jalan berlubang di depan SDN 3 Cibodas, kec Cibodas Kota Tangerang, sudah 3 hari")


def filled(form=FORM, **changes):
    return fill(replace(form, **changes), DRAWN, START, tables())


def problems(form=FORM, **changes):
    found = filled(form, **changes)
    return [] if isinstance(found, Report) else [(problem.field, problem.key) for problem in found]


def test_a_filled_form_is_a_report_under_the_drawn_numbers():
    report = filled(agency="Dinas PU", name="  Siti   Aminah ", confidential=True, files=("f-0", "f-1"))
    assert ("report-1", "LABCDEFGH", "WXYZ2345") == (report.id, report.receipt, report.access_code)
    assert (Kind.COMPLAINT, "Lampu jalan di gang kami mati", "Lampu jalan di gang kami mati") == (report.kind, report.title, report.body)
    assert ("kec Cibodas Kota Tangerang", "36.71.09") == (report.location.text, report.location.area_code)
    assert (date(2026, 11, 19), "psu", "Dinas PU", "Siti Aminah") == (report.occurred_on, report.category, report.agency, report.name)
    assert (False, True, ("f-0", "f-1")) == (report.anonymous, report.confidential, report.media)
    assert "desk" == report.conversation.partition(":")[0]


def test_what_is_left_open_the_text_may_say():
    report = filled(BARE)
    assert (Kind.COMPLAINT, "36.71.09", date(2026, 11, 17), "jalan") == (
        report.kind,
        report.location.area_code,
        report.occurred_on,
        report.category,
    )


def test_what_is_given_goes_before_what_the_text_says():
    report = filled(BARE, kind="aspirasi", area="32.73", category="psu", day="kemarin")
    assert (Kind.ASPIRATION, "32.73", "psu", None) == (report.kind, report.location.area_code, report.category, report.occurred_on)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"text": " \n"}, ("text", "missing")),
        ({"text": "a" * (LIMIT + 1)}, ("text", "long")),
        ({"text": "banjir lagi"}, ("text", "short")),
        ({"text": "motor saya dicuri orang tadi pagi di Kota Bandung"}, ("text", "elsewhere")),
        ({"kind": "lain"}, ("kind", "unclear")),
        ({"place": "tangerang"}, ("place", "ambiguous")),
        ({"place": "dekat pohon besar itu"}, ("place", "unknown")),
        ({"place": "7"}, ("place", "unknown")),
        ({"area": "99.99.99"}, ("place", "unknown")),
        ({"area": "$where"}, ("place", "unknown")),
        ({"place": ""}, ("place", "missing")),
        ({"day": "2026-11-21"}, ("day", "future")),
        ({"day": "besok lusa"}, ("day", "unclear")),
        ({"day": "2026-02-31"}, ("day", "unclear")),
        ({"day": "2019-01-01"}, ("day", "unclear")),
        ({"category": "xyz"}, ("category", "unclear")),
        ({"agency": "9" * 3}, ("agency", "unclear")),
        ({"agency": "x" * 200}, ("agency", "unclear")),
        ({"name": "12345"}, ("name", "unclear")),
        ({"name": "a" * 81}, ("name", "unclear")),
    ],
)
def test_what_a_step_would_ask_about_again_is_a_problem_of_its_field(changes, expected):
    assert [expected] == problems(**changes)


def test_all_problems_are_said_at_once():
    found = problems(kind="?", place="", day="2027-01-01", category="?", name="1")
    assert [("kind", "unclear"), ("place", "missing"), ("day", "future"), ("category", "unclear"), ("name", "unclear")] == found


def test_an_ambiguous_place_names_its_candidates():
    (problem,) = filled(place="tangerang")
    assert Problem("place", "ambiguous", ("36.03", "36.71")) == replace(problem, choices=tuple(sorted(problem.choices)))


def test_words_that_are_all_there_is_to_know_are_taken_as_they_are():
    report = filled(place="dekat pohon besar itu", place_as_written=True)
    assert ("dekat pohon besar itu", None) == (report.location.text, report.location.area_code)


def test_a_matter_of_others_is_sent_for_whoever_insists():
    theft = replace(FORM, text="motor saya dicuri orang tadi pagi di Kota Bandung")
    assert [Problem("text", "elsewhere", ("pidana",))] == list(filled(theft))
    assert isinstance(filled(theft, insists=True), Report)


def test_an_anonymous_report_has_no_name_and_a_wish_for_secrecy_is_kept():
    report = filled(anonymous=True, name="Siti")
    assert (True, None) == (report.anonymous, report.name)
    assert filled(text=f"{FORM.text}, tolong rahasiakan laporan ini").confidential


@pytest.mark.parametrize("word", ["usul", "keluhan", "tanya"])
def test_words_for_a_kind_are_taken(word):
    assert {"usul": "aspirasi", "keluhan": "pengaduan", "tanya": "informasi"}[word] == filled(kind=word).kind


def test_control_characters_do_not_get_in():
    report = filled(text="Lampu jalan\x00 di gang\r\nkami mati", place="kec Cibodas\x07 Kota Tangerang")
    assert ("Lampu jalan di gang\nkami mati", "kec Cibodas Kota Tangerang") == (report.body, report.location.text)


def test_a_day_is_read_as_of_today():
    assert (START - timedelta(days=1)).date() == filled(day="kemarin").occurred_on
