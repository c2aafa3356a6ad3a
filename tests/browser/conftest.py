"""A real server, a real browser: one of each for a run; every test is a person of its own.

Playwright's asynchronous interface, because its synchronous one keeps a loop running that the other tests would meet.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.browser.install import find_browser
from tests.browser.steps import Person
from tests.integration.serving.processes import serving


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a `bookreader serve` on an empty data folder."""
    environment = {"BOOKREADER_PLATES_PER_BOOK": "4", "BOOKREADER_REGISTRATION": "open"}
    with serving(environment) as (running, _):
        yield running.address()


@dataclass
class Beacon:
    """Stands where hostile books send their requests. `lines` are the first lines of what arrived."""

    port: int = 0
    lines: list[str] = field(default_factory=list)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines.append((await reader.readline()).decode(errors="replace").strip())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture(scope="session")
async def beacon() -> AsyncIterator[Beacon]:
    found = Beacon()
    async with await asyncio.start_server(found.hear, "127.0.0.1", 0) as server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


@pytest.fixture(scope="session")
async def browser(beacon: Beacon) -> AsyncIterator[Browser]:
    """Chromium without a window. The address of hostile books' beacon leads to ours."""
    found = find_browser()
    if found is None:
        pytest.skip("there is no Chromium: install one, or name it in BOOKREADER_TEST_BROWSER")
    arguments = [f"--host-resolver-rules=MAP *.invalid 127.0.0.1:{beacon.port}"]
    if os.name == "posix" and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        await browser.close()


class Newcomer:
    """Makes people, each with a browser of their own; options are those of a Playwright context."""

    def __init__(self, browser: Browser, site: str) -> None:
        self._browser, self._site = browser, site
        self._contexts: list[BrowserContext] = []

    async def __call__(self, **options: Any) -> Person:
        return await Person.begin(await self._context(options))

    async def again(self, person: Person, **options: Any) -> Person:
        """The same person in another browser."""
        return await Person.begin(await self._context(options), person.email)

    async def _context(self, options: dict[str, Any]) -> BrowserContext:
        wanted: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}, "locale": "en-GB"} | options
        context = await self._browser.new_context(base_url=self._site, **wanted)
        self._contexts.append(context)
        return context

    async def leave(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest.fixture
async def newcomer(browser: Browser, site: str) -> AsyncIterator[Newcomer]:
    found = Newcomer(browser, site)
    yield found
    await found.leave()
