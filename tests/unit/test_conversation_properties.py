"""Whatever people and providers send, in whatever order: no exception, no dead end, nothing unbounded, nothing silent."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

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


def common(number):
    return COMMON[number]


texts = st.one_of(st.integers(0, len(COMMON) - 1).map(common), st.text(max_size=40))  # by number: hypothesis prints its strategies a lot
files = st.lists(st.builds(FileRef, ref=st.sampled_from(["f1", "f2"]), size=st.sampled_from([None, 1000, 10**9])), max_size=12).map(tuple)
pins = st.builds(Pin, lat=st.floats(-90, 90), lon=st.floats(-180, 180), label=st.sampled_from(["", "Pasar"]))
foreign_picks = st.builds(Pick, st.sampled_from(["kind.1", "x", ""]), st.sampled_from(["ya", "kirim", "x", ""]))
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
waits = st.sampled_from([timedelta(seconds=5), timedelta(hours=2), timedelta(days=2), timedelta(days=8)])


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


WILLING = {"where": ["kecamatan cibodas", "tangerang"], "when": ["kemarin"], "where_when": ["cibodas kemarin"], "name": ["Budi Santoso"]}
"""Sensible answers to what is asked without a choice."""


class Citizen(RuleBasedStateMachine):
    """Does anything a person, a provider and the core can do; each turn is checked as it comes, and after each the way out is tried."""

    @initialize(medium=st.sampled_from(Medium), reports=st.lists(views, max_size=2))
    def first_contact(self, medium, reports):
        self.capabilities, self.reports = CAPABILITIES[medium], reports
        self.now, self.session, self.count = START, {}, 0

    @rule(text=texts)
    def writes(self, text):
        self.hears(text=text)

    @rule(number=st.integers(0, 11))
    def taps(self, number):
        asked = self.session.get("asked") or {"name": "kind", "visit": 0}
        values = asked.get("values") or ["ya"]
        self.hears(pick=Pick(f"{asked['name']}.{asked['visit']}", values[number % len(values)]))

    @rule(second=st.booleans())
    def answers(self, second):
        """As somebody does who wants to get to the end."""
        asked = self.session.get("asked") or {"name": "text"}
        values = asked.get("values") or WILLING.get(asked["name"], ["lampu jalan di cibodas mati sejak kemarin", "ya"])
        self.hears(text=values[second % len(values)])

    @rule(second=st.booleans())
    def answers_again(self, second):
        """Drawn as often as all the rest, else nobody would come far."""
        for _ in range(4):
            self.answers(second=second)

    @rule(pick=foreign_picks)
    def taps_an_old_button(self, pick):
        self.hears(pick=pick)

    @rule(text=texts, files=files, album=st.sampled_from([None, "al"]))
    def sends_files(self, text, files, album):
        self.hears(text=text, files=files, album=album)

    @rule(text=texts, pin=pins)
    def sends_a_pin(self, text, pin):
        self.hears(text=text, pin=pin)

    @rule(text=texts, edited=st.integers(1, 12))
    def edits_a_message(self, text, edited):
        self.hears(text=text, edits=f"m{edited}")

    @rule(what=st.sampled_from(["voice", "sticker", "poll"]))
    def sends_what_nobody_reads(self, what):
        self.hears(unsupported=what)

    @rule(kind=st.sampled_from(NOTICES), view=views)
    def is_notified(self, kind, view):
        self.count += 1
        self.session = self.turn(Notice(f"n{self.count}", kind, view, self.capabilities, text="Di mana?", media="x-0"))

    @rule(wait=waits)
    def waits(self, wait):
        self.now += wait

    @invariant()
    def two_messages_end_it(self):
        stands = self.session
        for _ in range(2):
            self.hears(text="BATAL")
        assert "draft" not in self.session
        assert "asked" not in self.session
        self.session = stands

    def hears(self, **given):
        self.count += 1
        message = Inbound(f"m{self.count}", Address("sim", f"{self.capabilities.medium}:x"), **given)
        self.session = self.turn(Heard(message, Drawn(f"r{self.count}", "LABCDEFGH", "WXYZ2345"), self.capabilities))

    def turn(self, event):
        """The session after it, as the store gives it back."""
        answers = {}
        for _ in range(5):
            turn = engine.advance(self.session, event, self.now, answers=answers, tables=TABLES)
            if not isinstance(turn, Need):
                break
            answers[turn.query] = self.answer(turn.query)
        stored = json.dumps(turn.session, ensure_ascii=False)
        assert len(stored.encode()) < SESSION_LIMIT
        self.check(event, turn)
        return json.loads(stored)

    def check(self, event, turn):
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
                assert turn.session["consent"]
            if isinstance(filed, FetchMedia):
                assert turn.session.get("consent") or any(isinstance(effect, Operate) for effect in turn.effects)
        assert len(turn.session.get("kept", ())) <= 3

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


TestAThousandRandomCitizens = Citizen.TestCase
TestAThousandRandomCitizens.settings = settings(
    max_examples=1000, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
