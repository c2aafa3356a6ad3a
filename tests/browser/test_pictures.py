"""Pictures as people order, compare and delete them, on a server with paid services that are fakes on loopback."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.browser.conftest import Newcomer
from tests.browser.steps import API, PATIENCE, Person
from tests.browser.test_access import each_size, findings
from tests.integration.illustrations.fakes import automatic1111, openai_images, pollinations
from tests.integration.illustrations.fakes.server import HANG, FakeServer
from tests.integration.serving.processes import register, serving

expect.set_options(timeout=PATIENCE)

FREE_IMAGES = 6
DRAWN = "completed"

OWN_WORDS = """dialog => {
  const copy = dialog.cloneNode(true);
  for (const part of copy.querySelectorAll('[lang], textarea, dd')) part.remove();
  const labels = [...dialog.querySelectorAll('[aria-label]')].map((each) => each.getAttribute('aria-label'));
  return copy.textContent + labels;
}"""
"""What a dialog says by itself: not the book's words, nor what was sent."""


@dataclass
class Fakes:
    """OpenAI works; Pollinations has another key than the server; Stable Diffusion is free."""

    openai: FakeServer
    pollinations: FakeServer
    stable_diffusion: FakeServer


@pytest.fixture(scope="module")
async def fakes() -> AsyncIterator[Fakes]:
    async with AsyncExitStack() as stack:
        contracts = (openai_images.openai_images, pollinations.pollinations, automatic1111.automatic1111())
        yield Fakes(*[await stack.enter_async_context(FakeServer(contract)) for contract in contracts])


@pytest.fixture(scope="module")
def site(fakes: Fakes) -> Iterator[str]:
    """A server of this module's own, whose first account, which has no limits, is taken."""
    servers = (fakes.openai, fakes.pollinations, fakes.stable_diffusion)
    environment = {
        "BOOKREADER_PLATES_PER_BOOK": "4",
        "BOOKREADER_REGISTRATION": "open",
        "BOOKREADER_DEFAULT_PLAN": "FREE",
        "BOOKREADER_FREE_IMAGES": str(FREE_IMAGES),
        "BOOKREADER_PRIVATE_HOSTS": ",".join(server.host for server in servers),
        "BOOKREADER_OPENAI_URL": f"{fakes.openai.url}/v1",
        "BOOKREADER_OPENAI_KEY": openai_images.KEY,
        "BOOKREADER_POLLINATIONS_URL": fakes.pollinations.url,
        "BOOKREADER_POLLINATIONS_KEY": "sk_another_key_0123456789",
        "BOOKREADER_STABLE_DIFFUSION_URL": fakes.stable_diffusion.url,
        "BOOKREADER_PICTURE_SECONDS": "5",
    }
    with serving(environment) as (running, _):
        address = running.address()
        register(address).close()
        yield address


@dataclass
class Visit:
    """Someone on the page of the sample, all of it uncovered unless they want it otherwise."""

    person: Person
    book: str
    page: Page

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog", name="Illustrate this passage")

    @property
    def view(self) -> Locator:
        return self.page.get_by_role("dialog", name="Picture", exact=True)

    async def bare(self) -> dict[str, Any]:
        """The first description without a picture."""
        found = (await self.person.get(f"books/{self.book}/descriptions"))["items"]
        first: dict[str, Any] = next(one for one in found if one["illustration"] is None)
        return first

    async def variants(self, description: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.person.get(f"descriptions/{description['id']}/illustrations"))[
            "items"
        ]
        return found

    async def order(self, description: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        """A picture by way of the API, however it ends."""
        answer = await self.person.context.request.post(
            f"{API}/descriptions/{description['id']}/illustrations", data=wanted
        )
        assert answer.status == 202, await answer.text()
        address = f"illustrations/{(await answer.json())['id']}"
        ended: dict[str, Any] = await self.person.until(
            address, lambda one: one["status"] not in ("pending", "generating")
        )
        return ended

    def line(self, description: dict[str, Any]) -> Locator:
        """The description's line on the page."""
        return self.page.locator(".found > li", has_text=description["text"][:60])

    def beside(self, label: str) -> Locator:
        """A picture beside the text of the reader, or the state of one."""
        return self.page.locator("aside").get_by_role("button", name=re.compile(label))

    async def sign(self, wanted: Locator) -> None:
        """Opens what a sign beside the text leads to, by keyboard: the signs lie in a closed part of the page."""
        while await self.page.evaluate("document.activeElement.localName") != "foliate-paginator":
            await self.page.keyboard.press("Tab")
        for _ in range(6):
            await self.page.keyboard.press("Enter")
            with suppress(PlaywrightTimeout):
                return await wanted.wait_for(timeout=1_500)
            if await self.page.locator("dialog[open]").count():
                await self.page.keyboard.press("Escape")
            await self.page.keyboard.press("Tab")
        raise AssertionError("no sign led there")

    async def ask(self, description: dict[str, Any], service: str = "") -> None:
        """Opens the dialog for a passage without a picture."""
        await self.line(description).get_by_role("button", name="Illustrate this passage").click()
        if service:
            await self.dialog.get_by_role("radio", name=service).check()


async def visit(newcomer: Newcomer, *, covered: bool = False, **options: Any) -> Visit:
    ada = await newcomer(**options)
    if not covered:
        await ada.context.add_init_script("localStorage.setItem('bookreader.uncovered', 'all')")
    book = await ada.add_sample()
    await ada.page.goto(f"/books/{book}")
    await expect(ada.page.locator(".found > li").first).to_be_visible()
    return Visit(ada, book, ada.page)


# --- one picture ------------------------------------------------------------------------------------------------------


async def test_a_passage_is_drawn_by_the_service_in_the_style_and_from_the_words_of_choice(
    newcomer: Newcomer, fakes: Fakes
) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    await here.ask(passage)
    await expect(here.dialog).to_contain_text(passage["text"][:60])
    await expect(here.dialog.get_by_role("radio", name="This server")).to_be_checked()
    await expect(here.dialog).to_contain_text("Nothing leaves the machine")
    await expect(here.dialog.get_by_role("contentinfo").or_(here.dialog.locator("footer"))).to_contain_text("Free")
    words = here.dialog.get_by_role("textbox", name="What will be sent")
    await expect(words).to_be_hidden()

    await here.dialog.get_by_role("radio", name="OpenAI").check()
    await expect(here.dialog.locator("footer")).to_contain_text(f"$0.06. Picture 1 of {FREE_IMAGES} this month.")
    await expect(words).to_have_value(re.compile("linocut"))
    await here.dialog.get_by_role("button", name="Watercolour").click()
    await expect(words).to_have_value(re.compile("watercolour"))
    mine = "A brass box by the fire, seen from above."
    await words.fill(mine)
    await expect(here.dialog).to_contain_text(f"{len(mine)} of ")
    await here.dialog.get_by_role("button", name="Draw it").click()
    await expect(here.dialog).to_be_hidden()

    await expect(here.line(passage)).to_contain_text("Made by OpenAI")
    drawn = (await here.variants(passage))[0]
    assert (drawn["status"], drawn["style"], drawn["prompt"]) == (DRAWN, "watercolour", mine)
    assert mine in [asked.json["prompt"] for asked in fakes.openai.asked]
    assert here.person.errors == []


async def test_an_offline_plate_sends_nothing_and_is_labelled(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    await here.ask(passage)
    await here.dialog.get_by_role("button", name="Draw it").click()
    await expect(here.line(passage)).to_contain_text("Offline sketch")
    drawn = (await here.variants(passage))[0]
    assert (drawn["service"], drawn["prompt"]) == ("plate", "")


async def test_words_that_are_too_long_or_none_cannot_be_sent(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    await here.ask(await here.bare(), "OpenAI")
    words = here.dialog.get_by_role("textbox", name="What will be sent")
    await expect(words).to_have_value(re.compile(".{20}"))
    before = await words.input_value()
    draw = here.dialog.get_by_role("button", name="Draw it")
    await words.fill(" ")
    await expect(draw).to_be_disabled()
    await expect(here.dialog).to_contain_text("There are no words to send")
    await words.fill("word " * 1_700)
    await expect(here.dialog).to_contain_text("Shorten it")
    await expect(draw).to_be_disabled()
    await here.dialog.get_by_role("button", name="Write it anew").click()
    await expect(words).to_have_value(before)
    await expect(draw).to_be_enabled()


async def test_a_refusal_says_why_and_other_words_are_drawn(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    await here.ask(passage, "OpenAI")
    words = here.dialog.get_by_role("textbox", name="What will be sent")
    await expect(words).to_have_value(re.compile(".{20}"))
    await words.fill("Something unspeakable.")
    await here.dialog.get_by_role("button", name="Draw it").click()
    await here.line(passage).get_by_role("button", name="Refused").click()
    await expect(here.view).to_contain_text("refused to draw this")
    await expect(here.view).to_contain_text("Nothing was charged")
    await here.view.get_by_role("button", name="Change the words").click()
    await expect(words).to_have_value("Something unspeakable.")
    await words.fill("Something that may be spoken of.")
    await here.dialog.get_by_role("button", name="Draw it").click()
    await expect(here.view.locator("img.large")).to_be_visible()


async def test_a_failure_is_tried_again_or_drawn_offline(newcomer: Newcomer, fakes: Fakes) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    for _ in range(2):
        fakes.openai.troubles.append(openai_images.error(400, "invalid_value", "The size is not valid"))
    assert (await here.order(passage, service="openai_dalle"))["status"] == "failed"
    await here.page.reload()
    await here.line(passage).get_by_role("button", name="Failed").click()
    await expect(here.view).to_contain_text("Nothing was charged")
    await here.view.get_by_role("button", name="Try again").click()
    await here.person.until(
        f"descriptions/{passage['id']}/illustrations",
        lambda found: [one["status"] for one in found["items"]] == ["failed"] and not fakes.openai.troubles,
    )
    await expect(here.view.get_by_role("button", name="Use an offline plate")).to_be_enabled()
    await here.view.get_by_role("button", name="Use an offline plate").click()
    await expect(here.view.locator("img.large")).to_be_visible()
    await expect(here.view).to_contain_text("Offline sketch")
    assert [one["service"] for one in await here.variants(passage)] == ["plate"]


async def test_a_service_in_trouble_cannot_be_chosen_and_says_why(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    failed = await here.order(passage, service="pollinations")
    assert failed["status"] == "failed"
    other = await here.bare()
    await here.page.reload()
    await here.ask(other)
    await expect(here.dialog.get_by_role("radio", name="Pollinations")).to_be_disabled()
    await expect(here.dialog).to_contain_text("does not accept our key")


async def test_a_quota_that_is_used_up_leaves_the_offline_plate(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    for _ in range(FREE_IMAGES):
        assert (await here.order(passage, service="openai_dalle"))["status"] == DRAWN
    await here.page.reload()
    await here.ask(await here.bare(), "OpenAI")
    await expect(here.dialog).to_contain_text(f"All {FREE_IMAGES} pictures of this month are used.")
    await expect(here.dialog.get_by_role("button", name="Draw it")).to_be_disabled()
    await here.dialog.get_by_role("button", name="Use an offline plate").click()
    await here.dialog.get_by_role("button", name="Draw it").click()
    await expect(here.dialog).to_be_hidden()


# --- variants ---------------------------------------------------------------------------------------------------------


async def test_variants_side_by_side_chosen_downloaded_and_deleted(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    passage = await here.bare()
    first = await here.order(passage, service="openai_dalle", style="oil")
    await here.page.reload()
    await here.line(passage).get_by_role("button", name="Enlarge the picture").click()
    await here.view.get_by_role("button", name="Draw again").click()
    await here.dialog.get_by_role("radio", name="This server").check()
    await here.dialog.get_by_role("button", name="Draw it").click()
    await expect(here.view).to_contain_text("2 pictures of this passage")
    await expect(here.view.locator("img.large")).to_be_visible()
    # It is shown at once, as one that is being drawn, and becomes the book's when it is there.
    await here.person.until(
        f"descriptions/{passage['id']}/illustrations",
        lambda found: [one["current"] for one in found["items"] if one["id"] != first["id"]] == [True],
    )

    await here.view.get_by_role("button", name="Side by side").click()
    await expect(here.view.locator(".beside img")).to_have_count(2)
    await here.view.get_by_role("button", name="Show this one in the book").click()
    await expect(here.view).to_contain_text("The book shows this picture now.")
    assert (await here.person.get(f"illustrations/{first['id']}"))["current"]

    await here.view.get_by_role("button", name=re.compile("Made by OpenAI")).last.click()
    await here.view.get_by_text("How it was made").click()
    for fact in ("OpenAI", "Oil", "$0.06", first["prompt"][:40]):
        await expect(here.view.locator("details")).to_contain_text(fact)
    async with here.page.expect_download() as download:
        await here.view.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename.startswith(f"illustration-{first['id']}")

    await here.view.get_by_role("button", name="Delete", exact=True).click()
    assert len(await here.variants(passage)) == 2
    await here.view.get_by_role("button", name="Keep it").click()
    await here.view.get_by_role("button", name="Delete", exact=True).click()
    await here.view.get_by_role("button", name="Delete it").click()
    await here.person.until(f"descriptions/{passage['id']}/illustrations", lambda found: len(found["items"]) == 1)
    await expect(here.view.locator(".tag")).to_contain_text("Offline sketch")


# --- the gallery ------------------------------------------------------------------------------------------------------


def names_in(pictures: list[dict[str, Any]]) -> set[str]:
    """The people and places of the pictures' passages."""
    return {
        entity["name"] if isinstance(entity, dict) else str(entity) for one in pictures for entity in one["entities"]
    }


async def test_the_gallery_by_chapter_and_by_name_tells_nothing_of_what_is_ahead(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    pictures = (await here.person.get(f"books/{here.book}/illustrations"))["items"]
    chapter = pictures[-1]["chapter"]
    gallery = here.page.locator(".gallery")
    await here.page.get_by_label("Chapter of the pictures").select_option(str(chapter))
    await expect(gallery.locator("img")).to_have_count(sum(one["chapter"] == chapter for one in pictures))
    await here.page.get_by_label("Chapter of the pictures").select_option("All chapters")
    name = min(names_in(pictures))
    found = (await here.person.get(f"books/{here.book}/illustrations?named={name}"))["items"]
    await here.page.get_by_label("Person or place").select_option(name)
    await expect(gallery.locator("img")).to_have_count(len(found))

    careful = await here.person.context.new_page()
    await careful.add_init_script("localStorage.setItem('bookreader.uncovered', '')")
    await careful.goto(f"/books/{here.book}")
    covered = [one["chapter"] for one in pictures if one["beyond"]]
    await careful.get_by_text(f"{len(covered)} picture").click()
    await expect(careful.get_by_role("button", name="Uncover picture")).to_have_count(len(covered))
    ahead = names_in([one for one in pictures if one["beyond"]])
    met = names_in([one for one in pictures if not one["beyond"]])
    offered = await careful.locator("select option").all_inner_texts()
    assert not set(offered) & (ahead - met)
    said = careful.get_by_text("up to where you are").last
    told = await said.inner_text()
    names = careful.get_by_label("Person or place").locator("option")
    known = await names.all_inner_texts()
    shown = careful.locator(".gallery .open")
    await careful.get_by_role("button", name="Uncover picture").last.press("Enter")
    await expect(shown).to_have_count(len(pictures) - len(covered) + 1)
    await expect(shown.last).to_be_focused()
    assert await names.all_inner_texts() == known
    assert await said.inner_text() == told


# --- many pictures ----------------------------------------------------------------------------------------------------


async def test_pictures_are_drawn_anew_in_another_style(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    before = (await here.person.get(f"books/{here.book}/illustrations"))["items"]
    await here.page.get_by_role("button", name="Art direction").click()
    await here.page.get_by_role("button", name="Watercolour").click()
    await here.page.get_by_role("button", name="Keep, and draw the pictures anew").click()
    dialog = here.page.get_by_role("dialog", name="Illustrate the book")
    await expect(dialog.get_by_role("radio", name="The pictures that there are")).to_be_checked()
    await expect(dialog.get_by_role("radio", name="This server")).to_have_count(0)
    await dialog.get_by_role("radio", name="Stable Diffusion").check()
    await dialog.get_by_role("button", name=f"Draw {len(before)} pictures").click()
    await expect(here.page.get_by_role("button", name="Art direction", exact=True)).to_be_focused()
    await expect(here.page.get_by_text("1 finished order")).to_be_visible()
    after = (await here.person.get(f"books/{here.book}/illustrations"))["items"]
    assert [(one["description_id"], one["service"], one["variants"]) for one in after] == [
        (one["description_id"], "stable_diffusion", one["variants"] + 1) for one in before
    ]

    await here.page.get_by_role("button", name="Illustrate", exact=True).first.click()
    await dialog.get_by_role("radio", name="The pictures that there are").check()
    await expect(dialog.get_by_role("status").last).to_contain_text("in this style already")
    await dialog.get_by_role("button", name="Art direction of this book").click()
    manner = here.page.get_by_role("dialog", name="Art direction")
    await manner.get_by_role("textbox", name="Palette").fill("slate blue, bone")
    await manner.get_by_role("button", name="Keep", exact=True).click()
    await expect(dialog.get_by_role("button", name=f"Draw {len(before)} pictures")).to_be_visible()


async def test_a_batch_from_the_estimate_to_the_finished_order(newcomer: Newcomer, fakes: Fakes) -> None:
    here = await visit(newcomer)
    await here.page.get_by_role("button", name="Illustrate", exact=True).first.click()
    dialog = here.page.get_by_role("dialog", name="Illustrate the book")
    await dialog.get_by_role("spinbutton", name="Pictures a chapter").fill("1")
    await dialog.get_by_role("radio", name="OpenAI").check()
    await expect(dialog.get_by_role("status").last).to_contain_text("3 pictures in 3 chapters, about $0.19")
    await dialog.get_by_role("radio", name="The whole book").check()
    await expect(dialog).to_contain_text(f"allows {FREE_IMAGES} pictures a month")
    await expect(dialog.get_by_role("button", name=re.compile("^Draw"))).to_be_disabled()
    assert (await here.person.get(f"books/{here.book}/picture-batches"))["items"] == []

    fakes.stable_diffusion.troubles.append(HANG)
    await dialog.get_by_role("radio", name="The next chapters").check()
    await dialog.get_by_role("radio", name="Stable Diffusion").check()
    await dialog.get_by_role("button", name="Draw 3 pictures").click()
    await expect(dialog).to_be_hidden()
    orders = here.page.get_by_role("region", name="Ordered pictures")
    await expect(orders).to_contain_text("The next chapters, Stable Diffusion")
    await expect(orders.get_by_role("progressbar")).to_be_visible()

    await orders.get_by_role("button", name="Pause").click()
    await expect(orders).to_contain_text("Paused")
    batch = (await here.person.get(f"books/{here.book}/picture-batches"))["items"][0]
    assert (batch["state"], batch["pictures"]) == ("paused", 3)
    await orders.get_by_role("button", name="Go on").click()
    await expect(orders.get_by_text("1 finished order")).to_be_visible()
    await orders.get_by_text("1 finished order").click()
    await expect(orders).to_contain_text("drawn")
    done = (await here.person.get(f"picture-batches/{batch['id']}"))["completed"]
    await expect(orders).to_contain_text(f"{done} drawn")


async def test_what_is_left_of_a_batch_is_cancelled_after_a_second_look(newcomer: Newcomer, fakes: Fakes) -> None:
    here = await visit(newcomer)
    fakes.stable_diffusion.troubles.append(HANG)
    wanted = {"scope": "next_chapters", "chapters": 3, "per_chapter": 1, "service": "stable_diffusion"}
    answer = await here.person.context.request.post(f"{API}/books/{here.book}/picture-batches", data=wanted)
    assert answer.status == 202, await answer.text()
    await here.page.reload()
    orders = here.page.get_by_role("region", name="Ordered pictures")
    await orders.get_by_role("button", name="Cancel the rest").click()
    await expect(orders).to_contain_text("What is drawn stays")
    await orders.get_by_role("button", name="Cancel the rest").click()
    await orders.get_by_text("1 finished order").click()
    await expect(orders).to_contain_text("cancelled")


async def test_the_art_direction_of_a_book_changes_what_is_sent(newcomer: Newcomer) -> None:
    here = await visit(newcomer)
    await here.page.get_by_role("button", name="Art direction").click()
    dialog = here.page.get_by_role("dialog", name="Art direction")
    await dialog.get_by_role("button", name="Pencil").click()
    await dialog.get_by_role("textbox", name="Time").fill("around 1890, a northern town")
    await dialog.get_by_role("textbox", name="Never show").fill("faces\n\n guns ")
    await dialog.get_by_label("Location").select_option("16:9")
    await dialog.get_by_role("button", name="Keep", exact=True).click()
    await expect(dialog).to_be_hidden()
    kept = await here.person.get(f"books/{here.book}/art-direction")
    assert kept == {
        "preset": "pencil", "medium": "", "era": "around 1890, a northern town", "palette": "",
        "taboo": ["faces", "guns"], "aspects": {"location": "16:9"},
    }  # fmt: skip
    await here.ask(await here.bare(), "OpenAI")
    await expect(here.dialog.get_by_role("textbox", name="What will be sent")).to_have_value(re.compile("around 1890"))
    await expect(here.dialog.get_by_role("button", name="Pencil")).to_have_attribute("aria-pressed", "true")


# --- in the reader ----------------------------------------------------------------------------------------------------


@each_size
async def test_the_reader_offers_a_picture_and_shows_it_when_it_is_there(
    newcomer: Newcomer, size: ViewportSize
) -> None:
    here = await visit(newcomer, viewport=size)
    passage = await here.bare()
    await here.person.open(here.book, f"?chapter={passage['chapter']}&cfi={passage['cfi']}")
    await here.sign(here.dialog)
    await here.dialog.get_by_role("radio", name="OpenAI").check()
    await expect(here.dialog.locator("footer")).to_contain_text("$0.06. Picture 1 of")
    await here.dialog.get_by_role("button", name="Draw it").click()
    await expect(here.dialog).to_be_hidden()
    await here.person.until(f"descriptions/{passage['id']}/illustrations", lambda found: found["items"][0]["image"])
    if size["width"] > 1000:
        await here.beside("^Open the picture.*" + passage["text"][:20]).click()
        await here.view.get_by_role("button", name="More about it").click()
    else:
        await here.sign(here.view.get_by_role("img").first)
        await here.view.get_by_role("button", name="More about it").or_(here.view.get_by_text("How it was")).click()
    await expect(here.page.get_by_text("How it was made")).to_be_visible()
    assert here.person.errors == []


async def test_a_picture_that_fails_says_so_in_the_margin(newcomer: Newcomer, fakes: Fakes) -> None:
    here = await visit(newcomer, viewport={"width": 1440, "height": 900})
    passage = await here.bare()
    await here.person.open(here.book, f"?chapter={passage['chapter']}&cfi={passage['cfi']}")
    fakes.openai.troubles.append(openai_images.error(400, "invalid_value", "The size is not valid"))
    await here.order(passage, service="openai_dalle")
    await here.beside("^Failed: .*" + passage["text"][:20]).click()
    await here.view.get_by_role("button", name="Try again").click()
    await expect(here.view.locator("img.large")).to_be_visible()


# --- everyone ---------------------------------------------------------------------------------------------------------


@each_size
async def test_axe_finds_nothing_in_the_dialogs(newcomer: Newcomer, size: ViewportSize) -> None:
    here = await visit(newcomer, viewport=size, reduced_motion="reduce")
    passage = await here.bare()
    await here.order(passage, service="openai_dalle")
    await here.order(passage)
    refused = await here.bare()
    await here.order(refused, service="openai_dalle", prompt="unspeakable")
    page = here.page
    await page.reload()
    await here.ask(await here.bare(), "OpenAI")
    await expect(here.dialog.get_by_role("textbox")).to_have_value(re.compile(".{20}"))
    assert await findings(page) == []
    await page.get_by_role("button", name="Art direction of this book").click()
    await expect(page.get_by_role("dialog", name="Art direction")).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(here.dialog).to_be_hidden()
    await page.get_by_role("button", name="Illustrate", exact=True).first.click()
    await expect(page.get_by_role("button", name=re.compile(r"^Draw \d"))).to_be_visible()
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await here.line(passage).get_by_role("button", name="Enlarge the picture").click()
    await here.view.get_by_text("How it was made").click()
    await here.view.get_by_role("button", name="Delete", exact=True).click()
    assert await findings(page) == []
    await here.view.get_by_role("button", name="Side by side").click()
    await expect(here.view.locator(".beside img")).to_have_count(2)
    assert await findings(page) == []
    await page.keyboard.press("Escape")
    await here.line(refused).get_by_role("button", name="Refused").click()
    await expect(here.view).to_contain_text("Nothing was charged")
    assert await findings(page) == []


async def test_the_dialogs_in_russian(newcomer: Newcomer) -> None:
    here = await visit(newcomer, locale="ru-RU")
    await here.person.context.request.patch(f"{API}/me", data={"locale": "ru"})
    await here.order(await here.bare(), service="openai_dalle")
    page = here.page
    await page.reload()
    names = re.compile("OpenAI|Stable Diffusion|Pollinations")

    async def speaks(dialog: Locator) -> None:
        await expect(dialog).to_be_visible()
        said = await dialog.evaluate(OWN_WORDS)
        assert not re.search("[A-Za-z]{3,}", names.sub("", said)), said

    await page.get_by_role("button", name=re.compile("Нарисовать к этому месту")).first.click()
    dialog = page.get_by_role("dialog", name="Нарисовать к этому месту")
    await dialog.get_by_role("radio", name="OpenAI").check()
    await expect(dialog.get_by_role("textbox")).to_have_value(re.compile(".{20}"))
    await speaks(dialog)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Иллюстрировать", exact=True).first.click()
    await speaks(page.get_by_role("dialog", name="Иллюстрировать книгу"))
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Общая манера").click()
    await speaks(page.get_by_role("dialog", name="Общая манера"))
    await page.keyboard.press("Escape")
    await page.locator(".gallery button").first.click()
    await speaks(page.get_by_role("dialog", name="Картинка"))
