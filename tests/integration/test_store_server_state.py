"""How the database does, asked of a real one."""

import asyncio

import pytest

from bot.checks import database
from bot.checks.finding import Level
from bot.errors import StoreUnavailable
from bot.settings import Settings
from bot.store import schema
from bot.store.store import Store


async def test_a_real_write_is_timed_and_the_server_tells_about_itself(store):
    state = await store.server_state()
    assert state.version.count(".") == 2
    assert 0 < state.write_seconds < 5
    assert abs(state.ahead_seconds) < 5
    assert (1, ()) == (state.members, state.unhealthy)
    assert 0 < state.free_bytes < state.total_bytes


async def test_a_database_without_indexes_is_told_to_migrate(mongodb_url, store):
    await store._db.reports.drop_index("ticket")
    before, _, options = mongodb_url.partition("?")
    found = [each async for each in database.check(Settings({"MONGODB_URL": f"{before.rstrip('/')}/{store._db.name}?{options}"}))]
    wrong = [each.says for each in found if each.level is Level.WRONG and "free" not in each.says]
    assert ["The database lacks indexes (reports: index on ticket): run `python -m bot migrate`."] == wrong


async def test_indexes_are_built_for_as_long_as_it_takes_and_not_for_as_long_as_a_message_waits(store):
    assert schema.BUILD_SECONDS > 3600
    with pytest.raises(StoreUnavailable):
        await schema.migrate(store._db, seconds=0.000_001)
    await schema.migrate(store._db, seconds=600)


async def test_a_server_that_does_not_answer_is_unavailable():
    away = await Store.open("mongodb://127.0.0.1:9/x", seconds=0.1)
    for ask in (away.server_state, away.migrate):
        with pytest.raises(StoreUnavailable):
            await asyncio.wait_for(ask(), 20)
    await away.close()
