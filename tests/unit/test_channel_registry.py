"""bot.channels.registry: which channels the settings switch on."""

import subprocess
import sys

import pytest

from bot.channels import registry, simulator
from bot.model import Address, Medium

SMS = dict.fromkeys(("SMS_WEBHOOK_SECRET", "SMS_SEND_URL", "SMS_SEND_USERNAME", "SMS_SEND_PASSWORD", "SMS_SENDER"), "x")
ACCOUNT = {"TWILIO_ACCOUNT_SID": "x", "TWILIO_AUTH_TOKEN": "x"}
WHATSAPP = {"TWILIO_WHATSAPP_FROM": "x"}
TWILIO_SMS = {"TWILIO_SMS_FROM": "x"}
TELEGRAM = {"TELEGRAM_TOKEN": "x", "TELEGRAM_WEBHOOK_SECRET": "x"}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, []),
        (SMS, ["sms"]),
        (TELEGRAM, ["telegram"]),
        ({"TELEGRAM_TOKEN": "x", "TELEGRAM_MODE": "polling"}, ["telegram"]),
        (ACCOUNT | WHATSAPP, ["whatsapp"]),
        (ACCOUNT | TWILIO_SMS, ["sms_twilio"]),
        (SMS | TELEGRAM | ACCOUNT | WHATSAPP | TWILIO_SMS, ["sms", "telegram", "whatsapp", "sms_twilio"]),
        ({"MONGODB_URL": "x", "TELEGRAM_MODE": "webhook"}, []),
        (dict.fromkeys(SMS, ""), []),
    ],
)
def test_complete_sets_are_on(settings, names):
    on, problems = registry.enabled(settings)
    assert (names, []) == ([entry.name for entry in on], problems)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (SMS | {"SMS_WEBHOOK_SECRET": ""}, [["SMS_WEBHOOK_SECRET"]]),
        ({"SMS_SENDER": "1708"}, [["SMS_WEBHOOK_SECRET", "SMS_SEND_URL", "SMS_SEND_USERNAME", "SMS_SEND_PASSWORD"]]),
        ({"TELEGRAM_TOKEN": "x"}, [["TELEGRAM_WEBHOOK_SECRET"]]),
        ({"TELEGRAM_TOKEN": "x", "TELEGRAM_MODE": "webhook"}, [["TELEGRAM_WEBHOOK_SECRET"]]),
        ({"TELEGRAM_WEBHOOK_SECRET": "x", "TELEGRAM_MODE": "polling"}, [["TELEGRAM_TOKEN"]]),
        (WHATSAPP, [["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]]),
        (ACCOUNT, [["TWILIO_SMS_FROM", "TWILIO_WHATSAPP_FROM"]] * 2),
        ({"SMS_SENDER": "1708", "TELEGRAM_TOKEN": "x"}, [["SMS_WEBHOOK_SECRET"], ["TELEGRAM_WEBHOOK_SECRET"]]),
        ({"TWILIO_AUTH_TOKEN": "x"} | WHATSAPP | TWILIO_SMS, [["TWILIO_ACCOUNT_SID"]] * 2),
    ],
)
def test_every_half_set_is_a_problem_that_names_what_is_missing(settings, missing):
    on, problems = registry.enabled(settings)
    assert [] == on
    assert len(missing) == len(problems)
    for names, problem in zip(missing, problems, strict=True):
        assert [] == [name for name in names if name not in problem]


def test_problems_hold_no_values():
    _, problems = registry.enabled({"SMS_SEND_PASSWORD": "canary", "TWILIO_AUTH_TOKEN": "canary"})
    assert problems
    assert "canary" not in " ".join(problems)


def test_names_are_known_and_used_once():
    names = [entry.name for entry in registry.ENTRIES]
    assert len(set(names)) == len(names)
    assert [name for name in names if Address(name, "1").medium in Medium] == names


@pytest.mark.parametrize("medium", Medium)
def test_a_simulated_address_can_what_its_medium_can(medium):
    channel = simulator.Simulator(None, None, None)
    assert simulator.CAPABILITIES[medium] == registry.capabilities(channel, Address("sim", f"{medium}:siti"))


BUDI = "+6281234567890"


@pytest.mark.parametrize(
    ("address", "on", "way"),
    [
        (f"whatsapp:{BUDI}", {"sms", "sms_twilio"}, f"sms:{BUDI}"),
        (f"whatsapp:{BUDI}", {"whatsapp", "sms_twilio"}, f"sms_twilio:{BUDI}"),
        (f"whatsapp:{BUDI}", {"whatsapp", "telegram"}, None),
        ("whatsapp:+60123456789", {"sms", "sms_twilio"}, "sms_twilio:+60123456789"),  # a worker in Malaysia
        ("whatsapp:+60123456789", {"sms"}, None),
        ("whatsapp:+62215551234", {"sms", "sms_twilio"}, None),  # an office's landline
        ("whatsapp:1708", {"sms"}, None),
        ("telegram:6281234567890", {"sms"}, None),
        (f"sms:{BUDI}", {"sms"}, None),
        ("sim:whatsapp:siti", {"sms"}, None),
    ],
)
def test_who_is_on_whatsapp_gets_an_sms_if_their_number_can(address, on, way):
    found = registry.by_sms(Address.parse(address), on)
    assert way == (str(found) if found else None)


def test_the_registry_imports_no_providers_package():
    code = "import sys, bot.channels.registry; print([name for name in ('telegram', 'twilio', 'phonenumbers') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # our own interpreter
    assert "[]" == done.stdout.strip()
