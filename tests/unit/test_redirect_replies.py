"""Replies to copy: within each network's length, with the ways that are open, and with no code where the public reads."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

import pytest

from bot.model import Network
from bot.redirect_replies import LIMITS, PUBLIC_LIMITS, Purpose, Ways, reply
from bot.redirects import Author, Redirect
from bot.wording import TEMPLATES, Wording

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LONG = "Dinas Komunikasi, Informatika, Statistik dan Persandian Kabupaten Penukal Abab Lematang Ilir " * 3
ALL = Ways(telegram="a" * 32, whatsapp="+6281234567890", sms="+14155550100", terminal=True)
DIRECT = [purpose for purpose in Purpose if purpose is not Purpose.PUBLIC]


@cache
def wording():
    return Wording(TEMPLATES)


def made(network=Network.INSTAGRAM, office="Diskominfo Kota Tangerang"):
    return Redirect("AB2CD3", Author("rina", office), network, NOW, NOW + timedelta(days=14), text="KENARI jalan berlubang")


def write(network, purpose=Purpose.REDIRECT, ways=ALL, language="id", office="Diskominfo Kota Tangerang"):
    return reply(wording().reply, made(network, office), purpose, ways, language)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reply_fits_its_network_even_with_the_longest_names(language):
    for network, purpose in product(Network, Purpose):
        written = write(network, purpose, language=language, office=LONG)
        assert written.length <= written.limit, (network, purpose, written)
        assert written.text.strip() == written.text
        assert not re.search(r"\{[{%]|None|Undefined|\n{3}|  ", written.text), written.text


def test_the_ways_in_are_links_to_tap_and_a_word_to_type():
    text = write(Network.INSTAGRAM, ways=Ways(telegram="lapor_bot", whatsapp="+6281234567890", sms="1708")).text
    lines = text.splitlines()
    assert "Telegram: https://t.me/lapor_bot?start=AB2CD3" in lines
    assert "WhatsApp: https://wa.me/6281234567890?text=LAPOR-AB2CD3" in lines
    assert "SMS ke 1708: LAPOR-AB2CD3" in lines
    assert "Diskominfo Kota Tangerang" in text
    assert "Jumat, 4 Desember 2026" in text
    assert "chat" not in text


@pytest.mark.parametrize("purpose", DIRECT)
def test_a_channel_that_is_off_is_no_way(purpose):
    text = write(Network.FACEBOOK, purpose, Ways(sms="1708")).text
    assert "1708: LAPOR-AB2CD3" in text
    assert [] == [each for each in ("t.me", "wa.me", "python") if each in text]


def test_in_a_demo_the_terminal_stands_for_the_phones():
    assert "python -m bot chat" in write(Network.X, ways=Ways(terminal=True)).text


def test_mail_is_a_letter_and_a_chat_is_not():
    assert write(Network.EMAIL).text.startswith("Yth. Bapak/Ibu,")
    assert write(Network.TIKTOK).text.startswith("Halo Kak,")


def test_what_is_too_long_gives_way_to_the_brief_words():
    usual, brief = write(Network.FACEBOOK), write(Network.OTHER)
    assert "resmi tercatat" in usual.text
    assert "resmi tercatat" not in brief.text
    assert usual.length > LIMITS[Network.OTHER] >= brief.length


def test_length_is_counted_as_the_networks_do():
    text = write(Network.WHATSAPP, office="\N{PARTY POPPER} Kota").text
    assert write(Network.WHATSAPP, office="\N{PARTY POPPER} Kota").length == len(text) + text.count("\N{PARTY POPPER}")


def test_a_public_answer_names_no_code_and_no_way():
    for network, language in product(Network, ("id", "en")):
        written = write(network, Purpose.PUBLIC, language=language)
        assert not re.search(r"AB2CD3|https?:|LAPOR-", written.text)
        assert written.limit == PUBLIC_LIMITS.get(network, 280)


def test_nothing_of_the_message_stands_in_any_reply():
    assert [] == [purpose for network, purpose in product(Network, Purpose) if "KENARI" in write(network, purpose).text]


def test_an_admin_s_words_are_data():
    assert "{{ word }}" in reply(wording().reply, made(office="{{ word }}"), Purpose.REDIRECT, ALL).text


def test_languages_have_the_same_replies():
    names = {language: {path.name for path in (TEMPLATES / language).glob("reply.*")} for language in ("id", "en")}
    assert names["id"] == names["en"]
    assert {"entered", "news", *(purpose.value for purpose in Purpose)} == {name.split(".")[1].partition("@")[0] for name in names["id"]}


def test_the_day_is_jakarta_s():
    late = replace(made(), expires_at=datetime(2026, 12, 4, 18, 0, tzinfo=UTC))
    assert "5 Desember 2026" in reply(wording().reply, late, Purpose.REDIRECT, ALL).text
