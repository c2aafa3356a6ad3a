"""Batches: an estimate first, then progress, pause, resume and cancel; one failure stops nobody else."""

import asyncio
from typing import Any

import pytest

from bookreader.illustrations.draw import SEED_RANGE
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.illustrations.conftest import Fakes, Shelf, ended, until, working
from tests.integration.illustrations.fakes import openai_images
from tests.integration.illustrations.fakes.server import said_json
from tests.integration.illustrations.test_generate import order, rules

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
    assert found["reason"] == {"code": "quota_exceeded", "values": {"limit": 7, "left": 7, "wanted": 10}}
    refused = await batch(reader, shelf, 403)
    assert refused["detail"] == found["obstacle"]
    assert refused | found["reason"]["values"] == refused
    assert await shelf.sql.fetchval("select count(*) from generated_images") == 0
    assert await shelf.sql.fetchval("select count(*) from picture_batches") == 0


async def test_an_estimate_says_which_budget_is_in_the_way(reader: Api, shelf: Shelf) -> None:
    await rules(reader, budgets={"book": "0.20", "site_day": "5"})
    reason = (await reader.post(f"books/{shelf.book}/picture-estimate", BOOK))["reason"]
    assert reason["code"] == "budget_exceeded"
    assert reason["values"] == {"which": "book", "budget": "0.20", "used": "0", "wanted": reason["values"]["wanted"]}
    assert float(reason["values"]["wanted"]) == pytest.approx(0.63)


async def test_a_batch_that_became_dearer_is_not_begun(reader: Api, shelf: Shelf) -> None:
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
    address = f"/api/v1/books/{shelf.book}/picture-batches"
    answers = await asyncio.gather(*(reader.client.post(address, json=BOOK | {"price": "10"}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [202, 422, 422]
    assert {answer.json().get("pictures", answer.json().get("code")) for answer in answers} == {10, "nothing_to_draw"}


async def test_a_batch_of_plates_counts_nowhere(reader: Api, shelf: Shelf, worker: None) -> None:
    await rules(reader, budgets={"site_day": "0"})
    done = await until_done(reader, await batch(reader, shelf, service="plate", price="0"))
    assert done["completed"] == 10
    assert await shelf.ledger() == []


# --- the line ---------------------------------------------------------------------------------------------------------


async def test_what_waits_knows_how_many_are_before_it(reader: Api, shelf: Shelf) -> None:
    images = [await order(reader, shelf, which, service="openai_dalle") for which in range(3)]
    elsewhere = await order(reader, shelf, 3, service="pollinations")
    ahead = [(await reader.get(f"illustrations/{image}"))["ahead"] for image in (*images, elsewhere)]
    assert ahead == [0, 1, 2, 0]
    begun = await batch(reader, shelf, chapters=5)
    assert begun["ahead"] == 3
    mates = await shelf.sql.fetch(
        "select i.id from generated_images i join descriptions d on d.id = i.description_id"
        " join chapters c on c.id = d.chapter_id where batch_id is not null order by chapter_number, start_offset"
    )
    ahead = [(await reader.get(f"illustrations/{mate['id']}"))["ahead"] for mate in mates]
    assert ahead == [3, 4, 5, 6, 4, 5, 6]
    await shelf.sql.execute("update processing_jobs set state = 'done' where subject_id = any($1)", images[:2])
    await shelf.sql.execute("update generated_images set status = 'generating' where id = $1", images[2])
    assert (await reader.get(f"illustrations/{images[2]}"))["ahead"] is None
    assert (await reader.get(f"picture-batches/{begun['id']}"))["ahead"] == 1
    [variant] = (await reader.get(f"descriptions/{shelf.descriptions[3]}/illustrations"))["items"][-1:]
    assert variant["ahead"] == 0


async def test_what_stands_still_has_no_place_in_the_line(reader: Api, shelf: Shelf) -> None:
    begun = await batch(reader, shelf)
    await reader.patch(f"picture-batches/{begun['id']}", {"state": "paused"})
    assert (await reader.get(f"picture-batches/{begun['id']}"))["ahead"] is None
    last = await shelf.sql.fetchval(
        "select i.id from generated_images i left join processing_jobs j on j.subject_id = i.id where j.id is null"
    )
    assert (await reader.get(f"illustrations/{last}"))["ahead"] is None


# --- another manner ---------------------------------------------------------------------------------------------------

RESTYLE: dict[str, Any] = {"scope": "restyle", "service": "pollinations", "style": "watercolour"}


async def test_pictures_are_drawn_anew_in_another_manner_and_stay_who_they_are(
    reader: Api, shelf: Shelf, worker: None
) -> None:
    plate = await order(reader, shelf, 0)
    drawn = await order(reader, shelf, 1, service="pollinations", style="oil")
    edited = await order(reader, shelf, 2, service="openai_dalle", prompt="a moor with one white horse")
    before = {(await ended(reader, image))["id"]: await reader.get(f"illustrations/{image}") for image in
              (plate, drawn, edited)}  # fmt: skip
    found = await reader.post(f"books/{shelf.book}/picture-estimate", RESTYLE)
    assert (found["pictures"], found["chapters"]) == (3, {"1": 2, "2": 1})
    assert float(found["price"]) == pytest.approx(0.03)
    begun = await batch(reader, shelf, **RESTYLE)
    assert (begun["scope"], begun["style"], begun["pictures"]) == ("restyle", "watercolour", 3)
    assert (await until_done(reader, begun))["completed"] == 3
    for which, image in enumerate(before):
        new, old = (await reader.get(f"descriptions/{shelf.descriptions[which]}/illustrations"))["items"]
        assert (old["id"], old["current"], old["status"], new["current"]) == (image, False, "completed", True)
        assert "watercolour" in new["prompt"]
        assert "oil painting" not in new["prompt"]
        if image != plate:
            assert new["parameters"]["seed"] % SEED_RANGE == old["parameters"]["seed"] % SEED_RANGE
            assert new["parameters"]["people"] == old["parameters"]["people"]
    assert new["prompt"].startswith("a moor with one white horse")
    assert new["parameters"]["handling"] == "edited"
    nothing = await batch(reader, shelf, 422, **RESTYLE)
    assert nothing["code"] == "nothing_to_draw"


async def test_a_picture_is_shown_until_the_one_in_another_manner_is_there(
    reader: Api, shelf: Shelf, fakes: Fakes, here: Installation
) -> None:
    images = [await order(reader, shelf, which, service="pollinations") for which in range(2)]
    async with working(here):
        for image in images:
            await ended(reader, image)
    begun = await batch(reader, shelf, **RESTYLE)
    assert await batch(reader, shelf, 422, **RESTYLE)
    shown = (await reader.get(f"books/{shelf.book}/illustrations"))["items"]
    assert [one["id"] for one in shown] == images
    fakes.pollinations.troubles.append(said_json({"error": {"code": "FORBIDDEN", "message": "no"}}, 403))
    async with working(here):
        done = await until_done(reader, begun)
    assert (done["completed"], done["moderated"]) == (1, 1)
    after = [one["id"] for one in (await reader.get(f"books/{shelf.book}/illustrations"))["items"]]
    assert len(set(after) & set(images)) == 1
    again = await reader.post(f"books/{shelf.book}/picture-estimate", RESTYLE)
    assert again["pictures"] == 1
    other = await reader.post(f"books/{shelf.book}/picture-estimate", RESTYLE | {"style": "oil"})
    assert other["pictures"] == 2


async def test_a_cancelled_change_of_manner_leaves_the_book_as_it_was(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    image = await order(reader, shelf, service="pollinations")
    async with working(here):
        await ended(reader, image)
    await reader.client.put(f"/api/v1/books/{shelf.book}/art-direction", json={"era": "around 1750"})
    begun = await batch(reader, shelf, **RESTYLE | {"style": None})
    assert begun["pictures"] == 1
    await shelf.sql.execute("update processing_jobs set state = 'cancelled' where state = 'queued'")
    cancelled = await reader.patch(f"picture-batches/{begun['id']}", {"state": "cancelled"})
    assert (cancelled["state"], cancelled["waiting"]) == ("cancelled", 0)
    [shown] = (await reader.get(f"descriptions/{shelf.descriptions[0]}/illustrations"))["items"]
    assert (shown["id"], shown["current"]) == (image, True)
    assert [state for _, state, _ in await shelf.ledger()] == ["settled", "returned"]


async def test_plates_have_no_other_manner(reader: Api, shelf: Shelf) -> None:
    refused = await batch(reader, shelf, 422, **RESTYLE | {"service": None})
    assert refused["code"] == "plate_has_no_style"
