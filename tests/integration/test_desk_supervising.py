"""Supervisors' and auditors' pages, and the commands beside them."""

import re
from datetime import timedelta

import pytest

from bot import clock, inbound_record, metrics
from bot.commands import accounts as accounts_command
from bot.commands import audit as audit_command
from bot.health import Pulse
from bot.model import Address, Inbound
from bot.ports import ParkedItem
from bot.settings import Settings
from bot.staff.model import Role

WHY = {"reason": "memeriksa sebabnya"}


def parked(name="m1"):
    address = Address("telegram", "628123456789")
    message = inbound_record.record(Inbound(name, address, "Jalan berlubang di depan pasar"))
    return ParkedItem(f"{address}/{name}", "inbound", "bug", str(address), {"message": message}, clock.now() - timedelta(hours=3))


# ---- parked


async def test_what_is_parked_is_looked_at_replayed_and_removed_and_all_of_it_audited(desk):
    for name in ("m1", "m2"):
        await desk.store.parked.park(parked(name))
    budi = await desk.person(Role.SUPERVISOR)
    async with desk.browser(budi) as browser:
        page = await browser.get("/desk/parked")
        assert "Jalan berlubang" not in page.html
        shown = await browser.post("/desk/parked/show", item=page.hidden("item"), **WHY)
        assert "Jalan berlubang di depan pasar" in shown.html
        assert (True, False) == ("telegram:628••••••789" in shown.html, "628123456789" in shown.html)
        replayed = await browser.post("/desk/parked/replay", item=page.hidden("item"))
        assert "/desk/parked?done=replayed" == replayed.location
        again = await browser.post("/desk/parked/replay", item=page.hidden("item"))
        assert 404 == again.status
        left = await browser.get("/desk/parked")
        removed = await browser.post("/desk/parked/remove", item=left.hidden("item"), **WHY)
        assert "/desk/parked?done=removed" == removed.location
        assert "Tidak ada yang tertunda." in (await browser.get("/desk/parked")).html
    assert 1 <= (await desk.store.conversations.load("telegram:628123456789")).version
    actions = [(entry.action, entry.subject) for entry in reversed(await desk.store.audit.newest(3))]
    first, second = desk.staff.keys.ref("telegram:628123456789/m1"), desk.staff.keys.ref("telegram:628123456789/m2")
    assert [("parked.shown", first), ("parked.replayed", first), ("parked.removed", second)] == actions


async def test_what_cannot_be_replayed_stays(desk):
    await desk.store.parked.park(ParkedItem("event/1", "event", "event_unknown", "", {}, clock.now()))
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.get("/desk/parked")
        assert "tidak cocok dengan laporan mana pun" in page.html
        answer = await browser.post("/desk/parked/replay", item=page.hidden("item"))
    assert "/desk/parked?done=not_replayable" == answer.location
    assert 1 == len(await desk.store.parked.list(5))


@pytest.mark.parametrize("action", ["show", "remove"])
async def test_nothing_is_shown_or_removed_without_a_reason(desk, action):
    await desk.store.parked.park(parked())
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.get("/desk/parked")
        answer = await browser.post(f"/desk/parked/{action}", item=page.hidden("item"), reason="")
    assert (400, False) == (answer.status, "Jalan berlubang" in answer.html)
    assert 1 == len(await desk.store.parked.list(5))


# ---- health


async def test_health_tells_what_this_process_counted(desk):
    pulse = Pulse(desk.store.health, clock.now)
    metrics.INBOUND.labels("telegram", "applied").inc(12)
    metrics.INBOUND.labels("telegram", "duplicate").inc(5)
    metrics.SEND.labels("telegram", "sent").inc(1234)
    metrics.SEND.labels("telegram", "rate_limited").inc(2)
    await pulse.beat()
    await pulse.beat()
    metrics.SEND.labels("telegram", "sent").inc()
    await pulse.beat()
    (telegram,) = await desk.store.health.channels(clock.now() - timedelta(hours=24))
    assert (12, 1235, {"rate_limited": 2}) == (telegram.received, telegram.sent, telegram.failed)
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.get("/desk/health")
    assert "1.235" in page.html
    assert "rate_limited 2" in page.html


async def test_what_is_late_is_told(desk):
    await desk.store._db.reports.insert_one({"_id": "r", "receipt": "r", "due": clock.now() - timedelta(minutes=42, seconds=5)})
    async with desk.browser(await desk.person(Role.SUPERVISOR)) as browser:
        page = await browser.get("/desk/health")
    assert "Terlambat 42 menit" in page.html


# ---- home


@pytest.mark.parametrize(
    ("role", "links"),
    [
        (Role.ENTRY, {"/desk/me"}),
        (Role.SUPERVISOR, {"/desk/parked", "/desk/health", "/desk/accounts", "/desk/me"}),
        (Role.AUDITOR, {"/desk/audit", "/desk/me"}),
    ],
)
async def test_home_has_a_tile_for_each_page_of_the_role(desk, role, links):
    async with desk.browser(await desk.person(role)) as browser:
        page = await browser.get("/desk")
    assert links <= set(re.findall(r'<h2><a href="([^"]+)"', page.html))


# ---- the audit log


async def test_auditors_read_and_narrow_the_log(desk):
    dewi = await desk.person(Role.AUDITOR)
    for _ in range(60):
        await desk.staff.audit.record("parked.shown", actor=dewi.account.id, subject="abc")
    async with desk.browser(dewi) as browser:
        newest = await browser.get("/desk/audit")
        assert 50 == newest.html.count("<tr>") - 1
        older = re.search(r"/desk/audit\?before=\d+", newest.html)[0]
        assert 1 <= (await browser.get(older)).html.count("<tr>") - 1 < 50
        narrowed = await browser.get("/desk/audit?action=account.added")
        assert 1 == narrowed.html.count("<tr>") - 1


async def test_a_printed_head_that_is_gone_is_told(desk):
    dewi = await desk.person(Role.AUDITOR)
    for _ in range(3):
        await desk.staff.audit.record("parked.shown", actor=dewi.account.id)
    head = await desk.staff.audit.head()
    async with desk.browser(dewi) as browser:
        assert "masih ada di tempatnya" in (await browser.post("/desk/audit/verify", head=str(head))).html
        assert 422 == (await browser.post("/desk/audit/verify", head="bukan kepala")).status
        await desk.store._db.desk_audit.delete_one({"_id": head.sequence})
        assert "telah dipotong" in (await browser.post("/desk/audit/verify", head=str(head))).html


# ---- commands


@pytest.fixture
def command(desk, mongodb_url, monkeypatch, capsys):
    """(module, arguments) -> exit status and what was printed, on the desk's database."""
    before, _, options = mongodb_url.partition("?")
    values = {**desk.app.settings.values, "MONGODB_URL": f"{before.rstrip('/')}/{desk.store._db.name}?{options}"}
    monkeypatch.setattr("bot.commands.running.loaded", lambda: Settings(values))

    async def run(module, *arguments):
        status = await module._act(module._parser().parse_args(arguments))
        return status, capsys.readouterr().out

    return run


async def test_accounts_are_made_and_changed_on_the_command_line(desk, command):
    made = ("add", "Dewi.L", "--name", "Dewi Lestari", "--office", "Inspektorat", "--role", "auditor")
    status, said = await command(accounts_command, *made)
    assert 0 == status
    token = re.search(r"/desk/invitation/(\S+)", said)[1]
    assert "dewi.l" == (await desk.staff.accounts.invited(token)).login
    assert 1 == (await command(accounts_command, *made))[0]
    assert 2 == (await command(accounts_command, *(made[0], "?", *made[2:])))[0]

    assert (0, "dewi.l is disabled.\n") == await command(accounts_command, "disable", "dewi.l")
    assert re.match(r"dewi\.l +auditor +off +Inspektorat: Dewi Lestari\n", (await command(accounts_command, "list"))[1])
    assert (0, "dewi.l is enabled.\n") == await command(accounts_command, "enable", "dewi.l")
    assert (0, "dewi.l is supervisor now.\n") == await command(accounts_command, "role", "dewi.l", "supervisor")
    status, said = await command(accounts_command, "reset", "dewi.l")
    assert (0, True) == (status, token not in said)
    assert await desk.staff.accounts.invited(token) is None
    assert (1, "There is no account siapa.\n") == await command(accounts_command, "disable", "siapa")
    assert {"command line"} == {actor for action, actor in await desk.actions() if action.startswith("account.")}


async def test_the_log_is_verified_on_the_command_line(desk, command):
    for number in range(4):
        await desk.staff.audit.record("parked.shown", actor="a", subject=f"s{number}")
    _, head = await command(audit_command, "head")
    assert re.fullmatch(r"4:[0-9a-f]{64}\n", head)
    assert (0, f"Intact: 4 entries. Head: {head}") == await command(audit_command, "verify", "--head", head.strip())
    assert 4 == (await command(audit_command, "list"))[1].count("parked.shown")
    await desk.store._db.desk_audit.update_one({"_id": 3}, {"$set": {"actor": "b"}})
    status, said = await command(audit_command, "verify")
    assert (1, True) == (status, said.startswith("Broken at entry 3: it was altered"))
