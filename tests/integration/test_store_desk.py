"""Accounts, sessions, attempts, the audit log and the channels' health, as the store keeps them."""

import asyncio
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock, logs
from bot.staff.audit import Audit
from bot.staff.keys import Keys
from bot.staff.model import Account, Invitation, Role, Session, Stage
from bot.store.store import Store

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def account(name="sari", **fields):
    return Account(**{"id": f"id {name}", "login": name, "name": "Sari", "office": "A", "role": Role.ENTRY, "created_at": NOW} | fields)


# ---- accounts


async def test_an_account_comes_back_as_it_was_kept(store):
    kept = account(password="h", totp="s", totp_step=7, recovery=("a", "b"), invitation=Invitation("d", NOW), epoch=3, active=False)
    assert await store.accounts.insert(kept)
    assert kept == await store.accounts.load("id sari") == await store.accounts.find("sari") == await store.accounts.invited("d")


async def test_a_login_is_taken_once(store):
    assert await store.accounts.insert(account())
    assert not await store.accounts.insert(account(id="another"))
    assert await store.accounts.load("another") is None


async def test_a_change_on_an_old_version_is_refused(store):
    await store.accounts.insert(account(invitation=Invitation("d", NOW)))
    before = await store.accounts.load("id sari")
    assert await store.accounts.update(before, {"invitation": None, "password": "h", "role": Role.AUDITOR})
    assert not await store.accounts.update(before, {"password": "other"})
    after = await store.accounts.load("id sari")
    assert replace(before, invitation=None, password="h", role=Role.AUDITOR, version=2) == after
    assert await store.accounts.invited("d") is None


async def test_accounts_are_listed_by_office(store):
    for name, office in (("b", "A"), ("a", "A"), ("c", "B")):
        await store.accounts.insert(account(name, office=office))
    assert ["a", "b"] == [each.login for each in await store.accounts.list("A", 5)]
    assert ["a", "b", "c"] == [each.login for each in await store.accounts.list(None, 5)]
    assert {"id a", "id c"} == set(await store.accounts.named(["id a", "id c", "none"]))


async def test_an_account_of_a_newer_program_still_decodes(store):
    await store.accounts.insert(account())
    await store._db.desk_accounts.update_one({"_id": "id sari"}, {"$set": {"avatar": "x", "nested": {"a": 1}}})
    assert account() == await store.accounts.load("id sari")


async def test_an_account_of_an_older_program_still_decodes(store):
    bare = {"_id": "x", "login": "x", "name": "X", "office": "A", "role": "entry", "created_at": NOW}
    await store._db.desk_accounts.insert_one(bare)
    assert Account("x", "x", "X", "A", Role.ENTRY, NOW) == await store.accounts.load("x")


# ---- sessions


async def test_a_session_is_there_until_it_is_idle(store):
    now = clock.now()
    session = Session("s", "a", 0, Stage.FULL, now, now, now + timedelta(hours=12))
    await store.sessions.insert(session, now + SECOND)
    assert session == await store.sessions.load("s", now)
    assert await store.sessions.load("s", now + SECOND) is None
    await store.sessions.seen("s", now + SECOND, now + 2 * SECOND)
    assert now + SECOND == (await store.sessions.load("s", now + SECOND)).seen_at
    await store.sessions.delete("s")
    assert await store.sessions.load("s", now) is None


# ---- attempts


def reserve(store, after=0.0, *, patience=60.0, longest=8.0, forget=3600.0):
    return store.attempts.reserve(
        "k",
        NOW + timedelta(seconds=after),
        free=2,
        longest=timedelta(seconds=longest),
        patience=timedelta(seconds=patience),
        forget=timedelta(seconds=forget),
    )


async def test_the_pause_doubles_up_to_its_longest(store):
    waits = [(await reserve(store)).total_seconds() for _ in range(9)]
    assert [0, 0, 0, 1, 3, 7, 15, 23, 31] == waits


async def test_who_would_wait_too_long_takes_no_place(store):
    waits = [(await reserve(store, patience=3)).total_seconds() for _ in range(9)]
    assert [0, 0, 0, 1, 3, 7, 7, 7, 7] == waits
    assert 0 == (await reserve(store, after=7, patience=3)).total_seconds()


async def test_many_at_once_each_get_a_place_of_their_own(store):
    waits = await asyncio.gather(*(reserve(store, patience=1000) for _ in range(12)))
    assert [0, 0, 0, 1, 3, 7, 15, 23, 31, 39, 47, 55] == sorted(wait.total_seconds() for wait in waits)


async def test_a_key_is_forgotten_after_a_while(store):
    for _ in range(6):
        await reserve(store, forget=60)
    assert 0 == (await reserve(store, after=61)).total_seconds()
    assert 0 == (await reserve(store, after=61)).total_seconds()


async def test_a_right_one_is_forgiven_or_clears_all(store):
    for _ in range(4):
        await reserve(store)
    await store.attempts.forgive("k")
    assert 0 == (await reserve(store)).total_seconds()
    assert 2 == (await reserve(store)).total_seconds()
    await store.attempts.clear("k")
    assert [0, 0, 0] == [(await reserve(store)).total_seconds() for _ in range(3)]


# ---- the audit log


async def test_writers_in_several_processes_never_fork_the_chain(mongodb_url, store):
    others = [await Store.open(mongodb_url, store._db.name) for _ in range(3)]
    keys = Keys(["a-desk-key-of-the-tests-0123456789-abcdefgh"])
    logs = [Audit(each.audit, keys, clock.now) for each in (store, *others)]
    await asyncio.gather(
        *(log.record("parked.shown", actor=f"a{number}", n=str(each)) for each in range(15) for number, log in enumerate(logs))
    )
    verdict = await logs[0].verify()
    assert (True, 60) == (verdict.intact, verdict.entries)
    assert 60 == len({(entry.actor, entry.details["n"]) for entry in await store.audit.newest(100)})
    for each in others:
        await each.close()


async def test_a_long_log_is_walked_whole(store, monkeypatch):
    monkeypatch.setattr("bot.store.desk_audit._A_BATCH", 10)
    log = Audit(store.audit, Keys(["a-desk-key-of-the-tests-0123456789-abcdefgh"]), clock.now)
    for _ in range(30):
        await log.record("parked.shown", actor="a")
    assert 30 == (await log.verify()).entries


async def test_the_newest_are_read_by_page_and_action(store):
    log = Audit(store.audit, Keys(["a-desk-key-of-the-tests-0123456789-abcdefgh"]), clock.now)
    for number in range(6):
        await log.record("even" if number % 2 else "odd", actor="a")
    assert [6, 5] == [entry.sequence for entry in await log.newest(2)]
    assert [4, 3] == [entry.sequence for entry in await log.newest(2, before=5)]
    assert [5, 3, 1] == [entry.sequence for entry in await log.newest(9, action="odd")]


async def test_each_entrys_head_stands_in_the_log_unredacted(store):
    log = io.StringIO()
    logs.configure(key="desk", stream=log)
    audit = Audit(store.audit, Keys(["a-desk-key-of-the-tests-0123456789-abcdefgh"]), clock.now)
    for _ in range(40):
        await audit.record("parked.shown", actor="a")
    told = [(line["sequence"], line["mac"]) for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "audited"]
    assert [(entry.sequence, entry.mac) for entry in reversed(await store.audit.newest(100))] == told


# ---- health


async def test_channels_are_counted_over_the_hours_that_are_asked_for(store):
    await store.health.add("sms", {"received": 5}, NOW - timedelta(hours=30))
    await store.health.add("sms", {"received": 2, "unreachable": 1}, NOW - timedelta(hours=3))
    await store.health.add("sms", {"received": 1, "sent": 4}, NOW)
    await store.health.add("telegram", {"sent": 7}, NOW - timedelta(days=3))
    sms, telegram = await store.health.channels(NOW - timedelta(hours=24))
    assert ("sms", 3, 4, {"unreachable": 1}) == (sms.channel, sms.received, sms.sent, sms.failed)
    assert (NOW, NOW, NOW - timedelta(hours=3)) == (sms.last_received, sms.last_sent, sms.last_failed)
    assert ("telegram", 0, None) == (telegram.channel, telegram.sent, telegram.last_received)
    assert NOW - timedelta(days=3) == telegram.last_sent


@pytest.mark.parametrize("bound", [2, 5])
async def test_queues_are_counted_up_to_a_bound(store, bound):
    for number in range(4):
        await store._db.reports.insert_one({"_id": number, "receipt": str(number), "due": NOW + number * SECOND})
    await store._db.held.insert_one({"_id": "h", "conversation": "c", "at": NOW, "order": 1})
    found = {queue.name: (queue.waiting, queue.oldest) for queue in await store.health.queues(bound)}
    assert {"conversations": (0, None), "reports": (min(bound, 4), NOW), "held": (1, NOW), "parked": (0, None)} == found
