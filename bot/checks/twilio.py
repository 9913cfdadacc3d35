"""Twilio: that the account is ours and active, and the SMS number calls us."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from bot import calling
from bot.checks.finding import Finding, good, wrong
from bot.errors import DeliveryError
from bot.settings import Settings

_API = "https://api.twilio.com"


async def check(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    """What is right and wrong with TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_SMS_FROM."""
    account = f"/2010-04-01/Accounts/{settings['TWILIO_ACCOUNT_SID']}"
    try:
        found = [_account(await _get(settings, http, f"{account}.json"))]
        if settings["TWILIO_SMS_FROM"]:
            listed = await _get(settings, http, f"{account}/IncomingPhoneNumbers.json", PhoneNumber=settings["TWILIO_SMS_FROM"])
            found.append(_number(listed, settings.public_url))
    except DeliveryError as error:
        return [
            wrong(_TOLD.get(error.code, f"Twilio cannot be reached ({error.code}): check the way out to the internet, or TWILIO_API_URL."))
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return [wrong("Twilio answers something else than it should: try again, or check TWILIO_API_URL.")]
    return found


_TOLD = {
    "unauthorized": "Twilio refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN: copy both again from the console's first page.",
    "rejected": "Twilio does not know TWILIO_ACCOUNT_SID: copy it again from the console's first page.",
}


async def _get(settings: Settings, http: aiohttp.ClientSession, path: str, **params: str) -> Mapping[str, Any]:
    headers = {"Authorization": aiohttp.encode_basic_auth(settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"])}
    url = (settings["TWILIO_API_URL"] or _API).rstrip("/") + path
    answer = await calling.call(http, "GET", url, params=params, headers=headers, seconds=10)
    if error := calling.error_for(answer.status, answer.headers):
        raise error
    told: Mapping[str, Any] = orjson.loads(answer.body)
    return told


def _account(told: Mapping[str, Any]) -> Finding:
    if told["status"] == "active":
        return good("Twilio knows the account, which is active.")
    return wrong(f"Twilio's account is {told['status']}: see the console; usually the balance, or a check of who you are.")


def _number(told: Mapping[str, Any], public_url: str) -> Finding:
    """Where the SMS number's messages go. A WhatsApp sender's address is not told by this API: see the console."""
    ours = f"{public_url}/hooks/twilio"
    numbers = told["incoming_phone_numbers"]
    if not numbers:
        return wrong("TWILIO_SMS_FROM is no number of this account: buy it, or set the one you have.")
    if any(str(number["sms_url"]).partition("#")[0] != ours for number in numbers):
        return wrong(
            'Twilio sends the SMS number\'s messages elsewhere: set "When a message comes in" to PUBLIC_BASE_URL/hooks/twilio#rc=5&rp=all.'
        )
    return good("Twilio sends the SMS number's messages to us.")
