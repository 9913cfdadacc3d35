"""Days out of everyday language, on Friday 20 November 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.understanding.day import read_day

FRIDAY = date(2026, 11, 20)

NOVEMBER = {
    20: "hari ini|pagi ini|tadi pagi|barusan|tadi|td siang|hr ini|malam ini|2 jam yang lalu|today|this morning|jumat ini",
    19: "kemarin|kmrn sore|kemaren|wingi|kemarin malam jam 9|tadi malam|semalam|malam tadi|last night|yesterday|hari kamis"
    "|kamis malam|malam kemarin",
    18: "kmrn lusa|kemarin dulu|dua hari terakhir|rong dina|hr rabu kmrn|2 hari yg lalu|day before yesterday",
    17: "3 hari yg lalu|sudah 3 hari|3hr|tiga hari|telung dino|3 days ago|dlm 3 hari terakhir|selasa",
    16: "senin lalu|hari senin|jam 11 hari senin|senin 16/11|4 hari|last monday",
    15: "hari minggu|minggu 15/11|hari minggu lalu|minggu pagi|sejak minggu",
    14: "dari sabtu|malam minggu|14 november|sabtu kemarin",
    13: "seminggu|sepekan|sak minggu|1 minggu|sudah seminggu ini|a week ago|jumat|seminggu lebih",
    12: "malam jumat",
    10: "sepuluh hari|10 hari|tgl 10",
    9: "tgl 9|tanggal 9|sejak 9/11|9 nov 2026|senin minggu lalu|09-11-2026|2026-11-09",
    6: "2 minggu lalu|wis rong minggu|dua pekan|2 mgg|6 nop",
    5: "tgl 5/11|5-11-2026|5 nov|tgl 5-11|november 5th",
}
OTHERS = {
    "17 Agustus": date(2026, 8, 17),
    "17-8-2025": date(2025, 8, 17),
    "25 desember": date(2025, 12, 25),
    "tgl 25": date(2026, 10, 25),
    "tgl 5 bulan lalu": date(2026, 10, 5),
    "tgl 10 bulan 10": date(2026, 10, 10),
    "30/10": date(2026, 10, 30),
}
NONE = (
    "sebulan|3 bulan|bulan lalu|minggu lalu|minggu kemarin|bulan kemarin|sejak awal november|november 2026|tiap hari"
    "|setiap senin|tiap malam minggu|5000|SDN 3"
    "|RT 05/03|rt/rw 05/03|no 5/11|jam 10|pukul 10.30|24/7|1/2 jam|jadwal 3 hari|3 hari kerja|dalam 3 hari|seminggu 2 kali"
    "|3 kali seminggu|sampai hari ini"
    "|besok|senin depan|tgl 25/12/2026|25 desember 2026|2 hari lagi|umur 3 hari|senin-jumat|senin sampai jumat|pasar minggu"
    "|Pasar Senen|kemarin-kemarin"
    "|Jl. 17 Agustus|sehari-hari|2-3 hari|lusa|tahun 2025|5 november 2020|31/2|tiap tgl 5"
)


@pytest.mark.parametrize(
    ("text", "day"), [(text, date(2026, 11, day)) for day, texts in NOVEMBER.items() for text in texts.split("|")] + list(OTHERS.items())
)
def test_reads_the_day(text, day):
    assert day == read_day(f"Jalan rusak {text} tolong", FRIDAY)
    assert day == read_day(text.upper(), FRIDAY)


@pytest.mark.parametrize("text", NONE.split("|"))
def test_reads_no_day(text):
    assert read_day(f"jalan rusak {text} tolong", FRIDAY) is None


def test_a_surer_word_wins():
    assert date(2026, 11, 5) == read_day("kemarin saya lapor, rusaknya sejak 5 november", FRIDAY)
    assert date(2026, 11, 17) == read_day("kemarin sudah lapor, mati 3 hari", FRIDAY)


def test_a_day_of_a_month_that_has_none_is_looked_for_further_back():
    assert date(2026, 1, 30) == read_day("tgl 30", date(2026, 3, 1))


_VOCABULARY = """
tgl tanggal 31 29 februari feb 2024 2026 99 hari minggu senin lalu kemarin
lusa bulan se dua 0 / - . 12 30 malam tadi jam sebulan 2 hr nov depan ini
"""
_WORDS = st.sampled_from(_VOCABULARY.split())
_TEXTS = st.one_of(st.text(max_size=80), st.lists(_WORDS, max_size=8).map(" ".join), st.lists(_WORDS, max_size=6).map("".join))


@given(_TEXTS, st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31)))
def test_never_raises_nor_leaves_the_last_two_years(text, today):
    day = read_day(text, today)
    assert day is None or today - timedelta(days=2 * 366) <= day <= today
