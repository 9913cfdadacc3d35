"""Every query the store makes has an index: a real mongod's profiler writes down the plans it used."""

import asyncio
import functools
import inspect
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.books.jobs import Job, Row, RowState
from bot.books.outgoing import REPORT, Outgoing
from bot.drafts_left import DraftLeft, How
from bot.errors import StoreUnsuitable
from bot.feed import News
from bot.figures.model import ALL
from bot.figures.tally import tally
from bot.history import Waits
from bot.model import Address, Delivered, Effect, Inbound, Network, Status
from bot.origin import Filter
from bot.ports import Done, Nearby, OutboxItem, ParkedItem, Settlement, StoredReport, TurnWrite
from bot.redirects import Author, Facts, Redirect, Scope, Wanted
from bot.staff.model import Account, AuditEntry, Invitation, Role, Session, Stage
from bot.store import lanes

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
FAR = clock.now() + timedelta(days=2)
"""What the server is not to erase while the test runs."""
MANY = 150
"""Documents of others in each collection; a plan that looks at as many as that is a scan, whatever it is called."""


def conversation(name, **fields):
    effects = (Effect("e", "say", "say", {}, due=NOW),)
    return TurnWrite(
        **{"conversation": name, "version": 0, "session": {}, "applied": (), "effects": effects, "due": NOW, "at": NOW, "claim": True}
        | fields
    )


def report(name, **fields):
    return StoredReport(
        **{"id": name, "receipt": f"L{name}", "code_hash": "", "conversation": f"of {name}", "body": {}, "media": (), "submitted_at": NOW}
        | fields
    )


def like(category="psu", area="36.71.09.1001"):
    return {"category": category, "confidential": False, "location": {"area_code": area}}


async def crowd(store):
    """What others have in the same collections, none of it due."""
    for index in range(MANY):
        name = f"other {index}"
        await store._db.conversations.insert_one(
            {"_id": name, "version": 1, "due": LATER + timedelta(days=1), "expires_at": LATER, "sent": []}
        )
        await store._db.reports.insert_one(
            {
                "_id": name,
                "receipt": name,
                "ticket": name,
                "conversation": name,
                "submitted_at": NOW,
                "due": LATER + timedelta(days=1),
                "status": "received",
                "body": like(*[("jalan", "36.71.09"), ("psu", "36.71.10")][index % 2]),
                "origin": {"account": f"{index % 3}", "office": f"office {index % 3}", "network": "x"},
                "moved_at": NOW,
                "waits": "agency",
            }
        )
        by = {"account": f"{index % 3}", "office": f"office {index % 3}"}
        ended = {"created_at": LATER, "expires_at": LATER, "claimed_by": name}
        await store._db.redirects.insert_one({"_id": name, "network": "x", **by, **ended, **({"text": ""} if index % 2 else {})})
        await store._db.feed.insert_one({"_id": name, "report": name, "at": NOW, **by, **({"waits_in": "office 1"} if index % 2 else {})})
        await store._db.media.insert_one({"_id": name, "conversation": name, "at": LATER, "file": 1, "attempts": []})
        await store._db.parked.insert_one({"_id": name, "what": "", "reason": "", "owner": name, "payload": {}, "at": LATER})
        await store._db.held.insert_one({"_id": name, "conversation": f"{index % 3}", "at": NOW, "order": index})
        await store.outbox.add(OutboxItem(name, name, "sms", "", LATER))
        await store.accounts.insert(Account(name, name, name, "lain", Role.ENTRY, NOW, invitation=Invitation(name, NOW)))
        await store.sessions.insert(Session(name, name, 0, Stage.FULL, NOW, NOW, FAR), FAR)
        await store._db.desk_attempts.insert_one({"_id": name, "count": 1, "forget_at": FAR})
        await store.audit.append(AuditEntry(index + 1, NOW, name, "y" if index % 2 else "x", "", {}, "", ""))
        await store.drafts_left.add(DraftLeft(name, NOW.date(), How.CANCELLED, "where"))
        await store._db.figures.insert_one({"_id": f"2026-11-20 {name}", "day": "2026-11-20", "office": name if index else "", "at": NOW})
        await store._db.channel_health.insert_one({"_id": name, "channel": name, "hour": FAR - timedelta(days=3), "counts": {}})


async def use_everything(store):
    await use_conversations(store.conversations)
    await use_reports(store.reports)
    await use_media(store.media)
    await use_what_waits(store)
    await use_the_simulator(store)
    await ask_what_waits(store)
    await practise(store)
    await use_desk(store)
    await use_books(store)
    await use_figures(store)


async def use_conversations(conversations):
    await conversations.commit(conversation("a", expires_at=NOW))
    await conversations.commit(conversation("a", version=1, claim=False))
    await conversations.commit(conversation("a", version=1))
    await conversations.load("a")
    (claim,) = await conversations.claim(NOW, LATER, 10)
    await conversations.held_by("a", claim.fence)
    await conversations.effects("a", claim.fence)
    await conversations.backlog()
    await conversations.settle(Settlement("a", claim.fence, NOW, done=(Done("e", "p"),), known=frozenset({"e"})))
    await conversations.report_delivery("a", "e", Delivered.SENT, None, NOW)
    await conversations.report_delivery("a", "e", Delivered.SENT, None, NOW)
    await conversations.words("a", "e")
    await conversations.spoken("a")
    await conversations.erase_words("a")
    await conversations.expired(NOW, 10)


async def use_reports(reports):
    await reports.insert(report("r"))
    await reports.insert(report("r"))
    await reports.update(report("r"), {"ticket": "1"}, applied="x", effects=[Effect("f", "core", "forward", {}, due=NOW)], at=NOW)
    await reports.load("r")
    await reports.find("1")
    await reports.find("Lr")
    await list_reports(reports)
    await reports.freeze("r", b"")
    (claim,) = await reports.claim(NOW, LATER, 10)
    await reports.held_by("r", claim.fence)
    await reports.effects("r", claim.fence)
    await reports.settle(Settlement("r", claim.fence, NOW, done=(Done("f"),), known=frozenset({"f"})))
    await reports.backlog()
    await reports.unbind("of r")


async def use_media(media):
    await media.put("m", "a", b"x", name="", mime="", at=NOW)
    await media.put("n", "a", b"x", name="", mime="", at=NOW - timedelta(days=9))
    await media.bind(["m"], "r")
    await media.info(["m"])
    found = await media.read("m")
    assert [b"x"] == [chunk async for chunk in found[1]]
    await media.erase_unfiled(NOW - timedelta(days=1))
    await media.erase("a")


async def use_what_waits(store):
    message = Inbound("1", Address("sms", "1"))
    await store.held.hold(message, NOW)
    await store.held.has("sms:1")
    await store.held.waiting(2)
    await store.held.oldest("sms:1", 2)
    await store.held.remove([message])
    await store.held.erase("sms:1")
    await store.parked.park(ParkedItem("p", "inbound", "bug", "a", {}, NOW))
    await store.parked.list(5)
    await store.parked.load("p")
    await store.parked.remove("p")
    await store.parked.erase("a")
    await store.marks.put("c", "1")
    await store.marks.get("c")
    await store.marks.lease("l", "me", NOW, LATER)


async def use_the_simulator(store):
    for _ in range(2):
        await store.outbox.add(OutboxItem("o", "sim:sms:a", "sms", "", NOW))
    await store.outbox.newest(None, 5)
    await store.outbox.newest("sim:sms:a", 5)
    await store.outbox.after("sim:sms:a", 0, 5)
    await store.uploads.save("u", b"x")
    await store.uploads("u")


async def ask_what_waits(store):
    await store.conversations.commit(conversation("w", claim=False))
    await store.reports.claim(NOW, LATER, 10, scheduled=NOW + timedelta(hours=1))
    for collection in (store.conversations, store.reports):
        await collection.backlog()
        await collection.waiting()
    await store.held.backlog()
    await store.parked.backlog()


async def practise(store):
    await store.outbox.dialogue(["sim:sms:a", "sim:telegram:a"], 0, 5)
    await store.outbox.last_said("sim:sms:a")
    await store.outbox.one(1)
    await store.visitors.renew("ab", templates=False, case="", at=NOW - timedelta(days=8))
    await store.visitors.load("ab")
    await store.visitors.seen("ab", NOW - timedelta(days=8))
    assert ["ab"] == await store.visitors.quiet(NOW, 5)
    await store.reports.insert(report("practice", conversation="sim:sms:try-ab-1"))
    await store.conversations.commit(conversation("sim:sms:try-ab-1"))
    assert 1 == len(await store.visitors.reports("ab", 5))
    await store.visitors.erase("ab")
    await store.uploads.erase(NOW - timedelta(days=7))


FILTERS = (
    Filter(),
    Filter(waits=Waits.AGENCY),
    Filter(waits=Waits.CITIZEN, network=Network.X),
    Filter(status=Status.ARCHIVED, network=Network.TIKTOK, channel="desk"),
    Filter(area="36.71"),
    Filter(words="none such"),
)


async def use_desk(store):
    office, own = Scope("office 9"), Scope("office 9", "9")
    redirects, feed = store.redirects, store.feed
    await redirects.add(Redirect("AB2CD3", Author("9", "office 9"), Network.X, NOW, NOW, text="x"))
    await redirects.load("AB2CD3")
    await redirects.claim("AB2CD3", "a", NOW - timedelta(days=1))
    await redirects.note(own, "AB2CD3", "x", Facts(), NOW - timedelta(days=1))
    await redirects.withdraw(own, "AB2CD3", NOW - timedelta(days=1))
    await redirects.forget("a")
    await redirects.erase_expired(NOW)
    await feed.add(News("n", "r", "Lr", None, "9", "office 9", Network.X, "status", Status.RECEIVED, NOW))
    await feed.of_report("r")
    await feed.read("r", NOW)
    await feed.waiting_among(["r", "s"])
    await store.reports.brief(["r", "s"])
    await store.reports.insert(report("e", entered={"office": "office 9", "account": "9"}, redirect="AB2CD3", contact="of e"))
    await store.reports.of_redirects(["AB2CD3", "ZZ2ZZ2"])
    for scope in (office, own):
        assert 1 == len(await redirects.made(scope, LATER, 10)) == len(await redirects.shares(scope, NOW))
        assert 1 == len(await feed.waiting(scope, 10)) == len(await store.reports.entered(scope, LATER, 10))
        await feed.unread(scope)
        for filter_ in FILTERS:
            await store.reports.originated(scope, filter_, None, 10)
        for wanted in (Wanted(network=Network.X), Wanted(opened=True), Wanted(opened=False, serves_at=NOW), Wanted(over_at=NOW)):
            await redirects.made(scope, LATER, 10, wanted)
        await feed.passed(scope, "other", NOW)
    await feed.passed(own, "n", NOW)
    await feed.passed(own, "n", NOW)
    await store.reports.unbind("of e")
    account = Account("a", "a", "A", "kota", Role.ENTRY, NOW, invitation=Invitation("d", LATER))
    await store.accounts.insert(account)
    await store.accounts.load("a")
    await store.accounts.find("a")
    await store.accounts.invited("d")
    await store.accounts.list("kota", 5)
    await store.accounts.list(None, 5)
    await store.accounts.named(["a", "b"])
    await store.accounts.update(account, {"name": "B"})
    await store.sessions.insert(Session("s", "a", 0, Stage.SETUP, NOW, NOW, LATER), LATER)
    await store.sessions.load("s", NOW)
    await store.sessions.seen("s", NOW, LATER)
    await store.sessions.keep_secret("s", "x")
    await store.sessions.delete("s")
    second = timedelta(seconds=1)
    await store.attempts.reserve("k", NOW, free=1, longest=second, patience=second, forget=second)
    await store.attempts.forgive("k")
    await store.attempts.clear("k")
    await store.audit.append(AuditEntry(9_000, NOW, "a", "x", "", {}, "", ""))
    await store.audit.last()
    await store.audit.newest(5)
    await store.audit.newest(5, before=8_000, action="x")
    await store.health.add("sms", {"received": 1}, NOW)
    await store.health.channels(NOW - timedelta(hours=24))
    await store.health.queues(20)


async def use_books(store):
    jobs, author = store.book_jobs, Author("9", "office 9")
    await jobs.insert(Job("j", "reports", author, NOW, (Row(2, {}, "k", RowState.WAITING),)), LATER)
    await jobs.start("j", NOW)
    job = await jobs.claim(NOW, LATER)
    await jobs.note(job, 0, job.rows[0], LATER)
    await jobs.finish(job)
    assert job.id == (await jobs.load("j")).id
    for scope in (Scope("office 9"), Scope("office 9", "9")):
        assert 1 == len(await jobs.newest("reports", scope, 5))
    out = store.books_out
    await out.add(Outgoing("b", REPORT, "b", b"{}", NOW))
    await out.add(Outgoing("o", "reopening", "b", b"{}", NOW))
    assert 1 == (await out.waiting()).reports
    assert await out.waits("b")
    book = await out.open("9", NOW)
    await out.fill(book.number, 5, 5)
    assert await out.keep(book, await out.lines(book.number), {"x.csv": b""})
    await out.mend()
    assert b"" == await out.file(book.number, "x.csv")
    assert book.number == (await out.book(book.number)).number
    await out.reopened_since("b", NOW)
    await out.newest(5)
    await out.unfinished(NOW)


async def use_figures(store):
    before = NOW.date() - timedelta(days=1)
    await store.drafts_left.add(DraftLeft("d", before, How.CANCELLED, "where"))
    await store.figures.keep(before, tally(await store.figures.facts(before)), NOW)
    assert {"where cancelled": 1} == (await store.figures.days(before, before, ALL))[0].counts.left
    await store.figures.counted(before)
    assert NOW.date() == await store.figures.begins()
    await store.figures.offices()


async def list_reports(reports):
    await reports.of_conversation("of r", 10)
    await reports.insert(report("near", body=like()))
    nearby = Nearby("psu", "36.71.09", NOW - timedelta(days=30), at_most=99)
    asked = await asyncio.gather(*(reports.own_and_nearby(each, 10, nearby) for each in ("of r", "of s")))
    assert [1, 1] == [count for _, count in asked]


def watched(store):
    """The store's own methods by part, and the set into which each puts itself when it is called."""
    called = set()
    parts = {name: part for name, part in vars(store).items() if type(part).__module__.startswith("bot.store.")}
    methods = {(name, method) for name, part in parts.items() for method in dir(type(part)) if asks_the_database(type(part), method)}
    for name, method in methods:
        note(parts[name], method, lambda name=name, method=method: called.add((name, method)))
    return methods, called


def asks_the_database(part, name):
    return not name.startswith("_") and name != "close" and inspect.iscoroutinefunction(getattr(part, name))


def note(part, name, noted):
    method = getattr(part, name)

    @functools.wraps(method)
    async def noting(*arguments, **named):
        noted()
        return await method(*arguments, **named)

    setattr(part, name, noting)


async def test_no_query_of_the_store_is_left_out(store):
    methods, called = watched(store)

    await use_everything(store)

    assert set() == methods - called


async def test_no_query_scans_a_collection(store, monkeypatch):
    monkeypatch.setattr(lanes, "_LOOKED_INTO_AT_MOST", MANY // 2)  # what is pending of others is looked at too, up to that bound
    await crowd(store)
    await store._db.command("profile", 2)

    await use_everything(store)

    await store._db.command("profile", 0)
    own = {"$regex": rf"^{store._db.name}\.(?!system)"}
    operations = await store._db["system.profile"].find({"ns": own, "planSummary": {"$exists": True}}).to_list(None)
    ours = [operation for operation in operations if not gridfs_asks_whether_it_is_new(operation)]
    assert len(ours) > 60
    assert [] == [operation for operation in ours if "COLLSCAN" in operation["planSummary"]]
    assert [] == [(o["ns"], o["command"], o["planSummary"]) for o in ours if o.get("docsExamined", 0) >= MANY]


def gridfs_asks_whether_it_is_new(operation):
    """The driver reads any one file and chunk before a bucket's first write."""
    command = operation.get("command", {})
    return operation["ns"].endswith((".files", ".chunks")) and ({}, 1) == (command.get("filter"), command.get("limit"))


async def test_migrating_says_what_it_did_and_does_it_once(store):
    await store._db.reports.drop_index("ticket")

    assert ["reports: index on ticket"] == await store.missing_indexes()
    assert ["reports: index on ticket"] == await store.migrate()
    assert [] == await store.missing_indexes()
    assert [] == await store.migrate()


async def test_an_index_of_another_shape_is_said(store):
    await store._db.reports.drop_index("ticket")
    await store._db.reports.create_index("ticket", name="ticket")

    with pytest.raises(StoreUnsuitable, match="reports has another index"):
        await store.migrate()
