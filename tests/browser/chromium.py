"""The Chromium that the pages are looked at in: its headless shell, the same engine and version without windows, for a third less CPU."""

from contextlib import asynccontextmanager

from playwright.async_api import async_playwright

_EXECUTABLE = "/usr/bin/chromium-headless-shell"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def chromium():
    """A running browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_EXECUTABLE, args=list(_ARGUMENTS))
        yield browser
        await browser.close()
