"""Upkeep: due once among all processes, done by the worker or by command, recorded; sweeping takes nothing needed."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bookreader.admin.archive import archives_in
from bookreader.admin.sweep import sweep
from bookreader.admin.upkeep import TASKS, Place, do, order_what_is_due, schedule
from bookreader.database import Database
from bookreader.errors import BookReaderError, InvalidInput
from bookreader.jobs.names import JobKind
from bookreader.settings import Settings
from bookreader.storage import Storage, content_hash
from bookreader.work import installation, make_worker
from tests.integration.api.conftest import at_work
from tests.integration.database.rows import connect, fill


@pytest.fixture
def place(tmp_path: Path, database_url: str, database: Database) -> Place:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, backups_kept=2)
    return Place(settings, database, Storage.from_settings(settings))


async def due(place: Place) -> list[str]:
    async with place.database.transaction() as session:
        return await order_what_is_due(session)


async def let_days_pass(url: str, days: int) -> None:
    """And all that waits is done meanwhile."""
    async with connect(url) as connection:
        await connection.execute("UPDATE upkeep_runs SET started_at = started_at - make_interval(days => $1)", days)
        await connection.execute("UPDATE processing_jobs SET state = 'done', finished_at = now()")


async def test_tasks_come_due_in_their_time(place: Place, database_url: str) -> None:
    assert await due(place) == ["refresh"]
    assert await due(place) == []
    seen: dict[str, list[int]] = {name: [] for name in TASKS}
    for day in range(1, 32):
        await let_days_pass(database_url, 1)
        for name in await due(place):
            seen[name].append(day)
    assert seen["refresh"] == seen["sweep"] == list(range(1, 32))
    assert seen["backup"] == [1, 8, 15, 22, 29]
    assert seen["schema"] == [1, 31]
    assert seen["drill"] == [2]


async def test_of_many_processes_one_orders_a_task(place: Place, database_url: str) -> None:
    await due(place)
    await let_days_pass(database_url, 40)
    ordered = await asyncio.gather(*(due(place) for _ in range(8)))
    assert sorted(name for names in ordered for name in names) == sorted(TASKS)


async def test_a_task_that_still_waits_is_not_ordered_again(place: Place, database_url: str) -> None:
    await due(place)
    async with connect(database_url) as connection:
        await connection.execute("UPDATE upkeep_runs SET started_at = started_at - interval '2 days'")
        await connection.execute("UPDATE processing_jobs SET state = 'queued'")
    assert "refresh" not in await due(place)


async def test_the_worker_does_what_was_ordered(place: Place, database_url: str) -> None:
    async with connect(database_url) as connection:
        await fill(connection)
    await due(place)
    await let_days_pass(database_url, 40)
    one_at_a_time = place.settings.model_copy(update={"worker_jobs": 1})
    async with installation(one_at_a_time, database_url, migrate=False) as here, asyncio.timeout(60):
        assert set(await due(place)) == set(TASKS)
        worker = make_worker(here, here.pipeline.handlers())
        working = asyncio.create_task(at_work(worker))
        async with connect(database_url) as connection:
            while await connection.fetchval(  # noqa: ASYNC110 - the database tells, no event
                "SELECT count(*) FROM processing_jobs WHERE state IN ('queued', 'running')"
            ):
                await asyncio.sleep(0.05)
            jobs = await connection.fetch(
                "SELECT kind, state, error FROM processing_jobs WHERE finished_at > started_at"
            )
        worker.stop()
        await working
    assert {row["kind"] for row in jobs} >= {
        JobKind.REFRESH, JobKind.BACKUP, JobKind.SNAPSHOT, JobKind.DRILL, JobKind.SWEEP,
    }  # fmt: skip
    async with place.database.transaction() as session:
        planned = {each.task: each for each in await schedule(session)}
    assert {name: each.succeeded for name, each in planned.items()} == dict.fromkeys(TASKS, True)
    assert len(archives_in(place.folder)) == 1
    assert list((place.folder / "schema").glob("schema-*.sql"))


WAITING = "SELECT count(*) FROM processing_jobs WHERE state IN ('queued', 'running')"


async def test_backups_are_kept_for_a_while(place: Place) -> None:
    for _ in range(4):
        outcome = await do(place, "backup")
    assert len(archives_in(place.folder)) == 2
    assert len(outcome["removed"]) == 1


async def test_a_failure_is_recorded_with_its_reason(place: Place, database_url: str) -> None:
    with pytest.raises(BookReaderError):
        await do(place, "drill")
    async with place.database.transaction() as session:
        (drilled,) = [each for each in await schedule(session) if each.task == "drill"]
    assert drilled.succeeded is False
    assert drilled.outcome is not None
    assert "no backup yet" in drilled.outcome["message"]
    with pytest.raises(InvalidInput):
        await do(place, "dishes")


# Sweeping


def grow_old(settings: Settings) -> None:
    """Every stored file was written a month ago."""
    for path in (settings.data_dir / "files").rglob("*"):
        if path.is_file():
            os.utime(path, (0, (datetime.now(UTC) - timedelta(days=30)).timestamp()))


async def files(storage: Storage) -> set[str]:
    return {blob.digest async for blob in storage.blobs()}


MENTIONED = {
    "books.content_hash": "UPDATE books SET content_hash = '{}'",
    "books.cover_image": "UPDATE books SET cover_image = 'blobs/ab/{}'",
    "books.file_path": "UPDATE books SET file_path = 'blobs/ab/{}'",
    "resources.content_hash": "UPDATE resources SET content_hash = '{}'",
    "generated_images.content_hash": "UPDATE generated_images SET content_hash = '{}'",
    "generated_images.generation_parameters": 'UPDATE generated_images SET generation_parameters = \'{{"a": ["{}"]}}\'',
    "a deleted book": "UPDATE books SET deleted_at = now(), content_hash = '{}'",
}


@pytest.mark.parametrize("where", MENTIONED)
async def test_what_any_row_mentions_stays(place: Place, database_url: str, where: str) -> None:
    digest = await place.storage.put(b"needed")
    async with connect(database_url) as connection:
        await fill(connection)
        await connection.execute(MENTIONED[where].format(digest))
    grow_old(place.settings)
    swept = await sweep(place.database, place.storage)
    assert (swept.kept, swept.put_aside) == (1, 0)
    assert await files(place.storage) == {digest}


async def test_every_column_that_names_a_file_is_one_that_sweeping_reads(place: Place, database_url: str) -> None:
    """Whatever a later revision adds: a column called like a hash or a path must be among those that are read."""
    from bookreader.admin.queries import HASH_COLUMNS

    async with connect(database_url) as connection:
        read = {(row[0], row[1]) for row in await connection.fetch(HASH_COLUMNS)}
        named = await connection.fetch(
            """
            SELECT table_name::text, column_name::text FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT IN ('schema_revisions')
              AND (column_name ~ '(content_hash|path|image|file|sizes|pixels)$') AND data_type <> 'boolean'
              AND column_name <> 'password_hash' AND data_type <> 'bytea'
            """
        )
        in_tables = {row[0] for row in await connection.fetch("SELECT relname::text FROM pg_class WHERE relkind = 'r'")}
    assert {tuple(row) for row in named if row[0] in in_tables} <= read


async def test_what_nobody_needs_goes_in_two_steps(place: Place) -> None:
    old = await place.storage.put(b"nobody's")
    grow_old(place.settings)
    young = await place.storage.put(b"just uploaded, its row comes in a moment")
    swept = await sweep(place.database, place.storage)
    assert (swept.kept, swept.put_aside, swept.deleted) == (1, 1, 0)
    assert await files(place.storage) == {young}
    folder = place.settings.data_dir / "files" / "aside"
    (put_aside,) = folder.rglob(old)
    put_aside.parent.rename(folder / (datetime.now(UTC).date() - timedelta(days=8)).isoformat())
    swept = await sweep(place.database, place.storage)
    assert (swept.deleted, swept.freed) == (1, len(b"nobody's"))
    assert not list(folder.rglob(old))


async def test_what_is_needed_after_all_comes_back(place: Place, database_url: str) -> None:
    digest = await place.storage.put(b"uploaded again while it was put aside")
    grow_old(place.settings)
    assert (await sweep(place.database, place.storage)).put_aside == 1
    async with connect(database_url) as connection:
        await fill(connection)
        await connection.execute(f"UPDATE books SET content_hash = '{digest}'")
    assert (await sweep(place.database, place.storage)).brought_back == 1
    assert await place.storage.get(digest) == b"uploaded again while it was put aside"


async def test_uploading_what_was_put_aside_stores_it_anew(place: Place) -> None:
    digest = await place.storage.put(b"again")
    grow_old(place.settings)
    await sweep(place.database, place.storage)
    assert await place.storage.put(b"again") == digest
    assert await place.storage.get(digest) == b"again"
    assert content_hash(b"again") == digest


async def test_finished_upkeep_is_forgotten_after_a_while(place: Place, database_url: str) -> None:
    async with connect(database_url) as connection:
        await fill(connection)
        for days in (10, 100):
            await connection.execute(
                "INSERT INTO processing_jobs (kind, state, finished_at) VALUES ('sweep', 'done', now() - $1::interval)",
                timedelta(days=days),
            )
        outcome: dict[str, Any] = await do(place, "sweep")
        assert outcome["jobs"] == 1
        assert await connection.fetchval("SELECT count(*) FROM processing_jobs") == 2
    assert json.dumps(outcome)
