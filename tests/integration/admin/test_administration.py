"""The administrator's page over HTTP: only for administrators, only what is known, nothing that is private."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bookreader.database.base import first_uuid7, uuid7
from tests.integration.api.conftest import Api, running_worker, until_jobs_end
from tests.integration.database.rows import connect, insert
from tests.integration.illustrations.conftest import Fakes, Shelf, until
from tests.integration.illustrations.fakes import openai_images, pollinations

NOW = datetime.now(UTC)


async def _addresses(api: Api) -> list[tuple[str, str]]:
    document = await api.get("openapi.json")
    return [
        (method, path)
        for path, methods in document["paths"].items()
        if path.startswith("/api/v1/admin/")
        for method in methods
    ]


async def test_nobody_but_an_administrator_gets_in(reader: Api, stranger: Api, visit: Callable[[], Api]) -> None:
    addresses = await _addresses(reader)
    assert len(addresses) >= 15
    for method, path in addresses:
        filled = path.replace("{job_id}", str(uuid7())).replace("{user_id}", str(uuid7())).replace("{service}", "plate")
        answer = await stranger.client.request(method, filled, json={"plan": "FREE"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), filled
        assert (await visit().client.request(method, filled)).status_code == 401, filled


# --- health -----------------------------------------------------------------------------------------------------------


async def test_a_healthy_installation_says_so(reader: Api) -> None:
    health = await reader.get("admin/health")
    assert health["findings"] == []
    assert set(health["fine"]) >= {"revisions", "schema", "indexes", "foreign_keys", "queue", "files", "services"}
    assert health["database"]["at_head"]
    assert health["database"]["size"] > 1_000_000
    assert health["database"]["server"][:2].isdigit()
    assert health["files"]["writable"]
    assert 0 < health["files"]["free"] <= health["files"]["total"]
    assert health["services"][0]["service"] == "plate"


async def test_what_the_doctor_finds_comes_with_what_to_do(reader: Api, database_url: str) -> None:
    async with connect(database_url) as sql:
        await sql.execute("CREATE INDEX twice ON books (user_id)")
        await sql.execute("ALTER TABLE books DROP CONSTRAINT books_user_id_fkey")
    findings = (await reader.get("admin/health"))["findings"]
    found = {each["code"]: each for each in findings}
    assert found["index_redundant"]["severity"] == "soon"
    assert found["index_redundant"]["commands"] == ["DROP INDEX CONCURRENTLY twice;"]
    drift = [each["severity"] for each in findings if each["code"] == "drift" and "fkey" in each["message"]]
    assert drift == ["fix"]
    assert [each["severity"] for each in findings] == sorted(each["severity"] for each in findings)
    assert "indexes" not in (await reader.get("admin/health"))["fine"]


async def _job(sql: Any, minutes_ago: float, **values: Any) -> UUID:
    """A job that was ordered so long ago, with an id of that time."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    job = UUID(int=first_uuid7(at).int + uuid7().int % 2**60)
    await insert(sql, "processing_jobs", **{"kind": "describe", "created_at": at} | values)
    await sql.execute("UPDATE processing_jobs SET id = $1 WHERE created_at = $2", job, at)
    return job


async def test_a_queue_without_a_worker_and_a_slow_job_are_findings(reader: Api, database_url: str) -> None:
    async with connect(database_url) as sql:
        await _job(sql, 5)
        health = await reader.get("admin/health")
        assert [each["code"] for each in health["findings"]] == ["queue_stands_still"]
        assert health["queue"]["waiting"] == 1
        await _job(sql, 20, state="running", started_at=NOW - timedelta(minutes=15))
        assert [each["code"] for each in (await reader.get("admin/health"))["findings"]] == ["jobs_slow"]


async def test_what_upkeep_could_not_do_is_a_finding(reader: Api, database_url: str) -> None:
    async with connect(database_url) as sql:
        for task, ago, succeeded in (("drill", 1, False), ("backup", 9, True)):
            await insert(
                sql, "upkeep_runs", task=task, started_at=NOW - timedelta(days=ago), finished_at=NOW,
                succeeded=succeeded, outcome=json.dumps({"message": "It did not come back whole."}),
            )  # fmt: skip
    findings = (await reader.get("admin/health"))["findings"]
    assert [(each["code"], each["severity"]) for each in findings] == [
        ("drill_failed", "fix"),
        ("backup_overdue", "soon"),
    ]
    assert findings[0]["message"] == "It did not come back whole."


async def test_the_longest_wait_of_each_hour(reader: Api, database_url: str) -> None:
    now = datetime.now(UTC)
    async with connect(database_url) as sql:
        await _job(sql, 180, state="done", started_at=now - timedelta(minutes=170))
        await _job(sql, 181, state="done", started_at=now - timedelta(minutes=171, seconds=-30))
        await _job(sql, 60 * 50, state="done", started_at=now - timedelta(minutes=1))
        await _job(sql, 2)
    hours = (await reader.get("admin/waits"))["hours"]
    assert len(hours) == 24
    assert [each["hour"] for each in hours] == sorted(each["hour"] for each in hours)
    assert 110 < hours[-1]["seconds"] < 200
    assert max(each["seconds"] for each in hours) == pytest.approx(600, abs=31)


# --- jobs and backups -------------------------------------------------------------------------------------------------


async def test_everybodys_jobs_can_be_seen_cancelled_and_tried_again(
    reader: Api, stranger: Api, here: Any, database_url: str
) -> None:
    async with connect(database_url) as sql:
        eve = await sql.fetchval("SELECT id FROM users WHERE email = 'eve@example.org'")
        book = await insert(sql, "books", user_id=eve, title="Persuasion", content_hash="c" * 64)
        waiting = await _job(sql, 1, user_id=eve, book_id=book)
        failed = await _job(
            sql, 3, user_id=eve, book_id=book, kind="sweep", state="failed", finished_at=NOW, attempts=3,
            error=json.dumps({"code": "internal_error", "message": "It broke."}),
        )  # fmt: skip
        picture = await _job(sql, 4, user_id=eve, kind="illustrate", state="failed", finished_at=NOW)
        await _job(sql, 5, kind="refresh", state="done", finished_at=datetime.now(UTC))
        await _job(sql, 60 * 24 * 9, kind="refresh", state="failed", finished_at=NOW - timedelta(days=9))
    assert await reader.get("admin/job-counts") == {"now": 1, "failed": 2, "done": 1}
    (shown,) = (await reader.get("admin/jobs"))["items"]
    assert (shown["id"], shown["book"], shown["reader"]) == (str(waiting), "Persuasion", "eve@example.org")
    assert (await reader.post(f"admin/jobs/{waiting}/cancel"))["state"] == "cancelled"
    assert (await reader.get("admin/jobs"))["items"] == []

    first = await reader.get("admin/jobs?show=failed&limit=1")
    second = await reader.get(f"admin/jobs?show=failed&limit=1&cursor={first['next']}")
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [str(failed), str(picture)]
    assert (first["items"][0]["can_retry"], second["items"][0]["can_retry"]) == (True, False)
    await reader.post(f"admin/jobs/{picture}/retry", status=409)
    assert (await reader.post(f"admin/jobs/{failed}/retry"))["state"] == "queued"
    await reader.post(f"admin/jobs/{failed}/retry", status=409)
    async with running_worker(here):
        await until(lambda: _ended(reader, failed))
    await reader.post(f"admin/jobs/{uuid7()}/retry", status=404)


async def _ended(api: Api, job: UUID) -> bool:
    return str(job) in [each["id"] for each in (await api.get("admin/jobs?show=done"))["items"]]


async def test_a_broken_book_can_be_read_again(reader: Api, here: Any, database_url: str) -> None:
    """The error goes when reading begins anew, and comes back when it fails again."""
    async with connect(database_url) as sql:
        user = await sql.fetchval("SELECT id FROM users")
        book = await insert(
            sql, "books", user_id=user, content_hash="d" * 64, parsing_error='{"code": "empty", "message": "."}'
        )
        job = await _job(sql, 1, user_id=user, book_id=book, kind="parse", state="failed", finished_at=NOW, attempts=1)
    await reader.post(f"admin/jobs/{job}/retry")
    assert (await reader.get(f"books/{book}"))["parsing_error"] is None
    await reader.post(f"admin/jobs/{job}/retry", status=409)
    async with running_worker(here):
        jobs = await until_jobs_end(reader, str(book))
    assert [each["state"] for each in jobs] == ["failed"]


async def test_a_backup_at_once(reader: Api, here: Any) -> None:
    before = await reader.get("admin/backups")
    assert (before["items"], before["job"], before["kept"]) == ([], None, 8)
    job = (await reader.post("admin/backups", status=202))["job"]
    assert (await reader.post("admin/backups", status=202))["job"] == job
    assert (await reader.get("admin/backups"))["job"] == job
    async with running_worker(here):
        made = await until(lambda: _made(reader))
    assert made["items"][0]["name"].startswith("bookreader-")
    assert made["items"][0]["size"] > 1000
    assert made["items"][0]["seconds"] > 0
    assert made["items"][0]["drilled_at"] is None
    assert made["error"] is None


async def _made(api: Api) -> dict[str, Any] | None:
    found: dict[str, Any] = await api.get("admin/backups")
    return found if found["items"] and not found["job"] else None


# --- readers ----------------------------------------------------------------------------------------------------------


async def test_readers_with_what_they_use_and_nothing_of_what_they_read(
    reader: Api, stranger: Api, database_url: str
) -> None:
    async with connect(database_url) as sql:
        eve = await sql.fetchval("SELECT id FROM users WHERE email = 'eve@example.org'")
        await insert(sql, "books", user_id=eve, title="A secret", content_hash="e" * 64, file_size=1000)
        await insert(sql, "books", user_id=eve, title="Gone", content_hash="f" * 64, file_size=500, deleted_at=NOW)
        for state in ("settled", "returned"):
            await insert(sql, "ledger", user_id=eve, state=state, service="pollinations", price=0, day=NOW.date())
    first = await reader.get("admin/readers?limit=1")
    second = await reader.get(f"admin/readers?limit=1&cursor={first['next']}")
    assert (first["items"][0]["email"], first["items"][0]["is_admin"]) == ("ada@example.org", True)
    (shown,) = second["items"]
    assert second["next"] is None
    assert (shown["books"], shown["bytes"], shown["pictures_month"]) == (1, 1500, 1)
    assert shown["last_seen"] is not None
    assert "secret" not in json.dumps(second)
    assert await reader.get("admin/reader-count") == {"readers": 2}


async def test_another_plan_holds_at_once(reader: Api, stranger: Api, database_url: str) -> None:
    eve = (await stranger.get("me"))["id"]
    async with connect(database_url) as sql:
        await insert(sql, "subscriptions", user_id=UUID(eve), plan="PREMIUM", status="PENDING")
    assert (await reader.get("admin/readers"))["items"][1]["asked"] == "PREMIUM"
    changed = await reader.patch(f"admin/readers/{eve}", {"plan": "FREE"})
    assert (changed["plan"], changed["asked"], changed["books_limit"], changed["pictures_limit"]) == (
        "FREE",
        None,
        5,
        7,
    )
    assert (await stranger.get("me"))["plan"] == "FREE"
    await reader.patch(f"admin/readers/{eve}", {"plan": "GOLD"}, 422)
    await reader.patch(f"admin/readers/{uuid7()}", {"plan": "FREE"}, 404)


# --- picture services -------------------------------------------------------------------------------------------------


async def _image(shelf: Shelf, number: int, service: str, status: str, **values: Any) -> None:
    user = await shelf.sql.fetchval("SELECT id FROM users")
    parameters = json.dumps(values.pop("parameters", {}))
    await insert(
        shelf.sql, "generated_images", description_id=UUID(shelf.descriptions[number]), user_id=user, status=status,
        service_used=service, generation_parameters=parameters, created_at=NOW - timedelta(minutes=number), **values,
    )  # fmt: skip


async def test_failures_by_reason_also_where_another_service_stood_in(reader: Api, shelf: Shelf) -> None:
    await _image(shelf, 1, "pollinations", "failed", parameters={"outcome": "timeout"})
    await _image(shelf, 2, "pollinations", "failed", parameters={"outcome": "timeout"})
    tried = [{"service": "pollinations", "outcome": "timeout"}]
    await _image(shelf, 3, "plate", "completed", parameters={"tried": tried})
    await _image(shelf, 4, "openai_dalle", "completed")
    await _image(shelf, 5, "midjourney", "failed")
    items = (await reader.get("admin/picture-failures"))["items"]
    told = [(each["service"], each["outcome"], each["count"], each["stood_in"]) for each in items]
    assert told == [("pollinations", "timeout", 3, 1), ("midjourney", "stopped", 1, 0)]
    states = {each["service"]: each for each in (await reader.get("admin/services"))["items"]}
    assert states["pollinations"]["failing"]
    assert not states["midjourney"]["failing"]
    assert (states["openai_dalle"]["drawn"], states["openai_dalle"]["failing"]) == (1, False)
    findings = (await reader.get("admin/health"))["findings"]
    assert [(each["code"], each["values"]["service"]) for each in findings] == [("service_failing", "Pollinations")]


async def test_moderated_pictures_tell_service_and_reason_and_no_text(reader: Api, shelf: Shelf) -> None:
    result = {"who": "openai_dalle", "stage": "input", "code": "moderation_blocked", "reason": "OpenAI refused."}
    await _image(
        shelf, 1, "openai_dalle", "moderated", moderation_result=json.dumps(result), prompt_used="A private passage"
    )
    found = await reader.get("admin/moderated")
    assert [(each["service"], each["code"], each["reason"]) for each in found["items"]] == [
        ("openai_dalle", "moderation_blocked", "OpenAI refused.")
    ]
    assert "private" not in json.dumps(found)
    assert await reader.get("admin/moderated-count") == {"days": 30, "moderated": 1}


async def test_every_service_is_shown_and_no_secret(reader: Api, fakes: Fakes) -> None:
    await reader.put(
        "picture-rules", {"order": ["midjourney"], "disabled": ["openai_dalle"], "prices": {"midjourney": "0.2"}}
    )
    found = await reader.get("admin/services")
    states = {each["service"]: each for each in found["items"]}
    assert found["items"][0]["service"] == "midjourney"
    assert (states["midjourney"]["price"], states["openai_dalle"]["enabled"]) == ("0.2", False)
    assert states["pollinations"]["address"] == fakes.pollinations.url
    assert states["pollinations"]["setting"] == "BOOKREADER_POLLINATIONS_KEY"
    assert pollinations.KEY not in json.dumps(found)


async def test_a_test_asks_for_one_picture_and_pays_for_it(reader: Api, shelf: Shelf, fakes: Fakes) -> None:
    state = next(each for each in (await reader.get("admin/services"))["items"] if each["service"] == "openai_dalle")
    answer = await reader.post("admin/services/openai_dalle/test", {"price": state["price"]})
    assert (answer["outcome"], answer["paid"]) == ("ok", state["price"])
    assert answer["width"] > 0
    assert len(fakes.openai.asked) == 1
    assert await shelf.ledger() == [("openai_dalle", "settled", float(state["price"]))]
    spending = await reader.get("admin/spending")
    assert [(each["service"], float(each["spent"])) for each in spending["items"]] == [
        ("openai_dalle", float(state["price"]))
    ]
    assert await shelf.sql.fetchval("SELECT count(*) FROM generated_images") == 0


async def test_a_test_that_fails_says_why_and_costs_nothing(reader: Api, shelf: Shelf, fakes: Fakes) -> None:
    fakes.openai.troubles.append(openai_images.error(401, "invalid_api_key", "no"))
    answer = await reader.post("admin/services/openai_dalle/test", {"price": 1})
    assert (answer["outcome"], float(answer["paid"])) == ("auth", 0)
    assert "does not accept our key" in answer["sentence"]
    assert [state for _, state, _ in await shelf.ledger()] == ["returned"]
    trouble = {each["service"]: each["trouble"] for each in (await reader.get("picture-services"))["services"]}
    assert trouble["openai_dalle"] == answer["sentence"]
    # The trouble is no hindrance for the next test, and its success ends it.
    assert (await reader.post("admin/services/openai_dalle/test", {"price": 1}))["outcome"] == "ok"
    trouble = {each["service"]: each["trouble"] for each in (await reader.get("picture-services"))["services"]}
    assert trouble["openai_dalle"] is None


async def test_a_test_that_is_dearer_than_was_said_is_not_begun(reader: Api, shelf: Shelf, fakes: Fakes) -> None:
    answer = await reader.post("admin/services/openai_dalle/test", {"price": 0}, 409)
    assert answer["code"] == "estimate_changed"
    await reader.put("picture-rules", {"budgets": {"site_day": "0.01"}})
    assert (await reader.post("admin/services/openai_dalle/test", {"price": 1}, 403))["code"] == "budget_exceeded"
    assert fakes.openai.asked == []
    assert await shelf.ledger() == []


async def test_a_plate_is_tested_without_a_ledger(reader: Api, shelf: Shelf) -> None:
    answer = await reader.post("admin/services/plate/test", {})
    assert (answer["outcome"], float(answer["paid"])) == ("ok", 0)
    assert await shelf.ledger() == []


async def test_a_test_that_worked_ends_what_an_earlier_failure_said(reader: Api, shelf: Shelf) -> None:
    async def failing() -> bool:
        states = (await reader.get("admin/services"))["items"]
        return next(bool(each["failing"]) for each in states if each["service"] == "openai_dalle")

    await _image(shelf, 1, "openai_dalle", "failed", parameters={"outcome": "unavailable"})
    assert await failing()
    assert (await reader.post("admin/services/openai_dalle/test", {"price": 1}))["outcome"] == "ok"
    assert not await failing()


# --- settings ---------------------------------------------------------------------------------------------------------


async def test_settings_without_secrets(reader: Api, fakes: Fakes) -> None:
    found = await reader.get("admin/settings")
    shown = {each["name"]: each for each in found["items"]}
    assert (shown["BOOKREADER_PICTURE_SECONDS"]["value"], shown["BOOKREADER_PICTURE_SECONDS"]["source"]) == (
        "6",
        "environment",
    )
    assert (shown["BOOKREADER_PORT"]["value"], shown["BOOKREADER_PORT"]["source"]) == ("8000", "default")
    assert (shown["BOOKREADER_OPENAI_KEY"]["value"], shown["BOOKREADER_OPENAI_KEY"]["hidden"]) == (None, True)
    assert openai_images.KEY not in json.dumps(found)
    assert pollinations.KEY not in json.dumps(found)
