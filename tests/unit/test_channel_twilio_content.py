"""WhatsApp's buttons, lists and approved templates: when they are used, and what happens when Twilio refuses them."""

import json
import re
from pathlib import Path

import aiohttp
import pytest
import structlog

from bot import standin
from bot.channels import whatsapp
from bot.channels.protocol import Links
from bot.channels.twilio_content import Templates
from bot.errors import Rejected, SettingsError, WindowClosed
from bot.hooks import RawRequest
from bot.model import Address, Brief, Choice, Menu, Outbound, Pick
from tests.fakes.twilio import PUBLIC, SETTINGS, FakeTwilio
from tests.fakes.twilio_content import Template

BUDI = Address("whatsapp", "+6281234567890")
PHONE = f"whatsapp:{BUDI.id}"
BRIEF = Brief("8812345", "sedang dikerjakan", "20/11/2026", "Laporan 8812345: sedang dikerjakan.", "id")


def sid(number):
    return f"HX{number:032x}"


MENUS = " ".join(f"{count}={sid(count)}" for count in range(1, 11))


@pytest.fixture(scope="module")
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def twilio():
    fake = FakeTwilio()
    fake.templates = {sid(count): Template(count) for count in range(1, 11)}
    await fake.start()
    fake.inbound(PHONE)
    yield fake
    await fake.stop()


@pytest.fixture
def build(twilio, http):
    def made(**settings):
        return whatsapp.build({**SETTINGS, "TWILIO_API_URL": twilio.url, **settings}, Links(PUBLIC, PUBLIC), http)

    return made


def question(count, text="Apa\nini?"):
    return Outbound(text, tuple(Choice(f"v{n}", f"Pilihan {n}") for n in range(1, count + 1)), question="kind.3")


async def send(channel, message):
    return await channel.send(BUDI, message, conversation=str(BUDI), effect="e1")


def test_without_templates_there_are_no_buttons(build):
    channel = build()
    assert (whatsapp.CAPABILITIES, False, ()) == (channel.capabilities, channel.capabilities.buttons, channel.capabilities.menus)


def test_the_shapes_are_those_that_templates_were_made_for(build):
    channel = build(TWILIO_CONTENT_MENUS=f"10={sid(10)} 3={sid(3)}  4={sid(4)}")
    assert channel.capabilities.buttons
    assert (Menu(3, 20, 1024), Menu(4, 24, 1024), Menu(10, 24, 1024)) == channel.capabilities.menus


@pytest.mark.parametrize("count", range(1, 11))
async def test_choices_go_out_in_the_template_for_their_number_and_come_back_as_picks(build, twilio, count):
    channel = build(TWILIO_CONTENT_MENUS=MENUS)
    await send(channel, question(count))
    (sent,) = twilio.messages
    assert ("Apa\nini?", sid(count), count, 1) == (sent.body, sent.content, len(sent.choices), len(twilio.calls))
    id_, label = sent.choices[-1]
    assert f"Pilihan {count}" == label
    form = twilio.inbound(PHONE, label, **({"ButtonPayload": id_} if count <= 3 else {"ListId": id_}))
    headers, body = twilio.signed(f"{PUBLIC}/hooks/twilio", form)
    (inbound,) = channel.hooks[0].receive(RawRequest("POST", "/hooks/twilio", b"", headers, body))
    assert (Pick("kind.3", f"v{count}"), "") == (inbound.pick, inbound.text)


async def test_choices_for_which_there_is_no_template_any_more_are_numbered(build, twilio):
    await send(build(TWILIO_CONTENT_MENUS=f"3={sid(3)}"), question(2))
    assert [("Apa\nini?\n1. Pilihan 1\n2. Pilihan 2", ())] == [(sent.body, sent.choices) for sent in twilio.messages]


@pytest.mark.parametrize("template", [None, Template(3), Template(2, line_breaks=False)], ids=["unknown", "of three", "of one line"])
async def test_a_template_that_twilio_refuses_does_not_leave_the_question_unasked(build, twilio, template):
    twilio.templates = {sid(2): template} if template else {}
    with structlog.testing.capture_logs() as events:
        await send(build(TWILIO_CONTENT_MENUS=MENUS), question(2))
    assert ["Apa\nini?\n1. Pilihan 1\n2. Pilihan 2"] == [sent.body for sent in twilio.messages]
    assert ["twilio_content_refused"] == [event["event"] for event in events]
    assert "Apa" not in str(events)


async def test_a_closed_window_is_no_fault_of_the_template(build, twilio):
    twilio.forget(PHONE)
    with pytest.raises(WindowClosed):
        await send(build(TWILIO_CONTENT_MENUS=MENUS), question(2))
    assert 1 == len(twilio.calls)


async def test_an_approved_template_goes_out_though_the_window_is_closed(build, twilio):
    twilio.templates[sid(99)] = Template(0, approved=True)
    twilio.forget(PHONE)
    await build(TWILIO_CONTENT_STATUS=f"id={sid(99)}").send_brief(BUDI, BRIEF, conversation=str(BUDI), effect="e1/brief")
    (sent,) = twilio.messages
    assert (sid(99), True) == (sent.content, all(each in sent.body for each in (BRIEF.number, BRIEF.status, BRIEF.day)))


@pytest.mark.parametrize("setting", ["", f"en={sid(99)}"])
async def test_without_an_approved_template_in_the_language_nothing_is_sent(build, twilio, setting):
    with pytest.raises(Rejected):
        await build(TWILIO_CONTENT_STATUS=setting).send_brief(BUDI, BRIEF, conversation=str(BUDI), effect="e1/brief")
    assert [] == twilio.calls


@pytest.mark.parametrize(
    "setting", ["HX1", sid(1), f"0={sid(1)}", f"11={sid(1)}", f"x={sid(1)}", f"2={sid(1)},3={sid(2)}", f"2 = {sid(1)}"]
)
def test_menus_that_cannot_be_read_stop_the_start(build, setting):
    with pytest.raises(SettingsError) as raised:
        build(TWILIO_CONTENT_MENUS=setting)
    assert (["TWILIO_CONTENT_MENUS"], False) == ([each.partition(":")[0] for each in raised.value.problems], setting in str(raised.value))


def documented():
    """The templates in operations.md: type and placeholders."""
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL):
        template = json.loads(block)
        (kind, content) = template["types"].popitem()
        holders = re.findall(r"\{\{(\d+)\}\}", json.dumps(content))
        assert list(template["variables"]) == holders
        yield kind, holders


def test_the_templates_that_operators_are_told_to_make_take_what_is_sent():
    made = Templates({2: sid(2), 4: sid(4)}, {"id": sid(99)})
    sent = [made.menu(question(2)), made.menu(question(4)), made.brief(BRIEF)]
    kinds = ["twilio/quick-reply", "twilio/list-picker", "twilio/text"]
    assert [(kind, list(json.loads(content.variables))) for kind, content in zip(kinds, sent, strict=True)] == list(documented())


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_stand_in_of_the_demo_shows_them_as_a_phone_would(count):
    menu = Templates({count: sid(count)}).menu(question(count))
    text, choices = standin._content({"ContentVariables": menu.variables})
    assert ("Apa\nini?", [(f"q:kind.3:v{n}", f"Pilihan {n}") for n in range(1, count + 1)]) == (text, list(choices))
    brief = Templates(status={"id": sid(99)}).brief(BRIEF)
    assert ("8812345 sedang dikerjakan 20/11/2026", ()) == standin._content({"ContentVariables": brief.variables})


def test_every_problem_is_said_at_once(build):
    with pytest.raises(SettingsError) as raised:
        build(TWILIO_CONTENT_MENUS="2", TWILIO_CONTENT_STATUS="HX")
    assert 2 == len(raised.value.problems)
