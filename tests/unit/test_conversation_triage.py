"""What is said before anything else, and how patiently."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.protocol import Say
from bot.errors import SettingsError
from bot.model import Status
from bot.settings import load
from tests.unit.test_conversation_engine import SMS, TABLES, TEXT, VIEW, Citizen

FIRE = "tolong ada kebakaran di pasar sekarang"
CRIME = "motor saya dicuri di parkiran pasar tadi pagi"


def test_the_number_is_told_first_and_once_a_report():
    citizen = Citizen().writes(FIRE)
    assert ("told.emergency", "fire") == (citizen.keys[0], citizen.all(Say)[0].params["what"])
    assert len(citizen.keys) > 1
    assert "told.emergency" not in citizen.writes(FIRE).keys


@pytest.mark.parametrize("name", ["where", "evidence", "name"])
def test_it_is_told_in_answer_to_any_question(name):
    assert "told.emergency" == Citizen().at(name).writes("tolong ada orang dipukuli sekarang").keys[0]


def test_it_is_told_when_the_words_are_passed_on_as_an_answer():
    citizen = Citizen(reports=[VIEW]).notice("message", replace(VIEW, wants_answer=True), text="?")
    assert ["told.emergency", "ask.answer"] == citizen.writes(FIRE).keys


@pytest.mark.parametrize("capabilities", [SMS, Citizen().capabilities])
@pytest.mark.parametrize("answer", ["tetap kirim", "tetap", "1", "ya", "lanjut"])
def test_a_matter_of_others_goes_on_when_its_writer_insists(capabilities, answer):
    citizen = Citizen(capabilities).writes(CRIME)
    assert ["ask.elsewhere"] == citizen.keys
    citizen.writes(answer)
    assert "elsewhere" != citizen.session["asked"]["name"]
    assert CRIME == citizen.session["draft"]["parts"][0]["text"]


def test_it_is_asked_once_even_when_the_text_is_changed():
    citizen = Citizen().writes(CRIME).writes("tetap kirim").writes("ya")
    citizen.now += timedelta(seconds=1)
    citizen.writes("ubah isi mobil saya juga dicuri di tempat yang sama")
    assert "ask.elsewhere" not in citizen.keys


def test_what_more_is_told_meanwhile_is_kept():
    citizen = Citizen().writes(CRIME).writes("pelakunya dua orang naik motor tanpa plat nomor")
    assert ["ask.elsewhere"] == citizen.keys
    assert 2 == len(citizen.session["draft"]["parts"])


@pytest.mark.parametrize("answer", ["tidak jadi", "2", "batal"])
def test_it_is_dropped_only_on_its_writers_word(answer):
    citizen = Citizen().writes(CRIME).writes(answer)
    assert ["told.cancelled"] == citizen.keys
    assert "draft" not in citizen.session


def test_going_back_from_there_asks_it_again():
    assert ["ask.elsewhere"] == Citizen().writes(CRIME).writes("kembali").keys


def test_which_matters_is_configuration():
    citizen = Citizen(tables=replace(TABLES, out_of_scope=frozenset({"korupsi"}))).writes(CRIME)
    assert "ask.elsewhere" not in citizen.keys
    assert ["ask.elsewhere"] == Citizen(tables=replace(TABLES, out_of_scope=frozenset({"korupsi"}))).writes("dana desa dikorupsi").keys


def test_an_insult_gets_one_patient_sentence_and_a_flood_of_them_is_slowed_down():
    citizen = Citizen()
    said = [citizen.writes("anjing lu").all(Say)[0] for _ in range(12)]
    assert {"told.patient"} == {say.key for say in said}
    assert [timedelta(0)] + [timedelta(seconds=20)] * 11 == [say.delay for say in said]
    assert {""} | {say.coalesce for say in said[1:]} == {"", "patience"}
    assert len(citizen.session["chatter"]) <= 10
    citizen.now += timedelta(minutes=16)
    assert timedelta(0) == citizen.writes("anjing lu").all(Say)[0].delay


def test_an_insult_is_no_answer_to_a_question():
    citizen = Citizen().at("name").writes("goblok")
    assert ["told.patient", "ask.name"] == citizen.keys
    assert "name" not in citizen.session["draft"]


def test_a_report_that_swears_is_a_report():
    citizen = Citizen().writes("jalan rusak parah goblok semua pejabatnya tidak pernah diperbaiki")
    assert "draft" in citizen.session


def test_words_that_seem_to_be_no_report_are_kept_and_may_be_one():
    citizen = Citizen().writes("spanduk merah")
    assert ["ask.doubt"] == citizen.keys
    assert "draft" not in citizen.session
    assert "spanduk merah" == citizen.writes("ya").session["draft"]["parts"][0]["text"]


def test_after_a_doubt_the_report_itself_is_taken():
    citizen = Citizen().writes("aku sayang kamu").writes(TEXT)
    assert TEXT == citizen.session["draft"]["parts"][0]["text"]


def test_replies_that_are_never_understood_are_slowed_down_too():
    citizen = Citizen().writes(TEXT)
    said = [citizen.writes("xyzzy").all(Say)[-1] for _ in range(8)]
    assert ["ask.consent"] * 2 + ["sorry.way_out"] * 6 == [say.key for say in said]
    assert [timedelta(0)] * 5 + [timedelta(seconds=20)] * 3 == [say.delay for say in said]


def test_a_postponed_report_takes_insults_for_no_answer():
    citizen = Citizen(SMS, reports=[VIEW]).notice("status", replace(VIEW, status=Status.POSTPONED, missing=("location",)))
    assert ["told.patient"] == citizen.writes("dasar goblok").keys


NEEDED = {
    "MONGODB_URL": "mongodb://x",
    "PUBLIC_BASE_URL": "https://x.example",
    "CORE_URL": "https://core.example",
    "CORE_TOKEN": "t",
    "CORE_WEBHOOK_SECRET": "whsec_x",
}


@pytest.mark.parametrize(
    ("value", "matters"),
    [
        (None, {"pidana", "peradilan", "legislatif", "korupsi"}),
        ("pidana", {"pidana"}),
        ("pidana korupsi", {"pidana", "korupsi"}),
        ("none", set()),
    ],
)
def test_the_setting(value, matters):
    assert matters == load(NEEDED | ({"OUT_OF_SCOPE": value} if value else {}), []).out_of_scope


def test_an_unknown_matter_stops_the_start():
    with pytest.raises(SettingsError, match="OUT_OF_SCOPE"):
        load(NEEDED | {"OUT_OF_SCOPE": "pidana olahraga"}, [])
