"""What the text says is taken once, never put over an answer, and agreed to before anything is done with it; drafts wait their turn."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.conversation import flow, leaving, session
from bot.conversation.session import Draft
from tests.transcripts.player import CAPABILITIES, START, Player

COMPLETE = "jalan berlubang di depan SDN 3 Cibodas, kec Cibodas Kota Tangerang, sudah 3 hari"


class Citizen:
    """Writes; what comes out of the last turn is at hand."""

    def __init__(self, channel):
        self.player = Player(channel)
        self.lines = []

    def writes(self, *texts):
        for text in texts:
            self.player.said.clear()
            self.lines = list(self.player.play(f"> {text}"))
        return self

    @property
    def draft(self):
        return self.player.session["draft"]

    @property
    def keys(self):
        return [say.key for say in self.player.said]

    @property
    def filed(self):
        return next(json.loads(line.removeprefix("! FileReport ")) for line in self.lines if line.startswith("! FileReport"))

    @property
    def progress(self):
        return self.player.said[-1].params["progress"]


def test_a_complete_sms_needs_one_more_message_and_that_is_the_proof_of_consent():
    citizen = Citizen("sms").writes(f"LAPOR {COMPLETE}")
    assert ["ask.summary"] == citizen.keys
    assert "consent" not in citizen.player.session
    assert "agreed" not in citizen.draft
    citizen.writes("1")
    assert {"version": "1", "at": START.isoformat(), "message": "m2"} == citizen.player.session["consent"]
    filed = citizen.filed
    assert ("pengaduan", "2026-11-17", "jalan", {"area_code": "36.71.09"}) == (
        filed["kind"],
        filed["occurred_on"],
        filed["category"],
        filed["location"],
    )


@pytest.mark.parametrize("said", ["tidak", "gak setuju", "jangan", "no"])
def test_a_plain_no_to_the_summary_is_no_consent_and_erases(said):
    citizen = Citizen("sms").writes(COMPLETE, said)
    assert ["told.refused"] == citizen.keys
    assert "berlubang" not in json.dumps(citizen.player.session)


@pytest.mark.parametrize("said", ["salah", "bukan", "ada yang salah", "2"])
def test_finding_a_mistake_is_no_refusal(said):
    assert ["ask.correct"] == Citizen("sms").writes(COMPLETE, said).keys


def test_a_draft_that_waits_for_consent_by_sms_is_erased_in_time():
    citizen = Citizen("sms").writes(COMPLETE)
    assert session.expires_at(citizen.player.session) == START + timedelta(days=7)


@pytest.mark.parametrize(
    ("reply", "place", "day", "asked"),
    [
        ("kec cibodas kota tangerang, kemarin", "36.71.09", "2026-11-19", "summary"),
        ("kec cibodas kota tangerang", "36.71.09", None, "summary"),
        ("3 hari yang lalu", None, "2026-11-17", "where"),
        ("di tangerang, kemarin sore", None, "2026-11-19", "where"),
        ("tidak tahu", None, None, "where"),
        ("di pinggir kali", None, None, "gaps"),
        ("7", None, None, "gaps"),
        ("ya", None, None, "gaps"),
    ],
)
def test_one_reply_may_answer_both_or_one(reply, place, day, asked):
    citizen = Citizen("sms").writes("lampu jalan mati di gang kami", reply)
    assert (place, day, asked) == (
        citizen.draft.get("place", {}).get("code"),
        citizen.draft.get("occurred_on"),
        citizen.player.session["asked"]["name"],
    )


@pytest.mark.parametrize(
    ("reply", "place", "day"),
    [
        ("1 kemarin", "36.03", "2026-11-19"),
        ("2, 3 hari lalu", "36.71", "2026-11-17"),
        ("yang kota kemarin", "36.71", "2026-11-19"),
        ("kab", "36.03", None),
        ("kec cibodas kota tangerang hari ini", "36.71.09", "2026-11-20"),
    ],
)
def test_a_candidate_and_a_day_in_one_reply(reply, place, day):
    citizen = Citizen("sms").writes("lampu jalan mati di tangerang")
    assert ["ask.gaps_which"] == citizen.keys
    citizen.writes(reply)
    assert (place, day) == (citizen.draft["place"]["code"], citizen.draft.get("occurred_on"))


def test_days_at_the_head_of_a_reply_are_no_candidate():
    citizen = Citizen("sms").writes("lampu jalan mati di tangerang", "2 hari lalu")
    assert (["ask.where_which"], "2026-11-18") == (citizen.keys, citizen.draft["occurred_on"])


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("tanggalnya kemarin", "occurred_on", "2026-11-19"),
        ("kemarin", "occurred_on", "2026-11-19"),
        ("bukan 17/11, 16/11", "occurred_on", "2026-11-16"),
        ("ya tapi tanggalnya kemarin", "occurred_on", "2026-11-19"),
        ("jenisnya aspirasi", "kind", "aspirasi"),
        ("bukan pengaduan tapi usul", "kind", "aspirasi"),
        ("kategori sampah", "category", "lingkungan"),
        ("nama Budi Santoso", "name", "Budi Santoso"),
        ("anonim", "anonymous", True),
        ("tolong rahasia saja", "confidential", True),
    ],
)
def test_a_correction_said_in_so_many_words_is_taken(said, field, value):
    citizen = Citizen("sms").writes(COMPLETE, said)
    assert (["ask.summary"], value) == (citizen.keys, citizen.draft[field])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("bukan Kota Tangerang, Kabupaten Tangerang", "36.03"),
        ("salah, yang benar kota bandung", "32.73"),
        ("tempatnya kec cibodas kota tangerang", "36.71.09"),
        ("kota bandung", "32.73"),
    ],
)
def test_a_place_that_is_corrected_in_so_many_words(said, code):
    citizen = Citizen("sms").writes(COMPLETE, said)
    assert (["ask.summary"], code) == (citizen.keys, citizen.draft["place"]["code"])


@pytest.mark.parametrize("said", ["bukan kota tangerang", "tidak di kota bandung", "hmm kemarin siapa ya"])
def test_what_is_only_denied_or_doubtful_changes_no_place(said):
    assert "36.71.09" == Citizen("sms").writes(COMPLETE, said).draft["place"]["code"]


def test_one_more_wish_for_secrecy_takes_none_back():
    draft = Citizen("sms").writes(COMPLETE, "anonim", "rahasia").draft
    assert (True, True) == (draft["anonymous"], draft["confidential"])


def test_an_answer_is_never_overwritten_by_the_text():
    citizen = Citizen("telegram").writes(COMPLETE, "[tap ya]", "kembali", "[tap hari_ini]")
    assert "2026-11-20" == citizen.draft["occurred_on"]
    citizen.writes("[edit 1] lampu jalan mati di kota bandung sejak kemarin")
    assert ("2026-11-20", "32.73", "psu") == (citizen.draft["occurred_on"], citizen.draft["place"]["code"], citizen.draft["category"])
    assert "when" not in citizen.draft["read"]


def test_what_the_text_no_longer_says_is_asked():
    citizen = Citizen("telegram").writes(COMPLETE, "[tap ya]", "[edit 1] jalan di depan sekolah berlubang parah", "lewati")
    assert ["ask.where"] == citizen.keys
    assert "occurred_on" not in citizen.draft


def test_what_was_read_is_echoed_once():
    citizen = Citizen("telegram").writes(COMPLETE, "[tap ya]")
    noted = citizen.player.said[-1].params["noted"]
    assert {
        "what": "read",
        "thanks": True,
        "kind": "pengaduan",
        "area": "Kecamatan Cibodas, Kota Tangerang, Banten",
        "day": date(2026, 11, 17),
        "category": "jalan",
        "anonymous": False,
        "confidential": False,
    } == noted
    assert citizen.writes("lewati").player.said[-1].params["noted"] is None


def test_before_consent_a_chat_says_nothing_of_what_it_read():
    citizen = Citizen("telegram").writes(COMPLETE)
    (said,) = citizen.player.said
    assert ("ask.consent", None) == (said.key, said.params["noted"])


def test_the_progress_is_honest_when_the_number_changes():
    citizen = Citizen("telegram").writes("halo", "[tap ya]")
    assert {"n": 1, "of": 8} == citizen.progress
    assert {"n": 2, "of": 7} == citizen.writes("lampu jalan mati di gang kami").progress
    assert {"n": 3, "of": 7} == citizen.writes("kota bandung").progress
    assert {"n": 3, "of": 7} == citizen.writes("entah apa").progress
    assert {"n": 4, "of": 7} == citizen.writes("kemarin").progress
    citizen.writes("lewati", "lewati")
    assert {"n": 6, "of": 6} == citizen.writes("[tap anonim]", "kembali").progress
    assert Citizen("sms").writes("lampu jalan mati di gang kami").progress is None


def test_a_province_alone_is_no_answer():
    citizen = Citizen("sms").writes("jalan provinsi di banten rusak parah sejak kemarin")
    assert ["ask.where_more"] == citizen.keys
    assert "place" not in citizen.draft


def test_the_district_of_the_text_is_found_inside_the_regency_of_the_answer():
    citizen = Citizen("sms").writes("Ciawi macet total karena angkot ngetem sejak kemarin", "kabupaten bogor")
    assert "32.01.24" == citizen.draft["place"]["code"]


def test_drafts_wait_and_are_taken_up_again_as_they_were():
    citizen = Citizen("telegram").writes("lampu jalan mati di kota bandung sejak kemarin", "[tap ya]", "Dinas PU")
    before = citizen.draft
    citizen.writes("LAPOR selokan mampet", "[tap baru]")
    before["messages"] += 2
    assert [before] == citizen.player.session["kept"]
    citizen.writes("batal", "lanjut")
    assert (before, None) == (citizen.draft, citizen.player.session.get("kept"))


def test_three_drafts_wait_at_most_and_that_is_said_before():
    citizen = Citizen("sms").writes("LAPOR lampu jalan ke 1 mati")
    for number in range(2, 5):
        citizen.writes(f"LAPOR lampu jalan ke {number} mati")
        assert citizen.player.said[-1].params["room"]
        citizen.writes("1")
    assert not citizen.writes("LAPOR lampu jalan ke 5 mati").player.said[-1].params["room"]
    citizen.writes("1")
    assert 3 == len(citizen.player.session["kept"])
    assert "ke 5" in citizen.draft["parts"][0]["text"]


def test_texts_that_wait_are_bounded_together():
    citizen = (
        Citizen("telegram").writes("[long 15000 banjir]", "LAPOR [x]", "[tap baru]").writes("[long 8000 gelap]", "LAPOR selokan mampet")
    )
    assert ["ask.second"] == citizen.keys
    assert not citizen.player.said[-1].params["room"]


def test_a_draft_that_waits_without_consent_is_erased_in_time_and_the_others_stay():
    now = datetime(2026, 11, 20, tzinfo=UTC)
    old, young, agreed = (Draft(now - timedelta(days=days), agreed=yes) for days, yes in ((8, False), (2, False), (30, True)))
    plain = session.encode(session.Session(draft=young, kept=[old, agreed]))
    assert session.expires_at(plain) == now - timedelta(days=23)
    after, _ = leaving.without_lapsed(plain, now, CAPABILITIES["sms"])
    left = session.decode(after)
    assert [agreed.started] == [draft.started for draft in left.kept]
    assert left.draft is not None
    assert young.started + timedelta(days=7) == session.expires_at(after)


def test_consent_given_meanwhile_holds_for_a_draft_that_waited():
    citizen = Citizen("telegram").writes(
        "[photo a.jpg] lampu jalan di gang kami mati", "LAPOR selokan mampet", "[tap baru]", "[tap ya]", "batal"
    )
    assert [] == [line for line in citizen.lines if "FetchMedia" in line]
    citizen.writes("lanjut")
    assert 1 == len([line for line in citizen.lines if "FetchMedia" in line])
    assert citizen.draft["agreed"]


def test_erasing_names_the_files_of_drafts_that_wait():
    citizen = Citizen("telegram").writes("[photo a.jpg] lampu jalan di gang kami mati", "[tap ya]", "LAPOR selokan mampet", "[tap baru]")
    (waiting,) = citizen.player.session["kept"]
    citizen.writes("hapus data", "ya")
    assert f"! EraseData ['{waiting['evidence'][0]['id']}']" in citizen.lines
    assert "kept" not in citizen.player.session


def test_a_file_that_is_lost_leaves_a_draft_that_waits():
    citizen = Citizen("telegram").writes("[photo a.jpg] lampu jalan di gang kami mati", "[tap ya]", "LAPOR selokan mampet", "[tap baru]")
    lost = citizen.player.session["kept"][0]["evidence"][0]["id"]
    list(citizen.player.play(f'@ notice media_failed {{"none": true, "reason": "media_gone", "media": "{lost}"}}'))
    assert "evidence" not in citizen.player.session["kept"][0]
    assert "a.jpg" == citizen.player.said[-1].params["name"]


def test_by_sms_only_what_must_be_known_is_asked():
    draft = Draft(START, kind="pengaduan")
    assert ["text", "kind", "where"] == [step.name for step in flow.asked(draft, CAPABILITIES["sms"])]
