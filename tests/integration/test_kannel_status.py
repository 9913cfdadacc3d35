"""What `doctor` makes of a real Kannel."""

import asyncio

import aiohttp
import pytest

from bot.checks import gateway
from bot.settings import Settings
from tests.peers import kannel as peer


@pytest.fixture
async def look(tmp_path):
    """What is found, by a password."""
    async with peer.kannel(tmp_path, "http://127.0.0.1:9/hooks/sms/x") as kannel, aiohttp.ClientSession() as http:

        async def found(password=peer.PASSWORD):
            values = {"SMS_SEND_URL": kannel.send_url, "SMS_SEND_USERNAME": peer.USERNAME, "SMS_SEND_PASSWORD": password}
            settings = Settings({**values, "SMS_STATUS_URL": kannel.status_url})
            return [(each.level.value, each.says) async for each in gateway.check(settings, http)]

        found.kannel = kannel
        yield found


async def test_a_gateway_whose_line_stands(look):
    async with look.kannel.phone(), asyncio.timeout(15):
        while [level for level, _ in await look()] != ["good", "good"]:  # noqa: ASYNC110  # the line takes a moment
            await asyncio.sleep(0.1)


async def test_a_gateway_without_a_line(look):
    (_, _), (level, says) = await look()
    assert ("wrong", True) == (level, "line" in says)


async def test_a_wrong_password(look):
    (level, says), _ = await look("another")
    assert ("wrong", True) == (level, "sendsms-user" in says)
