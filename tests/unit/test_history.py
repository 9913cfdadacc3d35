"""Whose turn it is with a report, and the timeline that an admin sees of it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.feed import News
from bot.following import Entry, Timeline, is_spoken_for, may_see
from bot.history import Milestone, Waits, turn
from bot.model import Network, Status
from bot.origin import Origin
from bot.ports import StoredReport
from bot.redirects import Scope

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENTERED = {"account": "rina", "office": "Diskominfo", "network": "x", "hears": "admin"}
REPORT = StoredReport("r1", "L22222222", "", None, {}, (), NOW, entered=ENTERED, origin=Origin("rina", "Diskominfo", Network.X))


def replaced(**changes):
    return StoredReport(**{name: getattr(REPORT, name) for name in REPORT.__slots__} | changes)


def news(key, kind, hours, text=""):
    return News(f"r1:{key}", "r1", "L22222222", None, "rina", "Diskominfo", Network.X, kind, Status.IN_PROGRESS, NOW + hours * HOUR, text)


@pytest.mark.parametrize(
    ("before", "kind", "status", "wants_answer", "after"),
    [
        (Waits.AGENCY, "ticket", Status.RECEIVED, False, Waits.AGENCY),
        (Waits.AGENCY, "status", Status.DISPOSED, False, Waits.AGENCY),
        (Waits.AGENCY, "status", Status.POSTPONED, False, Waits.CITIZEN),
        (Waits.AGENCY, "status", Status.ANSWERED, False, Waits.CITIZEN),
        (Waits.CITIZEN, "status", Status.IN_PROGRESS, False, Waits.AGENCY),
        (Waits.CITIZEN, "status", Status.IN_PROGRESS, True, Waits.CITIZEN),
        (Waits.AGENCY, "message", Status.IN_PROGRESS, True, Waits.CITIZEN),
        (Waits.AGENCY, "message", Status.IN_PROGRESS, False, Waits.AGENCY),
        (Waits.CITIZEN, "messages", Status.POSTPONED, False, Waits.AGENCY),
        (Waits.AGENCY, "message", Status.POSTPONED, False, Waits.AGENCY),
        (Waits.CITIZEN, "status", Status.COMPLETED, False, None),
        (Waits.AGENCY, "status", Status.ARCHIVED, False, None),
        (None, "rating", Status.COMPLETED, False, None),
        (None, "reopening", Status.COMPLETED, False, Waits.AGENCY),
        (Waits.CITIZEN, "bound", Status.POSTPONED, False, Waits.CITIZEN),
    ],
)
def test_whose_turn_it_is(before, kind, status, wants_answer, after):
    assert after is turn(before, Milestone(kind, NOW), status, wants_answer=wants_answer)


def test_a_timeline_joins_what_happened_with_the_words_that_were_to_be_passed_on():
    history = (
        Milestone("ticket", NOW + HOUR, "ticket"),
        Milestone("status", NOW + 3 * HOUR, "2", Status.DISPOSED, "Dinas PU"),
        Milestone("messages", NOW + 5 * HOUR, account="rina", text="di gapura"),
    )
    asked, told = news("message:m1", "message", 4, "di mana?"), news("2", "status", 3, "segera")
    lines = Timeline(replaced(history=history), [told, asked]).entries
    assert [
        Entry("filed", NOW),
        Entry("ticket", NOW + HOUR),
        Entry("status", NOW + 3 * HOUR, Status.DISPOSED, "Dinas PU", text="segera", news=told),
        Entry("message", NOW + 4 * HOUR, Status.IN_PROGRESS, text="di mana?", news=asked),
        Entry("messages", NOW + 5 * HOUR, account="rina", text="di gapura"),
    ] == list(lines)


def test_of_a_report_whose_citizen_is_told_there_are_no_words():
    history = (Milestone("message", NOW, "message:m1", agency="Dinas PU"),)
    assert ["", ""] == [line.text for line in Timeline(replaced(conversation="telegram:1", history=history), []).entries]


def test_an_older_program_s_report_has_a_timeline_too():
    assert [Entry("filed", NOW)] == list(Timeline(replaced(), []).entries)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope("Diskominfo"), True),
        (Scope("Diskominfo", "rina"), True),
        (Scope("Diskominfo", "budi"), False),
        (Scope("Dinas PU"), False),
        (Scope("Dinas PU", "rina"), False),
    ],
)
def test_who_may_see_it(scope, seen):
    assert seen == may_see(scope, REPORT)
    assert not may_see(scope, replaced(origin=None))


@pytest.mark.parametrize(
    ("changes", "spoken_for"),
    [
        ({}, True),
        ({"contact": "sms:+62812"}, True),
        ({"conversation": "telegram:1"}, False),
        ({"entered": None}, False),
        ({"entered": {**ENTERED, "hears": "phone"}}, False),
    ],
)
def test_for_whom_an_admin_speaks(changes, spoken_for):
    assert spoken_for == is_spoken_for(replaced(**changes))
