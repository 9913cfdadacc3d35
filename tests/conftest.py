"""What every test may use. Heavy imports stay inside the fixtures: a pure test does not pay for them."""

import os
from uuid import uuid4

import pytest


@pytest.fixture(scope="session")
async def mongodb_url(tmp_path_factory):
    """A real MongoDB: MONGODB_URL's, or a mongod of this session's own (with pytest-xdist: of each worker's)."""
    if url := os.environ.get("MONGODB_URL"):
        yield url
        return
    from bot.store.mongod import embedded

    async with embedded(tmp_path_factory.mktemp("mongodb")) as url:
        yield url


@pytest.fixture
async def store(mongodb_url):
    """A store with its indexes, on a database of its own that is dropped afterwards."""
    from bot.store.store import Store

    store = await Store.open(mongodb_url, f"test_{uuid4().hex[:12]}")
    await store.migrate()
    yield store
    await store._db.client.drop_database(store._db.name)
    await store.close()
