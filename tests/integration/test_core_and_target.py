"""The bot's own client and verifier against the reference core: both sides read the contract alike."""

import aiohttp
import orjson
import pytest

from bot.errors import Conflict, Refused, Rejected
from bot.forwarder.core import CoreTarget
from bot.forwarder.events import parse_event, verify_event
from bot.model import Status
from core import cases, clock
from core.store.connection import connect
from core.store.reports import Reports
from core.workflow import Answer, Dispose
from tests.fakes import reference_core
from tests.fakes.reference_core import SECRET, TOKEN, report


async def test_files_operates_and_hears(mongodb_url):
    payload = orjson.dumps(report("r1"))
    async with (
        reference_core.database(mongodb_url) as database,
        reference_core.intake() as intake,
        reference_core.running(database, intake.url) as core,
        connect(database.url, database.name) as mongo,
        aiohttp.ClientSession() as http,
    ):
        target = CoreTarget(core.url, TOKEN, http)
        filed = await target.file("r1", payload, unsure=False)
        assert filed == await target.file("r1", payload, unsure=False) == await target.file("r1", payload, unsure=True)
        assert (Status.RECEIVED, {"verification"}) == (filed.status, set(filed.due))
        for action in (Dispose("Dinas PU"), Answer("Sudah diperbaiki", wants_answer=True)):
            await cases.act(Reports(mongo), filed.ticket, action, "officer", clock.now())
        await target.operate(filed.ticket, "messages", "o1", b'{"id": "o1", "text": "Belum", "attachments": []}')
        await target.operate(filed.ticket, "withdrawal", "o2", b'{"id": "o2", "reason": null}')
        await intake.has_taken(4)
        page = await target.events(None)
        after = await target.events(page.next)
    assert ([], None, []) == (list(after.events), after.next, list(page.unreadable))
    assert ["disposed", "answered", "in_progress", "withdrawn"] == [event.status for event in page.events]
    assert page.events[1].message is not None
    assert ("Sudah diperbaiki", True, {"resolution", "reply"}) == (
        page.events[1].message.text,
        page.events[1].message.wants_answer,
        set(page.events[1].due),
    )
    assert list(page.events) == [parse_event(event) for event in intake.taken]
    heard = [verify_event([SECRET], headers, body) for headers, (_, body) in zip(intake.headers, intake.attempts, strict=True)]
    assert list(page.events) == heard


async def test_refusals_have_their_names(mongodb_url):
    async with (
        reference_core.database(mongodb_url) as database,
        reference_core.running(database) as core,
        aiohttp.ClientSession() as http,
    ):
        target = CoreTarget(core.url, TOKEN, http)
        filed = await target.file("r1", orjson.dumps(report("r1")), unsure=False)
        with pytest.raises(Conflict):
            await target.file("r1", orjson.dumps(report("r1", title="Lain")), unsure=False)
        with pytest.raises(Refused) as refused:
            await target.file("r2", orjson.dumps(report("r2", location={"text": "x", "lat": 91, "lon": 0})), unsure=False)
        with pytest.raises(Refused) as early:
            await target.operate(filed.ticket, "rating", "o1", b'{"id": "o1", "scores": {"overall": 5}}')
        with pytest.raises(Rejected):
            await target.operate("1", "rating", "o1", b'{"id": "o1", "scores": {"overall": 5}}')
    assert (("location.lat",), ("status",)) == (refused.value.fields, early.value.fields)
