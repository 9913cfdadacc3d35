"""What sort of message, what it is about, and how secret."""

import pytest

from bot.conversation.understanding.category import category_scores, read_category, terms
from bot.conversation.understanding.gazetteer import read_lines
from bot.conversation.understanding.kind import read_kind
from bot.conversation.understanding.secrecy import wants_secrecy

CODES = {
    "jalan",
    "psu",
    "lingkungan",
    "kesehatan",
    "pendidikan",
    "ketenagakerjaan",
    "adminduk",
    "bansos",
    "sosial",
    "pungli",
    "kepegawaian",
    "pemdes",
    "perhubungan",
    "ketertiban",
    "listrik",
    "energi",
    "perizinan",
    "pertanahan",
    "perdagangan",
    "pertanian",
    "telekomunikasi",
    "imigrasi",
    "lainnya",
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p",
        "12345",
        "\U0001f64f\U0001f64f",
        "asdfghjkl",
        "Halo selamat pagi",
        "tes tes 123",
        "goblok",
        "Terima kasih ya",
        "Mama minta pulsa 50rb",
        "KTA tanpa agunan bunga ringan hub 08123456789",
        "dijual tanah 200 m2 shm hub 0813",
        "ya Allah semoga kita sehat selalu aamiin",
        "selamat hari raya idul fitri mohon maaf lahir batin",
    ],
)
def test_no_report(text):
    assert "bukan" == read_kind(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("jalan rusak", "pengaduan"),
        ("kapan jalan kami yang rusak diperbaiki? sudah 3 tahun tidak ada perhatian", "pengaduan"),
        ("kenapa bansos saya dipotong?", "pengaduan"),
        ("saya ditipu penjual hp dengan promo diskon palsu", "pengaduan"),
        ("terima kasih, tapi jalan masih rusak", "pengaduan"),
        ("mohon dibangun kembali jembatan yang putus", "pengaduan"),
        ("mohon dibangun jembatan baru", "aspirasi"),
        ("usul taman bermain", "aspirasi"),
        ("salut petugas disdukcapil cepat dan ramah", "aspirasi"),
        ("berapa biaya bikin paspor", "informasi"),
        ("apakah BPJS nonaktif bisa diaktifkan lagi?", "informasi"),
        ("mohon info jadwal SIM keliling", "informasi"),
    ],
)
def test_kind(text, kind):
    assert kind == read_kind(text)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("lubang di depan sekolah", "jalan"),
        ("lampu jalan mati", "psu"),
        ("mati lampu", "listrik"),
        ("parkir 10rb", "pungli"),
        ("parkir liar", "ketertiban"),
        ("PTSL diminta bayar 1 juta", "pungli"),
        ("sekolah roboh", "pendidikan"),
        ("ada yang aneh", "lainnya"),
    ],
)
def test_category(text, category):
    assert category == read_category(text)


def test_sums_of_money_are_one_word_but_years_are_none():
    assert ["bayar", "#uang", "tahun", "2025"] == terms("bayar 50 ribu thn 2025")


def test_the_words_of_categories_are_of_the_contract():
    assert CODES == {line.split(",")[0] for line in read_lines("categories.csv")}


def test_no_words_no_scores():
    assert {} == category_scores([])


@pytest.mark.parametrize(
    ("text", "secrecy"),
    [
        ("jalan rusak", (False, False)),
        ("tolong rahasiakan nama saya", (True, False)),
        ("jangan sebut nama saya", (True, False)),
        ("identitas saya mohon dirahasiakan", (True, False)),
        ("lapor anonim ya", (True, False)),
        ("laporan ini rahasia", (False, True)),
        ("mohon dirahasiakan", (False, True)),
        ("jangan dipublikasikan, rahasiakan identitas saya", (True, True)),
    ],
)
def test_secrecy(text, secrecy):
    assert secrecy == wants_secrecy(text)
