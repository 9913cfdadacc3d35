"""WhatsApp over Twilio: its line in the registry."""

from collections.abc import Mapping
from dataclasses import replace

import aiohttp

from bot.channels import twilio_content
from bot.channels.protocol import Channel, Entry, Links
from bot.model import Capabilities, Medium

CAPABILITIES = Capabilities(Medium.WHATSAPP, buttons=False, media=True, pins=True, max_text=1600, max_file=16 << 20, closes=True)
"""Without content templates, which each operator must make: no buttons. Numbered choices always work."""


def build(settings: Mapping[str, str], links: Links, http: aiohttp.ClientSession) -> Channel:
    """The channel. `http` stays the caller's. Raises SettingsError; no value is quoted."""
    from bot.channels import twilio  # Twilio's package is imported by the channel that is on

    templates = twilio_content.templates(settings)
    capabilities = replace(CAPABILITIES, buttons=bool(templates.menus), menus=templates.shapes)
    return twilio.build("whatsapp", capabilities, settings, links, http, templates=templates)


ENTRY = Entry(
    name="whatsapp",
    required=("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_FROM"),
    optional={
        "TWILIO_API_URL": "https://api.twilio.com",
        "TWILIO_SMS_FROM": "",
        twilio_content.MENUS: "",
        twilio_content.STATUS: "",
    },
    build=build,
)
