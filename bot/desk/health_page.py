"""How the channels and queues are, for supervisors."""

from datetime import timedelta

from aiohttp import web

from bot.desk.visit import Visit
from bot.health import ChannelHealth

PERIOD = timedelta(hours=24)
COUNTED_AT_MOST = 1000
LATE = timedelta(minutes=1)
"""What is due longer than that lacks a worker."""


async def show(visit: Visit) -> web.StreamResponse:
    """The last day."""
    counted = {channel.channel: channel for channel in await visit.desk.health.channels(visit.now - PERIOD)}
    channels = [counted.get(name, ChannelHealth(name)) for name in dict.fromkeys((*visit.desk.channels, *counted))]
    queues = await visit.desk.health.queues(COUNTED_AT_MOST)
    late = {queue.name for queue in queues if queue.oldest and visit.now - queue.oldest > LATE and queue.name != "parked"}
    return visit.page(
        "health",
        channels=channels,
        on=frozenset(visit.desk.channels),
        queues=queues,
        late=late,
        counted_at_most=COUNTED_AT_MOST,
    )
