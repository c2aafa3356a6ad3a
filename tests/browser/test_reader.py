"""What the reader does with pages, type, pictures, notes and jumps."""

import asyncio
import gzip
import io
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Response, Route, expect

from tests.books.build import Book, Page, build_epub, pack, paragraphs
from tests.books.novel import novel
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person

expect.set_options(timeout=PATIENCE)

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
SCRIPT_LIMIT = 80_000
"""Bytes of script, packed, on the way to the first page (the plan's budget)."""

PLACE_OF_WORDS = """words => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const frame = frameElement.getBoundingClientRect();
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at < 0) continue;
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + words.length);
    const [box] = range.getClientRects(); // Words may go on in the next line.
    return [box.left + frame.left + 5, box.top + frame.top + 8];
  }
}"""


def fixed_book() -> bytes:
    """Three pages of 600 x 800, each with its number."""
    pages = [Page("", f'<p style="position:absolute;left:40px;top:60px">Page {n}</p>') for n in (1, 2, 3)]
    source = zipfile.ZipFile(io.BytesIO(build_epub(Book(title="Fixed", pages=pages))))
    files: dict[str, bytes | str] = {name: source.read(name) for name in source.namelist()}
    for name in files:
        text = source.read(name).decode()
        if name.endswith(".opf"):
            files[name] = text.replace(
                "</metadata>", '<meta property="rendition:layout">pre-paginated</meta></metadata>'
            )
        elif "/c0" in name:
            files[name] = text.replace("<head>", '<head><meta name="viewport" content="width=600, height=800"/>')
    return pack(files)


SIZE_OF_LETTERS = "parseFloat(getComputedStyle(document.querySelector('p')).fontSize)"


async def test_type_is_kept_for_the_device_and_for_one_book_alone(newcomer: Newcomer) -> None:
    ada = await newcomer()
    first, second = await ada.add(novel(3, 600, seed=1)), await ada.add(novel(3, 600, seed=2))
    await ada.open(first)
    usual = await ada.chapter.evaluate(SIZE_OF_LETTERS)
    page = ada.page
    await page.get_by_role("button", name="Type and page").click()
    sheet = page.get_by_role("dialog", name="Type and page")
    await sheet.get_by_role("button", name="Larger").click()
    await expect(sheet).to_contain_text("20 px")
    larger = await ada.comes(SIZE_OF_LETTERS, lambda size: size > usual)
    await sheet.get_by_role("button", name="Golos").click()
    await ada.comes("getComputedStyle(document.querySelector('p')).fontFamily", lambda family: "Golos" in family)

    await sheet.get_by_role("checkbox", name="Type only for this book").check()
    await sheet.get_by_role("button", name="Larger").click()
    await sheet.get_by_role("button", name="Larger").click()
    await ada.comes(SIZE_OF_LETTERS, lambda size: size > larger)
    await ada.open(second)
    assert await ada.chapter.evaluate(SIZE_OF_LETTERS) == larger
    await ada.open(first)
    assert await ada.chapter.evaluate(SIZE_OF_LETTERS) > larger
    await page.get_by_role("button", name="Type and page").click()
    await sheet.get_by_role("checkbox", name="Type only for this book").uncheck()
    await ada.comes(SIZE_OF_LETTERS, lambda size: size == larger)


async def test_paper_reaches_into_the_chapter_and_into_the_next_one(newcomer: Newcomer) -> None:
    ada = await newcomer()
    body = '<p style="color:#000;background:#fff">Black on white, says the book.</p>'
    book = await ada.add(build_epub(Book(pages=[Page("One", body), Page("Two", body)])))
    await ada.open(book)
    colour = "getComputedStyle(document.querySelector('p')).color"
    assert await ada.chapter.evaluate(colour) == "rgb(0, 0, 0)"
    await ada.page.get_by_role("button", name="Type and page").click()
    await ada.page.get_by_role("button", name="Dark").click()
    await expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")
    await ada.comes(colour, lambda shown: shown == "rgb(230, 220, 203)")
    await ada.page.keyboard.press("Escape")
    await ada.press("ArrowRight")
    assert await ada.chapter.evaluate(colour) == "rgb(230, 220, 203)"


async def test_scrolled_text_goes_on_with_the_next_chapter(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(3, 300))
    await ada.page.goto("/")
    await ada.page.evaluate("localStorage.setItem('bookreader.type', JSON.stringify({ flow: 'scrolled' }))")
    await ada.open(book)
    assert "Chapter 1" in await ada.text()
    await ada.page.mouse.move(600, 400)
    for _ in range(20):
        if "Chapter 2" in await ada.text():
            break
        await ada.page.mouse.wheel(0, 400)
        # A wheel that rests for a moment begins a new movement.
        await ada.page.wait_for_timeout(300)
    await ada.shows("Chapter 2")
    await ada.until(f"books/{book}/progress", lambda progress: (progress["current"] or {}).get("chapter") == 2)


async def test_a_book_from_right_to_left_turns_the_other_way(newcomer: Newcomer) -> None:
    ada = await newcomer()
    pages = [Page(f"Page {n}", "<p>words</p>") for n in (1, 2, 3)]
    book = await ada.add(build_epub(Book(pages=pages, direction="rtl", language="ar")))
    await ada.open(book)
    await ada.press("ArrowLeft")
    await ada.shows("Page 2")
    await ada.turned(ada.page.mouse.click(30, 400))
    await ada.shows("Page 3")
    await ada.press("ArrowRight")
    await ada.shows("Page 2")


async def test_a_finger_turns_pages_and_a_tap_shows_what_there_is(newcomer: Newcomer) -> None:
    ada = await newcomer(**PHONE)
    book = await ada.add(novel(3, 900))
    await ada.open(book)
    start = await ada.still()
    forward = await ada.turned(swipe(ada, 300, 60))
    assert forward != start
    assert await ada.turned(swipe(ada, 60, 300)) == start
    assert await ada.turned(ada.page.touchscreen.tap(370, 400)) == forward
    contents = ada.page.get_by_role("button", name="Contents")
    await expect(contents).to_have_css("opacity", "0")
    await ada.page.touchscreen.tap(195, 400)
    await expect(contents).to_have_css("opacity", "1")
    assert await ada.text() == forward


async def swipe(person: Person, start: float, end: float) -> None:
    """A finger over the page, as the browser's own input sends it."""
    session = await person.context.new_cdp_session(person.page)
    steps = [start + (end - start) * share / 6 for share in range(7)]
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": 400}]})
    for x in steps[1:]:
        await session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": 400}]})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await session.detach()


async def test_pages_of_fixed_layout_are_fitted_and_kept(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(fixed_book())
    await ada.open(book)
    await ada.page.keyboard.press("ArrowRight")
    await ada.until(f"books/{book}/progress", lambda progress: (progress["current"] or {}).get("chapter", 0) > 1)
    chapter = (await ada.get(f"books/{book}/progress"))["current"]["chapter"]
    await ada.page.reload()
    await ada.page.wait_for_selector(".reader-foot .at")
    await expect(ada.page.locator(".reader-foot .at")).to_contain_text(f"{chapter} / 3")
    box = "frameElement.getBoundingClientRect().toJSON()"
    await ada.comes(box, lambda box: box and box["height"] > 300 and box["bottom"] <= 800)


@pytest.mark.parametrize("flow", ["paginated", "scrolled"])
async def test_lengths_of_the_view_are_lengths_of_the_page(newcomer: Newcomer, flow: str) -> None:
    """The frame is as long as all pages together: half of its width would be many pages wide."""
    ada = await newcomer()
    half = '<div id="half" style="width: 50vw; height: 25vh">x</div>'
    book = await ada.add(build_epub(Book(pages=[Page("One", half + paragraphs(*["A long sentence. " * 60] * 40))])))
    await ada.page.goto("/")
    await ada.page.evaluate(f"localStorage.setItem('bookreader.type', JSON.stringify({{ flow: '{flow}' }}))")
    await ada.open(book)
    width, height, text = await ada.chapter.evaluate("""() => {
        const box = document.getElementById('half').getBoundingClientRect();
        return [box.width, box.height, document.querySelector('p').getClientRects()[0].width];
    }""")
    page = await ada.page.locator(".host").bounding_box()
    assert page
    assert text / 2 - 2 <= width <= page["width"] / 2 + 2
    assert 0.8 * page["height"] / 4 <= height <= page["height"] / 4 + 2


async def test_notes_open_where_their_sign_stands(newcomer: Newcomer) -> None:
    ada = await newcomer()
    one = '<p>Words.<a epub:type="noteref" href="c0002.xhtml#n7">7</a></p>'
    two = '<ol><li id="n7"><p>What the note says. <a epub:type="backlink" href="c0001.xhtml">↩</a></p></li></ol>'
    book = await ada.add(build_epub(Book(pages=[Page("One", one), Page("Notes", two)])))
    frame = await ada.open(book)
    await frame.get_by_role("link", name="7").click()
    note = ada.page.get_by_role("dialog", name="Note 7")
    await expect(note).to_contain_text("What the note says.")
    await expect(note).not_to_contain_text("↩")
    await ada.page.keyboard.press("Escape")
    await expect(note).to_be_hidden()
    await ada.shows("Words.")
    await frame.get_by_role("link", name="7").click()
    await note.get_by_role("button", name="Show in the notes").click()
    await ada.shows("What the note says.")
    await ada.page.get_by_role("button", name="Back to page").click()
    await ada.shows("Words.")


async def test_jumps_by_the_line_of_progress_and_back(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(8, 900))
    await ada.open(book)
    start = await ada.still()
    line = ada.page.get_by_role("slider", name="Where you are")
    last = int(await line.get_attribute("max") or 0)
    await ada.turned(line.fill(str(last // 2)))
    # The line holds what was asked for until the new place, which these words tell, is known.
    at = ada.page.locator(".reader-foot .at")
    await expect(at.get_by_text(f"1 / {last}", exact=True)).to_have_count(0)
    back = ada.page.get_by_role("button", name="Back to page 1")
    await expect(back).to_be_visible()
    # A screen holds more than a position: it begins at the one asked for or a little before.
    there = int(await line.input_value())
    assert last // 2 - 3 <= there <= last // 2
    assert "%" in (await line.get_attribute("aria-valuetext") or "")
    await back.click()
    await ada.shows(start[:40])
    await ada.page.get_by_role("button", name=f"Forward to page {there}").click()
    await expect(at).to_contain_text(f"{there} / {last}")


async def test_pictures_ahead_are_covered_until_their_passage_is_reached(newcomer: Newcomer) -> None:
    ada = await newcomer(viewport={"width": 1440, "height": 900})
    book = await ada.add_sample()
    await ada.open(book)
    await ada.meet_a_picture()
    await ada.page.locator("aside button").first.click()
    dialog = ada.page.get_by_role("dialog", name="Picture")
    forward = dialog.get_by_role("button", name="Next picture: covered until you reach it")
    await expect(forward).to_be_disabled()
    await ada.page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("1 of")
    await ada.page.keyboard.press("Escape")
    # Titles ahead are covered as well.
    await ada.page.keyboard.press("c")
    await expect(ada.page.get_by_role("dialog", name="Contents")).to_contain_text("title covered")


async def test_a_passage_on_a_phone_opens_its_picture(newcomer: Newcomer) -> None:
    ada = await newcomer(**PHONE)
    book = await ada.add_sample()
    picture = (await ada.get(f"books/{book}/illustrations"))["items"][0]
    await ada.open(book, f"?chapter={picture['chapter']}&cfi={picture['cfi']}")
    dialog = ada.page.get_by_role("dialog", name="Picture")
    x, y = await ada.chapter.evaluate(PLACE_OF_WORDS, picture["quote"][:20])
    await ada.page.touchscreen.tap(max(x, 150), y)
    await expect(dialog.get_by_role("img")).to_be_visible()
    await expect(dialog).to_contain_text("Offline plate")
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()

    # The sign beside the passage is a button: it is the first thing in the text that the keyboard comes to.
    while await ada.page.evaluate("document.activeElement.localName") != "foliate-paginator":
        await ada.page.keyboard.press("Tab")
    for _ in range(4):
        await ada.page.keyboard.press("Enter")
        # What it opens is loaded first: another key meanwhile would close it again.
        with suppress(AssertionError):
            await expect(dialog).to_be_visible(timeout=3_000)
            break
        await ada.page.keyboard.press("Tab")
    await expect(dialog).to_be_visible()


async def test_reading_becomes_a_session_that_ends_when_the_page_is_left(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(3, 900))
    begun: asyncio.Queue[str] = asyncio.Queue()

    async def hear(response: Response) -> None:
        if response.request.method == "POST" and response.url.endswith("/sessions"):
            await begun.put((await response.json())["id"])

    ada.page.on("response", hear)
    await ada.open(book)
    await ada.press("ArrowRight")
    await ada.page.get_by_role("link", name="Back to the library").click()
    await expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
    await ended(ada, await asyncio.wait_for(begun.get(), 10))
    await ada.open(book)
    await ada.press("ArrowRight")
    second = await asyncio.wait_for(begun.get(), 10)
    await ada.page.close()
    await ended(ada, second)


async def test_a_session_ends_also_when_the_book_was_left_before_the_server_knew_of_it(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(2, 300))
    left = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await left.wait()
        await route.fulfill(response=answer)

    await ada.page.route(f"**/books/{book}/sessions", late)
    await ada.open(book)
    await ada.page.get_by_role("link", name="Back to the library").click()
    await expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
    async with ada.page.expect_response(lambda response: response.url.endswith(f"/books/{book}/sessions")) as begun:
        left.set()
    await ended(ada, (await (await begun.value).json())["id"])


async def ended(person: Person, session: str) -> None:
    """Waits until a reading session is over."""
    for _ in range(100):
        answer = await person.context.request.patch(f"/api/v1/sessions/{session}", data={})
        if not (await answer.json())["is_active"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the session goes on")


async def test_the_way_to_the_first_page_is_short(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(build_epub(Book(pages=[Page(str(n), paragraphs("Words.")) for n in range(40)])))
    scripts: dict[str, int] = {}
    chapters: list[str] = []

    async def count(response: Response) -> None:
        if response.request.resource_type == "script":
            scripts[response.url] = len(gzip.compress(await response.body()))
        elif "/resources/" in response.url:
            chapters.append(response.url)

    ada.page.on("response", count)
    await ada.open(book)
    assert sum(scripts.values()) <= SCRIPT_LIMIT, scripts
    # One chapter is shown and one loaded ahead, whatever the size of the book.
    assert len(set(chapters)) <= 2


@pytest.mark.parametrize("turns", [60])
async def test_many_turns_keep_no_documents(newcomer: Newcomer, deep: bool, turns: int) -> None:
    ada = await newcomer()
    book = await ada.add(novel(12, 500))
    await ada.open(book)
    session = await ada.context.new_cdp_session(ada.page)
    for _ in range(turns * (10 if deep else 1)):
        await ada.page.keyboard.press("ArrowRight")
        if "Chapter 12" in await ada.text():
            await ada.page.keyboard.press("Home")
    await ada.still()
    await session.send("HeapProfiler.collectGarbage")
    counted = {
        metric["name"]: metric["value"] for metric in (await session.send("Performance.getMetrics", {}))["metrics"]
    }
    assert counted.get("Documents", 0) <= 8, counted
