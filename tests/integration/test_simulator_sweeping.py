"""Practice is forgotten, and nothing else is."""

import base64
from datetime import timedelta

import pytest

from bot import clock
from tests.simulator_stage import PNG, arrivals, practising


@pytest.fixture(scope="module")
async def running(mongodb_url):
    """One for all tests: visitors have nothing in common, which is what most tests are about."""
    async with practising(mongodb_url) as installed:
        yield installed


@pytest.fixture
async def arrive(running):
    async with arrivals(running[1]) as arrive:
        yield arrive


async def test_practice_is_forgotten_after_a_week_here_and_at_the_core(arrive, running):
    app, _ = running
    siti, budi = await arrive(), await arrive()
    file = {"name": "a.png", "mime": "image/png", "data": base64.b64encode(PNG).decode()}
    await siti.says(phone="telegram", files=[file])
    ticket, other = await siti.files_a_report(), await budi.files_a_report()
    await app.store._db.visitors.update_one({"_id": siti.id}, {"$set": {"seen_at": clock.now() - timedelta(days=8)}})
    assert 1 == await app.simulation.sweeper("test", clock.now).sweep()
    assert 0 == await app.simulation.sweeper("test", clock.now).sweep()
    for collection, name in (
        ("conversations", "_id"),
        ("reports", "conversation"),
        ("outbox", "to"),
        ("media", "conversation"),
        ("visitors", "_id"),
    ):
        assert 0 == await app.store._db[collection].count_documents({name: {"$regex": siti.id}}), collection
    assert 404 == (await app.simulation.office.dossier(ticket)).status
    assert 200 == (await app.simulation.office.dossier(other)).status
    assert [other] == list((await budi.json("/try/reports"))["by_ticket"])


async def test_a_real_citizens_data_is_not_swept(arrive, running):
    app, _ = running
    siti = await arrive()
    await siti.says("halo")
    for address in ("telegram:42", f"sim:sms:try-{siti.id}9-1", f"sim:sms:{siti.id}", "sim:sms:budi"):
        await app.store._db.conversations.insert_one({"_id": address, "version": 1})
    await app.store._db.visitors.update_one({"_id": siti.id}, {"$set": {"seen_at": clock.now() - timedelta(days=8)}})
    await app.simulation.sweeper("test", clock.now).sweep()
    mine = {"$or": [{"_id": {"$regex": siti.id}}, {"_id": {"$in": ["telegram:42", "sim:sms:budi"]}}]}
    left = {document["_id"] async for document in app.store._db.conversations.find(mine)}
    assert {"telegram:42", f"sim:sms:try-{siti.id}9-1", f"sim:sms:{siti.id}", "sim:sms:budi"} == left
