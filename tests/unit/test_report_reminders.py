"""What runs out: a postponed report is reminded of once, and a completed one may be opened again for ten working days."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot import effects, tracking, workdays
from bot.clock import WIB
from bot.forwarder.protocol import CoreEvent
from bot.model import Capabilities, Medium, Status
from bot.ports import StoredReport
from bot.report_effects import ReportErrands
from bot.report_view import view

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
REPORT = StoredReport(
    "r1",
    "L23456789",
    "",
    "sms:1",
    {"kind": "pengaduan", "title": "Lampu", "confidential": False},
    (),
    NOW,
    ticket="8812345",
    sequence=1,
)
POSTPONED = CoreEvent(
    "evt_2",
    "report.status_changed",
    "8812345",
    "r1",
    2,
    Status.POSTPONED,
    None,
    "Di mana?",
    None,
    ("location",),
    {"reply": date(2026, 12, 4)},
    NOW,
)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 12, 4), -2, date(2026, 12, 2)),
        (date(2026, 11, 24), -2, date(2026, 11, 20)),  # over a weekend
        (date(2026, 3, 27), -3, date(2026, 3, 17)),  # Nyepi, Idul Fitri and their cuti bersama lie between
        (date(2026, 3, 17), 3, date(2026, 3, 27)),
        (date(2026, 12, 24), 5, date(2027, 1, 4)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_shifting_by_working_days(day, count, expected):
    assert expected == workdays.shift(day, count)


def reminders(event, now=NOW):
    change = tracking._decide(REPORT, event, now)
    return [effect for effect in change.effects if effect.data["kind"] == "reminder"]


def test_a_postponed_report_is_reminded_of_two_working_days_before_at_ten_in_a_lane_of_its_own():
    (reminder,) = reminders(POSTPONED)
    assert datetime(2026, 12, 2, 10, tzinfo=WIB) == reminder.due
    assert ("notify", "r1:reminder:2") == (reminder.kind, reminder.id)
    assert effects.NOTIFY != reminder.lane


@pytest.mark.parametrize(
    ("event", "now"),
    [
        (replace(POSTPONED, status=Status.ANSWERED), NOW),
        (replace(POSTPONED, due={}), NOW),
        (POSTPONED, datetime(2026, 12, 2, 10, tzinfo=WIB)),
    ],
)
def test_of_others_or_too_late_there_is_none(event, now):
    assert [] == reminders(event, now)


class Reports:
    def __init__(self, report):
        self.report = report

    async def load(self, id_):
        assert self.report.id == id_
        return self.report


async def told(report):
    notices = []

    async def notice(conversation, notice):
        notices.append((conversation, notice.kind, notice.report.missing))

    errands = ReportErrands(
        reports=Reports(report),
        feed=None,
        media=None,
        parked=None,
        target=None,
        media_url=None,
        capabilities=lambda _: Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=670),
        notice=notice,
        now=lambda: NOW,
    )
    await errands.carry("r1", effects.remind("r1", 2, due=NOW), ())
    return notices


async def test_the_reminder_is_told_while_the_report_still_lacks_it():
    report = replace(REPORT, status=Status.POSTPONED, sequence=2, missing=("location",))
    assert [("sms:1", "reminder", ("location",))] == await told(report)


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, status=Status.RECEIVED, sequence=3),
        replace(REPORT, status=Status.POSTPONED, sequence=4),
        replace(REPORT, status=Status.ARCHIVED, sequence=3),
        replace(REPORT, status=Status.POSTPONED, sequence=2, conversation=None),
    ],
)
async def test_it_is_dropped_when_the_report_has_moved_on(report):
    assert [] == await told(report)


def test_when_a_report_was_completed_is_kept():
    done = replace(POSTPONED, status=Status.COMPLETED, missing=(), due={})
    assert NOW == tracking._decide(REPORT, done, NOW).fields["completed_at"]
    assert "completed_at" not in tracking._decide(REPORT, POSTPONED, NOW).fields


def test_a_completed_report_may_be_opened_again_for_ten_working_days():
    report = replace(REPORT, status=Status.COMPLETED, completed_at=datetime(2026, 11, 20, 18, tzinfo=UTC))  # Saturday in Jakarta
    seen = view(report, date(2026, 12, 7), conversation="sms:1")
    assert (date(2026, 12, 4), -1) == (seen.due["reopening"], seen.due_days["reopening"])


@pytest.mark.parametrize("report", [replace(REPORT, status=Status.IN_PROGRESS, completed_at=NOW), replace(REPORT, status=Status.COMPLETED)])
def test_otherwise_there_is_no_such_day(report):
    assert "reopening" not in view(report, date(2026, 12, 7), conversation="sms:1").due
