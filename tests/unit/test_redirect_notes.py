"""An admin's words about a message: what they name wins over what was read from it, at the desk and in the conversation alike."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.conversation.understanding.reading import Reading, corrected, read_note
from bot.model import Network
from bot.redirecting import LASTS, NOTE_LIMIT, Page, Redirecting, Stage
from bot.redirects import Author, Facts, Redirect, Scope
from tests.transcripts.player import Player, tables

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
OFFICE = Scope("Diskominfo")
TEXT = "jalan berlubang di kec Cibodas Kota Tangerang sejak kemarin"


def noted(text):
    return read_note(text, TODAY, tables().places)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("kec batuceper kota tangerang", Reading("bukan", area="36.71.03")),
        ("kemarin", Reading("bukan", occurred_on=date(2026, 11, 19))),
        ("soal lampu jalan", Reading("bukan", category="psu")),
        ("ini aspirasi", Reading("aspirasi")),
        ("bukan pengaduan tapi usul", Reading("aspirasi")),
        ("tolong rahasiakan nama saya", Reading("bukan", anonymous=True)),
        ("", Reading("bukan")),
    ],
)
def test_each_fact_is_read_by_itself(note, expected):
    assert expected == noted(note)


def test_what_a_note_names_wins_and_the_rest_stands():
    read = Reading("pengaduan", "36.71.09", (), date(2026, 11, 1), "jalan", confidential=True)
    assert read == corrected(read, noted(""))
    better = corrected(read, noted("Kec Batuceper Kota Tangerang"))
    assert ("36.71.03", date(2026, 11, 1), "jalan", True) == (better.area, better.occurred_on, better.category, better.confidential)
    assert ("36.71.09", "psu") == ((found := corrected(read, noted("lampu jalan"))).area, found.category)


class Kept:
    """A store of redirects in a list, newest first, that counts how often it is asked."""

    def __init__(self, *redirects):
        self.all = sorted(redirects, key=lambda each: each.created_at, reverse=True)
        self.asked = 0
        self.note_given = None

    async def load(self, code):
        return next((each for each in self.all if each.code == code), None)

    async def made(self, scope, before, limit, wanted):
        del scope, wanted
        self.asked += 1
        return [each for each in self.all if each.created_at < before][:limit]

    async def note(self, scope, code, note, facts, now):
        self.note_given = (scope, code, note, facts, now)


class NoReports:
    async def of_redirects(self, codes):
        del codes
        return {}


def redirecting(store):
    return Redirecting(redirects=store, reports=NoReports(), tables=tables(), now=lambda: NOW)


def made(number, **changes):
    at = NOW - timedelta(hours=number)
    return Redirect(**{"code": f"AB2C{number:02}", "author": Author("rina", "Diskominfo"), "network": Network.X, "text": TEXT} | {
        "created_at": at, "expires_at": at + LASTS} | changes)  # fmt: skip


async def test_a_note_is_read_with_the_day_of_the_message_and_no_longer_than_it_may_be():
    store = Kept(made(50))
    await redirecting(store).note(OFFICE, "AB2C50", f"Kec Batuceper Kota Tangerang, kemarin {'x' * 400}")
    _, code, note, facts, now = store.note_given
    assert ("AB2C50", NOTE_LIMIT, NOW) == (code, len(note), now)
    assert Facts("pengaduan", "36.71.03", date(2026, 11, 17), "jalan") == facts


async def test_a_note_on_what_may_not_be_seen_is_none():
    store = Kept(made(1))
    assert await redirecting(store).note(Scope("Dinas PU"), "AB2C01", "x") is None
    assert await redirecting(store).note(Scope("Diskominfo", "budi"), "AB2C01", "x") is None
    assert store.note_given is None


async def test_a_list_of_one_stage_goes_on_until_it_is_full():
    opened = [made(number, opened_at=NOW) for number in range(0, 60, 6)]
    store = Kept(*opened, *(made(number) for number in range(60) if number % 6))
    first = await redirecting(store).page(OFFICE, stage=Stage.OPENED, limit=4)
    assert [redirect.code for redirect in opened[:4]] == [row.redirect.code for row in first.rows]
    second = await redirecting(store).page(OFFICE, stage=Stage.OPENED, limit=40, before=first.older)
    assert [redirect.code for redirect in opened[4:]] == [row.redirect.code for row in second.rows]
    assert second.older is None


async def test_no_list_looks_through_everything():
    store = Kept(*(made(number) for number in range(99)))
    page = await redirecting(store).page(OFFICE, stage=Stage.WITHDRAWN, limit=300)
    assert (Page([], None), 1) == (page, store.asked)
    assert (99, None) == (len((page := await redirecting(store).page(OFFICE, limit=99)).rows), page.older)
    assert (98, NOW - timedelta(hours=97)) == (len((page := await redirecting(store).page(OFFICE, limit=98)).rows), page.older)
    endless = Kept(*(made(number % 90, created_at=NOW - timedelta(seconds=number)) for number in range(2_000)))
    page = await redirecting(endless).page(OFFICE, stage=Stage.WITHDRAWN, limit=50)
    assert ([], 4) == (page.rows, endless.asked)
    assert page.older is not None


async def test_a_withdrawn_code_is_neither_expired_nor_to_be_reminded_of():
    store = Kept(made(72, withdrawn_at=NOW, expires_at=NOW, text=""))
    found = await redirecting(store).one(OFFICE, "AB2C72")
    assert (Stage.WITHDRAWN, False) == (found.stage, found.reminder_due)


def claimed(note):
    player = Player("telegram")
    prepared = {"text": "jalan berlubang di tangerang", "written_on": "2026-11-18", "note": note}
    list(player.play(f"@ redirect AB2CD3 {json.dumps(prepared)}"))
    list(player.play("> LAPOR-AB2CD3"))
    return player.session["draft"]


def test_the_citizen_finds_what_the_admin_has_noted_and_their_own_words_unchanged():
    bare, draft = claimed(""), claimed("Kec Batuceper Kota Tangerang, kemarin")
    assert (None, "36.71.03") == (bare.get("place", {}).get("code"), draft["place"]["code"])
    assert "2026-11-17" in json.dumps(draft["occurred_on"], default=str)
    assert bare["parts"] == draft["parts"]
    assert {"where", "when"} <= set(draft["read"])
    assert "note" not in bare
