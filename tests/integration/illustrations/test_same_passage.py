"""Two changes to the pictures of one passage at the same moment: the second waits, and sees what the first has done."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.illustrations import queries
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.gates import gate, one_after_the_other
from tests.integration.illustrations.conftest import Fakes, Shelf, ended, until, working
from tests.integration.illustrations.test_at_once import Watched
from tests.integration.illustrations.test_generate import order

IMAGE = "SELECT FROM generated_images WHERE id = $1 FOR UPDATE"
PASSAGE = "SELECT FROM descriptions WHERE id = $1 FOR UPDATE"
SERVICE = "SELECT FROM service_turns FOR UPDATE"


async def finish(here: Installation, image: str) -> None:
    """What a worker writes when a picture has come."""
    async with here.database.transaction() as session:
        await queries.complete_image(session, UUID(image), content_hash="a" * 64)
        await ledger.settle(session, UUID(image), "openai_dalle", Decimal("0.04"))


async def current(shelf: Shelf) -> list[str]:
    rows = await shelf.sql.fetch("select id from generated_images where is_current order by created_at")
    return [str(row["id"]) for row in rows]


async def test_two_pictures_of_a_passage_are_finished_at_once(reader: Api, shelf: Shelf, here: Installation) -> None:
    images = [await order(reader, shelf) for _ in range(3)]
    async with gate(shelf.url, IMAGE, UUID(images[0])) as held:
        await one_after_the_other(held, finish(here, images[1]), finish(here, images[2]))
    assert await current(shelf) == [images[2]]


async def test_a_picture_is_deleted_while_it_is_finished(reader: Api, shelf: Shelf, here: Installation) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    async with gate(shelf.url, PASSAGE, UUID(shelf.descriptions[0])) as held:
        await one_after_the_other(held, finish(here, image), reader.delete(f"illustrations/{image}"))
    assert await shelf.sql.fetchval("select count(*) from generated_images") == 0
    assert [state for _, state, _ in await shelf.ledger()] == ["settled"]


async def test_a_picture_is_finished_while_another_of_its_passage_is_begun(
    reader: Api, shelf: Shelf, here: Installation, fakes: Fakes
) -> None:
    watched = Watched(fakes.pollinations, 2.5)
    first = await order(reader, shelf, service="pollinations")
    async with working(here):
        await until(lambda: is_open(watched))
        async with gate(shelf.url, SERVICE) as held:
            await held.until_waiting(1)
            ordering = asyncio.create_task(order(reader, shelf, service="pollinations"))
            await held.until_waiting(2)
            await held.open()
            second = await ordering
            assert [(await ended(reader, image))["status"] for image in (first, second)] == ["completed"] * 2
    assert len(fakes.pollinations.asked) == 2
    assert await shelf.sql.fetchval("select max(attempts) from processing_jobs") == 1


async def is_open(watched: Watched) -> bool:
    return bool(watched.open)


async def test_a_picture_that_is_finished_while_another_is_ordered_stays_shown(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    first = await order(reader, shelf)
    async with gate(shelf.url, PASSAGE, UUID(shelf.descriptions[0])) as held:
        await one_after_the_other(held, finish(here, first), order(reader, shelf))
    assert await current(shelf) == [first]


async def test_of_two_pictures_that_are_ordered_at_once_one_is_shown(reader: Api, shelf: Shelf) -> None:
    async with gate(shelf.url, PASSAGE, UUID(shelf.descriptions[0])) as held:
        await one_after_the_other(held, order(reader, shelf), order(reader, shelf))
    shown = (await reader.get(f"books/{shelf.book}/descriptions"))["items"]
    assert [one["id"] for one in shown] == shelf.descriptions


async def test_a_picture_that_is_deleted_meanwhile_cannot_be_chosen(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    image = await order(reader, shelf)
    await finish(here, image)

    async def choose() -> Any:
        return await reader.post(f"illustrations/{image}/choose", status=404)

    async with gate(shelf.url, PASSAGE, UUID(shelf.descriptions[0])) as held:
        _, refused = await one_after_the_other(held, reader.delete(f"illustrations/{image}"), choose())
    assert refused["code"] == "no_such_illustration"
