"""The sendsms port of an SMS gateway, as slow as one likes."""

import asyncio
from contextlib import asynccontextmanager

from aiohttp import web

SECRET = "gateway-webhook-secret"


class Gateway:
    """Takes messages; `sent` has (number, text)."""

    def __init__(self):
        self.sent = []
        self.begun = 0
        self.slowness = 0.0
        self.hangs = False
        self.url = ""

    async def handle(self, request):
        self.begun += 1
        await asyncio.sleep(self.slowness)
        if self.hangs:
            await asyncio.Event().wait()
        self.sent.append((request.query["to"], request.query["text"]))
        return web.Response(status=202, text="0: Accepted for delivery")

    def settings(self):
        """The bot's settings to send here."""
        return {
            "SMS_WEBHOOK_SECRET": SECRET,
            "SMS_SEND_URL": self.url,
            "SMS_SEND_USERNAME": "bot",
            "SMS_SEND_PASSWORD": "gateway-password",
            "SMS_SENDER": "1708",
        }


@asynccontextmanager
async def gateway():
    """One that listens."""
    self = Gateway()
    app = web.Application()
    app.router.add_get("/cgi-bin/sendsms", self.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
    self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/cgi-bin/sendsms"
    try:
        yield self
    finally:
        await runner.cleanup()
