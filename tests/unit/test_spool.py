"""The spool on a real disk: order, bounds, damage, and who takes over from whom."""

import asyncio
import base64
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks import spool as checks
from bot.checks.finding import Level
from bot.errors import SpoolForeignKey, SpoolRefused, SpoolUnreadable
from bot.model import Address, Inbound
from bot.settings import Settings
from bot.spool import segment as segment_module
from bot.spool.sealing import Seal
from bot.spool.segment import ASIDE, Segment
from bot.spool.spool import Spool
from bot.spool.survey import problem, survey
from tests.fakes.disk import full_disk

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KEY = os.urandom(32)
SITI, BUDI = Address("telegram", "42"), Address("sms", "+628")


def message(id_, address=SITI, text=""):
    return Inbound(str(id_), address, text)


async def opened(folder, *keys, megabytes=1, entries=100):
    return await Spool.open(folder, Seal(keys or (KEY,)), bytes_at_most=megabytes << 20, entries_at_most=entries)


async def taken_out(spool):
    """Everything, lane by lane, as a drain does it: ids."""
    found = {}
    while lanes := spool.lanes(10):
        for lane in lanes:
            slot = spool.first(lane)
            try:
                found.setdefault(lane, []).append((await spool.read(slot)).arrival.id)
            except SpoolUnreadable as error:
                await spool.set_aside(slot, error)
            else:
                await spool.remove(slot)
    return found


def files(folder, pattern="*/*"):
    return sorted(path for path in folder.glob(pattern) if path.is_file())


@pytest.fixture
async def spool(tmp_path):
    spool = await opened(tmp_path)
    yield spool
    await spool.close()


async def test_what_is_kept_comes_out_in_order(spool, tmp_path):
    for number in range(12):
        await spool.add(message(number, SITI if number % 2 else BUDI), NOW)
    assert (12, True, True, False) == (spool.usage().entries, spool.holds(str(SITI)), spool.holds(str(BUDI)), spool.holds("sms:1"))
    assert {str(SITI): [*"13579", "11"], str(BUDI): [*"02468", "10"]} == await taken_out(spool)
    assert (0, 0, None) == (spool.usage().entries, spool.usage().size, spool.usage().oldest)
    assert ([], False) == (files(tmp_path), spool.holds(str(SITI)))


async def test_concurrent_arrivals_share_a_sync_of_the_folder_and_keep_their_order(spool, monkeypatch):
    synced, sync = [], segment_module.sync
    monkeypatch.setattr(segment_module, "sync", lambda folder: (synced.append(folder), sync(folder)))
    await asyncio.gather(*(spool.add(message(number), NOW) for number in range(50)))
    assert 1 == len(synced)
    assert {str(SITI): [str(number) for number in range(50)]} == await taken_out(spool)


async def test_each_file_is_synced_before_its_name_and_the_name_before_the_answer(spool, monkeypatch):
    done = []

    def noted(module, name):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given: (real(*given), done.append(name))[0])

    noted(os, "fsync")
    noted(Path, "rename")
    await spool.add(message(1), NOW)
    assert ["fsync", "rename", "fsync"] == done


async def test_it_waits_until_it_is_written(spool):
    adding = spool.add(message(1), NOW)
    assert (True, [], None) == (spool.holds(str(SITI)), spool.lanes(5), spool.first(str(SITI)))
    await adding
    assert [str(SITI)] == spool.lanes(5)


async def test_a_caller_who_has_gone_leaves_it_kept(spool):
    spool.add(message(1), NOW).cancel()
    await spool.add(message(2), NOW)
    assert {str(SITI): ["1", "2"]} == await taken_out(spool)


# ---- bounds


async def test_it_is_bounded_in_entries(tmp_path):
    spool = await opened(tmp_path, entries=2)
    await spool.add(message(1), NOW)
    await spool.add(message(2), NOW)
    assert not spool.has_room
    with pytest.raises(SpoolRefused):
        await spool.add(message(3), NOW)
    assert {str(SITI): ["1", "2"]} == await taken_out(spool)
    await spool.add(message(3), NOW)
    await spool.close()


async def test_it_is_bounded_in_bytes_those_being_written_included(tmp_path):
    spool = await opened(tmp_path, megabytes=1)
    kept = [spool.add(message(number, text="x" * 300_000), NOW) for number in range(3)]
    with pytest.raises(SpoolRefused):
        spool.add(message(3, text="x" * 300_000), NOW)
    await asyncio.gather(*kept)
    assert 3 == len(files(tmp_path, "*/*.entry"))
    assert sum(path.stat().st_size for path in files(tmp_path, "*/*.entry")) == spool.usage().size <= 1 << 20
    await spool.close()


@pytest.mark.parametrize("left", [0, 1, 40, 5000])
async def test_a_full_disk_refuses_and_leaves_nothing_half_written(spool, tmp_path, left):
    await spool.add(message(1, text="x" * 10), NOW)
    before = files(tmp_path)
    with full_disk(left), pytest.raises(SpoolRefused):
        await spool.add(message(2, text="x" * 10_000), NOW)
    assert (before, 1) == (files(tmp_path), spool.usage().entries)
    await spool.add(message(3), NOW)
    assert {str(SITI): ["1", "3"]} == await taken_out(spool)


async def test_on_a_full_disk_what_fits_is_kept_and_only_the_rest_refused(spool):
    with full_disk(5000):
        outcomes = await asyncio.gather(
            *(spool.add(message(n, text="x" * 10_000 * (n % 2)), NOW) for n in range(4)), return_exceptions=True
        )
    assert [None, SpoolRefused, None, SpoolRefused] == [each and type(each) for each in outcomes]
    assert {str(SITI): ["0", "2"]} == await taken_out(spool)


async def test_a_folder_that_cannot_be_synced_keeps_nothing(spool, tmp_path, monkeypatch):
    def broken(_folder):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(segment_module, "sync", broken)
        with pytest.raises(SpoolRefused, match="Input/output error"):
            await spool.add(message(1), NOW)
    assert ([], 0, False) == (files(tmp_path, "*/*"), spool.usage().entries, spool.holds(str(SITI)))


async def test_a_folder_that_is_gone_refuses(tmp_path):
    spool = await opened(tmp_path)
    (next(tmp_path.glob("segment-*/"))).rmdir()
    with pytest.raises(SpoolRefused):
        await spool.add(message(1), NOW)
    await spool.close()


async def test_a_disk_that_will_not_remove_does_not_stop_the_rest(spool, monkeypatch):
    def broken(_path, **_):
        raise OSError(30, "Read-only file system")

    for number in range(3):
        await spool.add(message(number), NOW)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", broken)
        assert {str(SITI): [*"012"]} == await taken_out(spool)


# ---- who takes over from whom


async def test_the_next_start_takes_over_and_cleans_up(tmp_path):
    first = await opened(tmp_path)
    for number in range(3):
        await first.add(message(number), NOW)
    await first.close()
    second = await opened(tmp_path)
    await second.add(message(3), NOW)
    assert {str(SITI): ["0", "1", "2", "3"]} == await taken_out(second)
    await second.adopt()
    assert 1 == len(list(tmp_path.glob("segment-*/")))
    await second.close()
    assert [] == list(tmp_path.iterdir())


async def test_two_processes_never_drain_one_segment(tmp_path):
    spool, other = await opened(tmp_path), await opened(tmp_path)
    await spool.add(message(1), NOW)
    await other.adopt()
    assert 0 == other.usage().entries
    await spool.close()
    await other.adopt()
    assert {str(SITI): ["1"]} == await taken_out(other)
    await other.close()


async def test_of_several_dead_processes_each_lane_comes_in_the_order_of_arrival(tmp_path):
    first, second = await opened(tmp_path), await opened(tmp_path)
    for number in range(6):
        await (first, second)[number % 2].add(message(number), NOW + timedelta(seconds=number))
    await first.close()
    await second.close()
    third = await opened(tmp_path)
    assert {str(SITI): [*"012345"]} == await taken_out(third)
    await third.close()


async def test_within_a_segment_the_order_stands_though_the_clock_went_back(tmp_path):
    first = await opened(tmp_path)
    for number in range(4):
        await first.add(message(number), NOW - timedelta(seconds=number))
    await first.close()
    second = await opened(tmp_path)
    assert {str(SITI): [*"0123"]} == await taken_out(second)
    await second.close()


def test_a_segment_of_a_killed_process_is_free_and_what_it_never_finished_is_removed(tmp_path):
    holder = (
        "import sys, pathlib; from bot.spool.segment import Segment\n"
        "segment = Segment.create(pathlib.Path(sys.argv[1])); print(segment.path, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own
        path = Path(process.stdout.readline().strip())
        (path / "000000000001.new").write_bytes(b"half")
        assert Segment.take(path) is None
        process.kill()
    taken = Segment.take(path)
    assert [] == taken.entries()
    taken.release()
    assert [] == list(tmp_path.iterdir())


async def test_a_segment_that_was_removed_while_it_was_being_taken_is_not_taken(tmp_path):
    segment = Segment.create(tmp_path)
    segment.release()
    assert Segment.take(segment.path) is None
    assert [] == list(tmp_path.iterdir())


async def test_what_else_lies_on_the_volume_is_left_alone(tmp_path):
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    spool = await opened(tmp_path)
    await spool.close()
    assert ["lost+found", "notes.txt"] == sorted(path.name for path in tmp_path.iterdir())


# ---- damage


def damaged(path, how, where):
    data = path.read_bytes()
    place = where % len(data)
    path.write_bytes(data[:place] if how == "cut" else data[:place] + bytes([data[place] ^ (1 << where % 8)]) + data[place + 1 :])


@given(st.integers(0, 5), st.sampled_from(["cut", "flipped"]), st.integers(0, 1 << 20))
@settings(max_examples=30, deadline=None)
def test_damage_costs_one_entry_and_is_noticed(tmp_path_factory, which, how, where):
    async def check():
        folder = tmp_path_factory.mktemp("spool")
        first = await opened(folder)
        await asyncio.gather(*(first.add(message(number), NOW) for number in range(6)))
        await first.close()
        damaged(files(folder, "*/*.entry")[which], how, where)
        second = await opened(folder)
        assert {str(SITI): [str(number) for number in range(6) if number != which]} == await taken_out(second)
        assert (1, 1) == (len(second.unreadable), len(files(folder, f"{ASIDE}/*.entry")))
        await second.close()

    asyncio.run(check())


async def test_damage_that_happens_after_the_start_costs_one_entry_too(spool, tmp_path):
    for number in range(3):
        await spool.add(message(number), NOW)
    damaged(files(tmp_path, "*/*.entry")[0], "cut", 30)
    files(tmp_path, "*/*.entry")[1].unlink()
    assert {str(SITI): ["2"]} == await taken_out(spool)
    assert [SpoolUnreadable.code] == [each.reason for each in spool.unreadable]
    assert 0 == spool.usage().entries


async def test_with_the_right_key_again_the_next_start_takes_up_what_lies_aside(tmp_path):
    old, new = os.urandom(32), os.urandom(32)
    first = await opened(tmp_path, old)
    await first.add(message(1), NOW)
    await first.add(message(2), NOW)
    await first.close()
    second = await opened(tmp_path, new)
    assert ([SpoolForeignKey.code] * 2, 0) == ([each.reason for each in second.unreadable], second.usage().entries)
    assert (0, 2) == (survey(tmp_path).entries, survey(tmp_path).unreadable)
    await second.close()
    third = await opened(tmp_path, new, old)
    assert {str(SITI): ["1", "2"]} == await taken_out(third)
    await third.close()
    assert [] == files(tmp_path)


async def test_what_cannot_be_read_still_is_told_at_each_start_and_stays(tmp_path):
    (tmp_path / ASIDE).mkdir()
    (tmp_path / ASIDE / "segment-1-000000000001.entry").write_bytes(b"?")
    for _ in range(2):
        spool = await opened(tmp_path)
        assert ["segment-1-000000000001.entry"] == [each.name for each in spool.unreadable]
        await spool.close()
    assert 1 == len(files(tmp_path, f"{ASIDE}/*.entry"))


# ---- what doctor and the start ask


def test_a_good_folder_has_no_problem_and_is_left_as_it_was(tmp_path):
    assert problem(tmp_path) is None
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_or_not_writable_is_a_problem(tmp_path):
    (tmp_path / "file").touch()
    assert "is no folder" in problem(tmp_path / "none")
    assert "is no folder" in problem(tmp_path / "file")
    with full_disk():
        assert "cannot be written" in problem(tmp_path)
    assert "cannot be written" in problem(Path("/proc"))


async def test_doctor_tells_what_waits_and_what_is_wrong(tmp_path):
    def told(**more):
        return checks.check(Settings({"SPOOL_DIR": str(tmp_path), "SPOOL_KEY": base64.b64encode(KEY).decode(), **more}))

    spool = await opened(tmp_path)
    await spool.add(message(1), NOW)
    found = told()
    assert (Level.GOOD, True) == (found.level, bool(re.search(r"\d+ MB free, and 1 entries wait", found.says)))
    for more, words in (({"SPOOL_DIR": str(tmp_path / "none")}, "is no folder"), ({"SPOOL_MEGABYTES": str(1 << 30)}, "make room")):
        found = told(**more)
        assert (Level.WRONG, True) == (found.level, words in found.says)
    damaged(files(tmp_path, "*/*.entry")[0], "cut", 30)
    assert {str(SITI): []} == await taken_out(spool)
    found = told()
    assert (Level.WRONG, True) == (found.level, "1 spooled entries cannot be read" in found.says)
    await spool.close()
    found = checks.check(Settings({}))
    assert (Level.NOTE, True) == (found.level, found.says.startswith("There is no spool"))
