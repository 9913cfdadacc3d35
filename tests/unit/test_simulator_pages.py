"""The parts of the simulator that need no server: who is who, bounds, leaps of the clock, what is shown, and the pages' words."""

import re
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from bot import settings
from bot.assets import Assets
from bot.channels.simulator import MENUS, Simulator, by_sms
from bot.errors import Malformed, Rejected, SettingsError, WindowClosed
from bot.model import Address, Brief, Medium, Outbound, Status
from bot.ports import OutboxItem, StoredConversation, StoredReport
from bot.simulator import pages, practice, shown, visit
from bot.visitors import Visitor
from bot.wording import TEMPLATES, Wording
from tests.fakes.phones import MemoryOutbox

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
VISITOR = Visitor("ab12", citizen=3)
BODY = {
    "title": "Jalan rusak",
    "kind": "pengaduan",
    "category": "jalan",
    "confidential": False,
    "anonymous": False,
    "location": {"area_code": "36.71", "lat": None},
}
REPORT = StoredReport("r1", "L2345678", "", "sim:sms:try-ab12-3", BODY, (), NOW)
BRIEF = Brief("8812345", "diteruskan", "20/11/2026", "Laporan 8812345: diteruskan", "id")


class Visitors:
    """Of `ports.Visitors`, what the door asks."""

    def __init__(self):
        self.known = {}

    async def load(self, id_):
        return self.known.get(id_, Visitor(id_))

    async def renew(self, id_, *, templates, case, at):  # noqa: ARG002  # the port's
        before = await self.load(id_)
        self.known[id_] = replace(before, citizen=before.citizen + 1, templates=templates, case=case)
        return self.known[id_]

    async def seen(self, id_, at, *, uploaded=0):  # noqa: ARG002  # the port's
        self.known[id_] = replace(self.known[id_], uploaded=self.known[id_].uploaded + uploaded)


# ---- who is who


def test_a_cookie_cannot_be_found_from_what_it_stands_for():
    ids = {visit.visitor_id(f"secret {number}") for number in range(100)}
    assert 100 == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in ids)


def test_each_citizen_has_three_phones_of_one_name():
    assert {
        Medium.SMS: "sim:sms:try-ab12-3",
        Medium.TELEGRAM: "sim:telegram:try-ab12-3",
        Medium.WHATSAPP: "sim:whatsapp:try-ab12-3",
    } == {medium: str(address) for medium, address in visit.phones(VISITOR).items()}
    with_templates = visit.phones(replace(VISITOR, templates=True))
    assert all(str(address).endswith(f"try-ab12-3{MENUS}") for address in with_templates.values())


def test_only_the_present_citizens_phones_are_played():
    assert visit.plays(VISITOR, "sim:telegram:try-ab12-3")
    assert not any(visit.plays(VISITOR, each) for each in ("sim:telegram:try-ab12-2", "sim:telegram:try-ab1-3", "telegram:42", None))


# ---- bounds


async def test_who_does_too_much_waits():
    door = visit.Doorkeeper(Visitors(), lambda: NOW)
    for _ in range(visit.ACTIONS_A_MINUTE):
        await door.admit("a")
    with pytest.raises(visit.Bounded):
        await door.admit("a")
    assert 1 == (await door.admit("b")).citizen


async def test_a_flood_of_new_visitors_does_not_come_through():
    door = visit.Doorkeeper(Visitors(), lambda: NOW)
    for number in range(visit.NEW_VISITORS_A_MINUTE):
        await door.admit(str(number))
    with pytest.raises(visit.Bounded):
        await door.admit("one more")
    assert 1 == (await door.admit("0")).citizen


async def test_uploads_and_citizens_are_bounded():
    visitors = Visitors()
    door = visit.Doorkeeper(visitors, lambda: NOW)
    await door.admit("a")
    await door.admit("a", uploading=visit.UPLOADED_AT_MOST)
    with pytest.raises(visit.Bounded):
        await door.admit("a", uploading=1)
    visitors.known["b"] = Visitor("b", citizen=visit.CITIZENS_AT_MOST)
    with pytest.raises(visit.Bounded):
        await door.renew("b", templates=False, case="")


def test_open_pages_are_bounded_and_counted_down():
    door = visit.Doorkeeper(Visitors(), lambda: NOW)
    streams = [door.streaming("a") for _ in range(visit.STREAMS_AT_MOST)]
    for stream in streams:
        stream.__enter__()
    with pytest.raises(visit.Bounded), door.streaming("a"):
        pytest.fail("one page too many")
    streams[0].__exit__(None, None, None)
    with door.streaming("a"):
        pass


def test_open_pages_are_bounded_in_all():
    door = visit.Doorkeeper(Visitors(), lambda: NOW)
    with ExitStack() as stack:
        for number in range(visit.STREAMS_IN_ALL):
            stack.enter_context(door.streaming(str(number)))
        with pytest.raises(visit.Bounded), door.streaming("one more"):
            pytest.fail("one page too many")
    with door.streaming("one more"):
        pass


def test_looks_are_bounded():
    door = visit.Doorkeeper(Visitors(), lambda: NOW)
    for _ in range(visit.LOOKS_A_MINUTE):
        door.look("a")
    with pytest.raises(visit.Bounded):
        door.look("a")
    door.look("b")


# ---- the clock


@pytest.mark.parametrize(
    ("by", "now", "expected"),
    [
        ("1h", NOW, timedelta(hours=1)),
        ("25h", NOW, timedelta(hours=25)),
        ("5wd", NOW, timedelta(days=7)),  # from a Friday to the next
        ("5wd", datetime(2026, 12, 23, 3, 0, tzinfo=UTC), timedelta(days=12)),  # Christmas, its cuti bersama, and the New Year
    ],
)
def test_leaps(by, now, expected):
    assert expected == practice._leap(by, now)


@pytest.mark.parametrize("by", ["-1h", "100y", None, 7, ""])
def test_no_other_leap(by):
    with pytest.raises(Malformed):
        practice._leap(by, NOW)


# ---- WhatsApp's day, and content templates

BUDI = Address("sim", "whatsapp:try-ab12-3")
WITH_TEMPLATES = Address("sim", f"whatsapp:try-ab12-3{MENUS}")


def channel(now, *said):
    outbox = MemoryOutbox()
    outbox.items = [OutboxItem("m", str(address), "whatsapp", "", at, said=True) for address, at in said]
    return outbox, Simulator(outbox, None, lambda: now)


async def test_whatsapp_takes_free_words_for_a_day():
    outbox, whatsapp = channel(NOW + timedelta(hours=24) - timedelta(seconds=1), (BUDI, NOW))
    await whatsapp.send(BUDI, Outbound("halo"), conversation=str(BUDI), effect="e")
    assert "halo" == outbox.items[-1].text
    _, closed = channel(NOW + timedelta(hours=24), (BUDI, NOW))
    with pytest.raises(WindowClosed):
        await closed.send(BUDI, Outbound("halo"), conversation=str(BUDI), effect="e")


@pytest.mark.parametrize("name", ["sms:try-ab12-3", "telegram:try-ab12-3"])
async def test_the_other_phones_are_always_open(name):
    address = Address("sim", name)
    outbox, simulator = channel(NOW + timedelta(days=30), (address, NOW))
    await simulator.send(address, Outbound("halo"), conversation=str(address), effect="e")
    assert "halo" == outbox.items[-1].text


async def test_an_approved_template_goes_out_at_any_time_where_there_is_one():
    outbox, simulator = channel(NOW + timedelta(days=2), (WITH_TEMPLATES, NOW))
    await simulator.send_brief(WITH_TEMPLATES, BRIEF, conversation="", effect="e")
    assert (BRIEF.text, {"template": True}) == (outbox.items[-1].text, outbox.items[-1].more)
    with pytest.raises(Rejected):
        await simulator.send_brief(BUDI, BRIEF, conversation="", effect="e")


def test_templates_bring_buttons_and_lists_to_whatsapp_alone():
    simulator = Simulator(None, None, None)
    with_templates, without = simulator.capabilities_for(WITH_TEMPLATES), simulator.capabilities_for(BUDI)
    assert (True, 10, False, ()) == (with_templates.buttons, len(with_templates.menus), without.buttons, without.menus)
    sms = Address("sim", f"sms:try-ab12-3{MENUS}")
    assert not simulator.capabilities_for(sms).buttons


def test_the_same_person_has_an_sms_phone():
    assert Address("sim", "sms:try-ab12-3") == by_sms(BUDI)
    assert [None, None] == [by_sms(Address("sim", "telegram:x")), by_sms(Address("whatsapp", "+6281234567890"))]


# ---- what is shown


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["receipt"]),
        ({"ticket": "1", "status": Status.DISPOSED}, ["receipt", "ticket", "disposed"]),
        ({"ticket": "1", "status": Status.POSTPONED}, ["receipt", "ticket", "postponed"]),
        (
            {"media": ("m",), "rated": True, "status": Status.COMPLETED},
            ["receipt", "evidence", "disposed", "answered", "completed", "rated"],
        ),
        ({"body": {**BODY, "confidential": True, "anonymous": True}}, ["receipt", "confidential", "anonymous"]),
        ({"body": {**BODY, "location": {"area_code": None, "lat": -6.2}}}, ["receipt", "pin"]),
    ],
)
def test_facts(changes, expected):
    assert expected == shown.facts([replace(REPORT, **changes)])


def test_without_reports_there_are_no_facts():
    assert [] == shown.facts([])


def test_only_the_present_citizen_ticks_a_case():
    earlier = replace(REPORT, conversation="sim:sms:try-ab12-2", ticket="1")
    state = shown.state(
        VISITOR, [REPORT, earlier], StoredConversation("x"), NOW, ahead=timedelta(hours=25), place=lambda code: f"area {code}"
    )
    assert (["receipt"], [True, False]) == (state["facts"], [each["current"] for each in state["reports"]])
    assert (90_000, "2026-11-21T03:00:00+00:00", "area 36.71") == (state["ahead_seconds"], state["window"], state["reports"][0]["place"])


def test_a_message_names_no_upload():
    item = OutboxItem(
        "m", "sim:sms:x", "sms", "x" * 161, NOW, sequence=7, said=True, more={"files": [{"upload": "s3cret", "name": "a", "mime": None}]}
    )
    message = shown.message(item)
    assert (2, [{"url": "/try/files/7/0", "name": "a", "mime": None}]) == (message["segments"], message["files"])
    assert "s3cret" not in str(message)


# ---- settings


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SIMULATOR": "yes"}, "SIMULATOR"),
        ({"SIMULATOR": "on"}, "CORE_OFFICER_TOKEN"),
        ({"SIMULATOR_SMS_PRICE": "cheap"}, "SIMULATOR_SMS_PRICE"),
    ],
)
def test_settings_that_do_not_fit(changes, named):
    with pytest.raises(SettingsError) as caught:
        settings.load(changes, [])
    assert [named] == [
        problem.split()[0] if named != "CORE_OFFICER_TOKEN" else named for problem in caught.value.problems if named in problem
    ]


# ---- the pages' words


PARAMETERS = {"asset": Assets(TEMPLATES / "assets").url, "sms_price": 350, "movable": True, "alphabet": pages.ALPHABET}


@cache
def wording():
    return Wording(TEMPLATES)


@cache
def page(language):
    return wording().page("try", language, **PARAMETERS)


CLIENT_FACTS = {"said", "held", "heard:112"}
"""What the page sees by itself."""


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_check_can_be_ticked(language):
    checks = set(re.findall(r'data-check="([^"]+)"', page(language)))
    assert set() == checks - set(shown.FACTS) - CLIENT_FACTS
    assert {"receipt", "ticket", "answered", "rated"} <= checks


@pytest.mark.parametrize("language", ["id", "en"])
def test_five_cases_on_three_phones(language):
    assert 5 == len(set(re.findall(r'data-case="([^"]+)"', page(language))))
    assert {"sms", "telegram", "whatsapp"} == set(re.findall(r'data-type="([^"]+)"', page(language)))


def test_both_languages_have_the_same_shape():
    shapes = [
        re.findall(r'(?:id|data-[a-z]+)="(?!\{)([\w:-]*)"', re.sub(r'data-(words|alphabet)="[^"]*"', "", page(language)))
        for language in ("id", "en")
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_keeps_to_its_content_security_policy(language):
    assert [] == re.findall(r"<style|<script(?! type=\"module\" src=)|\son\w+=|\sstyle=|javascript:", page(language))


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_script_has_the_words_it_wants_and_no_others(language):
    scripts = [path.read_text() for path in sorted((TEMPLATES / "assets").glob("try*.js"))]
    wanted = {name for script in scripts for name in re.findall(r"(?<![\w.])words\.(\w+)", script)}
    given = wording()._environment.get_template(f"{language}/page.try.html.j2").make_module(PARAMETERS).js
    assert wanted == set(given)
