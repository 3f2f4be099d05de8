"""A real browser for tests: Debian's Chromium, driven by Playwright; what axe-core finds fails the test."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.node import installed

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDE, NARROW = 1200, 400
needs_browser = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium on this machine: `apt-get install chromium` brings it"
)


@asynccontextmanager
async def browsing(width: int = WIDE) -> AsyncIterator[Page]:
    """Give an empty page of a browser of its own; whatever its console complains about fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        page = await (await browser.new_context(viewport={"width": width, "height": 900})).new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()
        assert not complaints, complaints


async def assert_usable(page: Page) -> None:
    """Fail on what keeps people out: findings of axe (WCAG 2 A and AA), a page wider than its window."""
    axe = installed(Path(__file__).parent / "node" / "axe") / "node_modules" / "axe-core" / "axe.min.js"
    await page.evaluate(axe.read_text("utf-8"))  # not as a script of the page: it allows none but its own
    found = await page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    assert not found, (page.url, found)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels wider than its window"
