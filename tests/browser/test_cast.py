"""People and places on the page of a book: what the book says of them, and what a person decides."""

import io

from PIL import Image
from playwright.async_api import expect

from tests.browser.conftest import Newcomer
from tests.browser.steps import PATIENCE, Person
from tests.browser.test_access import findings
from tests.integration.cast.conftest import book as mill

expect.set_options(timeout=PATIENCE)


async def at_the_mill(person: Person) -> str:
    """The page of a book whose people are known."""
    book = await person.add(mill(), described=True)
    await person.until(f"books/{book}/cast", lambda found: found["items"])
    await person.page.goto(f"/books/{book}")
    return book


async def test_people_are_shown_as_far_as_was_read(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await at_the_mill(ada)
    people = ada.page.get_by_role("region", name="People so far")
    await expect(people.get_by_role("listitem")).to_have_count(3)
    await expect(people).to_contain_text("tall man, red face, grey beard")
    await expect(people).to_contain_text("Someone you have not met yet")
    await expect(people).not_to_contain_text("Robert Grey")
    await ada.page.get_by_role("button", name="Uncover all").click()
    everyone = ada.page.get_by_role("region", name="People", exact=True)
    await expect(everyone).to_contain_text("Robert Grey")
    assert ada.errors == []


async def test_a_person_says_how_somebody_looks(newcomer: Newcomer) -> None:
    ada = await newcomer()
    book = await at_the_mill(ada)
    page = ada.page
    await page.get_by_role("button", name="What the book says of Silas Crane").click()
    sheet = page.get_by_role("dialog", name="Silas Crane")
    assert await findings(page) == []
    await sheet.get_by_role("button", name="Reject “red face”").click()
    await expect(sheet.get_by_role("definition").filter(has_text="red face Rejected")).to_be_visible()
    await sheet.get_by_role("button", name="Confirm “old hat”").click()
    await sheet.get_by_role("combobox", name="Of").select_option("Eyes")
    await sheet.get_by_label("What is to be seen").fill("one brown eye")
    await sheet.get_by_role("button", name="Add").click()
    await expect(sheet.get_by_role("definition").filter(has_text="one brown eye")).to_contain_text("Added by hand")
    await sheet.get_by_label("Instead of the name").fill("a one-eyed miller")
    await sheet.get_by_role("button", name="Keep").click()
    await expect(sheet.get_by_role("status")).to_have_text("Kept.")
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("region", name="People so far")).to_contain_text(
        "tall man, grey beard, one brown eye, old hat"
    )
    silas = (await ada.get(f"books/{book}/cast"))["items"][0]
    assert silas["label"] == "a one-eyed miller"
    assert ada.errors == []


async def test_names_are_parted_and_people_made_one(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await at_the_mill(ada)
    page = ada.page
    people = page.get_by_role("region", name="People so far")
    await people.get_by_role("button", name="Silas Crane").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_role("checkbox", name="Crane", exact=True).check()
    await sheet.get_by_role("button", name="These are somebody else").click()
    await expect(sheet).to_be_hidden()
    await expect(people.get_by_role("listitem")).to_have_count(4)
    await people.get_by_role("button", name="of Silas Crane").click()
    await sheet.get_by_role("combobox", name="Is the same as").select_option("Crane")
    await sheet.get_by_role("button", name="Make one of both").click()
    await expect(sheet.get_by_role("checkbox", name="Crane", exact=True)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(people.get_by_role("listitem")).to_have_count(3)


async def test_a_picture_of_ones_own_and_what_is_set_aside(newcomer: Newcomer) -> None:
    ada = await newcomer()
    await at_the_mill(ada)
    page = ada.page
    people = page.get_by_role("region", name="People so far")
    await people.get_by_role("button", name="of Mary Webb").click()
    sheet = page.get_by_role("dialog")
    choose = sheet.get_by_label("Choose a picture")
    await choose.set_input_files({"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"})
    await expect(sheet.get_by_role("alert")).to_contain_text("This is no PNG, JPEG or WebP picture")
    out = io.BytesIO()
    Image.linear_gradient("L").resize((300, 400)).save(out, "PNG")
    await choose.set_input_files({"name": "mary.png", "mimeType": "image/png", "buffer": out.getvalue()})
    await expect(sheet.get_by_role("button", name="Take the picture away")).to_be_visible()
    await expect(sheet.locator("img.face")).to_be_visible()
    await sheet.get_by_role("button", name="Set aside").click()
    await expect(sheet.get_by_role("button", name="Take back")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(people.get_by_role("button", name="of Mary Webb")).to_be_hidden()
    await people.get_by_role("button", name="1 set aside").click()
    await expect(people.get_by_role("button", name="of Mary Webb")).to_be_visible()
    assert ada.errors == []
