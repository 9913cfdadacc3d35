"""The form of an entry, filled in and sent as a browser does, for the tests of the page."""

import io
import re
from datetime import timedelta

import aiohttp

from bot import clock
from bot.desk.entry_form import minute

TEXT = "Lampu jalan di depan SDN 3 Cibodas kota Tangerang mati sejak kemarin"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" + b"\x00" * 40
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
SMS = {
    "SMS_WEBHOOK_SECRET": "sms-secret-of-the-tests-0123456789",
    "SMS_SEND_URL": "http://127.0.0.1:9/cgi-bin/sendsms",
    "SMS_SEND_USERNAME": "u",
    "SMS_SEND_PASSWORD": "p",
    "SMS_SENDER": "1708",
}


def good(**changes):
    return {
        "do": "enter",
        "text": TEXT,
        "network": "instagram",
        "hears": "admin",
        "consent_how": "written",
        "consent": "setuju, silakan dilaporkan",
        "consent_at": minute(clock.now() - timedelta(hours=1)),
    } | changes


class Form:
    """The page of one form, filled in and sent."""

    def __init__(self, browser, page):
        self.browser = browser
        self.page = page
        self.id = page.hidden("form")

    async def send(self, files=(), headers=None, **fields):
        """`files`: (name, bytes, declared type)."""
        data = aiohttp.FormData(quote_fields=False)
        for name, value in {"csrf": self.browser.csrf, "form": self.id, **fields}.items():
            for each in value if isinstance(value, list) else [value]:
                data.add_field(name, each)
        for name, content, declared in files:
            data.add_field("files", io.BytesIO(content), filename=name, content_type=declared or "application/octet-stream")
        own = {"Origin": self.browser.url, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        async with self.browser.http.post(f"{self.browser.url}/desk/entries", data=data, headers=own, allow_redirects=False) as answer:
            self.page = self.browser._seen(await answer.text(), answer)
            return self.page


def checked(html, name):
    """The value of the radio button or box that is chosen."""
    found = re.search(rf'name="{name}" value="([^"]*)"[^>]* checked', html)
    return found[1] if found else ""


def problems(html):
    return set(re.findall(r'id="([\w-]+)-problem"', html))


def kept(html):
    return re.findall(r'name="keep" value="([^"]+)"', html)


async def reports(desk):
    return await desk.store._db.reports.find({}).to_list(None)
