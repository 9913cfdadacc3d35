"""What is passed on to a citizen's network: whole where it fits, the agency's words shortened where it does not."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import product

import pytest

from bot.feed import News
from bot.model import Network, Status
from bot.news_replies import news_reply
from bot.ports import StoredReport
from bot.wording import TEMPLATES, Wording

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KINDS = ("ticket", "status", "message", "reminder", "refused", "conflict", "operation_failed")
NEWS = News("r:1", "r", "LABCDEFGH", None, "rina", "Diskominfo", Network.INSTAGRAM, "message", Status.IN_PROGRESS, NOW, "Di mana tiangnya?")
REPORT = StoredReport(
    "r", "LABCDEFGH", "", None, {}, (), NOW, ticket="8812345", agency="Dinas PUPR", due_dates={"reply": date(2026, 12, 4)}
)
LONG = "Dinas Pekerjaan Umum, Penataan Ruang, Perumahan dan Kawasan Permukiman Kabupaten Penukal Abab Lematang Ilir " * 3


@cache
def wording():
    return Wording(TEMPLATES)


def written(news, report=REPORT, language="id"):
    return news_reply(wording().reply, report, news, language)


@pytest.mark.parametrize("language", ["id", "en"])
def test_everything_fits_every_network(language):
    worst = replace(REPORT, agency=LONG, status=Status.POSTPONED, missing=("location", "occurred_on", "attachments"))
    for network, kind, text in product(Network, KINDS, ("", "Mohon 😀 kirim fotonya ya. " * 900)):
        news = replace(NEWS, network=network, kind=kind, text=text, office=LONG, status=Status.POSTPONED, attachments=3, wants_answer=True)
        reply = written(news, worst, language)
        assert reply.length <= reply.limit, (network, kind, reply.length)
        assert not re.search(r"\{[{%]|None|Undefined|\n{3}|  ", reply.text), reply.text
        assert bool(text) == ("Mohon 😀" in reply.text)


def test_an_agency_s_message_is_passed_on_whole_with_how_to_answer():
    text = written(replace(NEWS, wants_answer=True)).text
    assert text.startswith("Halo Kak, kami dari Diskominfo. Ada pesan dari Dinas PUPR untuk laporan 8812345:")
    assert "\n\nDi mana tiangnya?\n\n" in text
    assert "paling lambat Jumat, 4 Desember 2026; jawaban Anda kami teruskan" in text


def test_what_a_postponed_report_lacks_is_said_only_as_long_as_it_is_postponed():
    news = replace(NEWS, kind="status", status=Status.POSTPONED, text="")
    lacking = replace(REPORT, status=Status.POSTPONED, missing=("location",))
    assert "Yang kurang:\n- di mana kejadiannya" in written(news, lacking).text
    assert "Yang kurang" not in written(news, replace(lacking, status=Status.IN_PROGRESS)).text


def test_the_number_is_the_ticket_as_soon_as_there_is_one():
    assert "LABCDEFGH" in written(NEWS, replace(REPORT, ticket=None)).text
    assert "LABCDEFGH" not in written(NEWS).text


def test_every_status_has_words_in_both_languages():
    for status, language in product(Status, ("id", "en")):
        text = written(replace(NEWS, kind="status", status=status, text=""), language=language).text
        assert status.value not in text or status.value in ("archived", "answered", "completed", "withdrawn")
