"""Mouse and keyboard in turns: whoever presses something with a mouse goes on reading with the keys."""

import asyncio

from playwright.async_api import Locator, Route, expect

from tests.books.build import Book, Page, build_epub, paragraphs
from tests.books.novel import novel
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person
from tests.browser.test_marks import select
from tests.browser.test_reader import PLACE_OF_WORDS

expect.set_options(timeout=PATIENCE)


async def at_middle(element: Locator) -> tuple[float, float]:
    box = await element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def page_number(person: Person) -> int:
    return int((await person.page.locator(".reader-foot .at").inner_text()).split("/")[0].split()[-1])


async def test_keys_turn_pages_after_the_line_of_progress_was_clicked(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.open(await ada.add(novel(8, 900)))
    line = ada.page.get_by_role("slider", name="Where you are")
    await ada.turned(ada.page.mouse.click(*await at_middle(line)))
    await expect(ada.page.get_by_role("button", name="Back to page 1")).to_be_visible()
    there = await page_number(ada)
    await ada.press("PageDown")
    assert 0 < await page_number(ada) - there < 6
    await ada.press("ArrowUp")
    assert await page_number(ada) == there


async def test_the_space_bar_turns_the_page_and_presses_no_button_again(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.open(await ada.add(novel(4, 900)))
    page = ada.page
    await page.get_by_role("button", name="Contents").click()
    drawer = page.get_by_role("dialog", name="Contents")
    await ada.turned(drawer.get_by_role("listitem").nth(1).get_by_role("button").click())
    await ada.press(" ")
    await expect(drawer).to_be_hidden()

    await page.get_by_role("button", name="Mark this page").click()
    ribbon = page.get_by_role("button", name="Take the bookmark away")
    await expect(ribbon).to_be_visible()
    await ada.press(" ")
    await ada.press("Shift+ ")
    await expect(ribbon).to_be_visible()

    sheet = page.get_by_role("dialog", name="Type and page")
    await page.keyboard.press("t")
    await expect(sheet).to_be_visible()
    await page.keyboard.press("Escape")
    await ada.press(" ")
    await expect(sheet).to_be_hidden()
    assert ada.errors == []


async def test_who_comes_to_a_button_by_keys_finds_it_again(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.open(await ada.add(novel(2, 300)))
    button = ada.page.get_by_role("button", name="Type and page")
    await button.focus()
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.get_by_role("dialog", name="Type and page")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(button).to_be_focused()


async def test_who_types_before_the_search_is_there_marks_no_page(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(2, 300))
    await ada.open(book)
    coming = asyncio.Event()

    async def late(route: Route) -> None:
        await coming.wait()
        await route.continue_()

    await ada.page.route("**/assets/Search*.js", late)
    await ada.page.keyboard.press("s")
    await ada.page.keyboard.type("bt")
    coming.set()
    await expect(ada.page.get_by_role("dialog", name="Search in this book")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await ada.press("ArrowRight")
    assert (await ada.get(f"books/{book}/annotations"))["items"] == []


async def test_who_goes_back_before_the_jump_has_arrived_is_where_it_began(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.open(await ada.add(novel(4, 900)))
    start = await ada.still()
    coming, asked = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await coming.wait()
        await route.continue_()

    await ada.page.get_by_role("button", name="Contents").click()
    drawer = ada.page.get_by_role("dialog", name="Contents")
    await ada.page.route("**/c0004.xhtml", late)
    await drawer.get_by_role("listitem").nth(3).get_by_role("button").click()
    await asyncio.wait_for(asked.wait(), 30)
    await ada.page.keyboard.press("Backspace")
    coming.set()
    await expect(ada.page.get_by_role("button", name="Forward to page")).to_be_visible()
    await ada.shows(start[:40])


async def test_selected_words_are_let_go_by_escape_and_by_a_turn(newcomer: Newcomer) -> None:
    ada = await newcomer()
    words = "The lighthouse stood on the last rock."
    filler = " ".join(["An even sentence goes before and after."] * 250)
    await ada.open(await ada.add(build_epub(Book(pages=[Page("One", paragraphs(words, filler))]))))
    bar = ada.page.get_by_role("toolbar", name="Selected passage")
    await select(ada, "stood on")
    await expect(bar).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(bar).to_be_hidden()
    await select(ada, "stood on")
    await expect(bar).to_be_visible()
    await ada.press("ArrowRight")
    await expect(bar).to_be_hidden()


async def test_a_note_makes_way_for_the_next_page(newcomer: Newcomer) -> None:
    ada = await newcomer()
    filler = " ".join(["An even sentence goes on."] * 600)
    said = '<aside id="n7" epub:type="footnote"><p>What it says.</p></aside>'
    body = f'<p>Words.<a href="#n7" epub:type="noteref">7</a></p><p>{filler}</p>{said}'
    frame = await ada.open(await ada.add(build_epub(Book(pages=[Page("One", body)]))))
    await frame.get_by_role("link", name="7").click()
    note = ada.page.get_by_role("dialog", name="Note 7")
    await expect(note).to_contain_text("What it says.")
    await ada.press("PageDown")
    await expect(note).to_be_hidden()


async def test_the_last_page_is_the_end_and_the_book_is_read(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(1, 2500))
    await ada.open(book)
    foot = ada.page.locator(".reader-foot")
    while "The end" not in await foot.inner_text():
        await ada.press("ArrowRight")
    pages = await ada.page.get_by_role("slider", name="Where you are").get_attribute("max")
    await expect(foot).to_contain_text(f"{pages} / {pages}")
    await ada.until(f"books/{book}", lambda shown: shown["total_progression"] == 1)
    assert (await ada.get("statistics"))["books_finished"] == 1
    await ada.press("ArrowLeft")
    await expect(foot).not_to_contain_text("The end")


async def test_a_look_at_the_end_is_not_the_end(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(3, 1500))
    await ada.open(book)
    await ada.page.get_by_role("button", name="Contents").click()
    drawer = ada.page.get_by_role("dialog", name="Contents")
    await drawer.get_by_label("Percent of the book").fill("100")
    await ada.turned(drawer.get_by_role("button", name="Go there").click())
    await expect(ada.page.locator(".reader-foot")).to_contain_text("The end")
    progress = await ada.until(f"books/{book}/progress", lambda found: (found["current"] or {}).get("chapter") == 3)
    assert progress["current"]["total_progression"] < 1
    assert (await ada.get("statistics"))["books_finished"] == 0


async def test_a_note_is_lost_by_nothing_but_a_yes(newcomer: Newcomer) -> None:
    ada = await newcomer()
    page = ada.page
    book = await ada.add(build_epub(Book(pages=[Page("One", paragraphs("The lighthouse stood on the last rock."))])))
    await ada.open(book)
    await select(ada, "stood on")
    await page.get_by_role("toolbar", name="Selected passage").get_by_role("button", name="Highlight in moss").click()
    await ada.until(f"books/{book}/annotations", lambda found: found["items"])
    editor = page.get_by_role("dialog", name="Highlight and note")
    await page.get_by_role("button", name="Contents").click()
    drawer = page.get_by_role("dialog", name="Contents")
    await drawer.get_by_role("button", name="Marks (1)").click()
    await drawer.get_by_role("button", name="Edit the mark").click()
    await editor.get_by_label("Your note").fill("Where the story turns.")
    await page.keyboard.press("Escape")
    await expect(editor).to_contain_text("What you wrote is not kept yet.")
    await editor.get_by_role("button", name="Keep").click()
    kept = await ada.until(f"books/{book}/annotations", lambda found: found["items"][0]["note"])
    assert kept["items"][0]["colour"] == "moss"

    x, y = await ada.chapter.evaluate(PLACE_OF_WORDS, "stood on")
    await page.mouse.click(x + 10, y)
    await editor.get_by_role("button", name="Remove").click()
    await expect(editor).to_contain_text("The note goes with its highlight.")
    await editor.get_by_role("button", name="Remove both").click()
    await ada.until(f"books/{book}/annotations", lambda found: not found["items"])
    assert ada.errors == []
