"""A running demo and a real browser at its /try: people who write, tap and play the officer as trainees do."""

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.acceptance.processes import Process
from tests.ports import free_port

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
SECONDS = 15.0


@asynccontextmanager
async def demo(directory: Path):
    """`python -m bot demo` on ports of its own; its address."""
    port, core_port = free_port(), free_port()
    environ = {"PORT": str(port), "CORE_PORT": str(core_port)}
    process = Process("bot", "demo", environ=environ, log=directory / "demo.out", says="Ctrl-C ends it", cwd=directory)
    await process.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await process.stop()


@dataclass
class Trainee:
    """Somebody at the page. Everything the console complains of is kept in `complaints`."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def arrives(cls, context, url, language="id"):
        page = await context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        trainee = cls(page)
        page.on("console", lambda said: said.type in ("error", "warning") and trainee.complaints.append(said.text))
        page.on("pageerror", lambda error: trainee.complaints.append(str(error)))
        await page.goto(f"{url}/try{'?lang=en' if language == 'en' else ''}")
        await expect(page.locator("#now")).not_to_be_empty()
        return trainee

    # phones

    def phone(self, name):
        return self.page.locator(f"#phone-{name}")

    def heard(self, name):
        return self.phone(name).locator(".heard")

    def last(self, name):
        return self.heard(name).last

    async def writes(self, name, text):
        """Write and wait for the next answer; its words."""
        before = await self.heard(name).count()
        await self.phone(name).locator("textarea").fill(text)
        await self.phone(name).locator("textarea").press("Enter")
        return await self.hears(name, before + 1)

    async def taps(self, name, label):
        """Tap the newest button of that label and wait for the next answer."""
        before = await self.heard(name).count()
        await self.phone(name).locator(".choices").get_by_role("button", name=label, exact=True).last.click()
        return await self.hears(name, before + 1)

    async def hears(self, name, count):
        await expect(self.heard(name)).not_to_have_count(count - 1, timeout=SECONDS * 1000)
        return await self.last(name).inner_text()

    async def hears_of(self, name, words):
        """Wait until the phone has been told something."""
        await expect(self.heard(name).filter(has_text=re.compile(words)).first).to_be_visible(timeout=SECONDS * 1000)

    async def reports_by_sms(self, text="LAPOR lampu jalan mati di kec Cibodas Kota Tangerang kemarin"):
        """Two messages; the ticket."""
        await self.writes("sms", text)
        await self.writes("sms", "1")
        await self.hears_of("sms", "nomor tiket")
        return await self.ticket()

    # the desk

    async def ticket(self):
        """Of the newest report on the desk, once it is there."""
        head = self.page.locator("#reports .file-head:not([disabled]) b").first
        await expect(head).to_contain_text(re.compile(r"\d{7}"), timeout=SECONDS * 1000)
        return re.search(r"\d+", await head.inner_text())[0]

    async def takes(self, step, **fields):
        """A step with the open report, as the officer. A field is a text, or True for a box."""
        await self.page.locator(f'.file.open [data-step="{step}"]').click()
        form = self.page.locator(".file.open form")
        for name, value in fields.items():
            control = form.locator(f'[name="{name}"]')
            await (control.check() if value is True else control.fill(value))
        await form.locator("button.primary").click()
        await expect(form).to_have_count(0)

    async def status(self, status):
        """Wait until the open report has this status."""
        await expect(self.page.locator(f".file.open .pill.{status}")).to_be_visible(timeout=SECONDS * 1000)

    # the rest

    async def begins(self, case):
        opened = self.page.locator(f'[data-case="{case}"]')
        if await opened.locator(".case-body").is_hidden():
            await opened.locator(".case-open").click()
        await opened.locator("[data-begin]").click()
        await expect(self.page.locator(f'[data-case="{case}"].begun')).to_be_visible()
        return opened

    async def types_first_words(self, case):
        """The button that types them, then Enter; the first answer."""
        typing = self.page.locator(f'[data-case="{case}"] [data-type]')
        name = await typing.get_attribute("data-type")
        before = await self.heard(name).count()
        await typing.click()
        await self.phone(name).locator("textarea").press("Enter")
        return await self.hears(name, before + 1)

    async def ticked(self, *facts):
        for fact in facts:
            await expect(self.page.locator(f'.case.begun [data-check="{fact}"]')).to_have_class("done", timeout=SECONDS * 1000)

    async def violations(self):
        """What axe-core finds, a line each. Nothing moves meanwhile: half faded in is half the contrast."""
        await self.page.emulate_media(reduced_motion="reduce")
        found = await Axe().run(self.page, options={"resultTypes": ["violations"]})
        return [f"{each['id']}: {node['html'][:160]}" for each in found.response["violations"] for node in each["nodes"]]
