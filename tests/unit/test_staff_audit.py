"""The chain of the audit log: whatever is changed, inserted, moved or cut off shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.staff.audit import Audit, Verdict
from bot.staff.keys import Keys
from bot.staff.model import Head

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = "a-desk-key-of-the-tests-0123456789-abcdefgh"


class Log:
    """An audit store in memory, in which an attacker may write."""

    def __init__(self):
        self.entries = {}

    async def last(self):
        return self.entries[max(self.entries)] if self.entries else None

    async def append(self, entry):
        return self.entries.setdefault(entry.sequence, entry) is entry

    async def walk(self):
        for sequence in sorted(self.entries):
            yield self.entries[sequence]


@pytest.fixture
async def log():
    log = Log()
    audit = Audit(log, Keys([KEY]), lambda: NOW)
    for number in range(1, 7):
        await audit.record("parked.shown", actor="a1", subject=f"s{number}", reason="sebab")
    return log


def verify(log, printed=None, key=KEY):
    return Audit(log, Keys([key]), lambda: NOW).verify(printed)


def head(log, sequence):
    return Head(sequence, log.entries[sequence].mac)


async def test_an_untouched_log_is_intact(log):
    assert Verdict(6, head(log, 6)) == await verify(log)
    assert (await verify(log, head(log, 3))).intact


async def test_an_empty_log_is_intact():
    assert Verdict(0, None) == await verify(Log())


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "a2"},
        {"action": "parked.removed"},
        {"subject": "s9"},
        {"details": {"reason": "lain"}},
        {"details": {}},
        {"at": datetime(2026, 11, 21, 3, 1, tzinfo=UTC)},
        {"mac": "0" * 64},
    ],
    ids=str,
)
async def test_a_changed_entry_shows(log, change):
    log.entries[3] = replace(log.entries[3], **change)
    verdict = await verify(log)
    assert (2, 3, "altered") == (verdict.entries, verdict.broken_at, verdict.reason)


async def test_an_entry_taken_out_shows(log):
    del log.entries[3]
    verdict = await verify(log)
    assert (3, "missing") == (verdict.broken_at, verdict.reason)


async def test_taking_one_out_and_moving_up_the_others_shows(log):
    for sequence in (3, 4, 5):
        log.entries[sequence] = replace(log.entries[sequence + 1], sequence=sequence)
    del log.entries[6]
    verdict = await verify(log)
    assert (3, "relinked") == (verdict.broken_at, verdict.reason)


async def test_entries_that_changed_places_show(log):
    third, fourth = log.entries[3], log.entries[4]
    log.entries[3], log.entries[4] = replace(fourth, sequence=3), replace(third, sequence=4)
    assert 3 == (await verify(log)).broken_at


async def test_a_chain_made_with_another_key_shows(log):
    forged = Log()
    await Audit(forged, Keys(["another-key-0123456789-0123456789-01"]), lambda: NOW).record("parked.shown", actor="a1")
    log.entries[1] = forged.entries[1]
    verdict = await verify(log)
    assert (1, "altered") == (verdict.broken_at, verdict.reason)


async def test_an_end_cut_off_shows_by_a_printed_head(log):
    printed = head(log, 6)
    del log.entries[6]
    assert (await verify(log)).intact
    verdict = await verify(log, printed)
    assert (6, "cut") == (verdict.broken_at, verdict.reason)


async def test_a_head_that_was_never_there_shows(log):
    assert "cut" == (await verify(log, Head(4, "f" * 64))).reason


async def test_a_rotated_key_goes_on_with_the_chain(log):
    keys = Keys(["the-new-key-0123456789-0123456789-01", KEY])
    await Audit(log, keys, lambda: NOW).record("parked.removed", actor="a1")
    assert 7 == (await Audit(log, keys, lambda: NOW).verify()).entries
    assert 7 == (await verify(log)).broken_at


def test_a_head_is_read_as_it_is_printed():
    head = Head(12, "ab" * 32)
    assert head == Head.parse(f" {head} ")


@pytest.mark.parametrize("text", ["", "12", "12:", "x:" + "a" * 64, "\uff11:" + "a" * 64, "12:" + "a" * 63])
def test_what_is_no_head_is_refused(text):
    with pytest.raises(ValueError, match="sequence:mac"):
        Head.parse(text)
