"""What keys, clicks and wheels do on the words of a page."""

import io
import zipfile
from collections.abc import Awaitable

import pytest
from playwright.async_api import expect

from tests.books.build import Book, Page, build_epub, pack, paragraphs
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person
from tests.browser.test_reader import PLACE_OF_WORDS

expect.set_options(timeout=PATIENCE)

LINKS = "".join(
    f'<p>Paragraph {n} with <a id="l{n}" href="#l1">link-{n}.</a> ' + "And some more words after it. " * 9 + "</p>"
    for n in range(1, 61)
)
FOCUSED = "document.activeElement.textContent.trim()"


async def put_flow(person: Person, flow: str) -> None:
    await person.page.goto("/")
    await person.page.evaluate(f"localStorage.setItem('bookreader.type', JSON.stringify({{ flow: '{flow}' }}))")


async def is_in_text(person: Person) -> bool:
    return bool(await person.page.evaluate("document.activeElement.localName") == "foliate-paginator")


async def links_by(person: Person, key: str) -> list[str]:
    """The links that a key of the keyboard comes to in the text, from where the focus is, until it leaves the text."""
    found: list[str] = []
    for _ in range(40):
        await person.page.keyboard.press(key)
        await person.page.wait_for_timeout(150)
        if not await is_in_text(person):
            if found:
                return found
        elif (link := await person.chapter.evaluate(FOCUSED)).startswith("link-"):
            found.append(link)
    raise AssertionError(f"{key} does not leave the text: {found}")


@pytest.mark.parametrize("flow", ["paginated", "scrolled"])
async def test_the_keyboard_comes_to_the_links_in_sight_and_no_page_moves(newcomer: Newcomer, flow: str) -> None:
    ada = await newcomer()
    book = await ada.add(build_epub(Book(pages=[Page("One", LINKS), Page("Two", "<p>The end.</p>")])))
    await put_flow(ada, flow)
    await ada.open(book)
    for _ in range(3):
        await ada.press("PageDown")
    text, at = await ada.still(), await ada.page.locator(".reader-foot .at").inner_text()
    on_page = [word for word in text.split() if word.startswith("link-")]
    assert len(on_page) > 2
    for key, wanted in (("Tab", on_page), ("Shift+Tab", on_page[::-1])):
        assert await links_by(ada, key) == wanted
        assert await ada.still() == text
        assert await ada.page.locator(".reader-foot .at").inner_text() == at
    await ada.press("PageDown")
    assert not set(on_page[:-1]) & set(await links_by(ada, "Tab"))


async def test_a_link_that_takes_the_focus_out_of_sight_is_turned_to(newcomer: Newcomer) -> None:
    """Screen readers go where they are told, past what can be reached by Tab."""
    ada = await newcomer()
    book = await ada.add(build_epub(Book(pages=[Page("One", LINKS)])))
    await ada.open(book)
    await ada.turned(ada.chapter.evaluate("document.getElementById('l30').focus()"))
    assert "link-30" in await ada.text()
    await ada.until(f"books/{book}/progress", lambda found: (found["current"] or {"page": 1})["page"] > 5)
    text = await ada.still()
    await ada.page.reload()
    await ada.opened()
    assert await ada.still() == text


SELECTED = "getSelection().toString().trim()"


@pytest.mark.parametrize(("presses", "wanted"), [(2, "lighthouse"), (3, "The lighthouse stood.")])
async def test_clicks_in_short_order_select_and_turn_no_page(newcomer: Newcomer, presses: int, wanted: str) -> None:
    ada = await newcomer()
    body = paragraphs(*["The lighthouse stood."] * 3, *["Some more words. " * 30] * 40)
    book = await ada.add(build_epub(Book(pages=[Page("One", "<p>Before.</p>"), Page("", body)])))
    await ada.open(book, "?chapter=2")
    text = await ada.still()
    x, y = await ada.chapter.evaluate(PLACE_OF_WORDS, "lighthouse")
    assert x < 0.28 * 1200
    await ada.page.mouse.click(x, y, click_count=presses, delay=20)
    await ada.comes(SELECTED, lambda found: found == wanted)
    await ada.page.wait_for_timeout(600)
    assert await ada.text() == text
    # A click beside the words lets go of them, the next one turns the page.
    await ada.page.mouse.click(x, y + 200)
    await ada.comes(SELECTED, lambda found: found == "")
    assert await ada.text() == text


async def test_clicks_on_words_at_the_edge_turn_pages(newcomer: Newcomer) -> None:
    ada = await newcomer()
    body = paragraphs(*[f"Paragraph {n}. " * 40 for n in range(80)])
    await ada.open(await ada.add(build_epub(Book(pages=[Page("", body)]))))
    start = await ada.still()
    second = await ada.turned(ada.page.mouse.click(1000, 300))
    third = await ada.turned(ada.page.mouse.click(1000, 300, click_count=1))
    assert len({start, second, third}) == 3
    assert await ada.turned(ada.page.mouse.click(200, 300)) == second
    assert await ada.chapter.evaluate(SELECTED) == ""


def vertical_book() -> bytes:
    """Lines from top to bottom, which follow each other from right to left."""
    pages = [Page(name, paragraphs(*[f"{name} {n}. " + "言葉 " * 40 for n in range(30)])) for name in ("One", "Two")]
    source = zipfile.ZipFile(io.BytesIO(build_epub(Book(pages=pages, language="ja", direction="rtl"))))
    files = {name: source.read(name) for name in source.namelist()}
    style = b'<body style="writing-mode: vertical-rl">'
    return pack({name: data.replace(b"<body>", style) for name, data in files.items()})


ON = "frameElement.getBoundingClientRect().right - frameElement.ownerDocument.defaultView.innerWidth"


async def test_wheels_and_arrows_read_on_in_scrolled_vertical_text(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(vertical_book())
    await put_flow(ada, "scrolled")
    await ada.open(book)
    await ada.page.mouse.move(600, 400)

    async def moves(act: Awaitable[None], wanted: int) -> None:
        before = await ada.chapter.evaluate(ON)
        await act
        await ada.comes(ON, lambda now: (now - before) * wanted > 60)
        await ada.page.wait_for_timeout(300)

    await moves(ada.page.keyboard.press("ArrowDown"), 1)
    await moves(ada.page.mouse.wheel(0, 300), 1)
    await moves(ada.page.mouse.wheel(-300, 0), 1)
    await moves(ada.page.keyboard.press("ArrowUp"), -1)
    await moves(ada.page.mouse.wheel(0, -100), -1)
    await moves(ada.page.mouse.wheel(100, 0), -1)
    for _ in range(40):
        if "Two" in await ada.text():
            break
        await ada.page.mouse.wheel(0, 900)
        # A wheel that rests for a moment begins a new movement.
        await ada.page.wait_for_timeout(300)
    await ada.shows("Two")
