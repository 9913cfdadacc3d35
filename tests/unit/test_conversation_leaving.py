"""Drafts that come to nothing are counted once each, with the question that was open and nothing of whose they were."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import effects
from bot.conversation import leaving
from bot.conversation.protocol import CountLeft
from bot.conversation.session import Draft, Session
from bot.drafts_left import How
from tests.transcripts.player import CAPABILITIES, Player

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
BEGUN = "> lampu jalan mati di kota bandung sejak kemarin"
ANSWERED = (BEGUN, "> [tap ya]")


def left_by(channel, *lines):
    player = Player(channel)
    return [shown for line in lines for shown in player.play(line) if shown.startswith("! CountLeft")]


@pytest.mark.parametrize(
    ("channel", "lines", "counted"),
    [
        ("telegram", [*ANSWERED, "> BATAL"], "cancelled agency"),
        ("telegram", [BEGUN, "> [tap tidak]"], "refused consent"),
        ("sms", ["> lampu jalan mati", "> kec Coblong kota Bandung, kemarin", "> tidak"], "refused summary"),
        ("telegram", [BEGUN, "> BATAL"], "cancelled consent"),
        ("telegram", [*ANSWERED, "@ wait 8d", "> halo"], "expired agency"),
        ("telegram", [*ANSWERED, "> HAPUS DATA", "> [tap hapus]"], "erased agency"),
        ("sms", ["> lampu jalan mati", "> BATAL"], "cancelled gaps"),
    ],
)
def test_it_is_told_where_and_how(channel, lines, counted):
    assert [f"! CountLeft {counted}"] == left_by(channel, *lines)


def test_what_is_filed_or_begun_anew_or_only_stopped_is_not_left():
    assert [] == left_by("telegram", *ANSWERED, "> HAPUS DATA", "> BATAL", "> ULANG", "> lampu jalan mati juga")
    assert [] == left_by("sms", "> lampu jalan mati", "> kec Coblong kota Bandung, kemarin", "> ya")


def test_after_a_week_every_draft_is_counted_once_and_only_what_nobody_agreed_to_is_gone():
    session = Session(draft=Draft(NOW), kept=[Draft(NOW, agreed=True, redirect="AB2CD3"), Draft(NOW + WEEK)])

    assert () == tuple(leaving.lapse(session, NOW + WEEK - timedelta(seconds=1), CAPABILITIES["sms"]))
    left = leaving.lapse(session, NOW + WEEK, CAPABILITIES["sms"])

    assert [CountLeft(How.EXPIRED, "text"), CountLeft(How.EXPIRED, "text", "AB2CD3")] == left
    assert (None, [True, False]) == (session.draft, [draft.lapsed for draft in session.kept])
    assert [] == leaving.lapse(session, NOW + WEEK, CAPABILITIES["sms"])


def test_a_draft_that_has_lapsed_is_not_counted_again_when_it_is_cancelled():
    assert ["! CountLeft expired agency"] == left_by("telegram", *ANSWERED, "@ wait 8d", "> halo", "> lanjut", "> BATAL")


def test_what_is_written_for_it_names_nobody_and_no_moment():
    left = CountLeft(How.CANCELLED, "where")
    one, other = (effects.count_left(left, now=NOW) for _ in range(2))

    assert one.id != other.id
    assert {"id": one.data["id"], "day": "2026-11-21", "how": "cancelled", "question": "where", "redirect": None} == one.data


def test_a_draft_knows_how_many_messages_it_took():
    player = Player("telegram")
    for line in (*ANSWERED, "> Dinas PU"):
        list(player.play(line))
    assert 3 == player.session["draft"]["messages"]


def test_a_draft_that_an_older_program_has_begun_does_not_pretend_to_know():
    player = Player("telegram")
    for line in ANSWERED:
        list(player.play(line))
    del player.session["draft"]["messages"]
    list(player.play("> Dinas PU"))
    assert "messages" not in player.session["draft"]
