"""Hostile books run nothing and fetch nothing, by three walls of which each holds alone."""

import asyncio

import pytest
from playwright.async_api import Dialog, Route
from playwright.async_api import Error as PlaywrightError

from tests.books.build import Book, Page, build_epub
from tests.books.hostile import BEACON, BOOKS, Hostile
from tests.browser.conftest import Beacon, Newcomer
from tests.browser.steps import Person

NAMES = {
    "active.epub",
    "active-drawings.epub",
    "beacons.epub",
    "binaries.fb2",
    "names-with-controls.epub",
    "page-as-a-cover.epub",
    "the-same-name-twice.epub",
}
ATTACKS = [book for book in BOOKS if book.name in NAMES]

# All at once: the first link that leads to another chapter takes this one away.
CLICK_ALL_LINKS = """() => document.querySelectorAll('a, [*|href]').forEach((link) =>
  link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true })))"""

# As a chapter would come if nothing had been made harmless.
RAW = f"""<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Raw</title>
<script>parent.document.title = 'taken'; new Image().src = '{BEACON}inline'</script>
<script src="{BEACON}elsewhere.js"></script>
<link rel="stylesheet" href="{BEACON}style.css"/>
<style>@import url('{BEACON}import.css'); body {{ background: url('{BEACON}background.png') }}</style>
<meta http-equiv="refresh" content="0; url={BEACON}refresh"/></head>
<body onload="parent.document.title = 'taken'"><p onclick="parent.document.title = 'taken'">The text is still here.</p>
<img src="{BEACON}picture.png" onerror="parent.document.title = 'taken'" alt=""/>
<iframe src="{BEACON}frame"></iframe><object data="{BEACON}object"></object><embed src="{BEACON}embed"/>
<video src="{BEACON}video" poster="{BEACON}poster"></video><audio src="{BEACON}audio" autoplay="autoplay"></audio>
<form action="{BEACON}form"><button>Send</button></form>
<svg xmlns="http://www.w3.org/2000/svg" onload="parent.document.title = 'taken'"><script>alert(1)</script></svg>
</body></html>"""


class Watch:
    """What a hostile page would show if it got anywhere."""

    def __init__(self, person: Person, beacon: Beacon) -> None:
        self._person, self._beacon = person, beacon
        self._before = len(beacon.lines)
        self.dialogs: list[str] = []
        person.page.on("dialog", self._on_dialog)

    async def _on_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    async def nothing_happened(self) -> None:
        # Whatever was sent is on its way within this machine: a moment is long enough for it to arrive.
        await asyncio.sleep(0.5)
        assert self._beacon.lines[self._before :] == []
        assert self.dialogs == []
        assert "taken" not in await self._person.page.title()
        assert "pwned" not in await self._person.page.title()


async def test_the_beacon_hears(newcomer: Newcomer, beacon: Beacon) -> None:
    """Without any wall requests do arrive; else the other tests would show nothing."""
    ada = await newcomer(bypass_csp=True)
    await ada.page.goto("/")
    await ada.page.evaluate("address => fetch(address, { mode: 'no-cors' }).catch(() => null)", f"{BEACON}control")
    assert any("control" in line for line in beacon.lines)


@pytest.mark.parametrize("book", ATTACKS, ids=str)
async def test_a_hostile_book_runs_and_fetches_nothing(newcomer: Newcomer, beacon: Beacon, book: Hostile) -> None:
    ada = await newcomer()
    watch = Watch(ada, beacon)
    book_id = await ada.add(book.build(), book.name)
    if not (await ada.get(f"books/{book_id}"))["is_parsed"]:
        return
    await ada.page.goto("/")
    await ada.page.goto(f"/books/{book_id}")
    for section in (await ada.get(f"books/{book_id}/manifest"))["sections"][:8]:
        frame = await ada.open(book_id, f"?chapter={section['number']}")
        try:
            await frame.evaluate(CLICK_ALL_LINKS)
        except PlaywrightError as error:  # a link without an address is a place to tap, which may turn the page
            if "detached" not in str(error):
                raise
        await ada.page.keyboard.press("ArrowRight")
    assert f"/read/{book_id}" in ada.page.url
    await watch.nothing_happened()


async def test_the_policy_and_the_sandbox_hold_where_nothing_was_made_harmless(
    newcomer: Newcomer, beacon: Beacon
) -> None:
    ada = await newcomer()
    watch = Watch(ada, beacon)
    book_id = await ada.add(build_epub(Book(pages=[Page("One", "<p>One.</p>"), Page("Two", "<p>Two.</p>")])))

    async def raw(route: Route) -> None:
        answer = await route.fetch()
        body = RAW if "xhtml" in (answer.headers.get("content-type") or "") else await answer.body()
        await route.fulfill(response=answer, body=body)

    await ada.context.route("**/resources/**", raw)
    frame = await ada.open(book_id)
    assert "The text is still here." in await frame.inner_text("body")
    await frame.locator("p").dispatch_event("click")
    await frame.locator("button").dispatch_event("click")
    await watch.nothing_happened()


async def test_a_page_that_opens_ours_does_not_hold_it(newcomer: Newcomer, site: str) -> None:
    ada = await newcomer()
    book = await ada.add(build_epub(Book(pages=[Page("One", "<p>Words.</p>")])))
    page = await ada.context.new_page()
    await page.route(
        "http://elsewhere.invalid/", lambda route: route.fulfill(body="<p>Elsewhere</p>", content_type="text/html")
    )
    await page.goto("http://elsewhere.invalid/")
    for address in (f"{site}/read/{book}", f"{site}/sign-in"):
        async with ada.context.expect_page() as opening:
            await page.evaluate("address => void (window.opened = open(address))", address)
        opened = await opening.value
        await opened.wait_for_load_state()
        assert await opened.evaluate("window.opener") is None
        assert await page.evaluate("window.opened.closed")
