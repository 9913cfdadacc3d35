"""The table of the desk: each route with each role, generated from the router itself."""

import re

import pytest

from bot.desk.permission import ANYBODY, ASKED_FOR_CODE, SETTING_UP
from bot.desk.routes import ROUTES
from bot.staff.model import Role, Stage

UNCHECKED = "{rest}"
"""What catches every other path below the prefix."""


def path_of(route):
    return re.sub(r"\{\w+\}", "0123456789abcdef", route.path)


@pytest.fixture
async def people(desk):
    return {role: await desk.person(role) for role in Role}


async def asked(browser, route):
    """The status of a request to a route, and where it leads. A form has its token, and nothing else."""
    page = await (browser.get(path_of(route)) if route.method == "GET" else browser.post(path_of(route)))
    return page.status, page.location


async def test_every_mounted_route_stands_in_the_table(desk):
    mounted = {
        (route.method, route.resource.canonical)
        for route in desk.app.application().router.routes()
        if route.resource.canonical.startswith("/desk") and UNCHECKED not in route.resource.canonical
    }
    table = {(route.method, route.path) for route in ROUTES}
    assert table | {("HEAD", path) for method, path in table if method == "GET"} == mounted
    assert len(table) == len(ROUTES)


@pytest.mark.parametrize("who", Role)
async def test_every_route_lets_in_the_roles_of_its_line_and_no_other(desk, people, who):
    odd = []
    for route in (route for route in ROUTES if route.permission is not ANYBODY):
        async with desk.browser(people[who]) as browser:
            status, location = await asked(browser, route)
        if route.permission in (ASKED_FOR_CODE, SETTING_UP):
            good = (303, "/desk") == (status, location)  # they are further already
        elif who in route.permission.roles:
            good = status in (200, 303, 400, 404, 422)  # what an empty form comes to
        else:
            good = status == 403
        if not good:
            odd.append((route.method, route.path, status, location))
    assert [] == odd


async def test_a_stranger_comes_to_the_door(desk):
    async with desk.browser() as browser:
        for route in ROUTES:
            status, location = await asked(browser, route)
            if route.permission is ANYBODY:
                assert "/desk/login" != location or route.path.endswith("/logout"), route.path
                assert status in (200, 303, 404, 422), route.path
            else:
                assert (303, "/desk/login") == (status, location.partition("?")[0]), route.path


@pytest.mark.parametrize(("stage", "door"), [(Stage.CODE, "/desk/code"), (Stage.SETUP, "/desk/setup")])
async def test_half_way_in_opens_nothing_but_the_next_step(desk, people, stage, door):
    async with desk.browser(people[Role.SUPERVISOR], stage) as browser:
        for route in ROUTES:
            if route.permission is not ANYBODY and route.path != door:
                assert (303, door) == await asked(browser, route), route.path
        page = await browser.get(door)
    assert 200 == page.status
