"""Books kept for reading without the server: a real worker in a real browser, and a line that is cut."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.books.build import Book, build_epub
from tests.books.build import Page as Chapter
from tests.books.novel import novel
from tests.browser.conftest import Beacon, Newcomer
from tests.browser.install import find_browser
from tests.browser.line import Line, line_to
from tests.browser.steps import API, PASSWORD, PATIENCE, Person
from tests.browser.test_access import findings
from tests.browser.test_isolation import RAW, Watch
from tests.browser.test_marks import select
from tests.browser.test_places import at_words, kept, starts

expect.set_options(timeout=PATIENCE)

PICTURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
# What was read without the server waits in the browser; nobody waits that long in a test.
TEN_MINUTES_LONGER = """() => {
  const waiting = JSON.parse(localStorage.getItem('bookreader.sessions'));
  for (const one of waiting) one.started_at = new Date(Date.parse(one.started_at) - 600_000).toISOString();
  localStorage.setItem('bookreader.sessions', JSON.stringify(waiting));
}"""
CACHES = "async () => (await caches.keys()).sort()"
BOOKS = "async () => (await caches.keys()).filter((name) => name.startsWith('bookreader-book:')).length"


@pytest.fixture
async def line(site: str) -> AsyncIterator[Line]:
    async with line_to(site) as found:
        yield found


@pytest.fixture
async def travellers(browser: Browser, line: Line) -> AsyncIterator[Newcomer]:
    """People whose browser reaches the server by the line."""
    found = Newcomer(browser, line.address)
    yield found
    await found.leave()


async def keep(person: Person, book: str) -> None:
    await person.page.goto(f"/books/{book}")
    await person.page.get_by_role("button", name="Keep offline").click()
    await expect(person.page.get_by_text("Kept on this device,")).to_be_visible()


async def test_a_kept_book_is_read_without_the_server_and_nothing_is_lost(travellers: Newcomer, line: Line) -> None:
    ada = await travellers(viewport={"width": 1000, "height": 800})
    page = ada.page
    book = await ada.add(novel(5, 700))
    await ada.open(book)
    await ada.press("ArrowRight")
    await ada.until(f"books/{book}/progress", lambda progress: progress["current"])
    await keep(ada, book)

    await line.cut()
    await page.goto("/")
    await expect(page.get_by_role("status").filter(has_text="cannot be reached")).to_be_visible()
    await page.get_by_role("link", name="Continue").click()
    await ada.opened()
    await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_visible()
    await page.reload()
    await ada.opened()
    while (await kept(ada, book))["chapter"] < 3:
        await ada.press("ArrowRight")
    words = " ".join((await ada.still()).split()[3:8])
    await select(ada, words)
    await page.get_by_role("toolbar").get_by_role("button", name="Note").click()
    editor = page.get_by_role("dialog", name="Highlight and note")
    await editor.get_by_label("Your note").fill("Written on a train.")
    await editor.get_by_role("button", name="Keep").click()
    await expect(editor).to_be_hidden()
    there = await ada.press("ArrowRight")
    place = await kept(ada, book)
    await page.reload()
    await ada.opened()
    await ada.shows(starts(place))
    await page.keyboard.press("c")
    await page.get_by_role("dialog", name="Contents").get_by_role("button", name="Marks (1)").click()
    await expect(page.get_by_role("dialog", name="Contents")).to_contain_text("Written on a train.")
    await page.keyboard.press("Escape")
    await page.evaluate(TEN_MINUTES_LONGER)

    await line.mend()
    await ada.until(f"books/{book}/progress", lambda progress: at_words(progress, there))
    marks = await ada.until(f"books/{book}/annotations", lambda found: found["items"])
    assert [(mark["note"], mark["chapter"]) for mark in marks["items"]] == [("Written on a train.", 3)]
    await ada.until("statistics", lambda numbers: numbers["minutes"] >= 9)
    await expect(page.get_by_role("status").filter(has_text="Offline")).to_be_hidden()
    assert ada.errors == []
