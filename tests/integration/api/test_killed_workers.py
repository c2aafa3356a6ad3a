"""A worker is killed in the middle of each kind of job: another one finishes it, and nothing is there twice."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bookreader.admin.upkeep import Place, do
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue
from bookreader.sample import sample_epub
from bookreader.settings import Settings
from bookreader.work import Installation
from tests.integration.api.conftest import Api, until_jobs_end
from tests.integration.database.rows import connect
from tests.integration.serving.processes import bookreader

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("kind", [JobKind.PARSE, JobKind.DESCRIBE, JobKind.ILLUSTRATE])
async def test_another_worker_finishes_the_job(
    kind: JobKind,
    reader: Api,
    settings: Settings,
    here: Installation,
    tmp_path: Path,
) -> None:
    accepted = await reader.upload(sample_epub())
    environment = _environment(settings, jobs=1)
    with bookreader("worker", log=tmp_path / "first.log", environment=environment) as first:
        await _until_running(here, kind)
        first.process.kill()
    state = await _state(here, kind)
    with bookreader("worker", log=tmp_path / "second.log", environment=environment) as second:
        jobs = await until_jobs_end(reader, accepted["id"])
        assert second.stop() == 0
    assert state == "running"
    assert {job["state"] for job in jobs} == {"done"}
    assert max(job["attempts"] for job in jobs if job["kind"] == kind) == 2
    await _everything_is_there_once(reader, accepted["id"])


UPKEEP = [JobKind.REFRESH, JobKind.BACKUP, JobKind.SNAPSHOT, JobKind.DRILL, JobKind.SWEEP]

# Whoever wants to record the end of a run waits for the test: the work is done and nothing says so.
HOLD_THE_END = """
    create function wait_for_the_test() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(4711); return new; end $$;
    create trigger wait_for_the_test before update on upkeep_runs
    for each row when (new.finished_at is not null) execute function wait_for_the_test();
    select pg_advisory_lock(4711);
"""
LET_GO = "select pg_advisory_unlock(4711); drop function wait_for_the_test cascade"
WAITING = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted"
ENDS = "select kind, state, attempts from processing_jobs where user_id is null and state = any($1)"


async def test_upkeep_that_was_done_but_not_recorded_is_done_again(
    reader: Api, settings: Settings, here: Installation, tmp_path: Path
) -> None:
    await reader.upload(sample_epub())
    await do(Place(settings, here.database, here.storage), "backup")
    async with connect(here.database.address) as connection:
        await connection.execute(HOLD_THE_END)
        async with here.database.transaction() as session:
            for kind in UPKEEP:
                await enqueue(session, kind, user_id=None)
        environment = _environment(settings, jobs=len(UPKEEP))
        with bookreader("worker", log=tmp_path / "first.log", environment=environment) as first:
            await _until(connection, WAITING, lambda rows: rows[0][0] == len(UPKEEP))
            first.process.kill()
        await connection.execute(LET_GO)
        # The drill takes the newest archive, which is to hold the schema as it is without this test.
        for archive in sorted((settings.data_dir / "backups").glob("*.zip"))[1:]:
            archive.unlink()
        with bookreader("worker", log=tmp_path / "second.log", environment=environment) as second:
            rows = await _until(
                connection, ENDS, lambda rows: len(rows) == len(UPKEEP), ["done", "failed", "cancelled"]
            )
            assert second.stop() == 0
    assert {(row["kind"], row["state"], row["attempts"]) for row in rows} == {(kind, "done", 2) for kind in UPKEEP}
    assert list(settings.data_dir.rglob("*.part")) == []


async def _until(
    connection: asyncpg.Connection, query: str, enough: Callable[[list[asyncpg.Record]], bool], *arguments: Any
) -> list[asyncpg.Record]:
    async with asyncio.timeout(90):
        while not enough(rows := await connection.fetch(query, *arguments)):  # noqa: ASYNC110 - other processes write
            await asyncio.sleep(0.05)
    return rows


def _environment(settings: Settings, *, jobs: int) -> dict[str, str]:
    return {
        "BOOKREADER_DATABASE_URL": settings.database_url or "",
        "BOOKREADER_DATA_DIR": str(settings.data_dir),
        "BOOKREADER_PLATES_PER_BOOK": "4",
        "BOOKREADER_WORKER_JOBS": str(jobs),
        "BOOKREADER_LEASE_SECONDS": "5",
    }


async def _until_running(here: Installation, kind: JobKind) -> None:
    """Returns within a few milliseconds of the moment when a job of this kind begins."""
    query = "select 1 from processing_jobs where kind = $1 and state = 'running'"
    async with connect(here.database.address) as connection, asyncio.timeout(60):
        while await connection.fetchval(query, kind.value) is None:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.002)


async def _state(here: Installation, kind: JobKind) -> str:
    query = "select state from processing_jobs where kind = $1 order by attempts desc limit 1"
    async with connect(here.database.address) as connection:
        return str(await connection.fetchval(query, kind.value))


async def _everything_is_there_once(reader: Api, book: str) -> None:
    chapters = (await reader.get(f"books/{book}/chapters"))["items"]
    assert len({chapter["href"] for chapter in chapters}) == len(chapters)
    found = (await reader.get(f"books/{book}/descriptions"))["items"]
    spans = [(item["chapter"], item["start"], item["end"]) for item in found]
    assert len(set(spans)) == len(spans)
    pictures = (await reader.get(f"books/{book}/illustrations"))["items"]
    assert [picture["status"] for picture in pictures] == ["completed"] * 4
