"""Bookmarks, highlights and notes; search in the book."""

import json

from playwright.async_api import expect

from tests.books.build import Book, Page, build_epub, paragraphs
from tests.books.novel import novel
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person
from tests.browser.test_reader import PLACE_OF_WORDS
from tests.browser.test_trouble import answers

expect.set_options(timeout=PATIENCE)

WORDS = "The lighthouse stood on the last rock, and its keeper was asleep."
BOOK = build_epub(
    Book(
        pages=[
            Page("One", paragraphs("An even sentence before.", WORDS, "An even sentence after.")),
            Page("Two", paragraphs("Nothing here.")),
            Page("Three", paragraphs("Once more a lighthouse, far ahead.")),
        ]
    )
)


async def select(person: Person, words: str) -> None:
    """Selects words in the chapter, as a mouse does."""
    await person.chapter.evaluate(
        """words => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + words.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
          }
        }""",
        words,
    )


async def test_a_highlight_with_a_note_is_kept_shown_changed_and_taken_along(newcomer: Newcomer) -> None:
    ada = await newcomer()
    page = ada.page
    book = await ada.add(BOOK)
    await ada.open(book)
    await select(ada, "stood on the last rock")
    bar = page.get_by_role("toolbar", name="Selected passage")
    await bar.get_by_role("button", name="Highlight in moss").click()
    await expect(bar).to_be_hidden()
    kept = await ada.until(f"books/{book}/annotations", lambda found: found["items"])
    mark = kept["items"][0]
    assert (mark["quote"], mark["colour"], mark["chapter"]) == ("stood on the last rock", "moss", 1)

    await page.reload()
    await ada.opened()
    x, y = await ada.chapter.evaluate(PLACE_OF_WORDS, "on the last rock")
    editor = page.get_by_role("dialog", name="Highlight and note")
    for _ in range(50):
        await page.mouse.click(x + 10, y)
        if await editor.is_visible():
            break
        await page.wait_for_timeout(100)
    await editor.get_by_label("Your note").fill("Where the story turns.")
    await editor.get_by_role("button", name="Keep").click()
    await expect(editor).to_be_hidden()
    await ada.until(f"books/{book}/annotations", lambda found: found["items"][0]["note"] == "Where the story turns.")

    await page.get_by_role("button", name="Contents").click()
    drawer = page.get_by_role("dialog", name="Contents")
    await drawer.get_by_role("button", name="Marks (1)").click()
    await expect(drawer).to_contain_text("Where the story turns.")
    async with page.expect_download() as saving:
        await drawer.get_by_role("button", name="Markdown").click()
    assert "> stood on the last rock\n\nWhere the story turns." in (await (await saving.value).path()).read_text(
        "utf-8"
    )
    async with page.expect_download() as saving:
        await drawer.get_by_role("button", name="JSON").click()
    saved = json.loads((await (await saving.value).path()).read_text("utf-8"))
    assert saved["annotations"][0]["cfi"] == mark["cfi"]

    await drawer.get_by_role("button", name="Edit the mark").click()
    await editor.get_by_role("button", name="Remove").click()
    await editor.get_by_role("button", name="Remove both").click()
    await ada.until(f"books/{book}/annotations", lambda found: not found["items"])
    assert ada.errors == []


async def test_a_bookmark_belongs_to_its_page(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(2, 1500))
    await ada.open(book)
    await ada.press("ArrowRight")
    marked = ada.page.get_by_role("button", name="Take the bookmark away")
    await ada.page.get_by_role("button", name="Mark this page").click()
    await expect(marked).to_be_visible()
    await ada.until(f"books/{book}/annotations", lambda found: found["items"])
    await ada.press("ArrowRight")
    await expect(marked).to_be_hidden()
    await ada.press("ArrowLeft")
    await expect(marked).to_be_visible()
    await ada.page.keyboard.press("b")
    await expect(marked).to_be_hidden()
    await ada.until(f"books/{book}/annotations", lambda found: not found["items"])


async def test_a_note_waits_for_a_server_that_is_silent(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(BOOK)
    await ada.open(book)
    await ada.context.route("**/annotations*", answers(503))
    await select(ada, "its keeper was asleep")
    await ada.page.get_by_role("toolbar").get_by_role("button", name="Note").click()
    editor = ada.page.get_by_role("dialog", name="Highlight and note")
    await editor.get_by_label("Your note").fill("Not lost.")
    await editor.get_by_role("button", name="Keep").click()
    await expect(editor).to_be_hidden()
    await ada.page.reload()
    await ada.opened()
    await ada.page.keyboard.press("c")
    drawer = ada.page.get_by_role("dialog", name="Contents")
    await drawer.get_by_role("button", name="Marks (1)").click()
    await expect(drawer).to_contain_text("Not lost.")
    await ada.context.unroute("**/annotations*")
    await ada.page.reload()
    await ada.until(
        f"books/{book}/annotations", lambda found: found["items"] and found["items"][0]["note"] == "Not lost."
    )


async def test_search_finds_words_and_covers_what_lies_ahead(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(BOOK)
    await ada.open(book)
    await ada.until(f"books/{book}/progress", lambda progress: progress["current"] is not None)
    await ada.page.keyboard.press("/")
    search = ada.page.get_by_role("dialog", name="Search in this book")
    await search.get_by_role("searchbox").fill("lighthouse")
    await expect(search.get_by_role("status")).to_contain_text("2 places")
    await expect(search).to_contain_text("stood on the last rock")
    await expect(search).to_contain_text("1 place lies ahead.")
    await expect(search).not_to_contain_text("far ahead")
    await search.get_by_role("button", name="Show what lies ahead").click()
    await search.get_by_role("button", name="far ahead").click()
    await expect(search).to_be_hidden()
    await ada.shows("Once more a lighthouse")
    await ada.page.get_by_role("button", name="Back to page 1").click()
    await ada.shows("An even sentence before.")

    await ada.page.keyboard.press("s")
    await expect(search.get_by_role("searchbox")).to_have_value("lighthouse")
    await search.get_by_role("searchbox").fill("unicorn")
    await expect(search.get_by_role("status")).to_contain_text("0 places")


async def test_selected_words_get_a_picture(newcomer: Newcomer) -> None:
    ada = await newcomer()
    page = ada.page
    book = await ada.add(BOOK)
    await ada.open(book)
    await select(ada, WORDS)
    await page.get_by_role("toolbar", name="Selected passage").get_by_role("button", name="Illustrate").click()
    dialog = page.get_by_role("dialog", name="Illustrate this passage")
    await expect(dialog).to_contain_text(WORDS)
    await dialog.get_by_role("button", name="Draw it").click()
    drawn = await ada.until(
        f"books/{book}/illustrations", lambda found: [one["status"] for one in found["items"]] == ["completed"]
    )
    assert (drawn["items"][0]["quote"], drawn["items"][0]["chapter"]) == (WORDS, 1)
    assert ada.errors == []
