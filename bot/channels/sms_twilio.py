"""SMS over Twilio: its line in the registry."""

from collections.abc import Mapping

import aiohttp

from bot.channels.protocol import Channel, Entry, Links
from bot.model import Capabilities, Medium

CAPABILITIES = Capabilities(Medium.SMS, buttons=False, media=False, pins=False, max_text=1600)


def build(settings: Mapping[str, str], links: Links, http: aiohttp.ClientSession) -> Channel:
    """The channel. `http` stays the caller's. Raises SettingsError with every problem; no value is quoted."""
    from bot.channels import twilio  # Twilio's package is imported by the channel that is on

    return twilio.build("sms_twilio", CAPABILITIES, settings, links, http)


ENTRY = Entry(
    name="sms_twilio",
    required=("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_SMS_FROM"),
    optional={"TWILIO_API_URL": "https://api.twilio.com", "TWILIO_WHATSAPP_FROM": ""},
    build=build,
)
