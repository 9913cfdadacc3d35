"""The desk in a real Chromium, on a real `web` and mongod, at the size of a phone and of a desktop.

async def test_x(desk, open_page, check, size):          # runs once for each size
    page = await open_page("/desk/parked", await desk.person(Role.SUPERVISOR))
    ...
    await check(page, "parked")                          # axe, console, width, keyboard

With `--pictures FOLDER` each checked page is also put there, to be looked at.
"""

from pathlib import Path

import pytest

from tests.browser.checks import Checks

SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1366, "height": 768}}


@pytest.fixture(scope="session")
async def chromium():
    from tests.browser.chromium import chromium

    async with chromium() as browser:
        yield browser


@pytest.fixture
async def desk(store, monkeypatch):
    """As tests.desk_stage describes it."""
    from tests.desk_stage import desk_staged

    async with desk_staged(store, monkeypatch) as desk:
        yield desk


@pytest.fixture(params=list(SIZES))
def size(request):
    return request.param


def pytest_addoption(parser):
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="where to put a picture of every page that is checked")


@pytest.fixture
async def checks(request, size):
    return Checks(request.config.getoption("--pictures", None), size)


@pytest.fixture
async def open_page(chromium, desk, size, checks, request):
    """(path, person=None, script=True) -> a page of a browser of its own, signed in as that person."""
    contexts = []

    async def opened(path="/desk", person=None, *, script=True):
        context = await chromium.new_context(viewport=SIZES[size], locale="id-ID", java_script_enabled=script)
        contexts.append(context)
        context.set_default_timeout(10_000)
        if person is not None:
            await context.add_cookies([{"name": "desk", "value": await desk.session(person), "url": desk.url}])
        page = await context.new_page()
        checks.watch(page)
        await page.goto(desk.url + path)
        return page

    yield opened
    for context in contexts:
        await context.close()
    request.node.add_report_section("teardown", "browser", "\n".join(checks.seen))


@pytest.fixture
def check(checks):
    """(page, name) -> all that must hold for a page, whatever it shows."""
    return checks.check
