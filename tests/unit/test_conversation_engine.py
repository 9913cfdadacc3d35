"""The engine's promises that a single transcript does not show."""

import ast
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import bot.conversation
from bot.conversation import engine
from bot.conversation.categories import Category
from bot.conversation.protocol import (
    Drawn,
    EraseData,
    FetchMedia,
    FileReport,
    FindReport,
    Heard,
    MyReports,
    Need,
    Notice,
    Operate,
    Say,
    Similar,
    SimilarReports,
)
from bot.conversation.tables import Tables
from bot.conversation.understanding.area import AreaChoice, AreaGuess
from bot.model import Address, Capabilities, FileRef, Inbound, Medium, Pick, Pin, ReportView, Status

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SMS = Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=670)
TELEGRAM = Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096, max_file=20_000_000)
TEXT = "Lampu jalan di depan pasar mati sejak lama"


class FakePlaces:
    """Knows Cibodas, is unsure about Tangerang, and knows nothing else."""

    def find(self, text):
        if "cibodas" in text.casefold():
            return AreaGuess("36.71.09", self.name("36.71.09"))
        if "tangerang" in text.casefold():
            return AreaGuess(None, "tangerang", tuple(AreaChoice(code, self.name(code)) for code in ("36.03", "36.71")))
        return AreaGuess(None, "")

    def name(self, code):
        return {"36.71.09": "Kecamatan Cibodas, Kota Tangerang, Banten", "36.71": "Kota Tangerang", "36.03": "Kabupaten Tangerang"}[code]


def read_day(text, today):
    return {"hari ini": today, "kemarin": today - timedelta(days=1), "besok": today + timedelta(days=1)}.get(text)


TABLES = Tables("https://x.example/privasi", "1", FakePlaces(), read_day)
VIEW = ReportView("r1", "L23456789", "8812345", "pengaduan", "Lampu mati", Status.IN_PROGRESS, NOW, mine=True)


class Citizen:
    """Writes to the engine and remembers the session, as the database would."""

    def __init__(self, capabilities=TELEGRAM, *, reports=(), tables=TABLES):
        self.capabilities, self.reports, self.tables = capabilities, list(reports), tables
        self.session, self.now, self.count, self.turn = {}, NOW, 0, None
        self.asked_for = []
        self.similar = Similar()

    def writes(self, text="", **fields):
        self.count += 1
        message = Inbound(f"m{self.count}", Address("sim", f"{self.capabilities.medium}:budi"), text=text, **fields)
        return self.event(Heard(message, Drawn(f"report-{self.count}", "LABCDEFGH", "WXYZ2345"), self.capabilities))

    def taps(self, value):
        return self.writes(pick=Pick(self.question, value))

    def notice(self, kind, view=VIEW, **fields):
        return self.event(Notice("n1", kind, view, self.capabilities, **fields))

    def event(self, event):
        answers = {}
        self.session = json.loads(json.dumps(self.session))
        before = json.dumps(self.session)
        while isinstance(outcome := engine.advance(self.session, event, self.now, answers=answers, tables=self.tables), Need):
            assert outcome.query not in answers
            self.asked_for.append(outcome.query)
            answers[outcome.query] = self.answer(outcome.query)
        assert before == json.dumps(self.session), "the session that went in was changed"
        self.session, self.turn = dict(outcome.session), outcome
        return self

    def answer(self, query):
        if isinstance(query, MyReports):
            return tuple(self.reports)
        if isinstance(query, SimilarReports):
            return self.similar
        view = next((view for view in self.reports if query.number in {view.receipt, view.ticket}), None)
        return view and replace(view, opened=query.code == "QRST6789")

    def all(self, kind):
        return [effect for effect in self.turn.effects if isinstance(effect, kind)]

    @property
    def keys(self):
        return [say.key for say in self.all(Say)]

    @property
    def question(self):
        asked = self.session["asked"]
        return f"{asked['name']}.{asked['visit']}"

    def at(self, name):
        """Walk to a question of a complaint."""
        walk = [TEXT, "ya", "pengaduan", "cibodas", "kemarin", "lewati", "lewati", "selesai", "terbuka", "lewati"]
        for text in walk:
            if self.session.get("asked", {}).get("name") == name:
                break
            self.writes(text)
        assert name == self.session["asked"]["name"]
        return self


def test_nothing_impure_is_imported():
    banned = {"asyncio", "time", "random", "uuid", "logging", "secrets", "threading", "socket", "os", "subprocess"}
    for path in Path(bot.conversation.__file__).parent.rglob("*.py"):
        if "understanding" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert set() == banned & {name.partition(".")[0] for name in names}, path.name


def test_the_same_event_on_the_same_session_gives_the_same_turn():
    one, other = Citizen().at("where"), Citizen().at("where")
    assert one.writes("cibodas").turn == other.writes("cibodas").turn


def test_the_proof_of_consent_is_version_time_and_message_and_survives_starting_over():
    citizen = Citizen().writes(TEXT).writes("ya")
    proof = {"version": "1", "at": NOW.isoformat(), "message": "m2"}
    assert proof == citizen.session["consent"]
    assert proof == citizen.writes("ulang").session["consent"]
    assert proof == citizen.writes("batal").session["consent"]


def test_before_consent_nothing_is_done_with_the_draft():
    citizen = Citizen().writes("jalan rusak parah sekali", files=(FileRef("f1"),)).writes(pin=Pin(1, 2))
    assert [] == citizen.all(FetchMedia)
    assert not citizen.session["draft"].get("agreed")
    citizen.writes("ya")
    assert ["f1"] == [fetch.file.ref for fetch in citizen.all(FetchMedia)]


def test_refusal_erases_the_draft():
    citizen = Citizen().writes(TEXT, files=(FileRef("f1"),)).writes("tidak")
    assert TEXT not in json.dumps(citizen.session)
    assert "draft" not in citizen.session
    assert "consent" not in citizen.session


def test_confirming_files_exactly_what_was_said_under_what_was_drawn():
    citizen = Citizen().at("agency").writes("Dinas PU").writes("listrik").writes(files=(FileRef("f1"), FileRef("f2")))
    citizen.writes("selesai").writes("rahasia").writes("Budi").writes("ya")
    (filed,) = citizen.all(FileReport)
    report = filed.report
    assert (f"report-{citizen.count}", "LABCDEFGH", "WXYZ2345") == (report.id, report.receipt, report.access_code)
    assert ("pengaduan", TEXT, TEXT, "36.71.09", date(2026, 11, 19)) == (
        report.kind,
        report.title,
        report.body,
        report.location.area_code,
        report.occurred_on,
    )
    assert ("Dinas PU", "listrik", False, True, "Budi") == (
        report.agency,
        report.category,
        report.anonymous,
        report.confidential,
        report.name,
    )
    assert 2 == len(report.media)
    assert "sim:telegram:budi" == report.conversation
    assert ["told.receipt"] == citizen.keys
    assert {"v", "visits", "heard", "consent"} == set(citizen.session)


def test_an_anonymous_report_carries_no_name():
    citizen = Citizen().at("name").writes("Budi").writes("ubah rahasia").writes("anonim").writes("ya")
    (filed,) = citizen.all(FileReport)
    assert (True, None) == (filed.report.anonymous, filed.report.name)


def test_a_suggestion_that_was_a_complaint_carries_no_day():
    citizen = Citizen().at("summary").writes("ubah jenis").writes("usul").writes("ya")
    (filed,) = citizen.all(FileReport)
    assert filed.report.occurred_on is None


def test_also_confidential_keeps_anonymous():
    citizen = Citizen().at("visibility").writes("anonim").writes("ubah rahasia").writes("rahasia juga")
    assert (True, True) == (citizen.session["draft"]["anonymous"], citizen.session["draft"]["confidential"])


def test_every_question_has_an_id_of_its_own_and_a_stale_button_repeats_the_present_one():
    citizen = Citizen().writes(TEXT)
    old = citizen.question
    citizen.writes("ya")
    assert old != citizen.question
    present = citizen.question
    citizen.writes(pick=Pick(old, "tidak"))
    assert ["ask.kind"] == citizen.keys
    assert present == citizen.question
    assert "kind" not in citizen.session["draft"]


def test_what_was_not_offered_cannot_be_tapped():
    citizen = Citizen().at("kind").taps("rahasia")
    assert ["ask.kind"] == citizen.keys
    assert "kind" not in citizen.session["draft"]


def test_going_back_twice_and_keeping_the_answers_leads_back():
    citizen = Citizen().at("agency").writes("kembali").writes("kembali")
    assert ["ask.where"] == citizen.keys
    citizen.writes("tetap").writes("tetap")
    assert ["ask.agency"] == citizen.keys
    assert "36.71.09" == citizen.session["draft"]["place"]["code"]
    assert "2026-11-19" == citizen.session["draft"]["occurred_on"]


@pytest.mark.parametrize("name", ["kind", "text", "where", "when", "agency", "category", "evidence", "visibility", "name", "summary"])
def test_batal_ends_the_draft_at_every_question(name):
    citizen = Citizen().writes("lapor").writes("ya") if name in {"kind", "text"} else Citizen().at(name)
    if name == "text":
        citizen.writes("pengaduan")
    citizen.writes("batal")
    assert ["told.cancelled"] == citizen.keys
    assert "draft" not in citizen.session
    assert "asked" not in citizen.session


@pytest.mark.parametrize("command", ["status", "bantuan", "bahasa", "LAPOR-AB2CD3", "/start", "lapor", "cabut", "nilai", "status 999999"])
def test_the_question_comes_back_after_a_command(command):
    citizen = Citizen().at("where")
    present = citizen.question
    citizen.writes(command)
    assert "ask.where" == citizen.keys[-1]
    assert present == citizen.question


def test_five_wrong_numbers_an_hour_then_the_same_answer_slowly_even_for_the_right_code():
    citizen = Citizen(reports=[replace(VIEW, mine=False)])
    delays = [citizen.writes(f"status 99{n}999").all(Say)[0].delay for n in range(7)]
    assert [timedelta(0)] * 5 + [timedelta(seconds=60)] * 2 == delays
    citizen.writes("status 8812345 QRST6789")
    assert (["sorry.unknown_report"], FindReport("8812345", None)) == (citizen.keys[:1], citizen.asked_for[-1])
    citizen.now += timedelta(hours=1)
    assert ["told.status"] == citizen.writes("status 8812345 QRST6789").keys[:1]


def test_too_many_wrong_numbers_do_not_hide_ones_own_report():
    citizen = Citizen(reports=[VIEW])
    for n in range(6):
        citizen.writes(f"status 99{n}999")
    assert ["told.status"] == citizen.writes("status 8812345").keys


@pytest.mark.parametrize("text", ["status 8812345", "status 8812345 AAAA2222", "status 999999", "status 999999 QRST6789"])
def test_a_stranger_cannot_tell_wrong_from_unknown(text):
    citizen = Citizen(reports=[replace(VIEW, mine=False)]).writes(text)
    (said,) = citizen.all(Say)
    assert ("sorry.unknown_report", {}) == (said.key, dict(said.params))


@pytest.mark.parametrize("text", ["TAMBAH 8812345 halo halo", "CABUT 8812345", "NILAI 8812345 5"])
def test_a_stranger_can_do_nothing(text):
    citizen = Citizen(reports=[replace(VIEW, mine=False)]).writes(text)
    assert [] == citizen.all(Operate)
    assert ["sorry.unknown_report"] == citizen.keys[:1]


SECRETS = ("Kepala dinas meminta uang", "Dinas Rahasia", "imigrasi", "Catatan petugas", "Pesan instansi", "Cibodas")


def test_by_sms_nothing_of_a_confidential_report_is_given_to_the_templates():
    view = replace(VIEW, title=SECRETS[0], agency=SECRETS[1], note=SECRETS[3], confidential=True)
    citizen = Citizen(SMS, reports=[view]).at("summary").writes("rahasia")
    said = []
    for text in (
        *("ubah instansi", SECRETS[1], "ubah kategori", SECRETS[2], "ubah lokasi", "cibodas", f"ubah isi {SECRETS[0]} untuk surat kami"),
        *("LAPOR laporan lain tentang jalan rusak", "1", "status", "status 8812345", "nilai 8812345"),
    ):
        said += citizen.writes(text).all(Say)
    for status in Status:
        said += citizen.notice("status", replace(view, status=status)).all(Say)
    said += citizen.notice("message", view, text=SECRETS[4]).all(Say)
    said += citizen.notice("ticket", view).all(Say)
    assert len(said) > 20
    assert [] == [(say.key, secret) for say in said for secret in SECRETS if secret in str((say.params, say.offers))]


def test_notices_leave_the_draft_and_its_question_alone():
    citizen = Citizen(reports=[VIEW]).at("where")
    before = citizen.session["asked"], citizen.session["draft"]
    for status in Status:
        citizen.notice("status", replace(VIEW, status=status))
        assert ["notice.status"] == citizen.keys
    for kind in ("ticket", "message", "refused", "conflict", "media_late", "operation_failed", "unheard_of"):
        assert 1 == len(citizen.notice(kind, text="x").keys)
    assert before == (citizen.session["asked"], citizen.session["draft"])


def test_a_notice_about_nothing_is_passed_over():
    assert () == Citizen().notice("status", None).turn.effects


def test_a_file_that_could_not_be_kept_leaves_the_draft():
    citizen = Citizen().at("evidence").writes(files=(FileRef("f1", name="a.jpg"), FileRef("f2", name="b.jpg")))
    lost = citizen.session["draft"]["evidence"][0]["id"]
    citizen.notice("media_failed", None, media=lost, reason="media_gone")
    (said,) = citizen.all(Say)
    assert ("a.jpg", True) == (said.params["name"], said.params["drafting"])
    assert ["f2"] == [file["ref"] for file in citizen.session["draft"]["evidence"]]


def test_erasing_leaves_nothing_of_the_person():
    citizen = Citizen(reports=[VIEW]).at("evidence").writes(files=(FileRef("f1", name="a.jpg"),))
    media = citizen.session["draft"]["evidence"][0]["id"]
    citizen.notice("message", replace(VIEW, wants_answer=True), text="?")
    citizen.writes("hapus data").writes("ya")
    assert citizen.turn.erased
    assert [EraseData((media,))] == citizen.all(EraseData)
    assert {"v", "visits"} == set(citizen.session)


def test_operations_have_deterministic_ids():
    one, other = (Citizen(reports=[VIEW]).writes("TAMBAH 8812345 masih rusak") for _ in range(2))
    assert one.all(Operate) == other.all(Operate)
    assert one.all(Operate)[0].id != one.writes("TAMBAH 8812345 masih rusak").all(Operate)[0].id
    assert ("r1", "messages", {"text": "masih rusak", "media": []}) == (
        one.all(Operate)[0].report_id,
        one.all(Operate)[0].operation,
        one.all(Operate)[0].body,
    )


def test_files_sent_with_an_addition_are_fetched_and_named():
    citizen = Citizen(reports=[VIEW]).writes("TAMBAH 8812345 ini fotonya", files=(FileRef("f1"),))
    (fetch,), (operation,) = citizen.all(FetchMedia), citizen.all(Operate)
    assert [fetch.media_id] == operation.body["media"]


def test_a_file_alone_is_added_to_the_report_that_was_asked_about():
    citizen = Citizen(reports=[VIEW]).writes("tambah").writes(files=(FileRef("f1"),))
    assert ["told.added"] == citizen.keys
    assert 1 == len(citizen.all(Operate)[0].body["media"])


def test_the_answer_an_agency_waits_for_may_come_in_parts():
    citizen = Citizen(reports=[VIEW]).notice("message", replace(VIEW, wants_answer=True), text="Di mana?")
    citizen.writes("di depan pasar lama kota kami").writes("dekat tiang nomor dua belas").writes(files=(FileRef("f1"),)).writes("ya")
    (operation,) = citizen.all(Operate)
    assert "di depan pasar lama kota kami\ndekat tiang nomor dua belas" == operation.body["text"]
    assert 1 == len(operation.body["media"])
    assert "awaited" not in citizen.session


def test_a_photo_sent_on_return_moves_to_the_new_report():
    citizen = Citizen().at("where").writes(files=(FileRef("old"),))
    citizen.now += timedelta(days=2)
    citizen.writes(files=(FileRef("new"),)).writes("mulai baru")
    assert ["new"] == [file["ref"] for file in citizen.session["draft"]["evidence"]]


def test_a_pin_sent_on_return_moves_to_the_new_report():
    citizen = Citizen().at("when")
    citizen.now += timedelta(days=2)
    citizen.writes(pin=Pin(-7.25, 112.75)).writes("mulai baru")
    assert {"lat": -7.25, "lon": 112.75} == citizen.session["draft"]["place"]
    assert ["where"] == citizen.session["draft"]["settled"]


def test_a_pin_keeps_the_words_and_the_area_known_before():
    citizen = Citizen().at("when").writes(pin=Pin(-6.2, 106.6, "Pasar Anyar"))
    assert {"text": "Pasar Anyar", "code": "36.71.09", "lat": -6.2, "lon": 106.6} == citizen.session["draft"]["place"]


def test_a_text_of_65000_characters_is_cut_and_said():
    citizen = Citizen().writes("gelap😀" * 11_000)
    assert ["told.text_cut", "ask.consent"] == citizen.keys
    assert 20_000 == len(citizen.session["draft"]["parts"][0]["text"])


def test_nul_and_lone_surrogates_never_reach_the_session():
    citizen = Citizen().writes("jalan\x00 rusak \ud800parah sekali", sender_name="B\x00udi", files=(FileRef("f", name="a\x00.jpg"),))
    citizen.writes("ya").writes("1").writes("cibodas\x00").writes("kemarin").writes("Dinas\x00 PU").writes("1").writes("1").writes("1")
    stored = json.dumps(citizen.session, ensure_ascii=False)
    stored.encode()
    assert "\\u0000" not in stored
    assert "jalan rusak parah sekali" == citizen.session["draft"]["parts"][0]["text"]


def test_categories_are_configuration():
    tables = replace(TABLES, categories=(Category("laut", frozenset({"laut", "pantai"})), Category("hutan", frozenset({"hutan"}))))
    citizen = Citizen(tables=tables).at("category")
    (said,) = citizen.all(Say)
    assert ["laut", "hutan", "lewati"] == [offer.value for offer in said.offers]
    assert "laut" == citizen.writes("pantai kami").session["draft"]["category"]


def test_a_question_of_a_newer_program_is_passed_over():
    citizen = Citizen().at("where")
    citizen.session["asked"] = {"name": "mood", "visit": 3, "values": ["good"]}
    assert ["ask.where"] == citizen.writes("bantuan").keys[-1:]


def test_a_reply_to_a_newer_programs_question_answers_none_of_ours():
    citizen = Citizen().at("name")
    citizen.session["asked"] = {"name": "mood", "visit": 3, "values": ["good"]}
    assert ["ask.name"] == citizen.writes("lewati").keys
    assert ["ask.summary"] == citizen.writes("Siti Aminah").keys
    assert "Siti Aminah" == citizen.session["draft"]["name"]


def test_the_profiles_name_is_only_offered():
    citizen = Citizen().at("visibility").writes("terbuka", sender_name="Siti")
    (said,) = citizen.all(Say)
    assert ("profil", "Siti") == (said.offers[0].value, said.offers[0].label)
    assert "name" not in citizen.session["draft"]
    assert "Siti" == citizen.writes("1").session["draft"]["name"]


@pytest.mark.parametrize("said", ["anonim", "anonim saja", "anonymous"])
def test_anonymous_instead_of_a_name_is_taken_at_its_word(said):
    citizen = Citizen().at("name").writes(said)
    assert citizen.session["draft"]["anonymous"]
    assert "name" not in citizen.session["draft"]


def test_a_future_day_is_asked_again():
    assert ["ask.when"] == Citizen().at("when").writes("besok").keys


def test_the_day_is_that_of_jakarta():
    citizen = Citizen().at("when")
    citizen.now = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
    assert "2026-11-21" == citizen.taps("hari_ini").session["draft"]["occurred_on"]


@pytest.mark.parametrize("count", [1, 3])
def test_more_files_than_fit_are_said(count):
    citizen = Citizen().at("evidence").writes(files=tuple(FileRef(f"f{n}") for n in range(9 + count)))
    assert 10 == len(citizen.session["draft"]["evidence"])
    assert (["sorry.too_many_files"] if count > 1 else []) + ["ask.evidence"] == citizen.keys
