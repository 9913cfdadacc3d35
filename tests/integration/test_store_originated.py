"""Reports that came through a desk: the lists of an office and an admin, what is kept of their history, and what erasure takes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.history import Milestone, Waits
from bot.model import Network, Status
from bot.origin import Filter, Origin
from bot.ports import StoredReport
from bot.redirects import Scope

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
OFFICE, RINA = Scope("Diskominfo"), Scope("Diskominfo", "rina")
SAID = Milestone("messages", NOW, account="rina", text="$di gapura KENARI")


def report(number, office="Diskominfo", account="rina", network=Network.X, **changes):
    body = {"channel": "desk", "body": "panjang", "title": "t", "location": {"area_code": "36.71.09", "text": "Jl Merdeka, depan pasar"}}
    filed = NOW + timedelta(hours=number)
    given = {
        "id": f"r{number}",
        "receipt": f"L{number}",
        "code_hash": "",
        "conversation": None,
        "body": body | changes.pop("body", {}),
        "media": (),
        "submitted_at": filed,
        "origin": Origin(account, office, network),
        "waits": Waits.AGENCY,
        "moved_at": filed,
        "payload": b"x",
        "effects": (),
        "applied": ("a",),
        "language": "id",
    }
    return StoredReport(**given | changes)


@pytest.fixture
async def kept(store):
    """(*reports) -> their ids as a list of this scope and filter has them."""

    async def listed(*reports, scope=OFFICE, before=None, limit=10, **wanted):
        for each in reports:
            await store.reports.insert(each)
        return [each.id for each in await store.reports.originated(scope, Filter(**wanted), before, limit)]

    return listed


async def test_a_report_is_read_back_with_its_origin_and_history(store):
    history = (Milestone("ticket", NOW, "ticket"), Milestone("status", NOW, "2", Status.DISPOSED, "Dinas $PU"), SAID)
    full = report(1, history=history)
    await store.reports.insert(full)
    assert full == await store.reports.load("r1")


async def test_the_newest_of_an_office_and_of_an_admin_and_nobody_else_s(kept):
    mine, hers, other = report(1), report(2, account="budi"), report(3, office="Dinas PU")
    stranger = report(4, origin=None, waits=None, moved_at=None)
    assert ["r2", "r1"] == await kept(mine, hers, other, stranger)
    assert ["r1"] == await kept(scope=RINA)
    assert [] == await kept(scope=Scope("Dinas PU", "rina2"))
    assert ["r1"] == await kept(before=NOW + timedelta(hours=2))


async def test_what_waits_longest_comes_first(kept):
    late = report(1, moved_at=NOW + timedelta(days=3))
    soon, over = report(2), report(3, waits=None, status=Status.COMPLETED)
    asked = report(4, waits=Waits.CITIZEN)
    assert ["r2", "r1"] == await kept(late, soon, over, asked, waits=Waits.AGENCY)
    assert ["r1"] == await kept(waits=Waits.AGENCY, before=soon.moved_at)
    assert ["r4"] == await kept(waits=Waits.CITIZEN)


async def test_lists_are_narrowed(kept):
    reports = [
        report(1, network=Network.TIKTOK),
        report(2, status=Status.POSTPONED),
        report(3, body={"channel": "telegram"}),
        report(4, body={"location": {"area_code": "36.71.10", "text": "Jl $ne Melati"}}),
        report(5, body={"location": {"area_code": "36.711", "text": ""}}),
    ]
    assert ["r1"] == await kept(*reports, network=Network.TIKTOK)
    assert ["r2"] == await kept(status=Status.POSTPONED)
    assert ["r3"] == await kept(channel="telegram")
    assert ["r3", "r2", "r1"] == await kept(area="36.71.09")
    assert ["r4", "r3", "r2", "r1"] == await kept(area="36.71")
    assert ["r4"] == await kept(words="melati")
    for words in ("Jl. MERDEKA", "merdeka depan pas", "depan", "pasar"):
        assert {"r3", "r2", "r1"} == set(await kept(words=words)), words
    for words in ("merdeka pasar", "erdeka", 'melati" -x $ne', "jl melatix"):
        assert [] == await kept(words=words), words
    assert [] == await kept(network=Network.TIKTOK, status=Status.POSTPONED)


async def test_a_list_is_brief(store):
    await store.reports.insert(report(1, history=(SAID,)))
    [brief] = await store.reports.originated(OFFICE, Filter(), None, 5)
    assert ((), None, (), ()) == (brief.history, brief.payload, brief.applied, brief.effects)
    assert "panjang" not in repr(brief)
    assert {"r1": brief} == await store.reports.brief(["r1", "none"])


async def test_history_is_added_in_the_same_write_and_bounded(store):
    before = report(1)
    await store.reports.insert(before)
    steps = [Milestone("status", NOW + timedelta(minutes=number), str(number), Status.DISPOSED) for number in range(150)]
    for number, step in enumerate(steps):
        latest = replace(before, version=before.version + number)
        assert await store.reports.update(latest, {"sequence": number}, applied=None, effects=[], at=NOW, history=[step])
    kept = await store.reports.load("r1")
    assert (149, tuple(steps[-100:])) == (kept.sequence, kept.history)
    assert not await store.reports.update(before, {}, applied=None, effects=[], at=NOW, history=[SAID])
    assert kept == await store.reports.load("r1")


async def test_a_report_of_an_older_program_gets_a_history(store):
    await store.reports.insert(report(1, origin=None, waits=None, moved_at=None))
    await store._db.reports.update_one({"_id": "r1"}, {"$unset": {"history": ""}})
    await store.reports.update(report(1), {}, applied=None, effects=[], at=NOW, history=[SAID])
    assert (SAID,) == (await store.reports.load("r1")).history


async def test_what_a_newer_program_adds_is_passed_over(store):
    await store.reports.insert(report(1))
    newer = {"history": [{"kind": "status", "at": NOW, "status": "disposed", "mood": "good"}], "origin.team": 7}
    await store._db.reports.update_one({"_id": "r1"}, {"$set": newer})
    assert (Milestone("status", NOW, status=Status.DISPOSED),) == (await store.reports.load("r1")).history


@pytest.mark.parametrize("tie", ["conversation", "contact"])
async def test_erasure_takes_the_words_that_an_admin_carried(store, tie):
    await store.reports.insert(report(1, history=(Milestone("ticket", NOW, "ticket"), SAID), ticket="1", **{tie: "sms:+62812"}))
    await store.reports.insert(report(2, history=(SAID,), **{tie: "sms:+62813"}))
    assert 1 == await store.reports.unbind("sms:+62812")
    assert (Milestone("ticket", NOW, "ticket"), replace(SAID, text="")) == (await store.reports.load("r1")).history
    assert (SAID,) == (await store.reports.load("r2")).history
