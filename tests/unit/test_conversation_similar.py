"""Which filed reports are like the one being written, and what becomes of that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import answering, effects
from bot.conversation import similar
from bot.conversation.protocol import FileReport, FindReport, MyReports, Operate, Say, Similar, SimilarReports
from bot.conversation.understanding.likeness import likeness, words_of
from bot.model import Kind, Location, Outbound, Report, Status
from bot.ports import StoredReport

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LAMP = "Lampu jalan di depan SDN 3 Cibodas mati sejak seminggu, gelap sekali"


def body(text=LAMP, kind="pengaduan", category="psu", area="36.71.09"):
    return {
        "kind": kind,
        "title": text[:40],
        "body": text,
        "category": category,
        "anonymous": False,
        "confidential": False,
        "location": {"text": "", "area_code": area, "lat": None, "lon": None},
    }


def asked(text=LAMP, kind="pengaduan", category="psu", area="36.71.09"):
    return SimilarReports(kind, category, area, words_of(text))


@pytest.mark.parametrize(
    ("written", "filed"),
    [
        (asked(), body()),
        (asked("lampu di depan sekolah SDN 3 cibodas mati lagi"), body()),
        (asked(area="36.71.09.1001"), body()),
        (asked(area="36.71"), body()),
        (asked(area=None), body()),
        (asked(category=None, area=None), body(category=None, area=None)),
        (asked("penerangan jalan umum padam di sekitar sekolah cibodas"), body("Lampu penerangan jalan mati di gang dekat sekolah")),
    ],
)
def test_alike(written, filed):
    assert similar.alike(written, filed)


@pytest.mark.parametrize(
    ("written", "filed"),
    [
        (asked(kind="aspirasi"), body()),
        (asked(area="36.71.01"), body()),
        (asked(area="32.01"), body()),
        (asked("sampah menumpuk di pasar", category="lingkungan"), body()),
        (asked("got mampet di perumahan griya asri banjir tiap hujan"), body()),
        (asked("lampu"), body("lampu")),
        (asked("pungli di samsat", category="pungli", area=None), body()),
    ],
)
def test_not_alike(written, filed):
    assert not similar.alike(written, filed)


@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_what_is_told_in_confidence_is_not_added_to_what_is_open(flag):
    assert not similar.alike(replace(asked(), **{flag: True}), body())
    assert similar.alike(replace(asked(), **{flag: True}), body() | {flag: True})
    assert similar.alike(asked(), body() | {flag: True})


def test_likeness_is_the_share_of_common_words():
    assert 1.0 == likeness(words_of(LAMP), words_of(LAMP))
    assert 0.0 == likeness(words_of("lampu mati"), words_of("lampu mati"))
    assert 0.5 == likeness(frozenset("abcd"), frozenset("cd"))


class FiledReports:
    """What answering asks of the store."""

    def __init__(self, *mine, nearby=0):
        self.mine, self.nearby, self.counted = mine, nearby, []

    async def of_conversation(self, conversation, limit):
        assert "sms:1" == conversation
        return self.mine[:limit]

    async def own_and_nearby(self, conversation, limit, nearby):
        self.counted.append((nearby.category, nearby.district, nearby.since, conversation))
        return await self.of_conversation(conversation, limit), min(self.nearby, nearby.at_most)


def filed(name, **fields):
    standing = {
        "id": name,
        "receipt": f"L{name}",
        "code_hash": "",
        "conversation": "sms:1",
        "body": body(),
        "media": (),
        "submitted_at": NOW,
    }
    return StoredReport(**standing | fields)


async def test_the_newest_open_one_of_ones_own_is_found_and_others_are_not_told():
    reports = FiledReports(filed("a", status=Status.COMPLETED), filed("b", status=Status.IN_PROGRESS), filed("c"), nearby=5)
    found = await answering.find(reports, "sms:1", asked(), NOW, redirects=None)
    assert ("b", 0) == (found.own.id, found.nearby)


async def test_others_are_counted_within_the_district_and_thirty_days():
    reports = FiledReports(filed("a", body=body("sampah menumpuk di pasar", category="lingkungan")), nearby=5)
    found = await answering.find(reports, "sms:1", asked(area="36.71.09.1001"), NOW, redirects=None)
    assert Similar(None, 5) == found
    assert [("psu", "36.71.09", NOW - timedelta(days=30), "sms:1")] == reports.counted


@pytest.mark.parametrize("query", [asked(area="36.71"), asked(area=None), asked(category=None)])
async def test_without_a_district_and_a_category_nothing_is_counted(query):
    reports = FiledReports(nearby=5)
    assert Similar() == await answering.find(reports, "sms:1", query, NOW, redirects=None)
    assert [] == reports.counted


def report(**fields):
    return Report(
        **{
            "id": "r",
            "receipt": "L23456789",
            "access_code": "QRST6789",
            "conversation": "sms:1",
            "channel": "sms",
            "kind": Kind.COMPLAINT,
            "title": "Lampu mati",
            "body": LAMP,
            "location": Location(),
            "submitted_at": NOW,
        }
        | fields
    )


@pytest.mark.parametrize(("joins", "text"), [(0, LAMP), (3, f"{LAMP}\n\nfiled.joins 3")])
def test_a_report_says_in_its_text_that_it_joins_others(joins, text):
    def render(say):
        return Outbound(f"{say.key} {say.params['count']}")

    (effect,) = effects.of_turn("e", [FileReport(report(joins=joins))], now=NOW, render=render, pending=0)
    assert text == effect.data["body"]["body"]


def test_it_is_asked_once_a_summary_and_the_answer_is_kept(at_summary):
    citizen = at_summary(Similar(nearby=4))
    assert 1 == sum(isinstance(query, SimilarReports) for query in citizen.asked_for)
    (said,) = citizen.all(Say)
    assert (["kirim", "ubah", "ikut"], 4) == ([offer.value for offer in said.offers], said.params["nearby"])
    citizen.taps("ikut")
    (effect,) = citizen.all(FileReport)
    assert 4 == effect.report.joins


def test_sending_does_not_join(at_summary):
    (effect,) = at_summary(Similar(nearby=4)).taps("kirim").all(FileReport)
    assert 0 == effect.report.joins


@pytest.mark.parametrize("said", ["ikut", "ikut dukung saja", "kirim dan gabung"])
def test_joining_in_words(at_summary, said):
    (effect,) = at_summary(Similar(nearby=4)).writes(said).all(FileReport)
    assert 4 == effect.report.joins


@pytest.mark.parametrize("said", ["tambah", "tambahkan ke laporan itu saja", "add"])
def test_adding_to_ones_own_files_nothing(at_summary, said):
    from tests.unit.test_conversation_engine import VIEW

    citizen = at_summary(Similar(own=replace(VIEW, confidential=True))).writes(said)
    assert [] == citizen.all(FileReport)
    (operation,) = citizen.all(Operate)
    assert ("r1", "messages") == (operation.report_id, operation.operation)
    assert "draft" not in citizen.session


def test_where_nothing_is_like_it_nothing_more_is_offered(at_summary):
    (said,) = at_summary(Similar()).all(Say)
    assert ["kirim", "ubah"] == [offer.value for offer in said.offers]


@pytest.fixture
def at_summary():
    from tests.unit.test_conversation_engine import Citizen

    def walk(found):
        citizen = Citizen()
        citizen.similar = found
        return citizen.at("summary")

    return walk


async def test_a_report_is_known_by_its_receipt_before_it_is_filed():
    class Empty(FiledReports):
        async def find(self, number):
            assert "Lnew" == number

    on_the_way = filed("new")
    found = await answering.find(Empty(), "sms:1", FindReport("Lnew"), NOW, [on_the_way], redirects=None)
    assert ("Lnew", True, True) == (found.receipt, found.mine, found.waiting)
    assert await answering.find(Empty(), "sms:2", FindReport("Lnew"), NOW, [], redirects=None) is None


async def test_ones_own_reports_are_those_on_their_way_and_those_filed_each_once():
    reports = FiledReports(filed("b"), filed("a"))
    found = await answering.find(reports, "sms:1", MyReports(), NOW, [filed("c"), filed("b")], redirects=None)
    assert ["Lc", "Lb", "La"] == [view.receipt for view in found]
