"""What keys, clicks and wheels do on the words of a page."""

import io
import zipfile
from collections.abc import Awaitable

import pytest
from playwright.async_api import CDPSession, expect

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


class Mouse:
    """A mouse that selects. Playwright's own never returns from a drag in a frame without scripts."""

    def __init__(self, person: Person, session: CDPSession) -> None:
        self._person, self._session = person, session

    @classmethod
    async def of(cls, person: Person) -> "Mouse":
        return cls(person, await person.context.new_cdp_session(person.page))

    async def _do(self, what: str, at: tuple[float, float], buttons: int) -> None:
        event = {"type": what, "x": at[0], "y": at[1], "button": "left", "buttons": buttons, "clickCount": 1}
        await self._session.send("Input.dispatchMouseEvent", event)

    async def press(self, at: tuple[float, float]) -> None:
        await self._do("mouseMoved", at, 0)
        await self._do("mousePressed", at, 1)
        self._at = at

    async def move(self, to: tuple[float, float]) -> None:
        for step in range(1, 9):
            part = [start + (end - start) * step / 8 for start, end in zip(self._at, to, strict=True)]
            await self._do("mouseMoved", (part[0], part[1]), 1)
            await self._person.page.wait_for_timeout(20)
        self._at = to

    async def release(self) -> None:
        await self._do("mouseReleased", self._at, 0)


async def open_numbered(person: Person, direction: str | None = None) -> str:
    """A book whose words are numbered, on its third page. Returns the words on it."""
    words = [f"w{n}" for n in range(8000)]
    body = paragraphs(*[" ".join(words[start : start + 40]) for start in range(0, len(words), 40)])
    await person.open(await person.add(build_epub(Book(pages=[Page("", body)], direction=direction))))
    for _ in range(2):
        await person.press("PageDown")
    return await person.still()


@pytest.mark.parametrize("end", [(1195, 300), (4, 500), (900, 795), (300, 795), (700, 5)])
async def test_selecting_past_the_page_takes_what_is_in_sight(newcomer: Newcomer, end: tuple[int, int]) -> None:
    ada = await newcomer()
    text = await open_numbered(ada)
    mouse = await Mouse.of(ada)
    await mouse.press((700, 400))
    await mouse.move(end)
    await mouse.release()
    await ada.page.wait_for_timeout(1200)
    assert await ada.text() == text
    selected = (await ada.chapter.evaluate(SELECTED)).split()
    assert selected
    assert set(selected[1:-1]) <= set(text.split())
    await expect(ada.page.get_by_role("toolbar", name="Selected passage")).to_be_visible()


@pytest.mark.parametrize(("edge", "key"), [(1195, "ArrowRight"), (4, "ArrowLeft")])
async def test_a_mouse_that_rests_at_the_edge_selects_over_the_page(newcomer: Newcomer, edge: int, key: str) -> None:
    ada = await newcomer()
    text = await open_numbered(ada)
    wanted = await ada.press(key)
    assert await ada.press("ArrowLeft" if key == "ArrowRight" else "ArrowRight") == text
    mouse = await Mouse.of(ada)
    await mouse.press((600, 400))
    await mouse.move((edge, 400))
    # However long it rests, one page is turned.
    assert await ada.turned(ada.page.wait_for_timeout(2500)) == wanted
    await mouse.move((600, 400))
    await mouse.release()
    selected = set((await ada.chapter.evaluate(SELECTED)).split())
    assert selected & set(text.split())
    assert selected & set(wanted.split())
    assert not set(wanted.split()) <= selected


async def test_a_chapter_that_was_scrolled_into_is_left_by_one_key(newcomer: Newcomer) -> None:
    ada = await newcomer()
    pages = [Page(name, paragraphs(*[f"{name} {n}. " * 60 for n in range(9)])) for name in ("One", "Two")]
    book = await ada.add(build_epub(Book(pages=pages)))
    await put_flow(ada, "scrolled")
    await ada.open(book)
    while "Two" not in await ada.text():
        await ada.press("PageDown")
    assert "One 8." in await ada.press("PageUp")
    assert (await ada.press("PageDown")).startswith("Two")
