"""Passages that a person chose or corrected, and books that are looked through again with newer rules."""

from typing import Any
from uuid import UUID

import pytest

from bookreader.pipeline import upkeep
from bookreader.work import Installation
from tests.integration.api.conftest import Api, until_jobs_end
from tests.integration.cast.conftest import FIRST
from tests.integration.database.rows import connect
from tests.integration.gates import gate, one_after_the_other

EYES = "Mary Webb had blue eyes."
"""A sentence that is no passage by itself."""


async def found(reader: Api, mill: str) -> list[dict[str, Any]]:
    return list((await reader.get(f"books/{mill}/descriptions"))["items"])


async def selected(reader: Api, mill: str, text: str = FIRST[0]) -> dict[str, Any]:
    """What a browser sends for a sentence that somebody selected."""
    cast = (await reader.get(f"books/{mill}/cast?ahead=true"))["items"]
    told = next(one for sheet in cast for one in sheet["evidence"] if one["quote"] == text)
    return {"chapter": told["chapter"], "cfi": told["cfi"], "quote": text}


async def test_a_person_chooses_a_passage(reader: Api, mill: str) -> None:
    wanted = await selected(reader, mill) | {"type": "character"}
    passage = await reader.post(f"books/{mill}/descriptions", wanted, 201)
    assert (passage["text"], passage["type"], passage["beyond"]) == (FIRST[0], "character", False)
    again = await reader.post(f"books/{mill}/descriptions", wanted, 201)
    assert again["id"] == passage["id"]
    ordered = await reader.post(f"descriptions/{passage['id']}/illustrations", status=202)
    assert ordered["status"] == "pending"


async def test_a_passage_that_is_chosen_twice_at_once_is_one(reader: Api, mill: str, database_url: str) -> None:
    wanted = await selected(reader, mill, EYES)
    choose = [reader.post(f"books/{mill}/descriptions", wanted, 201) for _ in range(2)]
    async with gate(database_url, "SELECT FROM chapters FOR UPDATE") as held:
        first, second = await one_after_the_other(held, *choose)
    assert first["id"] == second["id"]


async def test_the_words_of_a_passage_decide_of_what_its_picture_is(reader: Api, mill: str) -> None:
    passage = await reader.post(f"books/{mill}/descriptions", await selected(reader, mill, EYES), 201)
    assert (passage["text"], passage["type"]) == (EYES, "character")
    assert passage["second_type"] not in (None, "character")


async def test_a_hidden_passage_that_is_chosen_again_is_shown(reader: Api, mill: str) -> None:
    wanted = await selected(reader, mill)
    passage = await reader.post(f"books/{mill}/descriptions", wanted, 201)
    await reader.patch(f"descriptions/{passage['id']}", {"hidden": True}, 204)
    assert passage["id"] not in {one["id"] for one in await found(reader, mill)}
    await reader.post(f"books/{mill}/descriptions", wanted, 201)
    assert passage["id"] in {one["id"] for one in await found(reader, mill)}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"cfi": "epubcfi(/6/999!/4/2)", "quote": None}, 422, "bad_cfi"),
        ({"cfi": "nonsense", "quote": None}, 422, "bad_cfi"),
        ({"chapter": 99}, 404, "no_such_chapter"),
        ({"type": "ship"}, 422, "invalid_input"),
        ({"quote": "a\u0000b"}, 422, "invalid_input"),
    ],
)
async def test_a_passage_that_is_nowhere_is_refused(
    reader: Api, mill: str, change: dict[str, Any], status: int, code: str
) -> None:
    before = await found(reader, mill)
    refused = await reader.post(f"books/{mill}/descriptions", await selected(reader, mill) | change, status)
    assert refused["code"] == code
    assert await found(reader, mill) == before


async def test_passages_are_chosen_in_ones_own_books(reader: Api, stranger: Api, mill: str) -> None:
    await stranger.post(f"books/{mill}/descriptions", await selected(reader, mill), 404)


async def test_newer_rules_lose_nothing_that_a_person_did(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    chosen = {
        (await reader.post(f"books/{mill}/descriptions", await selected(reader, mill, text), 201))["id"]
        for text in (EYES, FIRST[0])
    }
    rest = [one for one in await found(reader, mill) if one["id"] not in chosen]
    pictured = next(one for one in rest if one["illustration"])
    images = (await reader.get(f"books/{mill}/illustrations"))["items"]
    silas = (await reader.get(f"books/{mill}/cast?ahead=true"))["items"][0]
    await reader.patch(f"sheets/{silas['id']}", {"look": "a miller"})
    async with connect(database_url) as sql:
        await sql.execute("update books set described_with = 'rules-0'")
        await sql.execute("update descriptions set content = 'old rules' where id <> all($1)",
                          [*map(UUID, chosen), UUID(pictured["id"])])  # fmt: skip
    await upkeep(here.database, here.settings)
    jobs = await until_jobs_end(reader, mill)
    assert [job["kind"] for job in jobs].count("describe") == 2
    after = await found(reader, mill)
    assert chosen | {pictured["id"]} <= {one["id"] for one in after}
    assert "old rules" not in {one["text"] for one in after}
    assert len(after) == len(rest) + len(chosen)
    assert (await reader.get(f"books/{mill}/illustrations"))["items"] == images
    assert (await reader.get(f"books/{mill}/cast?ahead=true"))["items"][0]["look"] == "a miller"
    await upkeep(here.database, here.settings)
    assert len(await until_jobs_end(reader, mill)) == len(jobs)


async def test_two_processes_that_do_upkeep_at_once_look_a_book_through_once(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    await upkeep(here.database, here.settings)
    async with connect(database_url) as sql:
        await sql.execute("update books set described_with = 'rules-0'")
    rounds = [upkeep(here.database, here.settings) for _ in range(2)]
    async with gate(database_url, "SELECT FROM books FOR UPDATE") as held:
        await one_after_the_other(held, *rounds)
    jobs = await until_jobs_end(reader, mill)
    assert [job["kind"] for job in jobs].count("describe") == 2


async def test_a_corrected_type_outlives_newer_rules(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    one = (await found(reader, mill))[0]
    await reader.patch(f"descriptions/{one['id']}", {"type": "object"}, 204)
    async with connect(database_url) as sql:
        await sql.execute("update books set described_with = null")  # as a book of a version that noted no rules
    await upkeep(here.database, here.settings)
    await until_jobs_end(reader, mill)
    [kept] = [each for each in await found(reader, mill) if each["id"] == one["id"]]
    assert kept["type"] == "object"
