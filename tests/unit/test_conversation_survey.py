"""Marks for a report, and opening it again."""

from dataclasses import replace

import pytest

from bot.conversation.actions import survey
from bot.conversation.protocol import FileReport, Operate, Say
from bot.model import FileRef, Status
from tests.unit.test_conversation_engine import SMS, VIEW, Citizen

DONE = replace(VIEW, status=Status.COMPLETED)
NINE = {"u1": 4, "u2": 4, "u3": 3, "u4": 4, "u5": 3, "u6": 4, "u7": 4, "u8": 4, "u9": 4}


def operated(citizen):
    return [(each.report_id, each.operation, dict(each.body)) for each in citizen.all(Operate)]


def ratings(citizen):
    return [dict(each.body["scores"]) for each in citizen.all(Operate)]


@pytest.mark.parametrize("text", ["443434444", "4 4 3 4 3 4 4 4 4", "4,4,3,4,3,4,4,4,4", "44-34-34-444", " 443 434 444 "])
def test_nine_marks_are_read_however_they_are_parted(text):
    assert NINE == survey.scores(survey.read(text))


@pytest.mark.parametrize("text", ["44343444", "4434344444", "443434445", "043434444", "4", "", "bagus", "443434444 mantap"])
def test_anything_else_is_no_nine_marks(text):
    assert None is survey.read(text)


@pytest.mark.parametrize("capabilities", [SMS, Citizen().capabilities])
@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("NILAI 8812345 443434444", NINE),
        ("nilai 8812345 4 4 3 4 3 4 4 4 4", NINE),
        ("nilai 443434444", NINE),
        ("NILAI 8812345 4", {"overall": 4}),
        ("nilai 5", {"overall": 5}),
    ],
)
def test_marks_in_one_message(capabilities, text, scores):
    assert [scores] == ratings(Citizen(capabilities, reports=[DONE]).writes(text))


def test_only_all_nine_are_handed_on_one_question_each():
    citizen = Citizen(reports=[DONE]).notice("status", DONE).taps("mulai")
    for number, mark in enumerate("44343444", 2):
        citizen.taps(mark)
        (said,) = citizen.all(Say)
        assert [] == ratings(citizen)
        assert (number, 9) == (said.params["element"], said.params["of"])
    assert [NINE] == ratings(citizen.taps("4"))
    assert "survey" not in citizen.session


def test_a_button_tapped_twice_counts_once():
    citizen = Citizen(reports=[DONE]).notice("status", DONE).taps("mulai")
    question = citizen.question
    citizen.taps("4")
    now = citizen.question
    assert question != now
    from bot.model import Pick

    citizen.writes(pick=Pick(question, "4"))
    assert "4" == citizen.session["survey"]["marks"]


@pytest.mark.parametrize("interruption", ["status 8812345", "batal", "lampu jalan di depan sekolah kami mati sejak lama"])
def test_it_goes_on_where_it_was_left(interruption):
    citizen = Citizen(reports=[DONE]).notice("status", DONE).taps("mulai").taps("4").taps("3").writes(interruption)
    citizen.writes("batal").writes("nilai 8812345")
    (said,) = citizen.all(Say)
    assert ("ask.skm", 3) == (said.key, said.params["element"])


@pytest.mark.parametrize("refusal", ["tidak", "berhenti", "nanti saja", "lewati", "stop"])
def test_refused_on_the_way_nothing_is_kept(refusal):
    citizen = Citizen(reports=[DONE]).notice("status", DONE).taps("mulai").taps("4").writes(refusal)
    assert ["told.rate_another_time"] == citizen.keys
    assert [] == ratings(citizen)
    assert {"survey", "asked"}.isdisjoint(citizen.session)


def test_the_buttons_of_an_older_program_still_count():
    citizen = Citizen(reports=[DONE])
    citizen.session = {"asked": {"name": "score", "visit": 7, "values": list("12345"), "data": {"report": "r1", "number": "8812345"}}}
    assert [{"overall": 2}] == ratings(citizen.taps("2"))


def test_choosing_what_to_rate_beside_a_draft_leaves_its_question_open():
    other = replace(DONE, id="r2", receipt="LABCDEFGH", ticket="8812346")
    citizen = Citizen(reports=[DONE, other]).at("where")
    citizen.writes("nilai 5").taps("LABCDEFGH")
    assert [{"overall": 5}] == ratings(citizen)
    assert "where" == citizen.session["asked"]["name"]
    assert "where" not in citizen.session["draft"]["settled"]


# ---- what is not solved


@pytest.mark.parametrize(
    "text", ["BELUM 8812345 lampunya masih mati", "belum beres 8812345: lampunya masih mati", "reopen 8812345 lampunya masih mati"]
)
def test_with_a_reason_it_is_opened_again_at_once(text):
    citizen = Citizen(reports=[DONE]).writes(text)
    assert [("r1", "reopening", {"reason": "lampunya masih mati"})] == operated(citizen)


def test_without_a_reason_it_is_asked_and_a_photo_follows_as_a_message():
    citizen = Citizen(reports=[DONE]).notice("status", DONE).writes("belum selesai")
    assert ["ask.reopen"] == citizen.keys
    citizen.writes("masih gelap semua", files=(FileRef("f1"),))
    (reopening, message) = operated(citizen)
    assert ("r1", "reopening", {"reason": "masih gelap semua"}) == reopening
    assert ("messages", 1) == (message[1], len(message[2]["media"]))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"due_days": {"reopening": 0}}, "told.reopened"),
        ({"due_days": {}}, "told.reopened"),
        ({"status": Status.ANSWERED}, "told.reopened"),
        ({"due_days": {"reopening": -1}}, "told.reopen_late"),
        ({"status": Status.WITHDRAWN}, "told.reopen_late"),
        ({"status": Status.ARCHIVED}, "told.reopen_late"),
        ({"status": Status.IN_PROGRESS}, "told.still_open"),
        ({"mine": False}, "sorry.unknown_report"),
    ],
)
def test_when_it_may_be_opened_again(changes, key):
    citizen = Citizen(reports=[replace(DONE, **changes)]).writes("BELUM 8812345 lampunya masih mati lagi")
    assert [key] == citizen.keys
    assert (key == "told.reopened") == bool(operated(citizen))


@pytest.mark.parametrize(
    "text", ["belum selesai jalan di depan rumah kami diperbaiki sejak lama", "belum 3 hari sudah rusak lagi jalannya pak"]
)
def test_a_report_may_begin_with_the_same_words(text):
    citizen = Citizen(reports=[DONE]).writes(text)
    assert "draft" in citizen.session
    assert [] == citizen.all(FileReport) + operated(citizen)


def test_in_a_draft_the_words_are_an_answer():
    citizen = Citizen(reports=[DONE]).at("evidence").writes("belum selesai")
    assert "draft" in citizen.session
    assert [] == operated(citizen)
