"""The people and places of a book: found at import, shown as far as was read, decided by a person, kept for good."""

import io
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from bookreader.cast.gather import gather
from bookreader.cast.queries import keep_found
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.cast.conftest import FIRST
from tests.integration.database.rows import connect


async def cast(reader: Api, mill: str, *, ahead: bool = True) -> dict[str, Any]:
    """By name."""
    found = await reader.get(f"books/{mill}/cast" + ("?ahead=true" if ahead else ""))
    return {one["name"]: one for one in found["items"]}


def facts(sheet: dict[str, Any], *states: str) -> set[str]:
    return {fact["value"] for fact in sheet["facts"] if fact["state"] in (states or ("sure",))}


async def again(here: Installation, mill: str) -> None:
    """The book is looked through for people once more."""
    found = await gather(here.database, here.pipeline.describer, UUID(mill))
    async with here.database.transaction() as session:
        await keep_found(session, UUID(mill), found)


async def read_to_the_end(reader: Api, mill: str) -> None:
    last = (await reader.get(f"books/{mill}/chapters"))["items"][-1]
    await reader.place(mill, last["number"], last["cfi"])


async def test_the_people_of_a_book_are_found_at_import(reader: Api, mill: str) -> None:
    found = await cast(reader, mill)
    assert set(found) == {"Silas Crane", "Mary Webb", "Robert Grey"}
    silas = found["Silas Crane"]
    assert (silas["kind"], silas["state"], set(silas["names"])) == ("person", "found", {"Crane", "Silas Crane"})
    assert facts(silas) == {"tall man", "red face", "grey beard", "old man", "white hair"}
    assert facts(silas, "suggested") == {"old hat"}
    assert silas["look"].startswith("old man, tall man, red face, grey beard, white hair")
    assert silas["evidence"][0]["quote"] == FIRST[0]


async def test_every_sentence_on_a_sheet_has_the_address_of_its_place(reader: Api, mill: str) -> None:
    await read_to_the_end(reader, mill)
    silas = (await cast(reader, mill))["Silas Crane"]
    for told in (*silas["facts"], *silas["evidence"]):
        report = {"chapter": told["chapter"], "colour": "yellow", "kind": "highlight", "cfi": told["cfi"]}
        marked = await reader.post(f"books/{mill}/annotations", report, 201)
        assert marked["quote"] == told["quote"]


async def test_nothing_is_shown_of_what_was_not_read_yet(reader: Api, mill: str) -> None:
    before = await reader.get(f"books/{mill}/cast")
    assert {one["name"] for one in before["items"]} == {"Silas Crane", "Mary Webb"}
    assert before["covered"] == 1
    silas = (await cast(reader, mill, ahead=False))["Silas Crane"]
    assert facts(silas) == {"tall man", "red face", "grey beard"}
    assert {told["chapter"] for told in silas["evidence"]} == {1}
    await read_to_the_end(reader, mill)
    after = await reader.get(f"books/{mill}/cast")
    assert (len(after["items"]), after["covered"]) == (3, 0)


async def test_a_person_decides_what_is_true(reader: Api, mill: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    by_value = {fact["value"]: fact["id"] for fact in silas["facts"]}
    await reader.patch(f"sheet-facts/{by_value['old hat']}", {"state": "confirmed"})
    await reader.patch(f"sheet-facts/{by_value['red face']}", {"state": "rejected"})
    corrected = await reader.patch(f"sheet-facts/{by_value['tall man']}", {"value": "very tall man"})
    assert corrected["state"] == "confirmed"
    added = await reader.post(f"sheets/{silas['id']}/facts", {"aspect": "eyes", "value": "brown eyes"}, 201)
    assert (added["state"], added["quote"], added["chapter"]) == ("added", None, 1)
    silas = (await cast(reader, mill))["Silas Crane"]
    assert "brown eyes" in silas["look"]
    assert "very tall man" in silas["look"]
    assert "red face" not in silas["look"]
    await reader.delete(f"sheet-facts/{added['id']}")
    await reader.delete(f"sheet-facts/{by_value['grey beard']}")
    silas = (await cast(reader, mill))["Silas Crane"]
    assert facts(silas, "rejected") == {"red face", "grey beard"}
    assert "brown eyes" not in silas["look"]


async def test_what_a_person_decided_outlives_another_search(reader: Api, mill: str, here: Installation) -> None:
    found = await cast(reader, mill)
    silas, robert = found["Silas Crane"], found["Robert Grey"]
    change = {"name": "Old Crane", "label": "a miller", "look": "a stooping miller in white", "state": "confirmed"}
    await reader.patch(f"sheets/{silas['id']}", change)
    red = next(fact for fact in silas["facts"] if fact["value"] == "red face")
    await reader.patch(f"sheet-facts/{red['id']}", {"state": "rejected"})
    await reader.patch(f"sheets/{robert['id']}", {"state": "rejected"})
    await again(here, mill)
    found = await cast(reader, mill)
    assert set(found) == {"Old Crane", "Mary Webb", "Robert Grey"}
    kept = found["Old Crane"]
    assert {name: kept[name] for name in change} == change
    assert (kept["id"], kept["own_look"]) == (silas["id"], True)
    assert facts(kept, "rejected") == {"red face"}
    assert facts(kept) == {"tall man", "grey beard", "old man", "white hair"}
    assert found["Robert Grey"]["state"] == "rejected"


async def test_a_locked_sheet_stays_as_it_is(reader: Api, mill: str, here: Installation, database_url: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    await reader.patch(f"sheets/{silas['id']}", {"locked": True})
    async with connect(database_url) as sql:
        await sql.execute("delete from sheet_facts where sheet_id = $1 and value = 'red face'", UUID(silas["id"]))
    await again(here, mill)
    kept = (await cast(reader, mill))["Silas Crane"]
    assert kept["id"] == silas["id"]
    assert "red face" not in facts(kept)


async def test_two_sheets_of_one_person_are_merged_and_stay_so(reader: Api, mill: str, here: Installation) -> None:
    found = await cast(reader, mill)
    silas, robert = found["Silas Crane"], found["Robert Grey"]
    merged = await reader.post(f"sheets/{silas['id']}/merge?ahead=true", {"other": robert["id"]})
    assert merged["mentions"] == silas["mentions"] + robert["mentions"]
    assert {"Silas Crane", "Robert Grey"} <= set(merged["names"])
    assert "green coat" in facts(merged)
    await again(here, mill)
    found = await cast(reader, mill)
    assert set(found) == {"Silas Crane", "Mary Webb"}
    assert facts(found["Silas Crane"]) == facts(merged)
    assert found["Silas Crane"]["mentions"] == merged["mentions"]


async def test_a_sheet_of_two_people_is_split_and_stays_so(reader: Api, mill: str, here: Installation) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    new = await reader.post(f"sheets/{silas['id']}/split?ahead=true", {"names": ["Silas Crane"]}, 201)
    assert (new["name"], new["names"]) == ("Silas Crane", ["Silas Crane"])
    assert facts(new) == facts(silas)
    await again(here, mill)
    found = await cast(reader, mill)
    assert set(found) == {"Silas Crane", "Crane", "Mary Webb", "Robert Grey"}
    assert facts(found["Silas Crane"]) == facts(silas)
    assert facts(found["Crane"]) == set()


@pytest.mark.parametrize("names", [["Nobody"], ["Crane", "Silas Crane"]])
async def test_a_split_leaves_a_name_on_either_side(reader: Api, mill: str, names: list[str]) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    refused = await reader.post(f"sheets/{silas['id']}/split", {"names": names}, 422)
    assert refused["code"] == "cannot_split"


async def test_a_sheet_is_not_merged_with_itself(reader: Api, mill: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    refused = await reader.post(f"sheets/{silas['id']}/merge", {"other": silas["id"]}, 422)
    assert refused["code"] == "cannot_merge"


async def test_sheets_are_their_persons_own(reader: Api, stranger: Api, mill: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    fact = silas["facts"][0]["id"]
    await stranger.get(f"books/{mill}/cast", 404)
    await stranger.patch(f"sheets/{silas['id']}", {"locked": True}, 404)
    await stranger.post(f"sheets/{silas['id']}/facts", {"aspect": "eyes", "value": "green"}, 404)
    await stranger.patch(f"sheet-facts/{fact}", {"state": "rejected"}, 404)
    await stranger.delete(f"sheet-facts/{fact}", 404)
    await stranger.get(f"sheets/{silas['id']}/reference", 404)


@pytest.mark.parametrize(
    "change",
    [{"kind": "ship"}, {"name": "x" * 301}, {"look": "a\u0000b"}, {"state": "sure"}, {"mentions": 5}],
)
async def test_a_change_that_makes_no_sense_is_refused(reader: Api, mill: str, change: dict[str, Any]) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    await reader.patch(f"sheets/{silas['id']}", change, 422)
    assert (await cast(reader, mill))["Silas Crane"] == silas


def picture(size: tuple[int, int] = (300, 400), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize(size)
    image.save(out, form)
    return out.getvalue()


async def test_a_reference_picture_is_kept_without_what_it_carries(reader: Api, mill: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    path = f"/api/v1/sheets/{silas['id']}/reference"
    assert (await reader.client.put(path, content=picture())).status_code == 204
    address = (await cast(reader, mill))["Silas Crane"]["reference"]
    shown = await reader.client.get(address)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(shown.content)).size == (300, 400)
    again = await reader.client.get(address, headers={"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    await reader.delete(f"sheets/{silas['id']}/reference")
    assert (await cast(reader, mill))["Silas Crane"]["reference"] is None


@pytest.mark.parametrize(
    ("data", "flaw"),
    [(b"", "no_picture"), (b"<svg/>", "no_picture"), (picture()[:300], "broken"), (picture((40, 40)), "too_small")],
)
async def test_what_is_no_picture_is_refused_as_a_reference(reader: Api, mill: str, data: bytes, flaw: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    refused = await reader.client.put(f"/api/v1/sheets/{silas['id']}/reference", content=data)
    assert (refused.status_code, refused.json()["flaw"]) == (422, flaw)


async def test_a_prompt_repeats_how_people_look_as_far_as_the_book_has_told(reader: Api, mill: str) -> None:
    silas = (await cast(reader, mill))["Silas Crane"]
    told = next(one for one in silas["evidence"] if one["quote"] == FIRST[0])
    wanted = {"chapter": told["chapter"], "cfi": told["cfi"], "type": "character"}
    passage = await reader.post(f"books/{mill}/descriptions", wanted, 201)
    prompt = await reader.get(f"descriptions/{passage['id']}/prompt?service=pollinations")
    assert "tall man, red face, grey beard" in prompt["prompt"]
    assert "white hair" not in prompt["prompt"]
    assert "Crane" not in prompt["prompt"]
    await reader.patch(f"sheets/{silas['id']}", {"label": "a miller", "look": "stooping, in a white smock"})
    prompt = await reader.get(f"descriptions/{passage['id']}/prompt?service=pollinations")
    assert "a miller: stooping, in a white smock" in prompt["prompt"]
    assert prompt["people"] == ["a miller"]
    await reader.patch(f"sheets/{silas['id']}", {"state": "rejected"})
    prompt = await reader.get(f"descriptions/{passage['id']}/prompt?service=pollinations")
    assert prompt["people"] == []
