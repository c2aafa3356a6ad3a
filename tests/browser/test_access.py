"""Everyone can read: axe-core finds nothing, the keyboard is enough, the languages are whole."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.books.build import Book, build_epub, paragraphs
from tests.books.build import Page as Chapter
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE

expect.set_options(timeout=PATIENCE)

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES: list[ViewportSize] = [{"width": 390, "height": 844}, {"width": 1440, "height": 900}]
each_size = pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])

AXE_IN_EVERY_THEME = """async (tags) => {
  const root = document.documentElement;
  const own = root.dataset.theme;
  const violations = [];
  for (const theme of ['light', 'sepia', 'dark']) {
    root.dataset.theme = theme;
    // A theme has colours of its own and nothing else.
    const runOnly = theme === 'light' ? { type: 'tag', values: tags } : { type: 'rule', values: ['color-contrast'] };
    const found = await axe.run(document, { iframes: false, runOnly, resultTypes: ['violations'] });
    violations.push(...found.violations.map((violation) => ({ ...violation, theme })));
  }
  root.dataset.theme = own;
  return violations;
}"""

NOTES = build_epub(
    Book(
        pages=[
            Chapter(
                "One",
                '<p>Words with a note.<a epub:type="noteref" href="#n1">1</a></p>'
                + paragraphs(*(f"Paragraph {n} of a long chapter, long enough to fill some pages." for n in range(60)))
                + '<aside id="n1" epub:type="footnote"><p>The note itself. <a href="#r1">↩</a></p></aside>',
            ),
            Chapter("Two", paragraphs("The second chapter.")),
        ]
    )
)


async def findings(page: Page) -> list[str]:
    """What axe-core finds in any theme, as lines. Chapters are the books' own and lie in frames without scripts."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run `make setup`")
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    await page.emulate_media(reduced_motion="reduce")
    return [
        f"{violation['theme']}: {violation['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})"
        for violation in await page.evaluate(AXE_IN_EVERY_THEME, TAGS)
        for node in violation["nodes"]
    ]


@each_size
async def test_axe_finds_nothing_in_the_app(newcomer: Newcomer, size: ViewportSize) -> None:
    ada = await newcomer(viewport=size, reduced_motion="reduce")
    page = ada.page
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await findings(page) == []
    book = await ada.add_sample()
    for address in ("/", f"/books/{book}", "/statistics", "/account", "/nowhere"):
        await page.goto(address)
        await expect(page.get_by_role("heading").first).to_be_visible()
        await page.wait_for_load_state("load")
        assert await findings(page) == [], address


@each_size
async def test_axe_finds_nothing_at_the_door(newcomer: Newcomer, size: ViewportSize) -> None:
    ada = await newcomer(viewport=size, reduced_motion="reduce")
    await ada.context.clear_cookies()
    for address in ("/sign-in", "/register"):
        await ada.page.goto(address)
        await expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
        assert await findings(ada.page) == [], address


@each_size
async def test_axe_finds_nothing_in_the_reader(newcomer: Newcomer, size: ViewportSize) -> None:
    ada = await newcomer(viewport=size, reduced_motion="reduce")
    page = ada.page
    book = await ada.add_sample()
    await ada.open(book)
    assert await findings(page) == []
    await page.keyboard.press("t")
    await expect(page.get_by_role("dialog", name="Type and page")).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await expect(page.get_by_role("dialog", name="Contents")).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await ada.press("ArrowRight")
    assert await findings(page) == []


async def test_axe_finds_nothing_in_an_open_picture_and_note(newcomer: Newcomer) -> None:
    ada = await newcomer(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    book = await ada.add_sample()
    await ada.open(book)
    await ada.meet_a_picture()
    await ada.page.locator("aside button").first.click()
    await expect(ada.page.get_by_role("dialog", name="Picture")).to_be_visible()
    assert await findings(ada.page) == []
    book = await ada.add(NOTES)
    frame = await ada.open(book)
    await frame.get_by_role("link", name="1").click()
    await expect(ada.page.get_by_role("dialog", name="Note 1")).to_contain_text("The note itself.")
    assert await findings(ada.page) == []


async def test_the_reader_by_keyboard_alone(newcomer: Newcomer) -> None:
    ada = await newcomer()
    page = ada.page
    book = await ada.add(NOTES)
    await ada.open(book)
    start = await ada.still()

    # Every control can be reached, says what it is, and shows where the focus stands.
    names = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        focus = await page.evaluate(
            "() => { const at = document.activeElement; return [at.getAttribute('aria-label') ?? at.textContent, "
            "getComputedStyle(at).outlineStyle] }"
        )
        names.append(focus[0].strip())
    assert {"Back to the library", "Contents", "Type and page"} <= set(names)

    await page.keyboard.press("c")
    contents = page.get_by_role("dialog", name="Contents")
    await expect(contents.get_by_role("button", name="One")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(contents).to_be_hidden()
    await ada.shows("The second chapter.")
    await page.keyboard.press("Backspace")
    await ada.shows(start[:40])

    await page.keyboard.press("t")
    sheet = page.get_by_role("dialog", name="Type and page")
    await expect(sheet).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await ada.shows(start[:40])
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    # The key was pressed in the text, which has the keyboard again.
    await expect(page.get_by_role("button", name="Type and page")).not_to_be_focused()

    await ada.press("End")
    await ada.shows("Paragraph 59")
    await ada.press("Home")
    await ada.shows(start[:40])


async def test_the_reader_in_russian(newcomer: Newcomer) -> None:
    ada = await newcomer(locale="ru-RU", viewport={"width": 1440, "height": 900})
    page = ada.page
    await ada.context.request.patch("/api/v1/me", data={"locale": "ru"})
    book = await ada.add_sample()
    await ada.open(book)
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await expect(page.locator(".reader-foot")).to_contain_text("до конца главы")
    await page.get_by_role("button", name="Шрифт и страница").click()
    sheet = page.get_by_role("dialog", name="Шрифт и страница")
    for word in ("Бумага", "Кегль", "Интервал", "Поля", "Гарнитура", "Колонки", "Переносы"):
        await expect(sheet).to_contain_text(word)
    assert not re.search("[A-Za-z]{3,}", (await sheet.inner_text()).replace("Literata", "").replace("Golos", ""))
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Содержание").click()
    await expect(page.get_by_role("dialog", name="Содержание")).to_be_visible()
    await page.keyboard.press("Escape")
    for address in ("/", f"/books/{book}", "/statistics", "/account"):
        await page.goto(address)
        await expect(page.get_by_role("heading").first).to_have_text(re.compile("[а-яё]|Good Measure"))


async def test_text_of_twice_the_size_keeps_everything_in_reach(newcomer: Newcomer) -> None:
    """A zoom of 200 % on a small laptop is a window of half the size."""
    ada = await newcomer(viewport={"width": 640, "height": 360})
    book = await ada.add(NOTES)
    await ada.open(book)
    page = ada.page
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert await page.evaluate(wide)
    await page.get_by_role("button", name="Type and page").click()
    await page.get_by_role("checkbox", name="Type only for this book").scroll_into_view_if_needed()
    await expect(page.get_by_role("checkbox", name="Type only for this book")).to_be_in_viewport()
    assert await page.evaluate(wide)
