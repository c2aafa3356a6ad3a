"""Two changes to the people of a book at the same moment: the second waits, and sees what the first has done."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from bookreader.cast import decide, queries
from bookreader.descriptions.sheets import Sheet
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.cast.test_cast import cast, facts
from tests.integration.gates import gate, one_after_the_other

FACT = "SELECT FROM sheet_facts WHERE id = $1 FOR UPDATE"


async def look_again(here: Installation, mill: str, found: tuple[Sheet, ...] = ()) -> None:
    async with here.database.transaction() as session:
        await queries.keep_found(session, UUID(mill), found)


async def a_fact_and_two_wishes(
    reader: Api, mill: str
) -> tuple[Any, Coroutine[Any, Any, Any], Coroutine[Any, Any, Any]]:
    """What is said of Robert, the request that confirms it, and the one that makes him Silas."""
    found = await cast(reader, mill)
    silas, robert = found["Silas Crane"], found["Robert Grey"]
    fact = robert["facts"][0]
    confirm = reader.patch(f"sheet-facts/{fact['id']}", {"state": "confirmed"})
    return fact, confirm, reader.post(f"sheets/{silas['id']}/merge?ahead=true", {"other": robert["id"]})


async def test_two_are_merged_while_the_book_is_looked_through_again(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    """The first of the two was changed before, so that it comes last where nobody asks for an order."""
    first, second = sorted((await cast(reader, mill)).values(), key=lambda sheet: UUID(sheet["id"]))[:2]
    for sheet in (second, first):
        await reader.patch(f"sheets/{sheet['id']}", {"name": "Somebody"})

    person = UUID((await reader.get("me"))["id"])
    async with gate(database_url, "SELECT 1") as watch, here.database.transaction() as session:
        await queries.member_of(session, person, UUID(first["id"]))
        looking = asyncio.create_task(look_again(here, mill))
        await watch.until_waiting(1)
        await decide.merge(session, person, UUID(first["id"]), UUID(second["id"]))
    await looking
    assert set(await cast(reader, mill)) == {"Somebody"}


async def test_a_fact_is_confirmed_while_its_person_is_merged_with_another(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    fact, confirm, merge = await a_fact_and_two_wishes(reader, mill)
    async with gate(database_url, FACT, UUID(fact["id"])) as held:
        confirmed, merged = await one_after_the_other(held, confirm, merge)
    assert confirmed["state"] == "confirmed"
    assert fact["value"] in facts(merged, "confirmed")


async def test_a_fact_goes_over_to_another_person_while_it_is_confirmed(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    fact, confirm, merge = await a_fact_and_two_wishes(reader, mill)
    async with gate(database_url, FACT, UUID(fact["id"])) as held:
        _, confirmed = await one_after_the_other(held, merge, confirm)
    assert confirmed["state"] == "confirmed"


async def test_a_fact_is_confirmed_while_the_book_is_looked_through_again(
    reader: Api, mill: str, here: Installation, database_url: str
) -> None:
    [fact, *_] = (await cast(reader, mill))["Robert Grey"]["facts"]
    async with gate(database_url, FACT, UUID(fact["id"])) as held:
        confirm = reader.patch(f"sheet-facts/{fact['id']}", {"state": "confirmed"}, 404)
        _, refused = await one_after_the_other(held, look_again(here, mill), confirm)
    assert refused["code"] == "no_such_fact"
