"""The short words people answer with."""

import pytest

from bot.conversation import replies


@pytest.mark.parametrize(
    "text",
    [
        "ya",
        "Ya",
        "YA!",
        "yaa",
        "iyaaaa",
        "iya kak",
        "y",
        "ok",
        "oke deh",
        "setuju",
        "benar",
        "yes please",
        "sip",
        "ya, kirim saja",
        "👍",
        "👍🏽",
        "nggih",
    ],
)
def test_yes(text):
    assert replies.means_yes(text)
    assert not replies.means_no(text)


@pytest.mark.parametrize(
    "text", ["tidak", "Tidak setuju", "gak jadi", "nggak", "ga", "no", "jangan", "👎", "tdk mau", "bukan", "no thanks"]
)
def test_no(text):
    assert replies.means_no(text)
    assert not replies.means_yes(text)


@pytest.mark.parametrize("text", ["", " ", "ya tidak", "ya jalannya rusak", "tidak ada air di rumah", "yakin", "yoyo", "."])
def test_neither_yes_nor_no(text):
    assert not replies.means_yes(text)
    assert not replies.means_no(text)


@pytest.mark.parametrize("text", ["lewati", "skip", "-", "tidak tahu", "gak tau", "lupa", "tidak ada", "kosong", "nanti saja", "entah"])
def test_skip(text):
    assert replies.means_skip(text)


@pytest.mark.parametrize("text", ["Dinas PU", "dinas lewati jalan", "Budi", "tidak ada air bersih di desa", "hari ini"])
def test_no_skip(text):
    assert not replies.means_skip(text)


@pytest.mark.parametrize(
    "text", ["halo", "Hai min", "p", "tes", "Selamat pagi", "assalamualaikum", "ping", "halo kak, apa kabar", "tes tes 123", "👋"]
)
def test_greeting(text):
    assert replies.is_greeting(text)


@pytest.mark.parametrize("text", ["halo jalan rusak", "banjir", "123", "1", ""])
def test_no_greeting(text):
    assert not replies.is_greeting(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("2.", 2), ("(3)", 3), ("#4", 4), ("no 2", 2), ("nomor 10", 10), ("pilih 3", 3), ("dua", 2), ("one", 1)],
)
def test_number(text, number):
    assert number == replies.number(text)


@pytest.mark.parametrize("text", ["", "1 2", "100", "17/8", "tgl 5", "ya", "satu dua"])
def test_no_number(text):
    assert replies.number(text) is None


def test_control_characters_and_lone_surrogates_are_removed():
    assert "a\tb\nc\nd" == replies.clean(" a\tb\x00\r\nc\rd\x07\ud800\x85 ")


@pytest.mark.parametrize("text", ["\u202eabc", "😀", "مرحبا", '{"$gt": ""}', "{{7*7}}"])
def test_everything_else_is_left(text):
    assert text == replies.clean(text)


@pytest.mark.parametrize(("text", "blank"), [("", True), ("...", True), (" ?! ", True), ("a", False), ("😀", False), ("1", False)])
def test_blank(text, blank):
    assert blank == replies.is_blank(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [("ya, sudah diperbaiki", "sudah diperbaiki"), ("ya", ""), ("tidak", None), ("", None), ("sudah diperbaiki", "diperbaiki")],
)
def test_a_yes_may_bring_its_reason(text, rest):
    assert rest == replies.yes_with_rest(text)
