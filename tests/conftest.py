"""What every test may use. Heavy imports stay inside the fixtures: a pure test does not pay for them."""

import os
from uuid import uuid4

import pytest

from tests.ports import free_port


@pytest.fixture
def unused_tcp_port():
    """Ours, in place of pytest-asyncio's, whose ports may go to an outgoing connection before they are bound."""
    return free_port()


@pytest.fixture(scope="session")
async def mongodb_url(tmp_path_factory):
    """A real MongoDB: MONGODB_URL's, or a mongod of this session's own (with pytest-xdist: of each worker's)."""
    if url := os.environ.get("MONGODB_URL"):
        yield url
        return
    from bot.store.mongod import embedded

    async with embedded(tmp_path_factory.mktemp("mongodb")) as url:
        yield url


MANY = 5_000
"""Documents, from which on a new collection is made sooner than the old one is emptied."""
DATABASE = f"test_{uuid4().hex[:12]}"


@pytest.fixture
async def store(mongodb_url):
    """A store with its indexes, and empty. One database a process: a new one for each test keeps mongod busier than the tests do."""
    from bot.errors import StoreUnsuitable
    from bot.store.store import Store

    store = await Store.open(mongodb_url, DATABASE)
    try:
        await store.migrate()
    except StoreUnsuitable:  # a test has left indexes of its own
        await store._db.client.drop_database(DATABASE)
        await store.migrate()
    yield store
    await emptied(store._db)
    await store.close()


async def emptied(database):
    await database.drop_collection("system.profile")
    for name in await database.list_collection_names():
        if await database[name].estimated_document_count() > MANY:
            await database.drop_collection(name)
        else:
            await database[name].delete_many({})
