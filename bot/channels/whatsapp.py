"""WhatsApp over Twilio: its line in the registry."""

from collections.abc import Mapping

import aiohttp

from bot.channels.protocol import Channel, Entry, Links
from bot.model import Capabilities, Medium

CAPABILITIES = Capabilities(Medium.WHATSAPP, buttons=False, media=True, pins=True, max_text=1600, max_file=16 << 20)
"""No buttons: they are content templates, which each operator must have approved. Numbered choices always work."""


def build(settings: Mapping[str, str], links: Links, http: aiohttp.ClientSession) -> Channel:
    """The channel. `http` stays the caller's. Raises SettingsError with every problem; no value is quoted."""
    from bot.channels import twilio  # Twilio's package is imported by the channel that is on

    return twilio.build("whatsapp", CAPABILITIES, settings, links, http)


ENTRY = Entry(
    name="whatsapp",
    required=("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_FROM"),
    optional={"TWILIO_API_URL": "https://api.twilio.com", "TWILIO_SMS_FROM": ""},
    build=build,
)
