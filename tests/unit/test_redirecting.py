"""What an admin is told of a redirect, and what no redirect is made of."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot import access
from bot.conversation import session
from bot.conversation.commands import Name, recognise
from bot.conversation.form import Problem
from bot.model import Network, Status
from bot.ports import StoredReport
from bot.redirecting import LASTS, Redirecting, Stage, follow, is_link
from bot.redirects import Author, Facts, Redirect
from tests.transcripts.player import Player, tables

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
REDIRECT = Redirect("AB2CD3", Author("rina", "Diskominfo"), Network.X, NOW, NOW + LASTS, text="jalan rusak")
REPORT = StoredReport("r1", "L22222222", "", "telegram:1", {}, (), NOW, ticket="88", status=Status.DISPOSED, redirect="AB2CD3")
DAY = timedelta(days=1)


class Kept:
    """A store that takes every code but the first."""

    def __init__(self):
        self.tried = []

    async def add(self, redirect):
        self.tried.append(redirect)
        return len(self.tried) > 1


def redirecting(store):
    return Redirecting(redirects=store, reports=None, tables=tables(), now=lambda: NOW)


async def made(text="jalan berlubang di kec Cibodas Kota Tangerang sejak kemarin", link=""):
    return await redirecting(Kept()).make(text, link, Network.INSTAGRAM, Author("rina", "Diskominfo"))


async def test_a_redirect_lasts_fourteen_days_and_says_what_was_read():
    redirect = await made(link=" https://www.instagram.com/direct/t/17 ")
    assert NOW + timedelta(days=14) == redirect.expires_at
    assert Facts("pengaduan", "36.71.09", date(2026, 11, 19), "jalan") == redirect.facts
    assert "https://www.instagram.com/direct/t/17" == redirect.link
    assert (None, None) == (redirect.claimed_by, redirect.opened_at)


async def test_a_taken_code_is_drawn_anew():
    store = Kept()
    redirect = await redirecting(store).make("jalan rusak", "", Network.X, Author("a", "b"))
    assert redirect == store.tried[1] != store.tried[0]


@pytest.mark.parametrize(
    ("text", "link", "problem"),
    [
        (" \n.", "", Problem("text", "missing")),
        ("a" * 20_001, "", Problem("text", "long")),
        ("jalan rusak", "javascript:alert(1)", Problem("link", "unclear")),
    ],
)
async def test_what_cannot_be_kept_is_said(text, link, problem):
    assert [problem] == await made(text, link)


@pytest.mark.parametrize(
    "link", ["", "instagram.com/x", "http://", "https://a b", "ftp://a.id/x", "https://[", "data:text/html,x", "https://a.id/" + "x" * 500]
)
def test_what_is_no_link(link):
    assert not is_link(link)


def test_a_code_is_six_characters_with_a_digit_and_the_parser_knows_it():
    codes = {access.draw_redirect() for _ in range(2000)}
    assert len(codes) > 1990
    for code in codes:
        assert re.fullmatch(r"[2-9A-HJ-NP-Z]{6}", code)
        assert code == access.normalise_redirect(f" {code[:3].lower()}-{code[3:]}")
        for text in (f"LAPOR-{code}", f"lapor {code.lower()}", f"/start {code}", f"/start lapor-{code}", f"Lapor \N{EN DASH} {code}"):
            command = recognise(text)
            assert (Name.REDIRECT, code) == (command.name, command.code)


@pytest.mark.parametrize("text", ["ABCDEF", "AB2CD", "AB2CD34", "AB0CD1", ""])
def test_what_is_no_code(text):
    assert access.normalise_redirect(text) is None


@pytest.mark.parametrize(
    ("opened", "report", "now", "stage", "due"),
    [
        (None, None, NOW + DAY, Stage.SENT, False),
        (None, None, NOW + 2 * DAY, Stage.SENT, True),
        (None, None, NOW + LASTS, Stage.EXPIRED, False),
        (NOW + DAY, None, NOW + 2 * DAY, Stage.OPENED, False),
        (NOW + DAY, None, NOW + 3 * DAY, Stage.OPENED, True),
        (NOW + DAY, None, NOW + 2 * LASTS, Stage.OPENED, False),
        (NOW + DAY, REPORT, NOW + 2 * LASTS, Stage.COMPLETED, False),
    ],
)
def test_what_has_become_of_it(opened, report, now, stage, due):
    followed = follow(replace(REDIRECT, opened_at=opened), report, now)
    assert (stage, due) == (followed.stage, followed.reminder_due)
    assert (("L22222222", "88", Status.DISPOSED) if report else (None, None, None)) == (followed.receipt, followed.ticket, followed.status)


# ---- in the conversation


class Citizen:
    """Comes with AB2CD3."""

    def __init__(self, text, channel="telegram"):
        self.player = Player(channel)
        prepared = {"text": text, "written_on": "2026-11-18"}
        list(self.player.play(f"@ redirect AB2CD3 {json.dumps(prepared)}"))

    def writes(self, *texts):
        for text in texts:
            self.player.said.clear()
            self.lines = list(self.player.play(f"> {text}"))
        return self

    @property
    def keys(self):
        return [say.key for say in self.player.said]


def test_an_answer_at_once_is_no_part_of_a_long_message():
    citizen = Citizen("jalan rusak parah sekali " * 80).writes("LAPOR-AB2CD3", "ya")
    assert "ya" not in citizen.player.session["draft"]["parts"][-1]["text"].split()[-1:]
    assert citizen.player.session["draft"]["agreed"]


def test_editing_the_code_changes_nothing_of_the_report():
    citizen = Citizen("jalan rusak parah di depan pasar").writes("LAPOR-AB2CD3", "ya", "[edit 1] halo semuanya apa kabar")
    assert ["sorry.edited_late"] == citizen.keys
    assert "jalan rusak parah di depan pasar" == citizen.player.session["draft"]["parts"][0]["text"]


def test_more_words_are_read_with_the_day_of_the_first_ones():
    citizen = Citizen("jalan rusak parah sejak kemarin").writes("LAPOR-AB2CD3", "tiga motor jatuh di sana kemarin malam")
    assert "2026-11-17" == citizen.player.session["draft"]["occurred_on"]


def test_a_photo_that_comes_with_the_code_is_kept():
    citizen = Citizen("jalan rusak parah").writes("[photo a.jpg] LAPOR-AB2CD3", "[photo b.jpg] LAPOR-AB2CD3", "ya")
    assert ["ref-a.jpg", "ref-b.jpg"] == [line.split()[-1] for line in citizen.lines if line.startswith("! FetchMedia")]


def test_a_draft_nobody_agreed_to_expires_like_any_other():
    citizen = Citizen("jalan rusak parah").writes("LAPOR-AB2CD3")
    assert session.expires_at(citizen.player.session) == citizen.player.now + session.WITHOUT_CONSENT


def test_a_session_of_this_program_is_one_for_the_former_one():
    draft = Citizen("jalan rusak parah").writes("LAPOR-AB2CD3").player.session["draft"]
    assert {"redirect": "AB2CD3", "written_on": "2026-11-18"} == {name: draft[name] for name in ("redirect", "written_on")}
    former = session.unpack(session.Awaited, {"report": "r", "receipt": "L", "number": "1", "redirect": "AB2CD3"})
    assert "AB2CD3" == session.pack(former)["redirect"]
