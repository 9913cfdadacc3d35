"""Everything one message says, and the command that shows it."""

import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import understand
from bot.conversation.understanding.area import Places
from bot.conversation.understanding.normalise import plain, split_words, starts_thought
from bot.conversation.understanding.reading import MANY, Reading, read

TODAY = date(2026, 11, 20)
COMPLETE = "LAPOR jalan berlubang di depan SDN 3 Cibodas, kec Cibodas Kota Tangerang, sudah 3 hari. Nama saya dirahasiakan"


def test_reads_a_complete_message():
    expected = Reading("pengaduan", "36.71.09", (), date(2026, 11, 17), "jalan", anonymous=True, confidential=False)
    assert expected == read(COMPLETE, TODAY, Places.load())


def test_of_no_report_only_the_kind_is_told():
    assert Reading("bukan") == read("halo semalam", TODAY, Places.load())


def test_a_question_has_no_day():
    assert read("apakah kantor buka hari senin?", TODAY, Places.load()).occurred_on is None


def test_many_candidates_are_a_star():
    assert MANY == read("jalan di Wonosari rusak", TODAY, Places.load()).candidates


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    reading = read(text, TODAY, Places.load())
    assert not (reading.area and reading.candidates)


@pytest.mark.parametrize(
    "text", ["a" * 65_000, "kec " * 16_000, "\0\u202e{{7*7}}", '{"$gt": ""}', "jl. " * 9_000, "3 hari " * 9_000, "," * 65_000]
)
def test_monstrous_texts_can_be_read(text):
    assert read(text, TODAY, Places.load()).area is None


def test_short_forms_are_written_out():
    assert " yang tidak sudah jalan alunalun " == plain("yg tdk sdh jln alun2").text
    assert ("kab", "tegal", "sangalla") == split_words("Kab.Tegal Sangalla\u2019").texts


@pytest.mark.parametrize(
    ("text", "texts", "gaps"),
    [
        ("", (), ()),
        (" ...!", (), ()),
        ("  Kec. Jum'at_Bau-Bau, ya?", ("kec", "jumat", "bau", "bau", "ya"), ("", ". ", "_", "-", ", ")),
        ("\uff11\uff12 km", ("12", "km"), ("", " ")),
    ],
)
def test_each_word_has_the_gap_before_it(text, texts, gaps):
    assert (texts, gaps) == (split_words(text).texts, split_words(text).gaps)


def test_no_thought_goes_on_over_a_comma_a_full_stop_or_a_line():
    assert [False, True, False, True, True, False] == [starts_thought(gap) for gap in (" ", ", ", ".", ". ", "\n", "-")]


@pytest.fixture
def run(monkeypatch, capsysbinary):
    def run(lines, *argv):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
        status = understand.main(list(argv))
        said = capsysbinary.readouterr()
        return status, [json.loads(line) for line in said.out.splitlines()], said.err.decode()

    return run


def test_the_command_answers_line_by_line(run):
    lines = json.dumps({"id": "c1", "text": COMPLETE}).encode() + b"\n\n" + json.dumps({"id": "c2", "text": "ciawi macet"}).encode()
    first = {"id": "c1", "kind": "pengaduan", "area": "36.71.09", "candidates": [], "occurred_on": "2026-11-17", "category": "jalan"}
    second = {
        "id": "c2",
        "kind": "pengaduan",
        "area": None,
        "candidates": ["32.01", "32.06", "32.08"],
        "occurred_on": None,
        "category": "perhubungan",
    }
    assert (0, [first, second], "") == run(lines, "--at", "2026-11-20T10:00:00+07:00")


def test_days_are_those_of_western_indonesia(run):
    _, answers, _ = run(b'{"id": 1, "text": "banjir hari ini"}', "--at", "2026-11-19T18:00:00Z")
    assert "2026-11-20" == answers[0]["occurred_on"]


def test_a_bad_line_is_reported_and_the_rest_is_read(run):
    status, answers, said = run(b'{"id": 1}\nno json\n[]\n{"id": null, "text": ""}\n{"id": 5, "text": "tes"}\n')
    assert 1 == status
    assert [5] == [answer["id"] for answer in answers]
    assert ["line 1", "line 2", "line 3", "line 4"] == [line.split(":")[0] for line in said.splitlines()]


def test_a_wrong_time_is_wrong_use(run):
    with pytest.raises(SystemExit) as wrong:
        run(b"", "--at", "yesterday")
    assert 2 == wrong.value.code
