"""The routing core: that it answers, takes our token, and has the same time."""

from collections.abc import AsyncIterator

import aiohttp

from bot import calling, clock
from bot.checks import finding
from bot.checks.finding import Finding, good, wrong
from bot.errors import DeliveryError
from bot.forwarder.core import CoreTarget
from bot.settings import Settings


async def check(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """What is right and wrong with CORE_URL and CORE_TOKEN."""
    target = CoreTarget(settings["CORE_URL"], settings["CORE_TOKEN"], http)
    try:
        await target.events(None)
        answer = await calling.call(http, "GET", settings["CORE_URL"], seconds=5)
    except DeliveryError as error:
        hint = "set the core's CORE_TOKEN here too" if error.code == "unauthorized" else "check CORE_URL and that the core runs"
        yield wrong(f"The routing core did not answer as it should ({error.code}: {error}): {hint}.")
        return
    yield good("The routing core answers and takes our token.")
    if (seconds := finding.skew(answer.headers.get("Date"), clock.now())) is not None:
        yield finding.clock("the routing core", seconds)
