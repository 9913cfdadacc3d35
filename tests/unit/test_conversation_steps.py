"""Small readers inside the steps: titles, visibility, corrections, media ids."""

import pytest

from bot.conversation import media
from bot.conversation.steps import kind, visibility
from bot.conversation.story import title_of
from bot.model import Kind


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("jalan rusak", "Jalan rusak"),
        ("Lampu jalan mati. Sudah seminggu gelap.", "Lampu jalan mati"),
        ("Halo pak, jalan di depan rumah kami rusak parah", "Jalan di depan rumah kami rusak parah"),
        ("Jalan di Jl. Melati No. 5 rusak parah. Tolong.", "Jalan di Jl. Melati No. 5 rusak parah"),
        ("Air mati\nsudah tiga hari di sini", "Air mati sudah tiga hari di sini"),
        ("Air PDAM mati terus\nsudah tiga hari di sini", "Air PDAM mati terus"),
        (
            "Petugas di loket meminta uang tambahan untuk mengurus kartu keluarga, padahal seharusnya gratis kata pengumuman",
            "Petugas di loket meminta uang tambahan untuk mengurus kartu keluarga",
        ),
        ("kata " * 40, "Kata " + "kata " * 13 + "kata..."),
        ("a" * 200, "A" + "a" * 76 + "..."),
        ("{{7*7}}", "{{7*7}}"),
    ],
)
def test_titles(text, title):
    assert title == title_of(text)
    assert len(title_of(text)) <= 80


@pytest.mark.parametrize("text", ["x" * 20_000, "😀" * 20_000, "a, " * 6_000, ". " * 10_000, "halo " * 4_000, "ya"])
def test_every_title_is_short_and_not_empty(text):
    assert 0 < len(title_of(text)) <= 80


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("terbuka", (False, False)),
        ("open", (False, False)),
        ("anonim", (True, False)),
        ("anonim saja kak", (True, False)),
        ("rahasia", (False, True)),
        ("tolong dirahasiakan", (False, True)),
        ("anonim dan rahasia", (True, True)),
        ("keduanya", (True, True)),
        ("both", (True, True)),
        ("tidak anonim", None),
        ("jangan rahasia", None),
        ("terbuka tapi anonim", None),
        ("apa saja", None),
        ("", None),
    ],
)
def test_visibility_is_never_guessed(text, flags):
    assert flags == visibility.read(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("pengaduan", Kind.COMPLAINT),
        ("mau mengadu", Kind.COMPLAINT),
        ("usul", Kind.ASPIRATION),
        ("saya mau bertanya", Kind.INFORMATION),
        ("complaint", Kind.COMPLAINT),
        ("keluhan atau saran", None),
        ("saya mau tanya soal jadwal SIM keliling", None),
        ("halo", None),
    ],
)
def test_kind_words(text, named):
    assert named == kind.read(text)


def test_media_ids_follow_from_the_message_alone():
    one = media.media_id("telegram:1", "m1", 0)
    assert one == media.media_id("telegram:1", "m1", 0)
    others = {media.media_id("telegram:1", "m1", 1), media.media_id("telegram:1", "m2", 0), media.media_id("telegram:2", "m1", 0)}
    assert 4 == len({one} | others)
    assert "telegram" not in one
