"""The floors: servers that do the least that could be called the same. `python -m bench.floors PORT MONGODB_URL TELEGRAM_URL SECRET`.

/echo answers; /write makes one journaled majority write first; /reply also sends one message before it answers.
"""

import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import uvloop
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern

from bench.standin import TOKEN
from bench.wire import HOST

RECENT = 20
_HTTP = web.AppKey("http", aiohttp.ClientSession)


class Floors:
    """All three in one process."""

    def __init__(self, mongodb_url: str, telegram_url: str) -> None:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_url)
        self._collection = client.get_default_database().get_collection("floor", write_concern=WriteConcern(w="majority", j=True))
        self._send_url = f"{telegram_url}/bot{TOKEN}/sendMessage"

    def application(self) -> web.Application:
        """The three routes."""
        app = web.Application()
        app.add_routes([web.post("/echo", self._echo), web.post("/write", self._write), web.post("/reply", self._reply)])
        app.cleanup_ctx.append(_session)
        return app

    async def _echo(self, request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    async def _store(self, request: web.Request) -> int:
        """Dedupe, and the text, in one write; the chat."""
        update: dict[str, Any] = orjson.loads(await request.read())
        chat: int = update["message"]["chat"]["id"]
        change = {"$set": {"text": update["message"]["text"]}, "$push": {"applied": {"$each": [update["update_id"]], "$slice": -RECENT}}}
        await self._collection.update_one({"_id": chat}, change, upsert=True)
        return chat

    async def _write(self, request: web.Request) -> web.Response:
        await self._store(request)
        return web.Response()

    async def _reply(self, request: web.Request) -> web.Response:
        chat = await self._store(request)
        async with request.app[_HTTP].post(self._send_url, json={"chat_id": chat, "text": "Terima kasih."}) as answer:
            await answer.read()
        return web.Response()


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as app[_HTTP]:
        yield


if __name__ == "__main__":
    port, mongodb_url, telegram_url, _ = sys.argv[1:]
    uvloop.install()
    web.run_app(Floors(mongodb_url, telegram_url).application(), host=HOST, port=int(port), access_log=None, print=None)
