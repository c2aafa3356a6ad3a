"""A book looked through by a language model as a person orders it; the model is a fake on loopback."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Newcomer
from tests.browser.steps import API, PATIENCE
from tests.browser.test_access import SIZES, findings
from tests.browser.test_pictures import OWN_WORDS
from tests.integration.descriptions.chat import MODEL, chat, environment_of
from tests.integration.illustrations.fakes.server import FakeServer
from tests.integration.serving.processes import serving

expect.set_options(timeout=PATIENCE)

ENGLISH = re.compile("[A-Za-z]{3,}")


class Gated(FakeServer):
    """Answers only as often as it was let to, so that a page can be seen between two answers."""

    def __init__(self) -> None:
        super().__init__(chat)
        self.gate = asyncio.Semaphore(0)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.gate.acquire()
        await super()._talk(reader, writer)

    def open(self) -> None:
        for _ in range(1_000):
            self.gate.release()


@pytest.fixture(scope="module")
async def model() -> AsyncIterator[Gated]:
    async with Gated() as started:
        yield started


@pytest.fixture(scope="module")
def site(model: Gated) -> Iterator[str]:
    """A server of this module's own, which asks the model for one answer at a time."""
    shown = {"BOOKREADER_PLATES_PER_BOOK": "1", "BOOKREADER_REGISTRATION": "open", "BOOKREADER_LLM_PARALLEL": "1"}
    with serving(environment_of(model) | shown) as (running, _):
        yield running.address()


async def test_a_book_is_looked_through_after_its_price_was_seen(newcomer: Newcomer, model: Gated) -> None:
    ada = await newcomer(reduced_motion="reduce")
    page = ada.page
    await ada.context.add_init_script("localStorage.setItem('bookreader.uncovered', 'all')")
    book = await ada.add_sample()
    await page.goto(f"/books/{book}")
    offer = page.get_by_role("button", name=f"Look through with {MODEL}")
    await offer.click()
    dialog = page.get_by_role("dialog", name=f"Look through with {MODEL}")
    reckoned = await ada.get(f"books/{book}/look-through/estimate")
    await expect(dialog).to_contain_text("The text of the whole book is sent to 127.0.0.1")
    await expect(dialog.get_by_role("status")).to_contain_text(
        re.compile(rf"{reckoned['stretches']} stretches, about \$\d+\.\d+, never more than \$\d+\.\d+")
    )
    assert model.asked == []
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await findings(page) == []

    await dialog.get_by_role("button", name="Send the book and begin").click()
    await expect(dialog).to_be_hidden()
    progress = page.get_by_role("status").filter(has_text="A language model looks the book through")
    await expect(progress).to_contain_text("0%")
    await expect(page.get_by_text("A language model may find more passages")).to_have_count(0)
    for _ in range(3):
        model.gate.release()
    await expect(progress).to_contain_text(re.compile(r"\b[1-9]\d?%"))
    assert await findings(page) == []
    model.open()
    await expect(page.get_by_text(f"{MODEL} has read {reckoned['stretches']} stretches of the book.")).to_be_visible()
    found = (await ada.get(f"books/{book}/descriptions"))["items"]
    passages = [one["text"] for one in found if one["engine"] == f"llm:{MODEL}"]
    assert passages
    everything = page.get_by_role("button", name=re.compile("^Show all"))
    last = page.locator(".found > li", has_text=passages[-1][:60])
    await expect(everything.or_(last).first).to_be_visible()
    if await everything.count():
        await everything.click()
    for passage in passages:
        await expect(page.locator(".found > li", has_text=passage[:60])).to_be_visible()
    assert ada.errors == []


async def test_its_dialog_in_russian(newcomer: Newcomer) -> None:
    ada = await newcomer(locale="ru-RU", viewport=SIZES[0])
    await ada.context.request.patch(f"{API}/me", data={"locale": "ru"})
    book = await ada.add_sample()
    await ada.page.goto(f"/books/{book}")
    await ada.page.get_by_role("button", name=f"Просмотреть с {MODEL}").click()
    dialog = ada.page.get_by_role("dialog", name=f"Просмотреть с {MODEL}")
    await expect(dialog.get_by_role("status")).to_contain_text("никогда не больше")
    said = await dialog.evaluate(OWN_WORDS)
    assert not ENGLISH.search(said.replace(MODEL, "")), said
    assert ada.errors == []
