"""SMS through an HTTP gateway: its line in the registry."""

from collections.abc import Mapping

import aiohttp

from bot.channels.protocol import Channel, Entry, Links


def build(settings: Mapping[str, str], links: Links, http: aiohttp.ClientSession) -> Channel:
    """The channel, from complete settings."""
    from bot.channels.sms_gateway import Gateway, SmsChannel  # the library of phone numbers is imported by the channel that is on

    gateway = Gateway(
        url=settings["SMS_SEND_URL"],
        username=settings["SMS_SEND_USERNAME"],
        password=settings["SMS_SEND_PASSWORD"],
        sender=settings["SMS_SENDER"],
        secret=settings["SMS_WEBHOOK_SECRET"].encode(),
    )
    return SmsChannel(gateway, links, http)


ENTRY = Entry(
    name="sms",
    required=("SMS_WEBHOOK_SECRET", "SMS_SEND_URL", "SMS_SEND_USERNAME", "SMS_SEND_PASSWORD", "SMS_SENDER"),
    build=build,
)
