"""Files at a provider: streamed, never more of them than we take, credentials never carried to another host."""

from collections.abc import Mapping

import aiohttp
from yarl import URL

from bot import calling
from bot.errors import MediaGone, MediaTooLarge, Unanswered, Unreachable

SECONDS = 60.0
"""For one file, whatever its size."""

_REDIRECTS = (301, 302, 303, 307, 308)


async def download(
    http: aiohttp.ClientSession, url: URL, *, limit: int, headers: Mapping[str, str] | None = None, redirects: int = 0
) -> bytes:
    """The bytes behind `url`. `headers` are for that host only; up to `redirects` times another place may be named instead.

    Raises MediaTooLarge as soon as `limit` bytes are passed, MediaGone (404, 410), or another DeliveryError.
    """
    patience = aiohttp.ClientTimeout(total=SECONDS, sock_connect=5)
    try:
        async with http.get(url, headers=headers, timeout=patience, allow_redirects=False) as response:
            if not (redirects and response.status in _REDIRECTS):
                return await _content(response, limit)
            elsewhere = _elsewhere(response)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise Unreachable(type(error).__name__) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unanswered(type(error).__name__) from None
    return await download(http, elsewhere, limit=limit, redirects=redirects - 1)


def _elsewhere(response: aiohttp.ClientResponse) -> URL:
    """Where a redirect points; never from https to what is not."""
    try:
        target = response.url.join(URL(response.headers["Location"], encoded=True))
    except (KeyError, ValueError):
        raise Unanswered("a redirect to nowhere") from None
    if target.scheme not in {"https", response.url.scheme}:
        raise Unanswered("a redirect away from https")
    return target


async def _content(response: aiohttp.ClientResponse, limit: int) -> bytes:
    if response.status in (404, 410):
        raise MediaGone
    if failure := calling.error_for(response.status, response.headers):
        raise failure
    if (response.content_length or 0) > limit:
        raise MediaTooLarge
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise MediaTooLarge
    return bytes(body)
