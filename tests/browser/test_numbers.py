"""The numbers in a browser: a period, an office, a province by click; drawn without script, read without eyes."""

import pytest

from bot import clock
from bot.clock import WIB
from bot.staff.model import Role
from tests.desk_stage import OFFICE
from tests.figures_stage import PROVINCE_OFFICE, counted


@pytest.fixture
async def supervisor(desk):
    person = await desk.person(Role.SUPERVISOR)
    rina = await desk.person(Role.ENTRY, name="Rina Kusuma")
    await counted(desk.store, clock.now().astimezone(WIB).date(), clock.now(), [rina.account.id, person.account.id])
    return person


async def test_the_numbers_of_a_month_and_of_a_province(supervisor, open_page, check):
    page = await open_page("/desk/numbers", supervisor)
    await page.wait_for_selector("figure.line polyline")
    assert 30 == len((await page.get_attribute("polyline", "points")).split())
    widths = await page.eval_on_selector_all(
        "section[aria-labelledby=channels] rect", "all => all.map(each => each.getBoundingClientRect().width)"
    )
    assert sorted(widths, reverse=True) == widths
    assert widths[0] > 60
    await check(page, "numbers")

    await page.click("section[aria-labelledby=regions] a:has-text('Banten')")
    await page.wait_for_url("**province=36*")
    regions = await page.inner_text("section[aria-labelledby=regions]")
    assert "Kota Tangerang, Banten" in regions
    assert "Jawa Barat" not in regions
    await check(page, "numbers-province")


async def test_an_office_its_admins_and_a_file(supervisor, open_page):
    page = await open_page("/desk/numbers?days=90", supervisor, script=False)
    assert 0 == await page.locator("#admins").count()
    await page.select_option("#office", OFFICE)
    await page.click("form.filter button")
    await page.wait_for_url("**office=*")
    assert "Rina Kusuma" in await page.inner_text("section[aria-labelledby=admins]")
    await page.click("section[aria-labelledby=days] summary")
    assert 91 == await page.locator("section[aria-labelledby=days] tr").count()
    async with page.expect_download() as waiting:
        await page.click("section[aria-labelledby=regions] a.file")
    download = await waiting.value
    assert download.suggested_filename.startswith("lapor-regions-20")
    await page.select_option("#office", PROVINCE_OFFICE)
    await page.click("form.filter button")
    await page.wait_for_url("**Provinsi*")
    assert 0 == await page.locator("#admins").count()


async def test_before_anything_is_counted_and_with_days_that_are_none(desk, open_page, check):
    page = await open_page("/desk/numbers?first=2026-02-01&last=2026-01-01", await desk.person(Role.AUDITOR))
    assert "Tanggal itu tidak bisa dipakai" in await page.inner_text("[role=alert]")
    await check(page, "numbers-empty")
