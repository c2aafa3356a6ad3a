"""Many at once: limits of services and plans hold, kills cost nothing twice, and nothing stays half done."""

import asyncio
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bookreader.illustrations.generate import clear_up
from bookreader.settings import Settings
from bookreader.work import Installation
from tests.integration.api.conftest import Api
from tests.integration.illustrations.conftest import Fakes, Shelf, ended, until, working
from tests.integration.illustrations.fakes.server import Asked, FakeServer, Said, error_page, said_json
from tests.integration.illustrations.test_generate import order, rules
from tests.integration.serving.processes import bookreader


class Watched:
    """A contract whose answers take a moment; `most` is how many requests were open at the same time."""

    def __init__(self, server: FakeServer, seconds: float) -> None:
        self.times: list[float] = []
        self.open = self.most = 0
        self._server, self._seconds, self._talk = server, seconds, server._talk
        server._talk = self._watch  # type: ignore[method-assign]

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.times.append(asyncio.get_running_loop().time())
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(self._seconds)
            await self._talk(reader, writer)
        finally:
            self.open -= 1


async def test_one_machine_draws_one_picture_at_a_time_whatever_the_number_of_workers(
    reader: Api, shelf: Shelf, fakes: Fakes, here: Installation
) -> None:
    watched = Watched(fakes.stable_diffusion, 0.2)
    images = [await order(reader, shelf, which, service="stable_diffusion") for which in range(5)]
    async with working(here, 3):
        assert {(await ended(reader, image, 90))["status"] for image in images} == {"completed"}
    assert watched.most == 1
    assert len(watched.times) == 5


async def test_a_service_is_begun_at_most_so_often_and_so_many(
    reader: Api, shelf: Shelf, fakes: Fakes, here: Installation
) -> None:
    watched = Watched(fakes.pollinations, 3)
    images = [await order(reader, shelf, which, service="pollinations") for which in range(4)]
    async with working(here, 2):
        assert {(await ended(reader, image, 90))["status"] for image in images} == {"completed"}
    assert watched.most <= 2
    assert min(after - before for before, after in pairwise(watched.times)) >= 1.9


async def test_fifty_orders_at_once_never_exceed_the_plan(reader: Api, shelf: Shelf) -> None:
    await shelf.sql.execute("update subscriptions set plan = 'FREE'")
    calls = [
        reader.client.post(
            f"/api/v1/descriptions/{shelf.descriptions[n % 10]}/illustrations", json={"service": "openai_dalle"}
        )
        for n in range(50)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [202] * 7 + [403] * 43
    refused = next(answer.json() for answer in answers if answer.status_code == 403)
    assert refused["code"] == "quota_exceeded"
    assert "Offline plates cost nothing" in refused["detail"]
    assert await shelf.sql.fetchval("select count(*) from generated_images") == 7
    assert await shelf.sql.fetchval("select count(*) from processing_jobs") == 7
    assert (await reader.get("picture-services"))["pictures_left"] == 0
    for which in range(3):
        await order(reader, shelf, which)


async def test_fifty_orders_at_once_never_exceed_a_budget(reader: Api, shelf: Shelf) -> None:
    await rules(reader, prices={"openai_dalle": "0.10"}, budgets={"site_day": "0.55"})
    calls = [
        reader.client.post(
            f"/api/v1/descriptions/{shelf.descriptions[n % 10]}/illustrations", json={"service": "openai_dalle"}
        )
        for n in range(50)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [403] * 45
    assert {answer.json()["code"] for answer in answers if answer.status_code == 403} == {"budget_exceeded"}


@pytest.mark.processes
async def test_a_killed_worker_does_not_pay_twice(
    reader: Api, shelf: Shelf, fakes: Fakes, settings: Settings, tmp_path: Path
) -> None:
    fakes.proxy.steps = ("SUBMITTED", "IN_PROGRESS")
    image = await order(reader, shelf, service="midjourney")
    environment = _environment(settings, fakes)
    with bookreader("worker", log=tmp_path / "first.log", environment=environment) as first:
        await until(lambda: shelf.sql.fetchval("select task_id from generated_images"))
        first.process.kill()
        first.process.wait(10)
    assert (await shelf.row(image))["status"] == "generating"
    fakes.proxy.steps = ("SUBMITTED", "IN_PROGRESS", "SUCCESS")
    with bookreader("worker", log=tmp_path / "second.log", environment=environment) as second:
        found = await ended(reader, image, 90)
        assert second.stop() == 0
    assert found["status"] == "completed"
    assert fakes.proxy.paid == 1
    assert [state for _, state, _ in await shelf.ledger()] == ["settled"]


async def test_a_worker_that_is_killed_before_it_could_note_the_task_does_not_pay_twice(
    reader: Api, shelf: Shelf, fakes: Fakes, here: Installation
) -> None:
    """As if the kill had come between the proxy's answer and our note of it."""
    image = await order(reader, shelf, service="midjourney")
    await shelf.sql.execute("update generated_images set status = 'generating'")
    fakes.proxy.paid, fakes.proxy.tasks = 1, {"1001": {"id": "1001", "status": "SUCCESS", "state": image}}
    async with working(here):
        assert (await ended(reader, image))["status"] == "completed"
    assert fakes.proxy.paid == 1


@pytest.mark.processes
async def test_a_worker_that_is_killed_while_a_service_draws_is_replaced(
    reader: Api, shelf: Shelf, fakes: Fakes, settings: Settings, tmp_path: Path
) -> None:
    watched = Watched(fakes.openai, 3)
    image = await order(reader, shelf, service="openai_dalle")
    environment = _environment(settings, fakes)
    with bookreader("worker", log=tmp_path / "first.log", environment=environment) as first:
        await until(lambda: _true(watched.open))
        first.process.kill()
        first.process.wait(10)
    with bookreader("worker", log=tmp_path / "second.log", environment=environment) as second:
        assert (await ended(reader, image, 90))["status"] == "completed"
        assert second.stop() == 0
    assert [state for _, state, _ in await shelf.ledger()] == ["settled"]


async def _true(value: Any) -> bool:
    return bool(value)


def _environment(settings: Settings, fakes: Fakes) -> dict[str, str]:
    assert settings.openai_key is not None
    return {
        "BOOKREADER_DATABASE_URL": settings.database_url or "",
        "BOOKREADER_DATA_DIR": str(settings.data_dir),
        "BOOKREADER_PRIVATE_HOSTS": fakes.hosts,
        "BOOKREADER_OPENAI_URL": settings.openai_url,
        "BOOKREADER_OPENAI_KEY": settings.openai_key.get_secret_value(),
        "BOOKREADER_MIDJOURNEY_URL": settings.midjourney_url or "",
        "BOOKREADER_MIDJOURNEY_KEY": settings.midjourney_key.get_secret_value(),
        "BOOKREADER_MIDJOURNEY_PAUSE": "0.1",
        "BOOKREADER_LEASE_SECONDS": "5",
    }


async def test_an_illustration_that_ends_its_worker_each_time_is_given_up(
    reader: Api, shelf: Shelf, here: Installation, fakes: Fakes
) -> None:
    image = await order(reader, shelf, service="openai_dalle")
    await shelf.sql.execute("update processing_jobs set attempts = 6")
    async with working(here):
        found = await ended(reader, image)
    assert found["status"] == "failed"
    assert "given up" in found["error"]
    assert not fakes.openai.asked


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_goes_wrong_everything_ends_and_the_ledger_agrees(
    seed: int, reader: Api, shelf: Shelf, fakes: Fakes, here: Installation, deep: bool
) -> None:
    if seed and not deep:
        pytest.skip("more seeds with BOOKREADER_DEEP=1")
    chance = random.Random(seed)  # noqa: S311 - the same troubles each time
    _make_trouble(fakes, chance)
    await rules(reader, order=["openai_dalle", "pollinations", "stable_diffusion", "plate"], fall_back=True)
    images = []
    for _ in range(40 if deep else 10):
        service = chance.choice(["openai_dalle", "pollinations", "stable_diffusion", "midjourney", "plate"])
        images.append(await order(reader, shelf, chance.randrange(10), service=service))
    async with working(here, 2):
        await _cancel_some(reader, chance)
        await until(lambda: _settled(shelf, here), 240 if deep else 90)
    rows = await shelf.sql.fetch(
        "select i.status, i.service_used, l.state, l.price, i.content_hash is not null as kept"
        " from generated_images i left join ledger l on l.subject_id = i.id"
    )
    assert len(rows) == len(images)
    for row in rows:
        assert row["kept"] == (row["status"] == "completed"), row
        paid = row["status"] == "completed" and row["service_used"] != "plate"
        assert row["state"] in (("settled",) if paid else ("returned", None)), row
    running = await shelf.sql.fetchval("select count(*) from processing_jobs where state in ('queued', 'running')")
    assert running == 0


def _make_trouble(fakes: Fakes, chance: random.Random) -> None:
    for server in (fakes.openai, fakes.pollinations, fakes.stable_diffusion, fakes.midjourney):
        contract = server._contract

        def moody(asked: Asked, contract: Any = contract) -> Said:
            if asked.method == "GET" and "/image/" not in asked.path:
                return contract(asked)  # type: ignore[no-any-return]
            return chance.choice(
                [
                    contract(asked),
                    contract(asked),
                    said_json({}, 500),
                    said_json({}, 429, **{"Retry-After": "1"}),
                    said_json({"error": {"code": "content_policy_violation"}}, 400),
                    error_page(),
                ]
            )

        server._contract = moody


async def _cancel_some(reader: Api, chance: random.Random) -> None:
    for job in (await reader.get("jobs"))["items"]:
        if chance.random() < 0.15:
            await reader.post(f"jobs/{job['id']}/cancel")


async def _settled(shelf: Shelf, here: Installation) -> bool:
    async with here.database.transaction() as session:
        await clear_up(session)
    unfinished = "select count(*) from generated_images where status in ('pending', 'generating')"
    return bool(await shelf.sql.fetchval(unfinished) == 0)
