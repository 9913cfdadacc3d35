"""A command word is a command only where it stands as one."""

import pytest

from bot.conversation.commands import Name, recognise

STANDING = [
    ("LAPOR", Name.REPORT),
    ("lapor", Name.REPORT),
    ("Lapor!", Name.REPORT),
    ("#LAPOR jalan rusak", Name.REPORT),
    ("LAPOR: jalan rusak", Name.REPORT),
    ("/lapor", Name.REPORT),
    ("/lapor@LaporBot jalan rusak", Name.REPORT),
    ("report", Name.REPORT),
    ("STATUS", Name.STATUS),
    ("status?", Name.STATUS),
    ("cek status", Name.STATUS),
    ("status laporan saya", Name.STATUS),
    ("/status", Name.STATUS),
    ("my reports", Name.STATUS),
    ("tambah", Name.ADD),
    ("/tambah", Name.ADD),
    ("BATAL", Name.CANCEL),
    ("batal saja kak", Name.CANCEL),
    ("batalkan laporan", Name.CANCEL),
    ("/batal", Name.CANCEL),
    ("cancel", Name.CANCEL),
    ("ULANG", Name.RESTART),
    ("mulai dari awal", Name.RESTART),
    ("start over", Name.RESTART),
    ("kembali", Name.BACK),
    ("Kembali dong", Name.BACK),
    ("back", Name.BACK),
    ("bantuan", Name.HELP),
    ("?", Name.HELP),
    ("???", Name.HELP),
    ("tolong!", Name.HELP),
    ("/help", Name.HELP),
    ("cabut", Name.WITHDRAW),
    ("cabut laporan", Name.WITHDRAW),
    ("nilai", Name.RATE),
    ("nilai 5", Name.RATE),
    ("bahasa", Name.LANGUAGE),
    ("English please", Name.LANGUAGE),
    ("HAPUS DATA", Name.ERASE),
    ("hapus data saya", Name.ERASE),
    ("delete my data", Name.ERASE),
    ("/hapusdata", Name.ERASE),
    ("/start", Name.START),
    ("mau lapor", Name.START),
    ("Saya ingin melapor pak", Name.START),
    ("LAPOR-AB2CD3", Name.REDIRECT),
    ("lapor ab2cd3", Name.REDIRECT),
    ("/start AB2CD3", Name.REDIRECT),
    ("/start LAPOR-AB2CD3", Name.REDIRECT),
]

NO_COMMANDS = [
    "status jalan ini tidak jelas, milik kabupaten atau provinsi",
    "status 3 hari ini air mati terus di rumah kami",
    "batal nikah karena surat dari kelurahan tidak keluar",
    "bantuan sosial belum cair di desa kami",
    "tolong jalan di depan rumah kami diperbaiki",
    "kembali terjadi banjir di kompleks kami",
    "ulang tahun kota dirayakan dengan pungutan liar",
    "cabut izin pabrik yang membuang limbah ke sungai",
    "nilai rapor anak saya diubah oleh guru",
    "bahasa inggris guru kami buruk sekali",
    "mulai kemarin listrik padam",
    "hapus data ganda penerima bansos di desa kami",
    "hapus",
    "cara mengurus akta kelahiran bagaimana",
    "cek kesehatan gratis tidak ada di puskesmas",
    "menu makanan sekolah basi",
    "back up data kependudukan hilang",
    "jalan rusak",
    "ya",
    "5",
    "",
    "/foo",
    "/",
]


@pytest.mark.parametrize(("text", "name"), STANDING)
def test_is_a_command(text, name):
    command = recognise(text)
    assert command is not None
    assert name == command.name
    assert command.sure


@pytest.mark.parametrize("text", NO_COMMANDS)
def test_is_no_command(text):
    assert recognise(text) is None


@pytest.mark.parametrize(
    ("text", "number", "code", "rest", "after_code"),
    [
        ("STATUS 1916449", "1916449", None, "", ""),
        ("status l2345-6789", "L23456789", None, "", ""),
        ("status L2345 6789", "L23456789", None, "", ""),
        ("Status: L23456789 abcd-2345", "L23456789", "ABCD2345", "abcd-2345", ""),
        ("status L2345 6789 abcd 2345", "L23456789", "ABCD2345", "abcd 2345", ""),
        ("status 1916449 ABCD2345", "1916449", "ABCD2345", "ABCD2345", ""),
        ("cek status 1916449", "1916449", None, "", ""),
        ("status laporan 1916449", "1916449", None, "", ""),
        ("status 1916449 xyz", "1916449", None, "xyz", ""),
        ("TAMBAH 1916449 lubangnya makin besar", "1916449", None, "lubangnya makin besar", ""),
        ("tambah L23456789, ABCD-2345: masih bocor", "L23456789", "ABCD2345", "ABCD-2345: masih bocor", "masih bocor"),
        ("CABUT 1916449", "1916449", None, "", ""),
        ("cabut laporan 1916449 sudah beres", "1916449", None, "sudah beres", ""),
        ("NILAI 1916449 5", "1916449", None, "5", ""),
        ("nilai 1916449", "1916449", None, "", ""),
        ("nilai 1916449 443434444", "1916449", None, "443434444", ""),
        ("/status 1916449", "1916449", None, "", ""),
        ("/tambah@LaporBot 1916449 halo", "1916449", None, "halo", ""),
    ],
)
def test_numbers_and_codes_are_taken_off_the_front(text, number, code, rest, after_code):
    command = recognise(text)
    assert command is not None
    assert (number, code, rest, after_code) == (command.number, command.code, command.rest, command.after_code)


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("tambah lampu jalan di kampung kami", None, "lampu jalan di kampung kami"),
        ("tambah 3 lampu di gang kami", "3", "lampu di gang kami"),
        ("tambah langganan air di desa", "LANGGANAN", "air di desa"),
        ("cek", None, ""),
    ],
)
def test_what_may_be_part_of_a_report_is_not_sure(text, number, rest):
    command = recognise(text)
    assert command is not None
    assert not command.sure
    assert (number, rest) == (command.number, command.rest)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("LAPOR jalan rusak", "jalan rusak"),
        ("lapor pak, jalan rusak", "pak, jalan rusak"),
        ("LAPOR BANJIR", "BANJIR"),
        ("Lapor\njalan rusak\ndi desa", "jalan rusak\ndi desa"),
        ("Laporkan saja", None),
    ],
)
def test_what_follows_lapor_is_the_report(text, rest):
    command = recognise(text)
    assert rest == (command.rest if command else None)


@pytest.mark.parametrize(
    ("text", "language"),
    [("BAHASA", ""), ("bahasa en", "en"), ("bahasa inggris", "en"), ("English", "en"), ("bahasa indonesia", "id"), ("language id", "id")],
)
def test_languages(text, language):
    command = recognise(text)
    assert command is not None
    assert language == command.rest


@pytest.mark.parametrize("text", ["status L23", "status 12ab", "STATUS L2345678O"])
def test_a_mistyped_number_is_an_attempt(text):
    command = recognise(text)
    assert command is not None
    assert (Name.STATUS, None) == (command.name, command.number)
    assert command.rest


def test_a_very_long_text_costs_little():
    assert recognise("tambah " + "a" * 65_000) is not None
    assert recognise("x " * 30_000) is None
