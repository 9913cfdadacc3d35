"""The SMS gateway: that it takes our password, and its lines to the operators stand."""

import re
from collections.abc import AsyncIterator

import aiohttp

from bot import calling
from bot.checks.finding import Finding, good, note, wrong
from bot.errors import DeliveryError
from bot.settings import Settings

_LINE = re.compile(r"\((online|dead|connecting|re-connecting|disconnected|unknown)\b", re.IGNORECASE)
"""How Kannel's status page ends the line of a connection to an operator."""


async def check(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """What is right and wrong with SMS_SEND_URL and SMS_STATUS_URL."""
    yield await _sendsms(settings, http)
    if not settings["SMS_STATUS_URL"]:
        yield note("SMS_STATUS_URL is not set: whether the gateway's lines to the operators stand is not known here.")
        return
    try:
        answer = await calling.call(http, "GET", settings["SMS_STATUS_URL"], seconds=5)
    except DeliveryError as error:
        yield wrong(f"SMS_STATUS_URL cannot be reached ({error.code}): is the gateway's bearerbox running?")
        return
    yield judge(answer.status, answer.body.decode(errors="replace"))


async def _sendsms(settings: Settings, http: aiohttp.ClientSession) -> Finding:
    """As the channel does. Without a receiver the gateway checks the password and refuses: nothing is sent."""
    query = {"username": settings["SMS_SEND_USERNAME"], "password": settings["SMS_SEND_PASSWORD"]}
    try:
        answer = await calling.call(http, "GET", settings["SMS_SEND_URL"], params=query, seconds=5)
    except DeliveryError as error:
        return wrong(f"SMS_SEND_URL cannot be reached ({error.code}): is the gateway's smsbox running?")
    if answer.status in (401, 403):
        return wrong("The gateway refuses SMS_SEND_USERNAME and SMS_SEND_PASSWORD: compare them with its group sendsms-user.")
    if answer.status == 404:
        return wrong("SMS_SEND_URL is not the gateway's sendsms: it usually ends in :13013/cgi-bin/sendsms.")
    if answer.status >= 500:
        return wrong(f"The gateway's smsbox answers {answer.status}: look whether it is connected to its bearerbox.")
    return good("The SMS gateway answers and takes our password.")


def judge(status: int, page: str) -> Finding:
    """What Kannel's status.txt means."""
    if status != 200 or "Status:" not in page:
        return wrong(
            f"SMS_STATUS_URL answers {status} and no status page: it usually ends in :13000/status.txt; admin-allow-ip must let us in."
        )
    if "Status: running" not in page:
        return wrong("The SMS gateway is not running: it is isolated, suspended or going down; look at its log.")
    lines = [state.casefold() for state in _LINE.findall(page)]
    down = [state for state in lines if state != "online"]
    if not lines or len(down) == len(lines):
        return wrong("The SMS gateway has no line to any operator: look at its group smsc, and ask the operator.")
    if down:
        return wrong(
            f"{len(down)} of the SMS gateway's {len(lines)} lines to operators are not online ({', '.join(down)}): ask the operator."
        )
    return good("The SMS gateway runs, and its lines to the operators stand.")
