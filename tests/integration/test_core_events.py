"""The core's events: sent until taken, and readable in one order, whatever is killed in between."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import orjson
import pytest

from core import cases, clock, forms, sender
from core.settings import Subscription
from core.store.connection import connect
from core.store.event_log import EventLog
from core.store.reports import Reports
from core.workflow import Answer, Ask, Dispose, Postpone, Progress
from tests.fakes import reference_core
from tests.fakes.reference_core import SECRET, report


@pytest.fixture
async def database(mongodb_url):
    async with reference_core.database(mongodb_url) as database:
        yield database


@pytest.fixture
async def intake():
    async with reference_core.intake() as intake:
        yield intake


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.05)
    monkeypatch.setattr("core.app.POLL_SECONDS", 0.02)


@asynccontextmanager
async def stores(database):
    async with connect(database.url, database.name) as mongo:
        reports, log = Reports(mongo), EventLog(mongo)
        await reports.prepare()
        await log.prepare()
        yield reports, log


async def filed(reports, key):
    body = orjson.dumps(report(key))
    record, _ = await cases.file(reports, forms.read_filing(body, key), body, clock.now())
    return record.case.ticket


async def test_events_arrive_in_order_in_spite_of_every_refusal(database, intake):
    intake.answers.extend([500, None, (429, "1"), 404, 301])
    async with reference_core.running(database, intake.url) as core, stores(database) as (reports, _):
        ticket = await core.file("r1")
        started = clock.now()
        await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now())
        await cases.act(reports, ticket, Progress(), "officer", clock.now())
        await intake.has_taken(2)
        _, page = await core.get("/v1/events")
    assert ["disposed", "in_progress"] == [event["status"] for event in intake.taken]
    assert intake.taken == page["events"]
    assert [f"evt_{ticket}_1"] * 6 + [f"evt_{ticket}_2"] == [id_ for id_, _ in intake.attempts]
    assert 2 == len({body for _, body in intake.attempts})
    assert clock.now() - started >= timedelta(seconds=1)  # Retry-After was honoured


async def test_a_refused_event_holds_up_its_own_ticket_only(database, intake):
    async with reference_core.running(database, intake.url) as core, stores(database) as (reports, _):
        stuck, free = await core.file("r1"), await core.file("r2")
        intake.refuse_tickets.add(stuck)
        for ticket in (stuck, free):
            await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now())
            await cases.act(reports, ticket, Progress(), "officer", clock.now())
        await intake.has_taken(2)
        assert [free, free] == [event["ticket"] for event in intake.taken]
        assert f"evt_{stuck}_2" not in [id_ for id_, _ in intake.attempts]
        intake.refuse_tickets.clear()
        await intake.has_taken(4)
    assert [1, 2] == [event["sequence"] for event in intake.taken if event["ticket"] == stuck]


async def test_an_event_written_before_a_crash_is_told_after_it(database, intake):
    async with stores(database) as (reports, _):
        ticket = await filed(reports, "r1")
        await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now())
    async with reference_core.running(database, intake.url):
        await intake.has_taken(1)
    assert [f"evt_{ticket}_1"] == [event["id"] for event in intake.taken]


async def test_a_crash_between_log_and_outbox_repeats_nothing(database, monkeypatch):
    async with stores(database) as (reports, log):
        ticket = await filed(reports, "r1")
        await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now())

        async def crash(_self, _waiting):
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr(EventLog, "_clear", crash)
            with pytest.raises(RuntimeError):
                await log.append_waiting(clock.now())
        await cases.act(reports, ticket, Progress(), "officer", clock.now())
        assert 1 == await log.append_waiting(clock.now())
        assert 0 == await log.append_waiting(clock.now())
        logged = await log.after(0, 10)
    assert [(1, f"evt_{ticket}_1"), (2, f"evt_{ticket}_2")] == [(one.position, one.event["id"]) for one in logged]


async def test_a_reader_misses_nothing_while_many_write(database):
    """Four processes append while twelve reports move; the reader only ever goes forward."""
    steps = 6
    async with stores(database) as (reports, log):
        tickets = [await filed(reports, f"r{n}") for n in range(12)]
        done = asyncio.Event()

        async def write(ticket):
            for _ in range(steps):
                await cases.act(reports, ticket, Ask("RT berapa?"), "officer", clock.now())

        async def append(own):
            while not done.is_set():
                await own.append_waiting(clock.now())

        async def read():
            seen, position = [], 0
            while len(seen) < steps * len(tickets):
                page = await log.after(position, 7)
                assert [one.position for one in page] == list(range(position + 1, position + 1 + len(page)))
                seen += [one.event["id"] for one in page]
                position += len(page)
            return seen

        async with asyncio.timeout(20), connect(database.url, database.name) as mongo, asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(append(EventLog(mongo)))
            for ticket in tickets:
                group.create_task(write(ticket))
            seen = await read()
            done.set()
    assert sorted(f"evt_{ticket}_{step}" for ticket in tickets for step in range(1, steps + 1)) == sorted(seen)


async def test_one_sender_holds_an_event_until_its_lease_ends(database):
    now = clock.now()
    lease = now + sender.LEASE
    async with stores(database) as (reports, log):
        for key in ("r1", "r2"):
            await cases.act(reports, await filed(reports, key), Dispose("Dinas PU"), "officer", now)
        await log.append_waiting(now)
        claims = await asyncio.gather(*(log.claim_due(now, lease, 10) for _ in range(4)))
        assert [1, 2] == sorted(claimed.position for claim in claims for claimed in claim)
        assert [] == await log.claim_due(lease - timedelta(seconds=1), lease, 10)
        frozen = next(claimed for claim in claims for claimed in claim if claimed.position == 1)
        again = await log.claim_due(lease, lease + sender.LEASE, 1)
        assert [(1, 2)] == [(one.position, one.attempts) for one in again]
        await log.put_off(frozen, now)  # the first holder wakes; its claim is lost
        assert [2] == [one.position for one in await log.claim_due(lease, lease + sender.LEASE, 10)]
        await log.delivered(again[0], lease)
        assert [2] == [one.position for one in await log.claim_due(lease + sender.LEASE, lease + 2 * sender.LEASE, 10)]


async def test_an_intake_that_is_away_gets_everything_later(database):
    async with reference_core.intake() as gone:
        url = gone.url
    port = int(url.split(":")[2].split("/")[0])
    async with reference_core.running(database, url) as core, stores(database) as (reports, _):
        ticket = await core.file("r1")
        await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now())
        await asyncio.sleep(0.2)
        async with reference_core.intake(port) as back:
            await back.has_taken(1)
            assert [ticket] == [event["ticket"] for event in back.taken]


async def test_events_can_be_read_without_a_subscription(database):
    async with reference_core.running(database) as core, stores(database) as (reports, _):
        tickets = [await core.file(f"r{n}") for n in range(3)]
        for ticket in tickets:
            await cases.act(reports, ticket, Dispose("Dinas PU"), "officer", clock.now())
        _, first = await core.get("/v1/events", limit=2)
        _, rest = await core.get("/v1/events", limit=2, after=first["next"])
        assert tickets == [event["ticket"] for event in first["events"] + rest["events"]]
        assert (200, {"events": [], "next": None}) == await core.get("/v1/events", after=rest["next"])


async def test_silence_ends_reports_by_itself(database, monkeypatch):
    monkeypatch.setattr("core.app.SWEEP_SECONDS", 0.02)
    days = [0]
    start = clock.now()
    async with (
        reference_core.running(database, now=lambda: start + timedelta(days=days[0])) as core,
        stores(database) as (reports, _),
    ):
        postponed, waiting = await core.file("r1"), await core.file("r2")
        await cases.act(reports, postponed, Postpone(("location",)), "officer", start)
        await cases.act(reports, waiting, Dispose("Dinas PU"), "officer", start)
        await cases.act(reports, waiting, Answer("Sudah diperbaiki"), "officer", start)
        await asyncio.sleep(0.1)
        assert ["postponed", "answered"] == [(await core.get(f"/v1/reports/{ticket}"))[1]["status"] for ticket in (postponed, waiting)]
        days[0] = 40
        async with asyncio.timeout(10):
            while 5 > len((page := await core.get("/v1/events"))[1]["events"]):  # noqa: ASYNC110  # what is waited for happens in a database
                await asyncio.sleep(0.02)
    assert {postponed: "archived", waiting: "completed"} == {event["ticket"]: event["status"] for event in page[1]["events"]}


async def test_a_subscription_with_two_secrets_signs_with_both(database, intake):
    secrets = ("whsec_c2VjcmV0LW51bWJlci10d28tMDEyMzQ1", SECRET)
    async with stores(database) as (reports, log), aiohttp.ClientSession() as http:
        await cases.act(reports, await filed(reports, "r1"), Dispose("Dinas PU"), "officer", clock.now())
        await log.append_waiting(clock.now())
        assert 1 == await sender.Sender(log, http, Subscription(intake.url, secrets), clock.now).send_due()
    assert 1 == len(intake.taken)
