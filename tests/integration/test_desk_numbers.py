"""The page of numbers: for whom, over which days, what it tells of regions and admins; and its files."""

from datetime import date, timedelta

import pytest

from bot import clock
from bot.commands import numbers as numbers_command
from bot.figures.model import ALL, Counts
from bot.settings import Settings
from bot.staff.model import Role
from tests.desk_stage import OFFICE
from tests.figures_stage import PROVINCE_OFFICE

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
DAYS = "first=2026-11-16&last=2026-11-17"
FORMULA = "=HYPERLINK(1)"
"""An admin's name."""


async def fill(desk, day):
    """A day of two offices; of the first two admins, one with a name that a spreadsheet would calculate."""
    rina, odd = await desk.person(Role.ENTRY, name="Rina Kusuma"), await desk.person(Role.ENTRY, name=FORMULA)
    ours = Counts(
        channels={"telegram": 3, "desk": 1},
        kinds={"pengaduan": 4},
        regions={"36.71": 3, "32.73": 1},
        seconds={"61": 1, "250": 2},
        messages={"4": 2, "17": 1},
        left={"where cancelled": 1},
        sent={"instagram": 4},
        opened={"instagram": 3},
        completed={"instagram": 2},
        sent_by={rina.account.id: 3, odd.account.id: 1},
        opened_by={rina.account.id: 3},
        completed_by={rina.account.id: 2},
    )
    theirs = Counts(channels={"desk": 2}, kinds={"aspirasi": 2}, regions={"36.71": 2}, sent_by={"lain": 1})
    everything = Counts(channels={"telegram": 3, "desk": 3, "sms": 4}, kinds={"pengaduan": 10}, regions={"36.71": 5, "32.73": 1, "36": 4})
    await desk.store.figures.keep(day, {ALL: everything, OFFICE: ours, PROVINCE_OFFICE: theirs}, clock.now())


@pytest.fixture
async def people(desk):
    """Somebody of each role, and two days of numbers."""
    await fill(desk, MONDAY)
    alone = Counts(channels={"sms": 7}, kinds={"pengaduan": 7}, regions={"": 7})
    await desk.store.figures.keep(TUESDAY, {ALL: alone}, clock.now())
    return {role: await desk.person(role) for role in Role}


async def file(desk, person, name, **asked):
    """The rows of a downloaded table."""
    query = DAYS + "".join(f"&{key}={value.replace(' ', '+')}" for key, value in asked.items())
    async with desk.browser(person) as browser:
        page = await browser.get(f"/desk/numbers/{name}.csv?{query}")
    assert (200, "text/csv; charset=utf-8") == (page.status, page.headers["Content-Type"])
    assert f"lapor-{name}-2026-11-16-2026-11-17.csv" in page.headers["Content-Disposition"]
    heading, *rows = page.html.removeprefix("\ufeff").splitlines()
    return heading, rows


async def test_who_enters_reports_is_not_admitted(desk, people):
    async with desk.browser(people[Role.ENTRY]) as browser:
        for path in ("/desk/numbers", "/desk/numbers/days.csv"):
            assert 403 == (await browser.get(path)).status


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
async def test_everything_is_seen_by_whoever_oversees(desk, people, role):
    async with desk.browser(people[role]) as browser:
        page = await browser.get(f"/desk/numbers?{DAYS}")
    assert 200 == page.status
    assert '<p class="figure">17</p>' in page.html
    assert ("Hari;Laporan", ["2026-11-16;10", "2026-11-17;7"]) == await file(desk, people[role], "days")
    assert ("Saluran;Laporan", ["SMS;11", "Dimasukkan admin;3", "Telegram;3"]) == await file(desk, people[role], "channels")


async def test_an_office_alone(desk, people):
    supervisor = people[Role.SUPERVISOR]
    _, seconds = await file(desk, supervisor, "seconds", office=OFFICE)
    assert ["kurang dari 1 menit;0", "1\u20132 menit;1", "2\u20135 menit;2", "5\u201310 menit;0"] == seconds[:4]
    _, messages = await file(desk, supervisor, "messages", office=OFFICE)
    assert ["4;2", "16 atau lebih;1"] == [row for row in messages if not row.endswith(";0")]
    assert ["Tempat;1;1;0;0;0"] == (await file(desk, supervisor, "left", office=OFFICE))[1]
    assert ["Instagram;4;3;2;50"] == (await file(desk, supervisor, "networks", office=OFFICE))[1]


async def test_small_numbers_of_a_regency_are_told_of_the_own_office_only(desk, people):
    own = ["36.71;Kota Tangerang, Banten;3", "32.73;Kota Bandung, Jawa Barat;1"]
    hidden = ["36.71;Kota Tangerang, Banten;<5", "32.73;Kota Bandung, Jawa Barat;<5"]
    supervisor, auditor = people[Role.SUPERVISOR], people[Role.AUDITOR]
    assert own == (await file(desk, supervisor, "regions", office=OFFICE))[1]
    assert sorted(hidden) == sorted((await file(desk, auditor, "regions", office=OFFICE))[1])
    assert ["36.71;Kota Tangerang, Banten;<5"] == (await file(desk, supervisor, "regions", office=PROVINCE_OFFICE))[1]
    heading, rows = await file(desk, supervisor, "regions")
    assert "Kode;Wilayah;Laporan" == heading
    assert {";Wilayah tidak diketahui;7", "36.71;Kota Tangerang, Banten;5", "36;Banten;4", "32.73;Kota Bandung, Jawa Barat;<5"} == set(rows)
    async with desk.browser(supervisor) as browser:
        province = (await browser.get(f"/desk/numbers?{DAYS}&province=32")).html
        assert "Kota Bandung, Jawa Barat" in province
        assert "&lt;5" in province
        assert "Kota Tangerang" not in province
        provinces = (await browser.get(f"/desk/numbers?{DAYS}&province=99")).html
        assert '<td class="figure">9</td>' in provinces  # of Banten, that of its regency included
        assert "&lt;5" not in provinces


async def test_admins_are_told_of_the_own_office_and_to_auditors(desk, people):
    supervisor, auditor = people[Role.SUPERVISOR], people[Role.AUDITOR]
    for person in (supervisor, auditor):
        _, rows = await file(desk, person, "admins", office=OFFICE)
        assert ["Rina Kusuma;3;3;2;67", f"'{FORMULA};1;0;0;0"] == rows
    assert ["lain;1;0;0;0"] == (await file(desk, auditor, "admins", office=PROVINCE_OFFICE))[1]
    async with desk.browser(supervisor) as browser:
        for query in (DAYS, f"{DAYS}&office={PROVINCE_OFFICE.replace(' ', '+')}", f"{DAYS}&office=lain"):
            assert 404 == (await browser.get(f"/desk/numbers/admins.csv?{query}")).status
            assert "Rina Kusuma" not in (await browser.get(f"/desk/numbers?{query}")).html


async def test_days_that_are_none_and_tables_that_are_none(desk, people):
    async with desk.browser(people[Role.AUDITOR]) as browser:
        for days in ("first=2026-11-17&last=2026-11-16", "first=x", "first=2025-01-01&last=2026-11-16", "last=2026-11-16"):
            page = await browser.get(f"/desk/numbers?{days}")
            assert (422, True) == (page.status, "Tanggal itu tidak bisa dipakai" in page.html)
            assert 400 == (await browser.get(f"/desk/numbers/days.csv?{days}")).status
        assert 404 == (await browser.get("/desk/numbers/people.csv")).status
        assert 200 == (await browser.get("/desk/numbers?days=7000&province=<script>&office=<script>")).status


@pytest.fixture
def command(desk, mongodb_url, monkeypatch, capsys):
    """Arguments -> exit status and what was printed, on the desk's database."""
    before, _, options = mongodb_url.partition("?")
    values = {**desk.app.settings.values, "MONGODB_URL": f"{before.rstrip('/')}/{desk.store._db.name}?{options}"}
    monkeypatch.setattr("bot.commands.running.loaded", lambda: Settings(values))

    async def run(*arguments):
        status = await numbers_command._act(numbers_command._parser().parse_args(arguments))
        return status, capsys.readouterr().out

    return run


async def test_the_command_tells_the_same_and_exactly(desk, command):
    await fill(desk, desk.app.figures.today() - timedelta(days=6))
    status, said = await command("--days", "7", "--language", "en")
    assert 0 == status
    lines = [line.split() for line in said.splitlines()]
    assert lines[lines.index(["CHANNELS"]) + 2] == ["SMS", "4"]
    assert ["Kota", "Bandung,", "Jawa", "Barat", "1"] in lines
    assert ["TIME", "TO", "THE", "RECEIPT"] not in lines
    status, said = await command("--days", "7", "--office", OFFICE, "--csv", "admins")
    assert (0, f"\ufeffAdmin;Dikirim;Dibuka;Jadi laporan;Bagian (%)\r\nRina Kusuma;3;3;2;67\r\n'{FORMULA};1;0;0;0\r\n") == (status, said)
    assert (2, "") == await command("--csv", "people")
    for wrong in ("0", "367", "x"):
        with pytest.raises(SystemExit):
            numbers_command._parser().parse_args(["--days", wrong])
