"""The ways in that an admin can point a citizen to: the channels that are on, by the names and numbers people know them by."""

from collections.abc import Collection, Mapping
from typing import Protocol, runtime_checkable

from bot import logs
from bot.channels import sms, sms_twilio, telegram, whatsapp
from bot.channels.protocol import Channel
from bot.errors import DeliveryError
from bot.redirect_replies import Ways

log = logs.get_logger(__name__)


@runtime_checkable
class Named(Protocol):
    """A channel whose provider knows our name there."""

    async def username(self) -> str:
        """The name. Raises DeliveryError."""


async def ways(settings: Mapping[str, str], on: Mapping[str, Channel], *, terminal: bool) -> Ways:
    """Those open now. Telegram's is left out while nobody can tell the bot's name. `terminal`: `chat` stands for every phone."""
    return Ways(
        telegram=await _telegram(settings, on),
        whatsapp=settings["TWILIO_WHATSAPP_FROM"].removeprefix("whatsapp:") if whatsapp.ENTRY.name in on else None,
        sms=_sms(settings, on),
        terminal=terminal,
    )


async def _telegram(settings: Mapping[str, str], on: Mapping[str, Channel]) -> str | None:
    channel = on.get(telegram.ENTRY.name)
    if channel is None or not isinstance(channel, Named):
        return None
    if name := settings.get("TELEGRAM_USERNAME", "").removeprefix("@"):
        return name
    try:
        return await channel.username()
    except DeliveryError as error:
        log.warning("telegram_name_unknown", code=error.code)
        return None


def _sms(settings: Mapping[str, str], on: Collection[str]) -> str | None:
    if sms.ENTRY.name in on:
        return settings["SMS_SENDER"]
    return settings["TWILIO_SMS_FROM"] if sms_twilio.ENTRY.name in on else None
