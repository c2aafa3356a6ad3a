"""The whole way, as a person goes it: register, add a book, read it, come back, count."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.books.novel import novel
from tests.browser.conftest import Newcomer
from tests.browser.steps import PASSWORD, PATIENCE, Person

expect.set_options(timeout=PATIENCE)


async def test_the_sample_from_an_empty_shelf_to_an_illustrated_page(browser: Browser, site: str) -> None:
    context = await browser.new_context(base_url=site, viewport={"width": 1440, "height": 900}, locale="en-GB")
    try:
        page = await context.new_page()
        await page.goto("/register")
        await _register(page, "sample@example.org")
        await page.get_by_role("button", name="Put it on my shelf").click()
        ada = Person(context, page, "sample@example.org")
        book = (await ada.until("books", lambda books: books["items"]))["items"][0]["id"]
        await ada.drawn(book)
        await page.goto("/")
        await page.get_by_role("link", name="Good Measure").first.click()
        await page.get_by_role("link", name="Start reading").click()
        await ada.opened()
        await _meet_a_picture(ada)
    finally:
        await context.close()


async def test_a_novel_from_the_file_to_the_statistics(newcomer: Newcomer, tmp_path: Path) -> None:
    book = tmp_path / "novel.epub"
    book.write_bytes(novel(6, 1200))
    ada = await newcomer()
    await _read_and_come_back(ada, book, await newcomer.again(ada))


@pytest.mark.parametrize("name", ["se_treasure-island.epub", "ru_pushkin_kapitanskaya-dochka.epub"])
async def test_a_real_novel_from_the_file_to_the_statistics(newcomer: Newcomer, corpus: Path, name: str) -> None:
    ada = await newcomer()
    await _read_and_come_back(ada, corpus / "books" / name, await newcomer.again(ada))


async def _read_and_come_back(ada: Person, book: Path, elsewhere: Person) -> None:
    book_id = await _upload(ada, book)
    await ada.page.goto(f"/books/{book_id}")
    await ada.page.get_by_role("link", name="Start reading").click()
    await ada.opened()
    there = await _turn_in_every_way(ada)
    await ada.until(f"books/{book_id}/progress", lambda progress: _says(progress, there))

    await ada.page.reload()
    await ada.opened()
    assert await ada.text() == there

    await elsewhere.open(book_id)
    assert await elsewhere.text() == there

    await ada.page.goto("/statistics")
    await expect(ada.page.get_by_role("main")).to_be_visible()
    counted = await ada.until("statistics", lambda statistics: statistics["sessions"] >= 1)
    assert counted["books_begun"] == 1
    assert ada.errors == elsewhere.errors == []


async def _upload(ada: Person, book: Path) -> str:
    await ada.page.goto("/")
    await ada.page.set_input_files("input[type=file]", book)
    books = await ada.until("books", lambda books: books["items"] and books["items"][0]["is_parsed"])
    found: str = books["items"][0]["id"]
    await ada.drawn(found)
    return found


async def _turn_in_every_way(ada: Person) -> str:
    """By key, click, wheel and finger. Returns the words where it ends."""
    page = ada.page
    while len(start := await ada.still()) < 400:
        # Title pages are pictures as often as text.
        await ada.press("ArrowRight")
    size = page.viewport_size
    assert size is not None
    right, left, middle = size["width"] - 40, 40, size["height"] / 2
    forward = await ada.press("ArrowRight")
    assert await ada.press("ArrowLeft") == start
    assert await ada.turned(page.mouse.click(right, middle)) == forward
    assert await ada.turned(page.mouse.click(left, middle)) == start
    assert await ada.press("Space") == forward
    await page.mouse.move(size["width"] / 2, middle)
    assert await ada.turned(page.mouse.wheel(0, 120)) != forward
    return await ada.press("PageDown")


async def _meet_a_picture(ada: Person) -> None:
    page = ada.page
    await ada.meet_a_picture()
    await page.locator("aside").get_by_role("button", name=re.compile("Open the picture")).first.click()
    dialog = page.get_by_role("dialog", name="Picture")
    await expect(dialog.get_by_role("img")).to_be_visible()
    loaded = "async image => { await image.decode(); return image.naturalWidth > 0 }"
    assert await dialog.get_by_role("img").evaluate(loaded)
    await expect(dialog.get_by_role("img")).to_have_attribute("alt", re.compile("."))
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def _register(page: Page, email: str) -> None:
    await page.locator("input[type=email]").fill(email)
    await page.locator("input[type=password]").first.fill(PASSWORD)
    await page.locator("form button.main").click()
    await page.wait_for_url("**/")


def _says(progress: dict[str, dict[str, str] | None], words: str) -> bool:
    current = progress["current"]
    return current is not None and words.startswith((current["quote"] or "")[:30].strip())
