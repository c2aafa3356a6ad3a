"""Batches: an estimate first, then progress, pause, resume and cancel; one failure stops nobody else."""

from typing import Any

import pytest

from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.illustrations.conftest import Fakes, Shelf, ended, until, working
from tests.integration.illustrations.fakes import openai_images
from tests.integration.illustrations.test_generate import order, rules
from tests.integration.illustrations.fakes.server import said_json

BOOK = {"scope": "book", "per_chapter": 2, "service": "openai_dalle"}


async def batch(api: Api, shelf: Shelf, status: int = 202, **wanted: Any) -> Any:
    return await api.post(f"books/{shelf.book}/picture-batches", BOOK | {"price": "10"} | wanted, status)


async def until_done(api: Api, found: Any, state: str = "done") -> Any:
    async def look() -> Any:
        now = await api.get(f"picture-batches/{found['id']}")
        return now if now["state"] == state and (state != "done" or not now["waiting"]) else None

    return await until(look, 90)


async def test_an_estimate_says_what_is_drawn_and_what_it_costs(reader: Api, shelf: Shelf) -> None:
    found = await reader.post(f"books/{shelf.book}/picture-estimate", BOOK)
    assert found["pictures"] == 10
    assert found["chapters"] == {"1": 2, "2": 2, "3": 2, "4": 2, "5": 2}
    assert float(found["price"]) == pytest.approx(0.63)
    assert (found["obstacle"], found["reason"]) == (None, None)
    assert await shelf.ledger() == []
    few = await reader.post(f"books/{shelf.book}/picture-estimate", BOOK | {"scope": "next_chapters", "chapters": 2})
    assert few["chapters"] == {"1": 2, "2": 2}
    free = await reader.post(f"books/{shelf.book}/picture-estimate", {"scope": "book", "per_chapter": 1})
    assert (free["service"], free["pictures"], float(free["price"])) == ("plate", 5, 0)


async def test_the_next_chapters_are_those_from_where_the_person_reads(reader: Api, shelf: Shelf) -> None:
    await shelf.sql.execute(
        "insert into reading_progress (id, user_id, book_id, current_chapter, current_page, current_position)"
        " select gen_random_uuid(), user_id, id, 3, 1, 40 from books"
    )
    found = await reader.post(
        f"books/{shelf.book}/picture-estimate", BOOK | {"scope": "next_chapters", "chapters": 2, "per_chapter": 1}
    )
    assert found["chapters"] == {"3": 1, "4": 1}


async def test_an_estimate_names_the_obstacle(reader: Api, shelf: Shelf) -> None:
    await shelf.sql.execute("update subscriptions set plan = 'FREE'")
    found = await reader.post(f"books/{shelf.book}/picture-estimate", BOOK)
    assert "allows 7 pictures a month" in found["obstacle"]
    refused = await batch(reader, shelf, 403)
    assert found["reason"] == {"code": "quota_exceeded", "values": {"limit": 7, "left": 7, "wanted": 10}}
    assert refused["detail"] == found["obstacle"]
    assert await shelf.sql.fetchval("select count(*) from generated_images") == 0
    assert refused | found["reason"]["values"] == refused
    assert await shelf.sql.fetchval("select count(*) from picture_batches") == 0


async def test_a_batch_that_became_dearer_is_not_begun(reader: Api, shelf: Shelf) -> None:
async def test_an_estimate_says_which_budget_is_in_the_way(reader: Api, shelf: Shelf) -> None:
    await rules(reader, budgets={"book": "0.20", "site_day": "5"})
    reason = (await reader.post(f"books/{shelf.book}/picture-estimate", BOOK))["reason"]
    assert reason["code"] == "budget_exceeded"
    assert reason["values"] == {"which": "book", "budget": "0.20", "used": "0", "wanted": reason["values"]["wanted"]}
    assert float(reason["values"]["wanted"]) == pytest.approx(0.63)


    refused = await batch(reader, shelf, 409, price="0.10")
    assert (refused["code"], refused["pictures"]) == ("estimate_changed", 10)
    assert await shelf.sql.fetchval("select count(*) from picture_batches") == 0


async def test_a_batch_is_drawn_to_its_end(reader: Api, shelf: Shelf, worker: None) -> None:
    begun = await batch(reader, shelf)
    assert (begun["pictures"], begun["waiting"], begun["state"]) == (10, 10, "active")
    done = await until_done(reader, begun)
    assert (done["completed"], done["failed"], done["progress"]) == (10, 0, 100)
    assert float(done["spent"]) == pytest.approx(0.63)
    assert (await reader.get(f"books/{shelf.book}/picture-batches"))["items"] == [done]
    again = await batch(reader, shelf, 422)
    assert again["code"] == "nothing_to_draw"
    after = await reader.post(f"books/{shelf.book}/picture-estimate", BOOK | {"service": "pollinations"})
    assert after["pictures"] == 10


async def test_the_first_chapters_are_drawn_first_and_few_have_a_job(reader: Api, shelf: Shelf) -> None:
    await batch(reader, shelf)
    rows = await shelf.sql.fetch(
        "select d.content from processing_jobs j join generated_images i on i.id = j.subject_id"
        " join descriptions d on d.id = i.description_id order by j.created_at, j.id"
    )
    assert len(rows) == 4
    assert all("number 1" in row["content"] or "number 2" in row["content"] for row in rows)


async def test_one_refusal_and_one_fault_do_not_stop_the_rest(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    fakes.openai.troubles.append(openai_images.error(400, "moderation_blocked", "no"))
    fakes.openai.troubles.append(openai_images.error(400, "invalid_value", "no"))
    done = await until_done(reader, await batch(reader, shelf))
    assert (done["completed"], done["failed"], done["moderated"]) == (8, 1, 1)
    assert sorted(state for _, state, _ in await shelf.ledger()) == ["returned"] * 2 + ["settled"] * 8
    items = (await reader.get(f"books/{shelf.book}/illustrations"))["items"]
    assert sum(item["error"] is not None for item in items) == 2


async def test_a_wrong_key_fails_the_batch_quickly_and_charges_nothing(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    fakes.openai.troubles.extend(openai_images.error(401, "invalid_api_key", "no") for _ in range(10))
    done = await until_done(reader, await batch(reader, shelf))
    assert done["failed"] == 10
    assert float(done["spent"]) == 0
    assert len(fakes.openai.asked) < 10


async def test_a_paused_batch_stands_still_and_goes_on(reader: Api, shelf: Shelf, here: Installation) -> None:
    begun = await batch(reader, shelf)
    paused = await reader.patch(f"picture-batches/{begun['id']}", {"state": "paused"})
    assert paused["state"] == "paused"
    async with working(here):
        drawn = await until(lambda: _few_are_drawn(reader, begun))
        assert (drawn["completed"], drawn["waiting"]) == (4, 6)
        resumed = await reader.patch(f"picture-batches/{begun['id']}", {"state": "active"})
        assert resumed["state"] == "active"
        assert (await until_done(reader, begun))["completed"] == 10


async def _few_are_drawn(reader: Api, begun: Any) -> Any:
    """What had a job when the pause came is finished; once no job is left, nothing more can come."""
    jobs = (await reader.get("jobs"))["items"]
    now = await reader.get(f"picture-batches/{begun['id']}")
    return now if all(job["state"] == "done" for job in jobs) else None


async def test_a_cancelled_batch_gives_back_what_nobody_began(reader: Api, shelf: Shelf, here: Installation) -> None:
    begun = await batch(reader, shelf)
    cancelled = await reader.patch(f"picture-batches/{begun['id']}", {"state": "cancelled"})
    assert (cancelled["state"], cancelled["waiting"]) == ("cancelled", 4)
    assert sorted(state for _, state, _ in await shelf.ledger()) == ["reserved"] * 4 + ["returned"] * 6
    refused = await reader.client.patch(f"/api/v1/picture-batches/{begun['id']}", json={"state": "active"})
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_cancelled")
    async with working(here):
        drawn = await until(lambda: _few_are_drawn(reader, begun))
    assert drawn["completed"] == 4
    assert sorted(state for _, state, _ in await shelf.ledger()) == ["returned"] * 6 + ["settled"] * 4


async def test_a_cancelled_batch_of_first_pictures_leaves_descriptions_as_they_were(reader: Api, shelf: Shelf) -> None:
    begun = await batch(reader, shelf)
    await reader.patch(f"picture-batches/{begun['id']}", {"state": "cancelled"})
    requested = await shelf.sql.fetchval("select count(*) from descriptions where generation_requested")
    assert requested == 4


async def test_passages_that_wait_already_are_not_ordered_twice(reader: Api, shelf: Shelf) -> None:
    await order(reader, shelf, 0, service="openai_dalle")
    found = await reader.post(f"books/{shelf.book}/picture-estimate", BOOK)
    assert found["pictures"] == 9


async def test_two_batches_at_once_order_each_passage_once(reader: Api, shelf: Shelf) -> None:
    first = await batch(reader, shelf)
    second = await batch(reader, shelf, 422)
    assert first["pictures"] == 10
    assert second["code"] == "nothing_to_draw"


async def test_a_batch_of_plates_counts_nowhere(reader: Api, shelf: Shelf, worker: None) -> None:
    await rules(reader, budgets={"site_day": "0"})
    done = await until_done(reader, await batch(reader, shelf, service="plate", price="0"))
    assert done["completed"] == 10
    assert await shelf.ledger() == []
