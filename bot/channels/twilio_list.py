"""Twilio's own list of what came to our number, made into the forms of its webhooks. It knows less: no buttons, no places, no names."""

from collections.abc import Sequence
from typing import Any

from bot.channels.twilio_form import Account, Form, read_message
from bot.model import Inbound

PAGE = 100
"""Messages of one answer: with the longest texts still below what `calling` reads."""

INBOUND = "inbound"


def read_listed(message: Any, media: Sequence[Any], account: Account, api_url: str) -> tuple[Inbound, ...]:
    """One message of the list with its files, under the id its webhook has; none when nobody waits for our answer."""
    form = Form(MessageSid=message.sid, From=message.from_, To=message.to, Body=message.body or "", NumMedia=str(len(media)))
    for n, file in enumerate(media):
        form[f"MediaUrl{n}"] = api_url.rstrip("/") + file.uri.removesuffix(".json")
        form[f"MediaContentType{n}"] = file.content_type or ""
    return read_message(form, account)
