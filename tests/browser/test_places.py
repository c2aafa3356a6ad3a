"""The place in a book: the same sentence after everything that can happen to a page."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Route, ViewportSize, expect

from tests.books.novel import novel
from tests.browser.conftest import Newcomer
from tests.browser.steps import Person
from tests.conftest import is_deep

BOOKS = [
    "fb2_test001_ru.fb2",
    "idpf_arabic_rtl.epub",
    "idpf_kusamakura_vertical.epub",
    "pg105_persuasion_epub2.epub",
    "se_treasure-island.epub",
]
"""One of each kind; the others are for the deep run."""
OTHER_BOOKS = [
    "epubjs_alice.epub",
    "fb2_war-and-peace_gribov.fb2",
    "idpf_childrens-literature.epub",
    "idpf_georgia-cfi.epub",
    "ru_gogol_taras-bulba_cp1251.fb2",
    "ru_pushkin_kapitanskaya-dochka.epub",
    "se_war-and-peace.epub",
]
NARROW: ViewportSize = {"width": 1000, "height": 800}
"""Without room beside the text: pictures, which may come at any moment, would cut its pages anew."""
BACKWARDS = {"idpf_arabic_rtl.epub", "idpf_kusamakura_vertical.epub"}


@pytest.mark.parametrize("name", BOOKS + OTHER_BOOKS * is_deep())
async def test_the_same_words_after_a_reload_and_the_same_sentence_in_another_layout(
    newcomer: Newcomer, corpus: Path, name: str
) -> None:
    ada = await newcomer(viewport=NARROW)
    book = await ada.add(corpus / "books" / name)
    sections = (await ada.get(f"books/{book}/manifest"))["sections"]
    chapter = [section["number"] for section in sections if section["linear"] and section["characters"] > 3000][:2][-1]
    await ada.open(book, f"?chapter={chapter}")
    for _ in range(7):
        await ada.press("ArrowLeft" if name in BACKWARDS else "ArrowRight")
    there = await ada.still()
    place = await kept(ada, book)
    await ada.until(f"books/{book}/progress", lambda progress: at(progress, place))

    await ada.page.reload()
    await ada.opened()
    assert await ada.text() == there

    await ada.page.evaluate("localStorage.setItem('bookreader.type', JSON.stringify({ size: 28 }))")
    await ada.page.reload()
    await ada.opened()
    await ada.shows(starts(place))
    await ada.page.set_viewport_size({"width": 430, "height": 760})
    await ada.shows(starts(place))
    await ada.page.evaluate("localStorage.setItem('bookreader.type', JSON.stringify({ flow: 'scrolled' }))")
    await ada.page.reload()
    await ada.opened()
    await ada.shows(starts(place))
    assert ada.errors == []


async def test_a_place_is_saved_within_two_seconds_and_when_the_page_is_left(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(3, 900))
    await ada.open(book)
    await ada.press("ArrowRight")
    place = await kept(ada, book)
    await ada.until(f"books/{book}/progress", lambda progress: at(progress, place), seconds=2)
    await ada.press("ArrowRight")
    place = await kept(ada, book)
    await ada.page.close()
    ada.page = await ada.context.new_page()
    await ada.until(f"books/{book}/progress", lambda progress: at(progress, place), seconds=5)


async def test_another_devices_place_is_offered_and_never_taken(newcomer: Newcomer) -> None:
    ada = await newcomer(viewport=NARROW)
    phone = await newcomer.again(ada, viewport={"width": 390, "height": 844}, has_touch=True)
    book = await ada.add(novel(8, 900))
    await ada.open(book)
    await ada.press("ArrowRight")
    place = await kept(ada, book)
    await ada.until(f"books/{book}/progress", lambda progress: at(progress, place))
    # A font that came late cuts the page anew: the place is on it, if not at its first word.
    here = await ada.still()

    await phone.open(book, "?chapter=6")
    there = await kept(phone, book)
    await phone.until(f"books/{book}/progress", lambda progress: at(progress, there))

    # The other page hears of it by the server's events; it stays where it is.
    offer = ada.page.locator(".offer")
    await expect(offer).to_contain_text("You read further on")
    assert await ada.text() == here
    await offer.get_by_role("button", name="Stay here").click()
    await ada.until(f"books/{book}/progress", lambda progress: at_words(progress, here))

    await phone.page.reload()
    await phone.opened()
    await phone.shows(starts(there))
    offer = phone.page.locator(".offer")
    await expect(offer).to_contain_text("elsewhere on Chrome")
    await offer.get_by_role("button", name="Go to page").click()
    await expect(offer).to_be_hidden()
    await phone.shows(here[:30])
    await phone.page.get_by_role("button", name="Back to page").click()
    await phone.shows(starts(there))


async def test_places_wait_in_the_browser_while_the_server_is_silent(newcomer: Newcomer) -> None:
    ada = await newcomer(viewport=NARROW)
    book = await ada.add(novel(3, 1500))
    await ada.open(book)
    await ada.press("ArrowRight")
    place = await kept(ada, book)
    await ada.until(f"books/{book}/progress", lambda progress: at(progress, place))

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, body=json.dumps({"code": "database_unavailable", "detail": "later"}))

    await ada.context.route("**/progress*", refuse)
    await ada.context.route("**/places", refuse)
    for _ in range(2):
        await ada.press("ArrowRight")
    await expect(ada.page.get_by_role("status").filter(has_text="kept in this browser")).to_be_visible()
    before = await ada.still()
    await ada.page.reload()
    await ada.opened()
    assert await ada.text() == before

    place = await kept(ada, book)
    await ada.context.unroute("**/progress*")
    await ada.context.unroute("**/places")
    await ada.until(f"books/{book}/progress", lambda progress: at(progress, place), seconds=20)
    await expect(ada.page.get_by_role("status").filter(has_text="kept in this browser")).to_be_hidden()


async def test_a_page_whose_fonts_come_late_is_kept_by_its_first_words(newcomer: Newcomer) -> None:
    ada = await newcomer(viewport=NARROW)
    book = await ada.add(novel(3, 1500))

    async def late(route: Route) -> None:
        await asyncio.sleep(0.3)
        await route.continue_()

    await ada.context.route("**/*.woff2", late)
    await ada.open(book)
    await ada.press("ArrowRight")
    before = await ada.still()
    await ada.page.reload()
    await ada.opened()
    assert await ada.text() == before
    assert squeezed(before).startswith(starts(await kept(ada, book)))


async def test_a_place_that_fits_no_more_is_found_by_its_quote(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await ada.add(novel(3, 1500))
    section = (await ada.get(f"books/{book}/manifest"))["sections"][1]
    text = (await ada.get(f"books/{book}/chapters/2"))["text"]
    words = text[len(text) // 2 :].split(" ", 1)[1]
    place = {"chapter": 2, "cfi": f"epubcfi({section['cfi']}!/4/98/198/1:7)", "quote": words[:70], "fraction": 0}
    await ada.page.goto("/")
    await ada.page.evaluate(
        "([key, value]) => localStorage.setItem(key, value)", [f"bookreader.place.{book}", json.dumps(place)]
    )
    await ada.open(book)
    await ada.shows(words[:30])


async def kept(person: Person, book: str) -> dict[str, Any]:
    """The place that the browser keeps for a book, once it is one on the page that is shown."""
    deadline = time.monotonic() + 10
    while True:
        text = squeezed(await person.text())
        found: dict[str, Any] | None = await person.page.evaluate(
            "book => JSON.parse(localStorage.getItem('bookreader.place.' + book))", book
        )
        if found is not None and starts(found) in text:
            return found
        assert time.monotonic() < deadline, f"the page shows {text[:100]} ..., and what is kept is {found}"
        await person.page.wait_for_timeout(30)


def at(progress: dict[str, Any], place: dict[str, Any]) -> bool:
    """Whether the server's current place is this one."""
    current = progress["current"]
    return current is not None and squeezed(current["quote"] or "")[:20] == squeezed(place["quote"])[:20]


def at_words(progress: dict[str, Any], words: str) -> bool:
    return at(progress, {"quote": words})


def starts(place: dict[str, Any]) -> str:
    return squeezed(place["quote"])[:8]


def squeezed(text: str) -> str:
    return "".join(text.split())
