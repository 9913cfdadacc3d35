"""Whatever people and providers send, in whatever order: no exception, no dead end, nothing unbounded, nothing silent."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation import engine
from bot.conversation.protocol import (
    ClaimRedirect,
    Drawn,
    FetchMedia,
    FileReport,
    FindReport,
    Heard,
    MyReports,
    Need,
    Notice,
    Operate,
    Redirected,
    Say,
    Similar,
    SimilarReports,
)
from bot.conversation.tables import Tables
from bot.conversation.understanding.area import AreaChoice, AreaGuess
from bot.conversation.understanding.reading import Reading
from bot.model import Address, Capabilities, FileRef, Inbound, Medium, Network, Pick, Pin, ReportView, Status
from bot.wording import TEMPLATES, Wording

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CAPABILITIES = {
    Medium.SMS: Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=670),
    Medium.TELEGRAM: Capabilities(Medium.TELEGRAM, buttons=True, media=True, pins=True, max_text=4096, max_file=20_000_000),
    Medium.WHATSAPP: Capabilities(Medium.WHATSAPP, buttons=False, media=True, pins=True, max_text=1600, max_file=16_000_000),
}
WORDING = Wording(TEMPLATES)
SESSION_LIMIT = 200_000
"""Bytes, as JSON in UTF-8: the draft's 20,000 characters, and as many of those that wait."""

COMMON = [
    *(
        "ya",
        "tidak",
        "1",
        "2",
        "3",
        "9",
        "ok",
        "lewati",
        "selesai",
        "halo",
        "p",
        "",
        "...",
        "?",
        "lanjut",
        "baru",
        "tetap",
        "ubah",
        "kirim",
    ),
    *("pengaduan", "usul", "tanya", "terbuka", "anonim", "rahasia", "keduanya", "kemarin", "kota", "kab tangerang", "cibodas", "tangerang"),
    *("LAPOR", "LAPOR jalan rusak parah di depan pasar", "STATUS", "status 8812345", "status L23456789 QRST6789", "status 999999 AAAABBBB"),
    *(
        "TAMBAH",
        "tambah 8812345 masih rusak",
        "tambah lampu di gang kami",
        "BATAL",
        "ULANG",
        "KEMBALI",
        "kembali",
        "BANTUAN",
        "BAHASA",
        "bahasa en",
    ),
    *(
        "CABUT",
        "cabut 8812345",
        "NILAI",
        "nilai 8812345 5",
        "HAPUS DATA",
        "hapus",
        "LAPOR-AB2CD3",
        "/start",
        "/start EF4GH5",
        "LAPOR ZZ2ZZ2",
        "/foo",
    ),
    *(
        "ubah lokasi",
        "ubah isi jalan di depan kantor rusak",
        "nama salah",
        "Budi Santoso",
        "lampu jalan di depan sekolah kami mati sejak lama",
    ),
    *(
        "1 kemarin",
        "yang kota, kemarin",
        "bukan Kota Tangerang, kab tangerang cibodas",
        "tanggalnya kemarin",
        "nama Siti",
        "LAPOR selokan mampet di tangerang kemarin, rahasia",
        "lampu taman di cibodas mati sejak kemarin",
        "lanjutkan",
        "tambahkan",
        "laporan saya",
        "ada kebakaran sekarang tolong",
        "motor saya dicuri tadi pagi",
        "tetap kirim",
        "anjing lu",
        "aku sayang kamu",
        "belum selesai",
        "belum 8812345 masih rusak parah",
        "nilai 443434444",
        "443434444",
        "ikut dukung",
        "{{7*7}}",
        '{"$gt": ""}',
        "\u202eabc",
        "\x00",
        "\ud800",
        "x" * 1_600,
        "banjir 😀" * 6_000,
        "a" * 65_000,
    ),
]
texts = st.one_of(st.sampled_from(COMMON), st.text(max_size=40))
files = st.lists(st.builds(FileRef, ref=st.sampled_from(["f1", "f2"]), size=st.sampled_from([None, 1000, 10**9])), max_size=12).map(tuple)
pins = st.builds(Pin, lat=st.floats(-90, 90), lon=st.floats(-180, 180), label=st.sampled_from(["", "Pasar"]))
messages = st.one_of(
    st.fixed_dictionaries({"text": texts}),
    st.fixed_dictionaries({"tap": st.integers(0, 11)}),
    st.fixed_dictionaries({"pick": st.builds(Pick, st.sampled_from(["kind.1", "x", ""]), st.sampled_from(["ya", "kirim", "x", ""]))}),
    st.fixed_dictionaries({"text": texts, "files": files, "album": st.sampled_from([None, "al"])}),
    st.fixed_dictionaries({"text": texts, "pin": pins}),
    st.fixed_dictionaries({"text": texts, "edits": st.integers(1, 12).map("m{}".format)}),
    st.fixed_dictionaries({"unsupported": st.sampled_from(["voice", "sticker", "poll"])}),
)
views = st.builds(
    ReportView,
    id=st.sampled_from(["r1", "r2"]),
    receipt=st.just("L23456789"),
    ticket=st.sampled_from([None, "8812345"]),
    kind=st.just("pengaduan"),
    title=st.just("Lampu mati"),
    status=st.sampled_from(Status),
    submitted_at=st.just(START),
    mine=st.booleans(),
    wants_answer=st.booleans(),
    rated=st.booleans(),
    confidential=st.booleans(),
    missing=st.sampled_from([(), ("location",), ("occurred_on", "attachments")]),
    due_days=st.sampled_from([{}, {"reopening": 3}, {"reopening": -1}]),
)
NOTICES = [
    "ticket",
    "status",
    "message",
    "reminder",
    "refused",
    "conflict",
    "media_failed",
    "media_late",
    "operation_failed",
    "unbound",
    "newer",
]
notices = st.fixed_dictionaries({"notice": st.sampled_from(NOTICES), "view": views})
waits = st.sampled_from([timedelta(0)] * 6 + [timedelta(seconds=5), timedelta(hours=2), timedelta(days=2), timedelta(days=8)])
events = st.lists(st.tuples(waits, st.one_of(messages, messages, messages, notices)), min_size=1, max_size=14)


class FakePlaces:
    def find(self, text):
        if "cibodas" in text:
            return AreaGuess("36.71.09", "Kecamatan Cibodas")
        if "tangerang" in text:
            return AreaGuess(None, "tangerang", (AreaChoice("36.03", "Kabupaten Tangerang"), AreaChoice("36.71", "Kota Tangerang")))
        return AreaGuess(None, "")

    def name(self, code):
        return {"36.03": "Kabupaten Tangerang", "36.71": "Kota Tangerang"}.get(code, "Kecamatan Cibodas, Kota Tangerang")


def read_day(text, today):
    return today if "kemarin" in text else None


def read(text, today):
    kind = "bukan" if len(text.split()) < 3 else "aspirasi" if "usul" in text else "pengaduan"
    if kind == "bukan":
        return Reading(kind)
    return Reading(
        kind, FakePlaces().find(text).code, (), read_day(text, today), "psu" if "lampu" in text else None, confidential="rahasia" in text
    )


REDIRECTS = {"AB2CD3": "lampu jalan di cibodas mati, rahasia ya min", "EF4GH5": "banjir setinggi lutut " * 900}
"""Code -> what was written on the network."""

TABLES = Tables("https://x.example/privasi", "1", FakePlaces(), read_day, read)


class Person:
    """Sends events; each turn is checked as it comes."""

    def __init__(self, medium, reports):
        self.capabilities, self.reports = CAPABILITIES[medium], reports
        self.now, self.session, self.count, self.values = START, {}, 0, []

    def send(self, wait, given):
        self.now += wait
        self.count += 1
        if "notice" in given:
            event = Notice(f"n{self.count}", given["notice"], given["view"], self.capabilities, text="Di mana?", media="x-0")
        else:
            event = Heard(self.message(dict(given)), Drawn(f"r{self.count}", "LABCDEFGH", "WXYZ2345"), self.capabilities)
        return self.turn(event)

    def message(self, given):
        if "tap" in given:
            number, asked = given.pop("tap"), self.session.get("asked")
            values = (asked or {}).get("values") or ["ya"]
            question = f"{asked['name']}.{asked['visit']}" if asked else "kind.0"
            given["pick"] = Pick(question, values[number % len(values)])
        return Inbound(f"m{self.count}", Address("sim", f"{self.capabilities.medium}:x"), **given)

    def turn(self, event):
        answers = {}
        for _ in range(5):
            turn = engine.advance(self.session, event, self.now, answers=answers, tables=TABLES)
            if not isinstance(turn, Need):
                break
            answers[turn.query] = self.answer(turn.query)
        stored = json.dumps(turn.session, ensure_ascii=False)
        assert len(stored.encode()) < SESSION_LIMIT
        self.session = json.loads(stored)
        said = [effect for effect in turn.effects if isinstance(effect, Say)]
        assert said, event
        for say in said:
            assert WORDING.render(say, self.capabilities).text.strip()
            assert len(say.question) <= 24
        for filed in turn.effects:
            if isinstance(filed, FileReport):
                assert filed.report.title
                assert filed.report.body
                assert not (filed.report.anonymous and filed.report.name)
                assert self.session["consent"]
            if isinstance(filed, FetchMedia):
                assert self.session.get("consent") or any(isinstance(effect, Operate) for effect in turn.effects)
        assert len(self.session.get("kept", ())) <= 3
        return turn

    def answer(self, query):
        if isinstance(query, MyReports):
            return tuple(view for view in self.reports if view.mine)
        if isinstance(query, SimilarReports):
            own = next((view for view in self.reports if view.mine), None)
            return Similar(own, 0 if own else self.count % 3)
        if isinstance(query, ClaimRedirect):
            filed = "L23456789" if self.count % 5 == 0 else None
            text = REDIRECTS.get(query.code)
            return text and Redirected(text, Network.X, "Diskominfo", START.date() - timedelta(days=2), filed)
        assert isinstance(query, FindReport)
        return next((view for view in self.reports if query.number in {view.receipt, view.ticket}), None)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.sampled_from(Medium), st.lists(views, max_size=2), events)
def test_a_thousand_random_citizens_never_get_stuck(medium, reports, sequence):
    person = Person(medium, reports)
    for wait, given_event in sequence:
        person.send(wait, given_event)
    for _ in range(2):
        person.send(timedelta(0), {"text": "BATAL"})
    assert "draft" not in person.session
    assert "asked" not in person.session
