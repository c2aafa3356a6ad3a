"""What the reader says when something does not come; the text stays readable and no place is lost."""

import json
from collections.abc import Callable

import pytest
from playwright.async_api import Route, expect

from tests.books.build import Book, Page, build_epub, paragraphs
from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE

expect.set_options(timeout=PATIENCE)

BOOK = build_epub(
    Book(pages=[Page(f"Chapter {n}", paragraphs(f"These are the words of chapter {n}.")) for n in (1, 2, 3, 4)])
)


def answers(status: int) -> Callable[[Route], object]:
    async def answer(route: Route) -> None:
        body = json.dumps({"type": "about:blank", "title": "x", "status": status, "code": "x", "detail": "x"})
        await route.fulfill(status=status, content_type="application/problem+json", body=body)

    return answer


async def drops(route: Route) -> None:
    await route.abort("connectionreset")


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (answers(404), "no such chapter"),
        (answers(500), "answered with an error"),
        (answers(401), "not signed in any more"),
        (drops, "cannot be reached"),
    ],
    ids=["missing", "error", "signed-out", "no-connection"],
)
async def test_a_chapter_that_does_not_come(newcomer: Newcomer, trouble: Callable[[Route], object], says: str) -> None:
    ada = await newcomer()
    book = await ada.add(BOOK)
    third = (await ada.get(f"books/{book}/manifest"))["sections"][2]["href"]
    await ada.context.route(f"**/resources/**/{third}", trouble)
    await ada.open(book, "?chapter=2")
    await ada.page.keyboard.press("ArrowRight")
    notice = ada.page.get_by_role("alert")
    await expect(notice).to_contain_text(says)
    await ada.shows("the words of chapter 2")

    await notice.get_by_role("button", name="Next chapter").click()
    await ada.shows("the words of chapter 4")
    await expect(notice).to_be_hidden()

    await ada.page.keyboard.press("ArrowLeft")
    await expect(notice).to_contain_text(says)
    await ada.shows("the words of chapter 4")
    await ada.context.unroute(f"**/resources/**/{third}")
    await notice.get_by_role("button", name="Try again").click()
    await ada.shows("the words of chapter 3")
    assert ada.errors == []


async def test_a_first_chapter_that_does_not_come(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(BOOK)
    await ada.context.route("**/resources/**", answers(503))
    await ada.page.goto(f"/read/{book}")
    notice = ada.page.get_by_role("alert")
    await expect(notice).to_contain_text("answered with an error")
    await ada.context.unroute("**/resources/**")
    await notice.get_by_role("button", name="Try again").click()
    await ada.shows("the words of chapter 1")


async def test_a_book_that_is_not_there(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await ada.page.goto("/read/01890000-0000-7000-8000-000000000000")
    await expect(ada.page.get_by_role("heading", level=1)).to_contain_text("not on the map")


async def test_a_server_that_does_not_answer_at_the_start(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(BOOK)
    await ada.page.goto(f"/books/{book}")
    start = ada.page.get_by_role("link", name="Start reading")
    await expect(start).to_be_visible()
    # Opened from within the app, the reader has to ask for everything.
    await ada.context.route("**/manifest", drops)
    await start.click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("cannot be reached")
    await expect(ada.page.get_by_role("button", name="Try again")).to_be_visible()


async def test_a_browser_that_keeps_nothing(newcomer: Newcomer) -> None:
    """Storage may be full or forbidden: reading and saving work all the same."""
    ada = await newcomer()
    book = await ada.add(BOOK)
    full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    await ada.context.add_init_script(full)
    await ada.open(book)
    await ada.press("ArrowRight")
    await ada.until(f"books/{book}/progress", is_in_chapter(2), seconds=5)
    assert ada.errors == []


async def test_a_link_out_of_the_book_is_asked_about(newcomer: Newcomer) -> None:
    ada = await newcomer()
    link = '<p><a href="https://elsewhere.invalid/page">A link</a></p>'
    book = await ada.add(build_epub(Book(pages=[Page("One", link)])))
    frame = await ada.open(book)
    await frame.get_by_text("A link").click()
    asked = ada.page.get_by_role("status").filter(has_text="leads out of the book")
    await expect(asked).to_contain_text("elsewhere.invalid")
    await expect(asked.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    await asked.get_by_role("button", name="Stay here").click()
    await expect(asked).to_be_hidden()


def is_in_chapter(number: int) -> Callable[[dict[str, dict[str, int] | None]], bool]:
    return lambda progress: progress["current"] is not None and progress["current"]["chapter"] == number
