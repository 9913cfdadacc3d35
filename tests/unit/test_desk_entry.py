"""The parts of an entry that need no server: areas as one types, what files are called, which of the message and the admin is right."""

import time
from datetime import UTC, date, datetime

import pytest

from bot.conversation.understanding.area import Places
from bot.conversation.understanding.suggesting import MOST, Suggestions
from bot.desk import entry_form
from bot.desk.entry_place import AS_WRITTEN, Typed, offer
from bot.entered_reply import entered_reply
from bot.entering import Entered
from bot.errors import MediaUnsupported
from bot.file_name import named
from bot.media_type import sniff
from bot.model import Network
from bot.ports import StoredReport
from bot.redirect_replies import LIMITS, Ways
from bot.redirects import Facts
from bot.wording import TEMPLATES, Wording

NOW = datetime(2026, 11, 21, 13, 40, tzinfo=UTC)
CIBODAS, SERPONG = "36.71.09", "36.74.01"


@pytest.fixture(scope="module")
def suggestions():
    return Suggestions.load()


@pytest.fixture(scope="module")
def places():
    return Places.load()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cibod", "Kecamatan Cibodas, Kota Tangerang, Banten"),
        ("cibodas tange", "Kecamatan Cibodas, Kota Tangerang, Banten"),
        ("Jl. Melati RT 3, Cibodas, kota tang", "Kecamatan Cibodas, Kota Tangerang, Banten"),
        ("kota tangerang sel", "Kota Tangerang Selatan, Banten"),
        ("kab bogor", "Kabupaten Bogor, Jawa Barat"),
        ("jogja", "Kota Yogyakarta, Daerah Istimewa Yogyakarta"),
        ("depan sdn 2 serpong", "Kecamatan Serpong, Kota Tangerang Selatan, Banten"),
    ],
)
def test_areas_are_suggested_from_what_is_typed_so_far(suggestions, places, typed, first):
    assert first == places.name(suggestions.of(typed)[0])


@pytest.mark.parametrize("typed", ["", "su", "xyzzy", "12", "cibodas xyzzy", "<script>"])
def test_nothing_is_suggested_for_what_begins_no_name(suggestions, typed):
    assert [] == [code for code in suggestions.of(typed) if "xyzzy" not in typed or typed == "xyzzy"]


def test_provinces_are_not_suggested_and_never_too_many(suggestions):
    for typed in ("banten", "jawa", "suka", "sukamaju"):
        found = suggestions.of(typed)
        assert all(len(code) > 2 for code in found)
        assert len(found) <= MOST


def test_suggestions_come_within_twenty_milliseconds(suggestions, places):
    worst = []
    for typed in (
        "cib",
        "suk",
        "kel suk",
        "jl melati rt 3 cibodas kota tang",
        " ".join("abcdefghijklmnopqrstuvwxyz" * 9),
        "sukamaju " * 30,
    ):
        took = []
        for _ in range(5):
            began = time.thread_time()
            offer(places, suggestions, Typed(typed, "", "", ""))
            took.append(time.thread_time() - began)
        worst.append(min(took))
    assert max(worst) < 0.020


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        (Typed("", "", "", "Lampu mati di Cibodas kota Tangerang"), CIBODAS),
        (Typed("", SERPONG, "", "Lampu mati di Cibodas kota Tangerang"), SERPONG),
        (Typed("Ciledug", "", "", ""), ""),
        (Typed("Ciledug", AS_WRITTEN, "Ciledug", ""), AS_WRITTEN),
        (Typed("Ciledug", AS_WRITTEN, "Cile", ""), ""),
        (Typed("kec Serpong", CIBODAS, "", ""), SERPONG),
        (Typed("depan SDN 2", CIBODAS, "", ""), CIBODAS),
        (Typed("kota Tangerang", CIBODAS, "", ""), CIBODAS),
        (Typed("Ciledug", CIBODAS, "", ""), ""),
        (Typed("kec Serpong", CIBODAS, "kec Serpong", ""), CIBODAS),
        (Typed("x", "99.99", "x", ""), ""),
        (Typed("x", "36", "x", ""), ""),
        (Typed("", AS_WRITTEN, "", "Lampu mati di Cibodas kota Tangerang"), CIBODAS),
    ],
    ids=str,
)
def test_which_area_is_chosen(places, suggestions, typed, chosen):
    offered = offer(places, suggestions, typed)
    assert chosen == offered.chosen
    assert chosen in (*(code for code, _ in offered.areas), AS_WRITTEN, "")


@pytest.mark.parametrize(
    ("given", "mime", "name"),
    [
        ("foto.JPG", "image/jpeg", "foto.JPG"),
        ("foto.jpg", "image/webp", "foto.webp"),
        ("video.mp4", "video/quicktime", "video.mov"),
        ("tanpa akhiran", "image/png", "tanpa akhiran.png"),
        ("Layar 2026.11.20", "image/png", "Layar 2026.11.20.png"),
        ("x.hta", "text/plain", "x.hta.txt"),
        ("data.csv", "text/plain", "data.csv"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\temp\\a.pdf", "application/pdf", "a.pdf"),
        ("..", "image/png", "file.png"),
        (".jpg", "image/jpeg", "jpg.jpg"),
        ("a\x00b\r\n\u202ec.png", "image/png", "abc.png"),
        ("con|<x>?*.png", "image/png", "con__x___.png"),
        ("é" * 200, "image/png", "é" * 96 + ".png"),
    ],
)
def test_a_file_is_called_what_it_is(given, mime, name):
    assert name == named(given, mime)


@pytest.mark.parametrize(
    ("given", "mime"), [("foto.jpg", "application/pdf"), ("a.pdf", "image/png"), ("a.png", "text/plain"), ("a.mp4", "image/gif")]
)
def test_a_name_that_says_something_else_is_refused(given, mime):
    with pytest.raises(MediaUnsupported):
        named(given, mime)


def test_every_type_that_is_told_apart_has_an_ending():
    samples = (
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7\n",
        b"GIF89a",
        b"kata",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00",
    )
    assert [mime.split("/")[1] for mime in map(sniff, samples)] == [
        named("x", mime).split(".")[1].replace("txt", "plain") for mime in map(sniff, samples)
    ]


BLANK = dict.fromkeys(entry_form.NAMES, "")
NO_MARKS = dict.fromkeys(entry_form.READ, "")
SAYS = Facts("pengaduan", CIBODAS, date(2026, 11, 20), "psu")


@pytest.mark.parametrize(
    ("fields", "before", "expected"),
    [
        ({}, NO_MARKS, ("pengaduan", "2026-11-20", "psu")),
        ({"kind": "aspirasi"}, NO_MARKS, ("aspirasi", "2026-11-20", "psu")),
        (
            {"kind": "informasi", "category": "jalan"},
            {"kind": "informasi", "day": "", "category": "jalan"},
            ("pengaduan", "2026-11-20", "psu"),
        ),
        ({"category": ""}, {"kind": "", "day": "2026-11-19", "category": "jalan"}, ("pengaduan", "", "")),
    ],
)
def test_what_somebody_has_said_is_not_read_over(fields, before, expected):
    read, marks = entry_form.reread(BLANK | fields, before, SAYS)
    assert expected == (read["kind"], read["day"], read["category"])
    assert {"kind": "pengaduan", "day": "2026-11-20", "category": "psu"} == marks


@pytest.mark.parametrize("text", ["", "x", "2026-11-20", "2026-13-20T10:00", "T", "2026-11-20T25:00", "9999999-01-01T00:00"])
def test_what_is_no_moment(text):
    assert entry_form.moment(text) is None


def test_a_moment_is_in_western_indonesian_time():
    assert "2026-11-20T14:05" == entry_form.minute(entry_form.moment("2026-11-20T14:05"))
    assert "2026-11-20T07:05:00+00:00" == entry_form.moment("2026-11-20T14:05").astimezone(NOW.tzinfo).isoformat()


@pytest.fixture(scope="module")
def wording():
    return Wording(TEMPLATES)


def entered(network, *, hears="admin", code="ABCDEFGH", office="Diskominfo Kota Tangerang"):
    report = StoredReport(
        id="1",
        receipt="L23456789",
        code_hash="",
        conversation=None,
        body={},
        media=(),
        submitted_at=NOW,
        ticket="7012345",
        entered={"network": network.value, "hears": hears, "office": office, "account": "1"},
    )
    return Entered(report, code, new=True)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("network", Network)
def test_the_reply_fits_every_network(wording, network, language):
    for hears in ("admin", "phone"):
        told = entered_reply(wording.reply, entered(network, hears=hears, office="X" * 300), Ways(sms="1708"), language)
        assert told.length <= told.limit == LIMITS[network]
        assert all(part in told.text for part in ("L23456789", "7012345", "ABCD-EFGH"))


def test_the_reply_says_how_news_will_come(wording):
    by_phone = entered_reply(wording.reply, entered(Network.FACEBOOK, hears="phone"), Ways(sms="1708")).text
    by_admin = entered_reply(wording.reply, entered(Network.FACEBOOK, code=None), Ways()).text
    assert ("SMS singkat tanpa isi" in by_phone, "lewat SMS ke 1708" in by_phone) == (True, True)
    assert ("kami sampaikan di sini" in by_admin, "Kode akses" in by_admin, "STATUS" in by_admin) == (True, False, False)
