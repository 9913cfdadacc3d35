"""The core's status machine."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core import workflow
from core.errors import Incomplete, NotAllowed
from core.model import Case, Due, EventType, Filing, Kind, Location, Reporter, Status
from core.workflow import (
    Answer,
    Archive,
    Ask,
    CitizenMessage,
    Complete,
    Decline,
    Dispose,
    Expire,
    Postpone,
    Progress,
    Rate,
    Reopen,
    Verify,
    Withdraw,
    advance,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # a Friday
FILING = Filing(
    id="r1",
    kind=Kind.COMPLAINT,
    title="Jalan rusak",
    body="Jalan rusak di depan sekolah",
    location=Location("Cibodas"),
    channel="sms",
    submitted_at=NOW,
    occurred_on=date(2026, 11, 19),
    reporter=Reporter("sms", "+6281", "Budi"),
)

ACTIONS = {
    "verify": Verify(),
    "postpone": Postpone(("location",)),
    "decline": Decline("Polri"),
    "archive": Archive("ganda"),
    "dispose": Dispose("Dinas PU"),
    "progress": Progress(),
    "answer": Answer("Sudah diperbaiki"),
    "ask": Ask("RT berapa?"),
    "complete": Complete(),
    "reopen": Reopen("belum"),
    "message": CitizenMessage("RT 3"),
    "rate": Rate({"overall": 5}),
    "withdraw": Withdraw(),
}

TABLE = """
                  verify postpone decline archive  dispose  progress answer   ask  complete reopen   message  rate withdraw
received          same   postp    not_our archived disposed -        -        same -        -        same     -    withdrawn
postponed         -      postp    not_our archived disposed -        -        same -        -        received -    withdrawn
not_our_authority -      -        -       -        -        -        -        -    -        received same     same -
archived          -      -        -       -        -        -        -        -    -        received same     same -
disposed          -      -        not_our archived disposed progress answered same -        -        same     -    withdrawn
in_progress       -      -        -       -        disposed -        answered same -        -        same     -    withdrawn
answered          -      -        -       -        -        -        answered same done     progress progress same withdrawn
completed         -      -        -       -        -        -        -        -    -        progress same     same -
withdrawn         -      -        -       -        -        -        -        -    -        -        same     -    -
"""
SHORT = {"postp": "postponed", "not_our": "not_our_authority", "progress": "in_progress", "done": "completed"}


def cells():
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return [(row[0], action, cell) for row in rows for action, cell in zip(header, row[1:], strict=True)]


def case_in(status, **fields):
    agency = "Dinas PU" if status in ("disposed", "in_progress", "answered", "completed") else None
    reply = date(2026, 12, 4) if status in ("postponed", "answered") else None
    return replace(Case("8812345", "r1", Kind.COMPLAINT, Status(status), Due(reply=reply), sequence=4, agency=agency), **fields)


@pytest.mark.parametrize(("status", "action", "expected"), cells())
def test_every_action_in_every_status(status, action, expected):
    if expected == "-":
        with pytest.raises(NotAllowed, match=status):
            advance(case_in(status), ACTIONS[action], NOW)
        return
    step = advance(case_in(status), ACTIONS[action], NOW)
    assert SHORT.get(expected, status if expected == "same" else expected) == step.case.status


def test_the_table_knows_every_status_and_action():
    assert {(status, action) for status in Status for action in ACTIONS} == {(status, action) for status, action, _ in cells()}
    assert {type(action) for action in ACTIONS.values()} | {Expire} == set(workflow.ALLOWED)


def test_a_received_report_is_verified_within_three_working_days():
    case = workflow.receive("8812345", FILING, NOW)
    assert Case("8812345", "r1", Kind.COMPLAINT, Status.RECEIVED, Due(verification=date(2026, 11, 25)), sequence=0) == case


@pytest.mark.parametrize(
    ("kind", "field_check", "resolution"),
    [
        (Kind.INFORMATION, False, date(2026, 11, 27)),
        (Kind.ASPIRATION, False, date(2026, 11, 27)),
        (Kind.COMPLAINT, False, date(2026, 12, 10)),
        (Kind.COMPLAINT, True, date(2027, 2, 19)),
    ],
)
def test_disposal_starts_the_agencys_clocks(kind, field_check, resolution):
    verified = advance(case_in("received", kind=kind), Verify(field_check), NOW).case
    assert Due(response=date(2026, 11, 27), resolution=resolution) == advance(verified, Dispose("Dinas PU"), NOW).case.due


def test_every_move_is_told_with_the_next_sequence():
    step = advance(case_in("received"), Postpone(("location", "body"), "Di mana?"), NOW)
    event = step.event
    assert event is not None
    assert ("evt_8812345_5", EventType.STATUS_CHANGED, 5, Status.POSTPONED) == (event.id, event.type, event.sequence, event.status)
    assert (("location", "body"), "Di mana?", None, NOW) == (event.missing, event.note, event.message, event.occurred_at)
    assert Due(reply=date(2026, 12, 4)) == event.due == step.case.due
    assert 5 == step.case.sequence


def test_an_answer_is_told_in_one_event_and_starts_the_citizens_clock():
    disposed = advance(case_in("received"), Dispose("Dinas PU"), NOW).case
    step = advance(disposed, Answer("Sudah diperbaiki", wants_answer=True), NOW)
    assert step.event is not None
    assert step.event.message is not None
    assert EventType.STATUS_CHANGED == step.event.type
    assert ("msg_8812345_6", "Sudah diperbaiki", True) == (step.event.message.id, step.event.message.text, step.event.message.wants_answer)
    assert Due(resolution=disposed.due.resolution, reply=date(2026, 12, 4)) == step.case.due


def test_a_question_leaves_the_status_and_the_clocks():
    case = case_in("in_progress", due=Due(response=date(2026, 11, 27)))
    step = advance(case, Ask("RT berapa?"), NOW)
    assert step.event is not None
    assert (EventType.MESSAGE, Status.IN_PROGRESS) == (step.event.type, step.event.status)
    assert replace(case, sequence=5) == step.case


def test_completing_data_restarts_verification():
    step = advance(case_in("postponed", missing=("location",), verified=True), CitizenMessage("RT 3"), NOW)
    assert (Due(verification=date(2026, 11, 25)), (), False) == (step.case.due, step.case.missing, step.case.verified)
    assert step.event is not None


@pytest.mark.parametrize("action", [Rate({"overall": 1}), CitizenMessage("terima kasih")])
def test_what_changes_nothing_is_not_told(action):
    case = case_in("completed")
    assert workflow.Step(case) == advance(case, action, NOW)


def test_reopening_goes_back_to_the_agency_that_had_it():
    step = advance(case_in("completed"), Reopen("belum"), NOW)
    assert Due(response=date(2026, 11, 27), resolution=date(2026, 12, 10)) == step.case.due


@pytest.mark.parametrize(
    ("status", "ended", "note"),
    [
        ("answered", Status.COMPLETED, workflow.CLOSED_BY_SILENCE),
        ("postponed", Status.ARCHIVED, workflow.ARCHIVED_BY_SILENCE),
    ],
)
def test_silence_ends_a_report_after_its_last_day(status, ended, note):
    last_moment = datetime(2026, 12, 4, 16, 59, tzinfo=UTC)
    with pytest.raises(NotAllowed):
        advance(case_in(status), Expire(), last_moment)
    step = advance(case_in(status), Expire(), last_moment + timedelta(minutes=1))
    assert step.event is not None
    assert (ended, note, Due()) == (step.case.status, step.event.note, step.case.due)


@pytest.mark.parametrize(
    ("status", "action"),
    [
        ("received", Postpone(())),
        ("received", Postpone(("shoe_size",))),
        ("received", Dispose(" ")),
        ("received", Archive("")),
        ("received", Decline("")),
        ("disposed", Answer("  ")),
        ("disposed", Ask("")),
    ],
)
def test_a_step_without_what_it_needs_is_refused(status, action):
    with pytest.raises(Incomplete):
        advance(case_in(status), action, NOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"body": "  "}, ["body"]),
        ({"location": Location(" ")}, ["location"]),
        ({"location": Location("", lat=-6.2, lon=106.6)}, []),
        ({"occurred_on": None}, ["occurred_on"]),
        ({"occurred_on": None, "kind": Kind.ASPIRATION}, []),
        ({"reporter": Reporter("sms", "+6281")}, ["reporter"]),
        ({"reporter": None, "anonymous": True}, []),
        ({"occurred_on": None, "location": Location("")}, ["occurred_on", "location"]),
    ],
)
def test_tells_what_a_complete_report_lacks(changes, expected):
    assert expected == workflow.missing_fields(replace(FILING, **changes))
