"""The floors: servers that do the least that could be called the same. `python -m bench.floors PORT MONGODB_URL STANDIN_URL`."""

import sys
from typing import Any

import aiohttp
import orjson
import uvloop
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne, WriteConcern

RECENT = 20


class Floors:
    """/echo answers; /write makes one journaled majority write first; /reply also sends one message, as the bot does."""

    def __init__(self, mongodb_url: str, standin: str) -> None:
        """`standin`: the whole URL of sendMessage."""
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_url)
        self._collection = client["bench_floor"].get_collection("messages", write_concern=WriteConcern(w="majority", j=True))
        self._standin = standin
        self._http: aiohttp.ClientSession | None = None

    def application(self) -> web.Application:
        """The three routes."""
        app = web.Application()
        app.add_routes([web.post("/echo", self._echo), web.post("/write", self._write), web.post("/reply", self._reply)])
        app.cleanup_ctx.append(self._session)
        return app

    async def _session(self, _app: web.Application) -> Any:
        async with aiohttp.ClientSession() as http:
            self._http = http
            yield

    async def _echo(self, request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    async def _store(self, request: web.Request) -> dict[str, Any]:
        update: dict[str, Any] = orjson.loads(await request.read())
        chat = update["message"]["chat"]["id"]
        change = {"$set": {"text": update["message"]["text"]}, "$push": {"applied": {"$each": [update["update_id"]], "$slice": -RECENT}}}
        await self._collection.bulk_write([UpdateOne({"_id": chat}, change, upsert=True)])
        return update

    async def _write(self, request: web.Request) -> web.Response:
        await self._store(request)
        return web.Response()

    async def _reply(self, request: web.Request) -> web.Response:
        update = await self._store(request)
        if self._http is None:
            raise RuntimeError("not started")
        body = {"chat_id": update["message"]["chat"]["id"], "text": "Terima kasih."}
        async with self._http.post(self._standin, json=body) as answer:
            await answer.read()
        return web.Response()


if __name__ == "__main__":
    port, mongodb_url, standin = sys.argv[1:]
    uvloop.install()
    web.run_app(Floors(mongodb_url, standin).application(), host="127.0.0.1", port=int(port), access_log=None, print=None)
