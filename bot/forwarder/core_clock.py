"""The reference core's business time, which moves with ours in a demonstration."""

from datetime import timedelta

import aiohttp

from bot import calling

_NO_SUCH_THING = (404, 405)


async def move(http: aiohttp.ClientSession, url: str, token: str, ahead: timedelta) -> None:
    """Have it so far ahead of real time; a core whose clock cannot be moved is left alone. Raises DeliveryError."""
    answer = await calling.call(
        http,
        "PUT",
        url.rstrip("/") + "/clock",
        json={"ahead_seconds": ahead.total_seconds()},
        headers={"Authorization": f"Bearer {token}"},
        seconds=5,
    )
    if answer.status not in _NO_SUCH_THING and (error := calling.error_for(answer.status, answer.headers)):
        raise error
