"""Ourselves, as others reach us."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp

from bot import calling
from bot.checks.finding import Finding, good, note, wrong
from bot.errors import DeliveryError
from bot.settings import Settings

_HERE = ("127.0.0.1", "localhost", "::1")


async def check(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """Through PUBLIC_BASE_URL, as providers do, and PRIVATE_BASE_URL, as the core does."""
    yield await _reached("PUBLIC_BASE_URL", settings.public_url, http)
    if settings.private_url != settings.public_url:
        yield await _reached("PRIVATE_BASE_URL", settings.private_url, http)
    public = urlsplit(settings.public_url)
    if public.hostname in _HERE:
        yield note("PUBLIC_BASE_URL is this machine: no provider on the internet reaches it.")
        return
    if public.scheme != "https":
        yield wrong("PUBLIC_BASE_URL is not https: citizens' words go in clear, and Telegram does not call it. Put TLS in front of `web`.")
    if await _status(f"{settings.public_url}/metrics", http) == 200:
        yield wrong("PUBLIC_BASE_URL shows /metrics to everybody: let only /hooks/ and /privasi through the proxy.")


async def _reached(name: str, url: str, http: aiohttp.ClientSession) -> Finding:
    alive, ready = await _status(f"{url}/healthz", http), await _status(f"{url}/readyz", http)
    if isinstance(alive, str):
        return wrong(f"{name} cannot be reached from here ({alive}): is `web` running, and the proxy in front of it?")
    if alive != 200:
        return wrong(f"{name}/healthz answers {alive}: is it this program that the proxy passes on to?")
    if ready == 503:
        return wrong(f"{name} reaches us, but /readyz answers 503: `web` is ending, or its database does not answer.")
    return good(f"{name} reaches us.")


async def _status(url: str, http: aiohttp.ClientSession) -> int | str:
    """The status, or the code of what went wrong."""
    try:
        return (await calling.call(http, "GET", url, seconds=5)).status
    except DeliveryError as error:
        return error.code
