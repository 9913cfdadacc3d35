"""`python -m bot doctor`: try every setting against the real thing, and say how to mend what is wrong."""

from collections.abc import AsyncIterator, Sequence

import aiohttp

from bot.checks.finding import Finding, Level, good, wrong
from bot.commands import running
from bot.errors import SettingsError
from bot.settings import Settings


def main(argv: Sequence[str]) -> int:
    """0 when all is well, 1 when something answers wrongly, 2 when the settings are not usable."""
    running.parse("doctor", "Try every setting against the real thing, and say how to mend what is wrong.", argv)
    return running.run(_examine)


async def _examine() -> int:
    try:
        settings = running.loaded()
    except SettingsError as error:
        for problem in error.problems:
            _print(wrong(problem))
        return 2
    _print(good("The settings are complete."))
    well = True
    async for finding in findings(settings):
        _print(finding)
        well = well and finding.level is not Level.WRONG
    return 0 if well else 1


def _print(finding: Finding) -> None:
    print(f"{f'[{finding.level}]':<7} {finding.says}", flush=True)


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Everything that can be tried, one after the other."""
    from bot.checks import books, core, database, ourselves, spool, strength

    for each in strength.check(settings):
        yield each
    async for each in database.check(settings):
        yield each
    yield spool.check(settings)
    async with aiohttp.ClientSession() as http:
        if settings["FORWARD_TARGET"] == "book":
            yield await books.check(settings)
        else:
            async for each in core.check(settings, http):
                yield each
        async for each in ourselves.check(settings, http):
            yield each
        async for each in _channels(settings, http):
            yield each


async def _channels(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    from bot.channels import registry
    from bot.checks import gateway, telegram, twilio

    entries, _ = registry.enabled(settings.values)
    on = ", ".join(entry.name for entry in entries)
    yield good(f"Channels that are on: {on}.") if on else wrong("No channel is on: set the settings of at least one (docs/operations.md).")
    if settings["TELEGRAM_TOKEN"]:
        for each in await telegram.check(settings, http):
            yield each
    if settings["TWILIO_ACCOUNT_SID"]:
        for each in await twilio.check(settings, http):
            yield each
    if settings["SMS_SEND_URL"]:
        async for each in gateway.check(settings, http):
            yield each
