"""The installation in one process, for the tests of whole use cases."""

import pytest


@pytest.fixture
async def desk(store, monkeypatch):
    from tests.desk_stage import desk_staged

    async with desk_staged(store, monkeypatch) as desk:
        yield desk


@pytest.fixture
async def stage(mongodb_url, store, monkeypatch):
    from tests.stage import staged

    async with staged(mongodb_url, store, monkeypatch) as stage:
        yield stage
