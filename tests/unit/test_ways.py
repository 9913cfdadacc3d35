"""The ways in that admins point to: channels that are on, by the names people know them by."""

import pytest

from bot.channels.registry import by_phone
from bot.channels.ways import ways
from bot.errors import Unreachable
from bot.model import Address
from bot.redirect_replies import Ways

SETTINGS = {"SMS_SENDER": "1708", "TWILIO_SMS_FROM": "+14155550100", "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886"}


class Telegram:
    """A bot with a name, if Telegram answers."""

    def __init__(self, name=None):
        self.name = name

    async def username(self):
        if self.name is None:
            raise Unreachable
        return self.name


def on(*names):
    return dict.fromkeys(names)


async def test_every_channel_that_is_on_is_a_way():
    every = on("sms", "sms_twilio", "whatsapp") | {"telegram": Telegram("lapor_bot")}
    assert Ways("lapor_bot", "+14155238886", "1708") == await ways(SETTINGS, every, terminal=False)


async def test_what_is_off_is_none():
    assert Ways() == await ways(SETTINGS, {}, terminal=False)
    assert Ways(sms="+14155550100", terminal=True) == await ways(SETTINGS, on("sms_twilio"), terminal=True)


async def test_the_name_that_was_set_is_not_asked_for():
    named = SETTINGS | {"TELEGRAM_USERNAME": "@lapor_bot"}
    assert "lapor_bot" == (await ways(named, {"telegram": Telegram()}, terminal=False)).telegram
    assert (await ways(SETTINGS, {"telegram": Telegram()}, terminal=False)).telegram is None


@pytest.mark.parametrize(
    ("typed", "channels", "address"),
    [
        ("0812-3456-7890", ["sms", "sms_twilio"], Address("sms", "+6281234567890")),
        ("+62 812 3456 7890", ["sms_twilio"], Address("sms_twilio", "+6281234567890")),
        ("6281234567890", ["sms"], Address("sms", "+6281234567890")),
        ("+14155552671", ["sms"], None),
        ("+14155552671", ["sms", "sms_twilio"], Address("sms_twilio", "+14155552671")),
        ("(021) 5551234", ["sms"], None),
        ("0812", ["sms"], None),
        ("halo", ["sms"], None),
        ("", ["sms"], None),
        ("081234567890", ["telegram"], None),
    ],
)
def test_where_a_typed_number_gets_an_sms(typed, channels, address):
    assert address == by_phone(typed, channels)
