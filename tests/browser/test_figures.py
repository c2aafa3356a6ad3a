"""What stands in the text besides words: pictures of the book and for its passages, tables; and a percent to go to."""

import asyncio
import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.books.build import Book, Page, build_epub, paragraphs
from tests.books.novel import novel
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE
from tests.browser.test_marks import select

expect.set_options(timeout=PATIENCE)

WORDS = paragraphs(*["Some words before and after what this is about. " * 3] * 6)
TABLE = "<table id='{}'><tr>" + "<td>{}</td>" * 12 + "</tr></table>"
WIDE = TABLE.format("wide", *["a-cell-that-does-not-break"] * 12)
NARROW = TABLE.format("narrow", *"abcdefghijkl")
LOOK = """name => {
  const table = document.getElementById(name), { left, right } = table.getBoundingClientRect();
  const column = table.previousElementSibling.getBoundingClientRect();
  const inside = left >= column.left - 1 && right <= column.right + 1;
  return { scrolls: table.scrollWidth > table.clientWidth, inside };
}"""
LAST_IN_VIEW = """(() => {
  const [cell, table] = ['#last', 'table'].map((one) => document.querySelector(one).getBoundingClientRect());
  return cell.left >= table.left && cell.right <= table.right + 1;
})()"""
COUNT_CHANGES = """() => {
  window.changes = 0;
  const count = (found) => void (window.changes += found.length);
  const { contentDocument } = document.querySelector('foliate-paginator').shadowRoot.querySelector('iframe');
  new MutationObserver(count).observe(contentDocument.querySelector('table'), { attributes: true });
}"""
# Readers keep their frames in closed trees; what is drawn over the text is looked for from outside.
OPEN_TREES = """(() => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };
})()"""
FIGURES = """() => [...document.querySelectorAll('[data-reader-figure]')].map((block) => {
  const { backgroundImage, height } = getComputedStyle(block, '::after');
  return [backgroundImage, parseFloat(height)];
})"""


def picture(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "#8a3b12").save(data, "png")
    return data.getvalue()


def book(body: str, **more: Any) -> bytes:
    return build_epub(Book(pages=[Page("One", body), Page("Two", WORDS)], **more))


async def test_a_picture_of_the_book_is_shown_as_large_as_the_window(newcomer: Newcomer) -> None:
    ada = await newcomer()
    images = {"map.png": picture(1600, 900), "letter.png": picture(20, 20)}
    body = '<p><img src="letter.png" alt="L"/>et us look.</p><p><img src="map.png" alt="The island" width="320"/></p>'
    found = await ada.add(book(body, files=images))
    frame = await ada.open(found)
    dialog = ada.page.get_by_role("dialog", name="Picture of the book")
    await frame.get_by_alt_text("The island").click()
    shown = dialog.get_by_alt_text("The island")
    await expect(shown).to_be_visible()
    await expect(dialog).to_be_focused()
    assert ((await shown.bounding_box()) or {})["width"] > 1000
    await dialog.get_by_role("button", name="Full size").click()
    assert ((await shown.bounding_box()) or {})["width"] == 1600
    # By the keyboard too, and in the same moment as it was closed; a letter that is drawn is no picture to look at.
    await asyncio.gather(ada.page.keyboard.press("Escape"), ada.page.keyboard.press("z"))
    await expect(dialog.get_by_role("button", name="Full size")).to_have_attribute("aria-pressed", "false")
    await expect(shown).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await frame.get_by_alt_text("L", exact=True).click()
    await expect(dialog).to_be_hidden()
    assert ada.errors == []


async def test_a_wide_table_scrolls_within_its_column(newcomer: Newcomer) -> None:
    ada = await newcomer()
    found = await ada.add(book(f"<p>Before.</p>{WIDE}<p>Between.</p>{NARROW}{WORDS}"))
    frame = await ada.open(found)
    assert await frame.evaluate(LOOK, "wide") == {"scrolls": True, "inside": True}
    assert await frame.evaluate(LOOK, "narrow") == {"scrolls": False, "inside": True}
    # Whoever moves the table with a wheel does not turn the page.
    await frame.locator("#wide").hover()
    await ada.page.mouse.wheel(300, 0)
    await ada.comes("document.getElementById('wide').scrollLeft", lambda moved: moved > 0)
    assert (await ada.still()).startswith("One Before.")
    assert ada.errors == []


async def test_what_a_table_has_scrolled_away_takes_no_page_and_shows_no_mark(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.context.add_init_script(OPEN_TREES)
    columns = "".join(f"<td>column-number-{number}</td>" for number in range(60))
    link = '<p>Go to <a href="#last">the end of it</a>.</p>'
    found = await ada.add(book(f'{link}<table><tr>{columns}<td id="last">the last</td></tr></table>'))
    frame = await ada.open(found)
    await select(ada, "column-number-0")
    await ada.page.get_by_role("button", name="Highlight in moss").click()
    drawn = ada.page.locator("foliate-paginator span")
    await expect(drawn).not_to_have_count(0)
    # Whoever goes to what is out of sight finds it in the table, and stays on its page.
    await frame.get_by_text("the end of it").click()
    await ada.comes(LAST_IN_VIEW, bool)
    await expect(drawn).to_have_count(0)
    assert (await ada.still()).startswith("One Go to")
    # The arrows move a table that has the keyboard.
    moved = await frame.evaluate("document.querySelector('table').scrollLeft")
    await frame.locator("table").focus()
    await ada.page.keyboard.press("ArrowLeft")
    await ada.comes("document.querySelector('table').scrollLeft", lambda now: now < moved)
    await frame.locator("table").blur()
    assert (await ada.press("ArrowRight")).startswith("Two")
    assert (await ada.press("ArrowLeft")).startswith("One Go to")
    assert ada.errors == []


async def test_a_table_of_a_width_of_its_own_is_measured_once(newcomer: Newcomer) -> None:
    """In a column it fits; as the book has it, it does not."""
    ada = await newcomer(viewport={"width": 390, "height": 844})
    await ada.context.add_init_script(OPEN_TREES)
    found = await ada.add(book(f'<table width="900"><tr><td>{"Words. " * 9}</td><td>More.</td></tr></table>{WORDS}'))
    frame = await ada.open(found)
    assert await frame.evaluate("document.querySelector('table').offsetWidth") < 390
    await ada.page.evaluate(COUNT_CHANGES)
    await ada.page.set_viewport_size({"width": 500, "height": 844})
    await ada.comes("document.querySelector('table').offsetWidth", lambda width: width > 390)
    await ada.still()
    changes = await ada.page.evaluate("window.changes")
    await ada.page.wait_for_timeout(300)
    assert 0 < changes < 20
    assert await ada.page.evaluate("window.changes") == changes
    assert ada.errors == []


@pytest.mark.parametrize("width", [390, 1440])
async def test_pictures_stand_in_the_text_for_who_wants_them_there(newcomer: Newcomer, width: int) -> None:
    ada = await newcomer(viewport={"width": width, "height": 844})
    found = await ada.add_sample()
    pictures = (await ada.get(f"books/{found}/illustrations"))["items"]
    frame = await ada.open(found, f"?chapter={pictures[0]['chapter']}&cfi={pictures[0]['cfi']}")
    assert await frame.evaluate(FIGURES) == []
    place = (await ada.until(f"books/{found}/progress", lambda now: now["current"]))["current"]
    await ada.page.keyboard.press("t")
    choices = ada.page.get_by_role("group", name="Pictures")
    await choices.get_by_role("button", name="In the text").click()
    await ada.page.keyboard.press("Escape")
    await ada.still()
    ours = [one for one in pictures if one["chapter"] == pictures[0]["chapter"]]
    figures = await ada.chapter.evaluate(FIGURES)
    assert {address.split("?")[0] for address, _ in figures} <= {
        f'url("{ada.page.url.split("/read")[0]}{one["image"].split("?")[0]}")' for one in ours
    }
    assert figures
    assert all(height > 100 for _, height in figures)
    # The text around them is the same, to the character.
    await ada.page.reload()
    await ada.opened()
    again = (await ada.get(f"books/{found}/progress"))["current"]
    assert (again["chapter"], again["cfi"]) == (place["chapter"], place["cfi"])
    assert ada.errors == []


async def test_a_percent_is_gone_to(newcomer: Newcomer) -> None:
    ada = await newcomer()
    found = await ada.add(novel(6, 2000))
    await ada.open(found)
    await ada.page.keyboard.press("c")
    contents = ada.page.get_by_role("dialog", name="Contents")
    await contents.get_by_label("Percent of the book").fill("50")
    await contents.get_by_role("button", name="Go there").click()
    place = await ada.until(f"books/{found}/progress", lambda now: (now["current"] or {}).get("chapter", 1) > 1)
    assert 0.47 < place["current"]["total_progression"] < 0.52
    await ada.still()
    await expect(ada.page.get_by_role("contentinfo")).to_contain_text("in the book")
    assert ada.errors == []


# Puts the passage on a page of its own, with its last line `room` px above the end of the page.
PUSH_DOWN = """([words, room]) => {
  const block = [...document.querySelectorAll('p')].find((one) => one.textContent.includes(words));
  block.style.breakBefore = 'column';
  block.style.marginTop = '0px';
  const range = document.createRange();
  range.selectNodeContents(block);
  const down = () => Math.max(...[...range.getClientRects()].map((box) => box.bottom));
  block.style.marginTop = `${innerHeight - down() - room}px`;
  return innerHeight - down();
}"""


async def test_the_sign_of_a_passage_that_ends_a_page_stands_on_the_page(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.context.add_init_script(OPEN_TREES)
    found = await ada.add_sample()
    picture = (await ada.get(f"books/{found}/illustrations"))["items"][0]
    frame = await ada.open(found, f"?chapter={picture['chapter']}&cfi={picture['cfi']}")
    room = await frame.evaluate(PUSH_DOWN, [picture["quote"].split("\n")[0][-30:], 2])
    assert room == pytest.approx(2, abs=1)
    await ada.page.set_viewport_size({"width": 1202, "height": 800})
    await ada.still()
    sign = ada.page.locator(f"foliate-paginator button[data-mark='{picture['id']}']")
    shown, leaf = await sign.bounding_box(), await (await frame.frame_element()).bounding_box()
    assert shown
    assert leaf
    assert shown["y"] + shown["height"] <= leaf["y"] + leaf["height"] + 1
    await ada.page.mouse.click(shown["x"] + shown["width"] / 2, shown["y"] + shown["height"] / 2)
    await expect(ada.page.get_by_role("dialog", name="Picture")).to_be_visible()


ROOM_BESIDE = """(() => {
  const [float, words] = ['#float', '#words'].map((one) => document.querySelector(one));
  const range = document.createRange();
  range.selectNodeContents(words);
  const box = float.getBoundingClientRect();
  const { right } = document.body.getClientRects()[0]; // The rest is in other columns.
  const lines = [...range.getClientRects()].filter((line) => line.left < right);
  const beside = lines.filter((line) => line.top < box.bottom - 2 && line.bottom > box.top + 2);
  return [beside.length, box.width];
})()"""


@pytest.mark.parametrize("kind", ["img", "div"])
async def test_no_words_stand_where_a_picture_leaves_no_room_for_them(newcomer: Newcomer, kind: str) -> None:
    ada = await newcomer(viewport={"width": 390, "height": 844})
    style = 'id="float" style="float: right; margin-left: 1em"'
    image = '<img src="map.png" alt="The island" width="280" {}/>'
    floated = image.format(style) if kind == "img" else f"<div {style}>{image.format('')}</div>"
    body = f'{floated}<p id="words">{"Some words of childhood beside it. " * 30}</p>'
    await ada.open(await ada.add(book(body, files={"map.png": picture(280, 160)})))
    _, width = await ada.comes(ROOM_BESIDE, lambda found: found and found[0] == 0)
    assert width >= 280
    await ada.page.set_viewport_size({"width": 600, "height": 844})
    await ada.comes(ROOM_BESIDE, lambda found: found and found[0] > 2)
    await ada.page.set_viewport_size({"width": 390, "height": 844})
    await ada.comes(ROOM_BESIDE, lambda found: found and found[0] == 0)
