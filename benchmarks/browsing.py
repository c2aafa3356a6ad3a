"""Readers in a real browser: the time and the bytes until the first page stands there, page turns, and memory.

Every opening is by a browser that has seen nothing before. What a page shows is told by `shown.js`, for all alike.
"""

import asyncio
import gzip
import os
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, Response, async_playwright

from tests.browser.install import find_browser

SHOWN = (Path(__file__).parent / "shown.js").read_text(encoding="utf-8")
VIEWPORT: Any = {"width": 1000, "height": 740}
SLOW_LINE = {"offline": False, "latency": 40, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}
"""20 Mbit/s, and 40 ms until the answer to a request begins."""
PATIENCE = 90_000
MOMENT = 0.5
"""Seconds in which a browser comes to rest."""


@dataclass(frozen=True)
class Reader:
    """The address of a book by its name, scripts that turn a page on and back, and the cookies of who is signed in."""

    name: str
    address: Callable[[str], str]
    turn: str = "() => window.turn()"
    back: str = ""
    cookies: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Opening:
    """`seconds` from the address to the first page drawn, the `received` bytes that were asked for until then without
    fonts, and the bytes of all `script`, packed."""

    seconds: float
    received: int
    script: int


@dataclass(frozen=True)
class Turns:
    """Seconds of each page turn, and how many of them led to another chapter."""

    seconds: list[float]
    crossed: int

    def share(self, part: float) -> float:
        """The time below which this part (0-1) of the turns stayed."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * part))]


@dataclass
class Wire:
    """What a page asked for: when each request began (seconds since 1970), its kind, and the bytes of its answer."""

    began: dict[str, tuple[float, str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    async def listen(self, session: CDPSession) -> None:
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.loadingFinished", self._on_finished)
        await session.send("Network.enable")

    def _on_request(self, event: dict[str, Any]) -> None:
        self.began[event["requestId"]] = (event["wallTime"], event.get("type", ""))

    def _on_finished(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    async def quiet(self) -> None:
        """Waits until a moment brought nothing."""
        known = -1
        while known != len(self.sizes):
            known = len(self.sizes)
            await asyncio.sleep(MOMENT)

    def received(self, until: float) -> int:
        """Bytes of what was asked for until then, fonts apart."""
        wanted = [key for key, (at, kind) in self.began.items() if at <= until and kind != "Font"]
        return sum(self.sizes.get(key, 0) for key in wanted)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A Chromium without a window. Raises RuntimeError where there is none."""
    found = find_browser()
    if found is None:
        raise RuntimeError("there is no Chromium: install one, or name it in BOOKREADER_TEST_BROWSER")
    arguments = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        await browser.close()


@dataclass(frozen=True)
class Visit:
    """A page with a book, and what it asked for."""

    page: Page
    session: CDPSession
    wire: Wire
    scripts: list[Response]

    async def first_page(self, address: str) -> tuple[float, float]:
        """Opens a book. Returns the seconds until its first page was drawn, and when they began, since 1970."""
        await self.page.goto(address, wait_until="commit")
        # A function to wait for would be text that a page's policy forbids to run.
        find = "async () => [await window.firstPage / 1000, performance.timeOrigin / 1000]"
        first, began = await asyncio.wait_for(self.page.evaluate(find), PATIENCE / 1000)
        await self.wire.quiet()
        return float(first), float(began)

    async def turn(self, act: str, count: int, pause: float = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.page.evaluate(f"window.turns({act}, {count}, {pause * 1000})")
        return found

    async def held(self) -> float:
        """Bytes that scripts hold when what was let go of is gone."""
        await self.session.send("HeapProfiler.collectGarbage")
        await asyncio.sleep(MOMENT)
        await self.session.send("HeapProfiler.collectGarbage")
        metrics = (await self.session.send("Performance.getMetrics"))["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize")


@asynccontextmanager
async def _visit(browser: Browser, reader: Reader) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport=VIEWPORT, locale="en-GB")
    cookies: Any = reader.cookies
    await context.add_cookies(cookies)
    await context.add_init_script(SHOWN)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable")
    visit = Visit(page, session, Wire(), [])
    page.on("response", lambda one: visit.scripts.append(one) if one.request.resource_type == "script" else None)
    await visit.wire.listen(session)
    yield visit
    await context.close()


async def open_book(browser: Browser, reader: Reader, book: str, *, slow: bool = False) -> Opening:
    """Opens a book as somebody who comes for the first time."""
    # What the reader before left to be cleared away would be counted to this one.
    await asyncio.sleep(MOMENT)
    async with _visit(browser, reader) as visit:
        if slow:
            await visit.session.send("Network.emulateNetworkConditions", SLOW_LINE)
        first, began = await visit.first_page(reader.address(book))
        packed = [len(gzip.compress(await script.body())) for script in visit.scripts]
        return Opening(first, visit.wire.received(began + first), sum(packed))


async def turn_pages(browser: Browser, reader: Reader, book: str, count: int, pause: float) -> Turns:
    """Turns `count` pages from the beginning on, with `pause` seconds between them."""
    async with _visit(browser, reader) as visit:
        await visit.first_page(reader.address(book))
        found = await visit.turn(reader.turn, count, pause)
    return Turns([one["milliseconds"] / 1000 for one in found], sum(one["crossed"] for one in found))


async def memory_over(browser: Browser, reader: Reader, book: str, leg: int, legs: int) -> list[float]:
    """Bytes that scripts hold after each leg: `leg` turns forward, as many back, and so on."""
    found: list[float] = []
    async with _visit(browser, reader) as visit:
        await visit.first_page(reader.address(book))
        for number in range(legs):
            await visit.turn(reader.back if number % 2 else reader.turn, leg)
            found.append(await visit.held())
    return found


def median(openings: list[Opening]) -> float:
    return statistics.median(one.seconds for one in openings)
