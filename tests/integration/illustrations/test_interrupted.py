"""Something else happens between two steps of a transaction that orders, begins or clears up pictures."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from bookreader.descriptions.queries import replace_descriptions
from bookreader.illustrations import queries
from bookreader.illustrations.generate import Begun, _hand_on
from bookreader.illustrations.providers import Answer, Outcome, Service
from bookreader.illustrations.services import open_studio
from bookreader.jobs.worker import JobGone
from bookreader.pipeline import upkeep
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.api.test_jobs import lost
from tests.integration.gates import gate, one_after_the_other
from tests.integration.illustrations.conftest import Shelf
from tests.integration.illustrations.test_batches import batch
from tests.integration.illustrations.test_generate import order, rules
from tests.integration.illustrations.test_same_passage import PASSAGE, SERVICE

BOOK = "SELECT FROM books FOR UPDATE"


async def test_an_administrator_says_that_a_service_was_mended_while_its_turn_is_asked_for(
    shelf: Shelf, here: Installation
) -> None:
    async def begin() -> queries.Turn:
        async with here.database.transaction() as session:
            return await queries.take_turn(session, "pollinations", UUID(int=0), parallel=1, interval=0)

    async def mend() -> None:
        async with here.database.transaction() as session:
            await queries.wake_service(session, "pollinations")

    await begin()
    async with gate(shelf.url, SERVICE) as held:
        _, turn = await one_after_the_other(held, mend(), begin())
    assert turn.wait == 0


async def test_a_picture_is_deleted_while_its_batch_goes_on(reader: Api, shelf: Shelf) -> None:
    found = await batch(reader, shelf)
    path = f"picture-batches/{found['id']}"
    await reader.patch(path, {"state": "paused"})
    await shelf.sql.execute("delete from processing_jobs")
    [gone] = await shelf.sql.fetch(
        "select id from generated_images where description_id = $1", UUID(shelf.descriptions[1])
    )
    async with gate(shelf.url, BOOK) as held:
        going_on = asyncio.create_task(reader.patch(path, {"state": "active"}))
        await held.until_waiting(1)
        await reader.delete(f"illustrations/{gone['id']}")
        await held.open()
        assert (await going_on)["state"] == "active"


async def test_a_batch_is_cancelled_while_upkeep_clears_up(reader: Api, shelf: Shelf, here: Installation) -> None:
    """The passage of the batch's last picture has another one, whose job was cancelled."""
    await order(reader, shelf, 9)
    [job] = (await reader.get("jobs"))["items"]
    await reader.post(f"jobs/{job['id']}/cancel")
    found = await batch(reader, shelf)
    cancel = reader.patch(f"picture-batches/{found['id']}", {"state": "cancelled"})
    async with gate(shelf.url, PASSAGE, UUID(shelf.descriptions[9])) as held:
        cancelled, _ = await one_after_the_other(held, cancel, upkeep(here.database, here.settings))
    assert cancelled["state"] == "cancelled"
    assert await shelf.sql.fetchval("select count(*) from generated_images where status = 'failed'") == 1


async def test_a_picture_is_ordered_while_its_chapter_is_looked_through_again(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    chapter = await shelf.sql.fetchval("select id from chapters order by chapter_number limit 1")

    async def look_through() -> None:
        async with here.database.transaction() as session:
            await replace_descriptions(session, chapter, [])

    async with gate(shelf.url, BOOK) as held:
        image, _ = await one_after_the_other(held, order(reader, shelf), look_through())
    found: dict[str, Any] = await reader.get(f"illustrations/{image}")
    assert found["status"] == "pending"


async def test_a_worker_that_lost_its_picture_hands_it_on_to_nobody(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    """Another worker has drawn it while this one waited for the service, which answers that it cannot."""
    await rules(reader, order=["pollinations", "plate"], fall_back=True)
    image = UUID(await order(reader, shelf, service="pollinations"))
    job = await shelf.sql.fetchval("select id from processing_jobs")
    attempt = await lost(here, job)
    async with here.database.transaction() as session:
        wanted = await queries.to_draw(session, image)
        assert wanted is not None
        begun = Begun(wanted, Service.POLLINATIONS, await open_studio(session, here.settings))
        await queries.complete_image(session, image)
    with pytest.raises(JobGone):
        await _hand_on(attempt, begun, Answer(Outcome.UNAVAILABLE))
    assert (await shelf.row(str(image)))["service_used"] == "pollinations"


async def test_a_service_is_tested_while_its_picture_is_finished_and_another_ordered(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    """The finished one and the one that is ordered are of the same passage; the administrator pays for two."""
    image = await order(reader, shelf, service="pollinations")
    async with gate(shelf.url, "SELECT 1") as watch, here.database.transaction() as session:
        await queries.lock_passages_of(session, [UUID(image)])
        ordering = asyncio.create_task(order(reader, shelf, service="openai_dalle"))
        await watch.until_waiting(1)
        testing = asyncio.create_task(reader.post("admin/services/pollinations/test", {"price": "1"}))
        await watch.until_waiting(2)
        await queries.lock_service(session, "pollinations")
    await ordering
    assert (await testing)["outcome"] == "ok"
