"""One illustration through its states, at every service, with every ending; the ledger agrees with each."""

import io
from typing import Any

import pytest
from PIL import Image

from bookreader.illustrations.generate import clear_up
from bookreader.illustrations.providers import Service
from bookreader.illustrations.services import NAMES
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.illustrations.conftest import Fakes, Shelf, ended, until, working
from tests.integration.illustrations.fakes import openai_images, pollinations
from tests.integration.illustrations.fakes.pictures import blank, jpeg
from tests.integration.illustrations.fakes.server import HANG, Said, error_page, said_json

SERVICES = ("pollinations", "openai_dalle", "stable_diffusion", "midjourney")
PICTURE = {"Content-Type": "image/jpeg"}


async def order(api: Api, shelf: Shelf, which: int = 0, status: int = 202, **wanted: Any) -> Any:
    answer = await api.post(f"descriptions/{shelf.descriptions[which]}/illustrations", wanted, status)
    return answer["id"] if status == 202 else answer


async def rules(api: Api, **rules: Any) -> None:
    assert (await api.client.put("/api/v1/picture-rules", json=rules)).status_code == 200


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_makes_a_picture(service: str, reader: Api, shelf: Shelf, worker: None) -> None:
    image = await order(reader, shelf, service=service, style="watercolour")
    found = await ended(reader, image)
    assert found["status"] == "completed", found
    assert (found["service"], found["label"], found["current"]) == (service, "generated", True)
    assert found["prompt"].startswith("The moor rose hill behind hill")
    assert "watercolour" in found["prompt"]
    assert found["alt"].startswith("The moor rose hill behind hill")
    assert {"model", "size", "seed", "style", "cost"} <= set(found["parameters"])
    assert found["seconds"] > 0
    [(charged, state, price)] = await shelf.ledger()
    assert (charged, state) == (service, "settled")
    assert price == pytest.approx(found["parameters"]["cost"])


async def test_a_plate_counts_nowhere(reader: Api, shelf: Shelf, worker: None) -> None:
    found = await ended(reader, await order(reader, shelf))
    assert (found["status"], found["label"]) == ("completed", "offline_sketch")
    assert found["parameters"]["model"] == "plate"
    assert found["parameters"]["cost"] == 0
    assert found["prompt"] == ""
    assert await shelf.ledger() == []


async def test_the_picture_is_served_in_the_size_that_is_enough(reader: Api, shelf: Shelf, worker: None) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    await ended(reader, image)
    widths = {}
    for width in (None, 100, 320, 321, 900, 1280, 1281, 9000):
        answer = await reader.get(f"illustrations/{image}/image" + (f"?width={width}" if width else ""))
        picture = Image.open(io.BytesIO(answer.content))
        widths[width] = (picture.format, picture.width, answer.headers["content-type"])
    small, original = "image/webp", ("PNG", 1536, "image/png")
    assert widths == {
        None: original,
        100: ("WEBP", 320, small),
        320: ("WEBP", 320, small),
        321: ("WEBP", 640, small),
        900: ("WEBP", 1280, small),
        1280: ("WEBP", 1280, small),
        1281: original,
        9000: original,
    }
    download = await reader.get(f"illustrations/{image}/image?download=true")
    assert download.headers["content-disposition"] == f'attachment; filename="illustration-{image}.png"'
    assert (await shelf.row(image))["download_count"] == 1


async def test_a_grid_is_cut_to_its_first_picture(reader: Api, shelf: Shelf, worker: None) -> None:
    image = await order(reader, shelf, service="midjourney")
    await ended(reader, image)
    row = await shelf.row(image)
    assert (row["image_width"], row["image_height"]) == (512, 512)
    assert row["task_id"] == "1001"


@pytest.mark.parametrize("service", ["pollinations", "openai_dalle", "midjourney"])
async def test_a_refused_prompt_is_moderated_and_costs_nothing(
    service: str, reader: Api, shelf: Shelf, worker: None
) -> None:
    image = await order(reader, shelf, service=service, prompt="something unspeakable")
    found = await ended(reader, image)
    assert found["status"] == "moderated"
    assert found["moderation"].keys() == {"who", "stage", "code", "reason"}
    assert found["moderation"]["who"] == service
    assert "Change the prompt" in found["error"]
    assert [state for _, state, _ in await shelf.ledger()] == ["returned"]
    assert (await shelf.row(image))["is_moderated"]
    [job] = (await reader.get("jobs?state=failed"))["items"]
    assert job["error"]["code"] == "picture_moderated"
    assert found["reason"]["code"] == "picture_moderated"
    assert found["reason"]["values"]["service"] == NAMES[Service(service)]
    assert found["reason"]["values"]["said"] in found["error"]
    assert job["error"] == found["reason"] | {"message": found["error"]}


async def test_a_wrong_key_fails_once_and_the_others_without_a_call(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    fakes.openai.troubles.append(openai_images.error(401, "invalid_api_key", "Incorrect API key provided"))
    first = await ended(reader, await order(reader, shelf, 0, service="openai_dalle"))
    second = await ended(reader, await order(reader, shelf, 1, service="openai_dalle"))
    for found in (first, second):
        assert found["status"] == "failed"
        assert "does not accept our key" in found["error"]
        assert found["reason"] == {"code": "picture_auth", "values": {"service": "OpenAI"}}
    assert len(fakes.openai.asked) == 1
    assert [state for _, state, _ in await shelf.ledger()] == ["returned", "returned"]
    services = (await reader.get("picture-services"))["services"]
    [told] = [one for one in services if one["service"] == "openai_dalle"]
    assert "does not accept our key" in told["trouble"]
    assert told["reason"]["code"] == "picture_auth"
    assert 0 < told["reason"]["values"]["seconds"] <= 60
    await rules(reader)
    assert (await ended(reader, await order(reader, shelf, 2, service="openai_dalle")))["status"] == "completed"


async def test_another_service_stands_in_where_the_administrator_wants_it(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    await rules(reader, order=["openai_dalle", "pollinations", "plate"], fall_back=True)
    fakes.openai.troubles.append(said_json({"error": {"message": "pay"}}, 402))
    found = await ended(reader, await order(reader, shelf, service="openai_dalle"))
    assert (found["status"], found["service"]) == ("completed", "pollinations")
    assert found["parameters"]["tried"] == [{"service": "openai_dalle", "outcome": "quota"}]
    assert await shelf.ledger() == [("pollinations", "settled", 0.01)]


async def test_a_plate_that_stands_in_costs_nothing(reader: Api, shelf: Shelf, fakes: Fakes, worker: None) -> None:
    await rules(reader, order=["openai_dalle", "pollinations", "plate"], fall_back=True)
    fakes.openai.troubles.append(said_json({}, 403))
    fakes.pollinations.troubles.append(said_json({}, 401))
    found = await ended(reader, await order(reader, shelf, service="openai_dalle"))
    assert (found["status"], found["service"], found["label"]) == ("completed", "plate", "offline_sketch")
    assert [state for _, state, _ in await shelf.ledger()] == ["returned"]


async def test_nothing_stands_in_by_itself(reader: Api, shelf: Shelf, fakes: Fakes, worker: None) -> None:
    await rules(reader, order=["openai_dalle", "pollinations"])
    fakes.openai.troubles.append(said_json({}, 403))
    assert (await ended(reader, await order(reader, shelf, service="openai_dalle")))["status"] == "failed"
    assert not fakes.pollinations.asked


async def test_a_moderated_prompt_is_not_carried_from_door_to_door(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    await rules(reader, order=["openai_dalle", "pollinations", "plate"], fall_back=True)
    image = await order(reader, shelf, service="openai_dalle", prompt="something unspeakable")
    assert (await ended(reader, image))["status"] == "moderated"
    assert not fakes.pollinations.asked


async def test_a_rate_limit_is_waited_for_and_is_no_attempt(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    for _ in range(4):
        fakes.openai.troubles.append(said_json({}, 429, **{"Retry-After": "1"}))
    image = await order(reader, shelf, service="openai_dalle")
    found = await ended(reader, image, 60)
    assert found["status"] == "completed"
    assert (found["error"], found["reason"]) == (None, None)
    assert "reason" not in found["parameters"]
    assert (await shelf.row(image))["retry_count"] == 4
    [job] = (await reader.get("jobs"))["items"]
    assert job["attempts"] == 1


async def test_while_a_service_rests_nobody_asks_it(reader: Api, shelf: Shelf, fakes: Fakes, worker: None) -> None:
    fakes.openai.troubles.append(said_json({}, 429, **{"Retry-After": "2"}))
    first = await order(reader, shelf, 0, service="openai_dalle")
    await until(lambda: shelf.sql.fetchval("select trouble from service_turns where trouble is not null"))
    second = await order(reader, shelf, 1, service="openai_dalle")
    assert {(await ended(reader, image))["status"] for image in (first, second)} == {"completed"}
    refused, *later = fakes.openai.asked
    assert len(later) == 2
    assert all(asked.at - refused.at >= 2 for asked in later)


async def test_a_fault_is_tried_again_and_then_given_up(reader: Api, shelf: Shelf, fakes: Fakes, worker: None) -> None:
    fakes.openai.troubles.append(said_json({}, 500))
    assert (await ended(reader, await order(reader, shelf, 0, service="openai_dalle")))["status"] == "completed"
    fakes.openai.troubles.extend(said_json({}, 503) for _ in range(3))
    found = await ended(reader, await order(reader, shelf, 1, service="openai_dalle"), 60)
    assert found["status"] == "failed"
    assert "does not work right now" in found["error"]
    assert [state for _, state, _ in await shelf.ledger()] == ["settled", "returned"]
    assert len(fakes.openai.asked) == 5


async def test_what_may_have_been_paid_for_is_not_asked_again(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    fakes.openai.troubles.append(HANG)
    found = await ended(reader, await order(reader, shelf, service="openai_dalle"))
    assert (found["status"], len(fakes.openai.asked)) == ("failed", 1)
    fakes.pollinations.troubles.append(HANG)
    found = await ended(reader, await order(reader, shelf, 1, service="pollinations"))
    assert (found["status"], len(fakes.pollinations.asked)) == ("completed", 2)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (Said(200, blank(), PICTURE), 1),
        (Said(200, jpeg(1, 100, 100), PICTURE), 1),
        (Said(200, jpeg(1)[:2000], PICTURE), 2),
        (error_page(), 2),
        (Said(200, b"no picture at all", PICTURE), 2),
    ],
    ids=["blank", "tiny", "broken", "page", "text"],
)
async def test_what_is_no_picture_is_never_kept(
    said: Said, asked: int, reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    fakes.pollinations.troubles.extend([said] * asked)
    found = await ended(reader, await order(reader, shelf, service="pollinations"), 60)
    assert found["status"] == ("failed" if asked == 1 else "completed")
    assert len(fakes.pollinations.asked) == (1 if asked == 1 else 3)


async def test_the_same_picture_for_different_passages_is_a_placeholder(
    reader: Api, shelf: Shelf, fakes: Fakes, worker: None
) -> None:
    same = Said(200, jpeg(99), PICTURE)
    fakes.pollinations.troubles.append(same)
    first = await order(reader, shelf, 0, service="pollinations")
    assert (await ended(reader, first))["status"] == "completed"
    fakes.pollinations.troubles.append(same)
    second = await order(reader, shelf, 1, service="pollinations")
    assert (await ended(reader, second))["status"] == "completed"
    unmasked = await reader.get(f"illustrations/{first}")
    assert unmasked["status"] == "failed"
    assert unmasked["image"] is None
    assert unmasked["reason"]["code"] == "picture_placeholder"
    assert unmasked["parameters"]["model"]
    assert "same picture for different passages" in unmasked["error"]
    fakes.pollinations.troubles.extend([same] * 3)
    third = await ended(reader, await order(reader, shelf, 2, service="pollinations"), 60)
    assert third["status"] == "failed"
    assert sorted(state for _, state, _ in await shelf.ledger()) == ["returned", "returned", "settled"]


async def test_the_same_prompt_may_give_the_same_picture(reader: Api, shelf: Shelf, fakes: Fakes, worker: None) -> None:
    same = Said(200, jpeg(99), PICTURE)
    for _ in range(2):
        fakes.pollinations.troubles.append(same)
        image = await order(reader, shelf, service="pollinations", prompt="a moor")
        assert (await ended(reader, image))["status"] == "completed"


async def test_a_cancelled_job_leaves_nothing_stuck_or_charged(reader: Api, shelf: Shelf, here: Installation) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    [job] = (await reader.get("jobs"))["items"]
    await reader.post(f"jobs/{job['id']}/cancel")
    async with here.database.transaction() as session:
        await clear_up(session)
    found = await reader.get(f"illustrations/{image}")
    assert found["status"] == "failed"
    assert "stopped before it was finished" in found["error"]
    assert found["reason"]["code"] == "picture_stopped"
    assert [state for _, state, _ in await shelf.ledger()] == ["returned"]


async def test_a_job_that_is_cancelled_while_it_draws_leaves_nothing_stuck(
    reader: Api, shelf: Shelf, here: Installation, fakes: Fakes
) -> None:
    fakes.proxy.steps = ("IN_PROGRESS",)
    async with working(here):
        image = await order(reader, shelf, service="midjourney")
        await until(lambda: shelf.sql.fetchval("select task_id from generated_images"))
        [job] = (await reader.get("jobs"))["items"]
        await reader.post(f"jobs/{job['id']}/cancel")
        await until(lambda: shelf.sql.fetchval("select 1 from processing_jobs where state = 'cancelled'"))
        async with here.database.transaction() as session:
            await clear_up(session)
    assert (await reader.get(f"illustrations/{image}"))["status"] == "failed"


async def test_clearing_up_leaves_alone_what_is_under_way(reader: Api, shelf: Shelf, here: Installation) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    async with here.database.transaction() as session:
        await clear_up(session)
    assert (await reader.get(f"illustrations/{image}"))["status"] == "pending"
    assert [state for _, state, _ in await shelf.ledger()] == ["reserved"]


async def test_what_was_reserved_for_a_deleted_picture_comes_back(
    reader: Api, shelf: Shelf, here: Installation
) -> None:
    image = await order(reader, shelf, 0, service="openai_dalle")
    await reader.delete(f"illustrations/{image}")
    await order(reader, shelf, 1, service="openai_dalle")
    await shelf.sql.execute("update ledger set created_at = created_at - interval '1 hour'")
    await shelf.sql.execute("delete from generated_images")
    async with here.database.transaction() as session:
        await clear_up(session)
    assert [state for _, state, _ in await shelf.ledger()] == ["returned", "returned"]


async def test_the_job_of_a_deleted_picture_does_nothing(
    reader: Api, shelf: Shelf, here: Installation, fakes: Fakes
) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    await reader.delete(f"illustrations/{image}")
    async with working(here):
        await until(lambda: shelf.sql.fetchval("select 1 from processing_jobs where state = 'done'"))
    assert not fakes.openai.asked


async def test_a_service_that_was_switched_off_meanwhile_says_so(
    reader: Api, shelf: Shelf, here: Installation, fakes: Fakes
) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    await rules(reader, disabled=["openai_dalle"])
    async with working(here):
        found = await ended(reader, image)
    assert found["status"] == "failed"
    assert "switched off" in found["error"]
    assert found["reason"] == {"code": "picture_service_gone", "values": {"service": "OpenAI"}}
    assert not fakes.openai.asked


async def test_rows_of_earlier_versions_still_say_why(
    reader: Api, shelf: Shelf, fakes: Fakes, here: Installation
) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    async with working(here):
        fakes.openai.troubles.append(said_json({}, 403))
        await ended(reader, image)
    await shelf.sql.execute("update generated_images set generation_parameters = generation_parameters - 'reason'")
    found = await reader.get(f"illustrations/{image}")
    assert found["reason"] == {"code": "picture_auth", "values": {"service": "OpenAI"}}
    await shelf.sql.execute("update generated_images set generation_parameters = null")
    found = await reader.get(f"illustrations/{image}")
    assert "does not accept our key" in found["error"]
    assert found["reason"] is None


async def test_no_key_is_kept_or_told_anywhere(reader: Api, shelf: Shelf, fakes: Fakes, worker: None) -> None:
    quoting = f"bad key {pollinations.KEY} and {openai_images.KEY}"
    fakes.pollinations.troubles.append(said_json({"error": {"code": "X", "message": quoting}}, 400))
    fakes.openai.troubles.append(openai_images.error(400, "x", quoting))
    for which, service in enumerate(SERVICES):
        await ended(reader, await order(reader, shelf, which, service=service))
    told = (await reader.get(f"books/{shelf.book}/illustrations"), await reader.get("jobs"))
    rows = [
        str([dict(row) for row in await shelf.sql.fetch(f"select * from {table}")])
        for table in ("generated_images", "service_turns", "processing_jobs", "ledger")
    ]
    for secret in (pollinations.KEY, openai_images.KEY, "fake-midjourney-secret"):
        assert secret not in f"{told}{rows}"
