"""What must hold for every page: nothing on the console, accessible by axe-core, no wider than the screen, usable by keyboard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe

_EXPECTED_STATUSES = ("422", "429")
"""Chromium reports a form's refusal on the console as a failed load."""

_TABBABLE = """() => {
  const groups = new Set();
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
  return all.filter((each) => {
    if (each.disabled || !each.checkVisibility({ visibilityProperty: true })) return false;
    if (each.type !== 'radio') return true;
    const first = !groups.has(each.name);
    groups.add(each.name);
    return first;
  }).length;
}"""

_FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  window.__seen = window.__seen || new Map();
  if (!window.__seen.has(each)) window.__seen.set(each, window.__seen.size);
  const style = getComputedStyle(each);
  const shown = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  return { number: window.__seen.get(each), shown, what: each.outerHTML.slice(0, 120) };
}"""


class Checks:
    """Of one test."""

    def __init__(self, pictures: Path | None, size: str) -> None:
        self._pictures = pictures
        self._size = size
        self._console: list[str] = []
        self.seen: list[str] = []
        """All that its pages asked for and said, for the report of a test that fails."""

    def watch(self, page: Any) -> None:
        """Write down what goes wrong in it from now on."""
        page.on("console", lambda message: self._console.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._console.append(str(error)))
        page.on("console", lambda message: self.seen.append(f"{message.type}: {message.text}"))
        page.on("response", lambda answer: self.seen.append(f"{answer.status} {answer.request.method} {answer.url}"))
        page.on("requestfailed", lambda request: self.seen.append(f"{request.failure} {request.method} {request.url}"))

    async def check(self, page: Any, name: str) -> None:
        """Everything; and a picture called `<name>-<size>.png`, where pictures are wanted."""
        if self._pictures is not None:
            await page.screenshot(path=self._pictures / f"{name}-{self._size}.png", full_page=True)
        assert [] == [line for line in self._console if not any(f"status of {status}" in line for status in _EXPECTED_STATUSES)]
        assert [] == await violations(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"
        await assert_usable_by_keyboard(page)


async def violations(page: Any) -> list[Mapping[str, Any]]:
    """What axe-core finds, in short."""
    found = (await Axe().run(page)).response["violations"]
    return [{"rule": each["id"], "help": each["help"], "where": [node["html"][:160] for node in each["nodes"][:3]]} for each in found]


async def assert_usable_by_keyboard(page: Any) -> None:
    """The tabulator reaches everything that can be used, and one sees where it is."""
    count = await page.evaluate(_TABBABLE)
    await page.evaluate("document.activeElement && document.activeElement.blur()")
    reached, hidden = set(), []
    for _ in range(2 * count + 3):  # a field for a date has a stop for each of its parts
        await page.keyboard.press("Tab")
        focused = await page.evaluate(_FOCUSED)
        if focused:
            reached.add(focused["number"])
            if not focused["shown"]:
                hidden.append(focused["what"])
        if len(reached) >= count:
            break
    assert [] == hidden, f"focus cannot be seen: {hidden}"
    assert len(reached) >= count, "the tabulator does not reach everything"
