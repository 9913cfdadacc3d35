"""`python -m bot doctor`: try every setting against the real thing, and say how to mend what is wrong."""

from collections.abc import AsyncIterator, Sequence

import aiohttp

from bot import calling
from bot.channels import registry
from bot.commands import running
from bot.errors import DeliveryError, LaporError, SettingsError
from bot.forwarder import core
from bot.settings import Settings

Finding = tuple[bool, str]
"""(good, sentence)"""


def main(argv: Sequence[str]) -> int:
    """0 when all is well, 1 when something answers wrongly, 2 when the settings are not usable."""
    running.parse("doctor", "Try every setting against the real thing, and say how to mend what is wrong.", argv)
    return running.run(_examine)


async def _examine() -> int:
    try:
        settings = running.loaded()
    except SettingsError as error:
        for problem in error.problems:
            print(f"[wrong] {problem}")
        return 2
    print("[good]  The settings are complete.")
    well = True
    async for good, sentence in _findings(settings):
        print(f"{'[good] ' if good else '[wrong]'} {sentence}")
        well = well and good
    return 0 if well else 1


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield await _database(settings)
    async with aiohttp.ClientSession() as http:
        yield await (_books(settings) if settings["FORWARD_TARGET"] == "book" else _core(settings, http))
        yield await _ourselves(settings, http)
        entries, _ = registry.enabled(settings.values)
        on = ", ".join(entry.name for entry in entries)
        yield bool(on), f"Channels that are on: {on}." if on else "No channel is on: set the settings of at least one (docs/operations.md)."
        if settings["TELEGRAM_TOKEN"]:
            yield await _telegram(settings, http)
        if settings["SMS_SEND_URL"]:
            yield await _gateway(settings, http)


async def _database(settings: Settings) -> Finding:
    from bot.store.store import Store

    try:
        store = await Store.open(settings["MONGODB_URL"])
        missing = await store.missing_indexes()
        await store.close()
    except LaporError as error:
        return False, f"MONGODB_URL: {error}"
    if missing:
        return False, f"The database lacks indexes ({', '.join(missing)}): run `python -m bot migrate`."
    return True, "The database is a replica set, takes majority writes and has its indexes."


async def _core(settings: Settings, http: aiohttp.ClientSession) -> Finding:
    try:
        await core.CoreTarget(settings["CORE_URL"], settings["CORE_TOKEN"], http).events(None)
    except DeliveryError as error:
        hint = "check CORE_TOKEN" if error.code == "unauthorized" else "check CORE_URL and that the core runs"
        return False, f"The routing core did not answer as it should ({error.code}: {error}): {hint}."
    return True, "The routing core answers and takes our token."


async def _books(settings: Settings) -> Finding:
    from bot.store.store import Store

    try:
        store = await Store.open(settings["MONGODB_URL"])
        waiting = await store.books_out.waiting()
        await store.close()
    except LaporError as error:
        return False, f"What waits for a book cannot be counted: {error}"
    since = f", the oldest since {waiting.oldest:%Y-%m-%d %H:%M} UTC" if waiting.oldest else ""
    return True, f"Reports go out as books at /desk/books/out: {waiting.reports} reports and {waiting.follow_ups} follow-ups wait{since}."


async def _ourselves(settings: Settings, http: aiohttp.ClientSession) -> Finding:
    """Through the public address, as providers do."""
    try:
        answer = await calling.call(http, "GET", settings.public_url + "/readyz", seconds=5)
    except DeliveryError as error:
        return False, f"PUBLIC_BASE_URL cannot be reached from here ({error.code}): is `web` running, and the proxy in front of it?"
    if answer.status != 200:
        return False, f"PUBLIC_BASE_URL/readyz answers {answer.status}: is it this program, and does its database answer?"
    return True, "PUBLIC_BASE_URL reaches us."


async def _telegram(settings: Settings, http: aiohttp.ClientSession) -> Finding:
    base = settings["TELEGRAM_API_URL"] or "https://api.telegram.org/bot"
    try:
        answer = await calling.call(http, "POST", f"{base}{settings['TELEGRAM_TOKEN']}/getWebhookInfo", seconds=10)
    except DeliveryError as error:
        return False, f"Telegram cannot be reached ({error.code}): check the way out to the internet, or TELEGRAM_API_URL."
    if answer.status in (401, 404):
        return False, "Telegram does not know TELEGRAM_TOKEN: copy it again from BotFather."
    if answer.status != 200:
        return False, f"Telegram answers {answer.status}: try again later."
    if settings["TELEGRAM_MODE"] == "webhook" and f"{settings.public_url}/hooks/telegram".encode() not in answer.body.replace(b"\\/", b"/"):
        return False, "Telegram's webhook points elsewhere: restart `web`, which registers it."
    return True, "Telegram knows the bot and its webhook."


async def _gateway(settings: Settings, http: aiohttp.ClientSession) -> Finding:
    """Without a receiver the gateway checks the password and refuses: nothing is sent."""
    form = {"username": settings["SMS_SEND_USERNAME"], "password": settings["SMS_SEND_PASSWORD"]}
    try:
        answer = await calling.call(http, "POST", settings["SMS_SEND_URL"], data=form, seconds=5)
    except DeliveryError as error:
        return False, f"SMS_SEND_URL cannot be reached ({error.code}): is the gateway's smsbox running?"
    if answer.status in (401, 403):
        return False, "The gateway refuses SMS_SEND_USERNAME and SMS_SEND_PASSWORD."
    return True, "The SMS gateway answers and takes our password."
