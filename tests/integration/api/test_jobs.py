"""A job changes its state while a person, an administrator or a worker that has lost it still believes in another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import NoResultFound

from bookreader import work
from bookreader.database import Database
from bookreader.database.engine import Limits
from bookreader.descriptions.queries import lock_book
from bookreader.errors import BookRefused
from bookreader.jobs.names import JobKind, JobState
from bookreader.jobs.queries import claim, enqueue, extend, settle
from bookreader.jobs.worker import Handler, Job, JobGone, Worker
from bookreader.pipeline import _refuse
from bookreader.work import Installation
from tests.integration.api.conftest import Api, at_work, until_jobs_end
from tests.integration.database.rows import connect, insert
from tests.integration.gates import gate, one_after_the_other

LEASE = timedelta(minutes=1)
ROW = "SELECT FROM processing_jobs WHERE id = $1 FOR UPDATE"


async def ordered(here: Installation, reader: Api, kind: JobKind = JobKind.SWEEP, book: UUID | None = None) -> UUID:
    me = await reader.get("me")
    async with here.database.transaction() as session:
        return await enqueue(session, kind, user_id=UUID(me["id"]), book_id=book)


async def begun(here: Installation, job: UUID, lease: timedelta = LEASE) -> Job:
    """As a worker takes it."""
    async with here.database.transaction() as session:
        row = await claim(session, job, "somebody", lease)
    assert row is not None
    return Job(
        row.id, JobKind.PARSE, row.user_id, row.book_id, row.subject_id, row.payload, row.attempts,
        here.database, asyncio.Event(), lease,
    )  # fmt: skip


async def lost(here: Installation, job: UUID) -> Job:
    """The attempt of a worker that fell asleep, after another one has done the job."""
    first = await begun(here, job, timedelta(0))
    second = await begun(here, job)
    await second.end(JobState.DONE)
    return first


async def test_a_job_is_cancelled_while_its_worker_puts_it_back(
    reader: Api, here: Installation, database_url: str
) -> None:
    job = await ordered(here, reader)
    await begun(here, job)
    put_back = "UPDATE processing_jobs SET state = 'queued', lease_until = NULL WHERE id = $1 RETURNING id"
    async with gate(database_url, put_back, job) as held:
        [cancelled] = await one_after_the_other(held, reader.post(f"jobs/{job}/cancel"))
    assert cancelled["state"] == "cancelled"


async def test_a_job_that_failed_before_it_could_be_cancelled_can_be_tried_again(
    reader: Api, here: Installation
) -> None:
    job = await ordered(here, reader)
    attempt = await begun(here, job)
    await reader.post(f"jobs/{job}/cancel")
    async with here.database.transaction() as session:
        assert await settle(session, job, attempt.attempt, JobState.FAILED, {"code": "x", "message": "."})
    await reader.post(f"admin/jobs/{job}/retry")
    again = await begun(here, job)
    async with here.database.transaction() as session:
        assert await extend(session, job, again.attempt, LEASE, 50)


async def test_a_failed_job_is_not_tried_again_while_the_same_is_ordered(
    reader: Api, here: Installation, database_url: str
) -> None:
    async with connect(database_url) as sql:
        user = UUID((await reader.get("me"))["id"])
        book = await insert(sql, "books", user_id=user, content_hash="a" * 64)
        failed = await insert(
            sql, "processing_jobs", user_id=user, book_id=book, kind="look_through", state="failed", attempts=3
        )
    async with here.database.transaction() as session:
        await lock_book(session, book)
        await enqueue(session, JobKind.LOOK_THROUGH, user_id=user, book_id=book)
        retrying = asyncio.create_task(reader.post(f"admin/jobs/{failed}/retry", status=409))
        await asyncio.wait({retrying}, timeout=1)
    assert "being done already" in (await retrying)["detail"]


async def test_a_worker_that_lost_its_job_puts_nothing_back(reader: Api, here: Installation) -> None:
    attempt = await lost(here, await ordered(here, reader))
    with pytest.raises(JobGone):
        async with attempt.waiting():
            pass


async def test_a_worker_that_lost_its_job_refuses_no_book(reader: Api, here: Installation, database_url: str) -> None:
    """It took too long, while another worker has read the book."""
    async with connect(database_url) as sql:
        user = UUID((await reader.get("me"))["id"])
        book = await insert(sql, "books", user_id=user, content_hash="a" * 64, is_parsed=True)
        attempt = await lost(here, await ordered(here, reader, JobKind.PARSE, book))
        with pytest.raises(JobGone):
            await _refuse(attempt, book, BookRefused("Reading it took too long.", code="too_large"))
        assert await sql.fetchval("select parsing_error from books") is None


@asynccontextmanager
async def impatient(url: str, handler: Handler, lease: timedelta = LEASE) -> AsyncIterator[None]:
    """A worker that waits for a row for a moment only."""
    async with Database(url, pool=5, limits=Limits(lock=0.2)) as database:
        worker = Worker(database, {JobKind.SWEEP: handler}, parallel=1, lease=lease)
        running = asyncio.create_task(at_work(worker))
        yield
        worker.stop()
        await running


async def test_a_job_that_cannot_be_claimed_at_once_is_claimed_soon(
    reader: Api, here: Installation, database_url: str
) -> None:
    done = asyncio.Event()

    async def work_on(_job: Job) -> None:
        done.set()

    job = await ordered(here, reader)
    async with gate(database_url, ROW, job) as held, impatient(database_url, work_on):
        await held.until_waiting(1)
        await asyncio.sleep(0.5)
        await held.open()
        await asyncio.wait_for(done.wait(), 10)


async def test_a_job_whose_lease_cannot_be_renewed_at_once_goes_on(
    reader: Api, here: Installation, database_url: str
) -> None:
    """It might have been paid for."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    ends: list[bool] = []

    async def work_on(_job: Job) -> None:
        begun.set()
        await go_on.wait()
        ends.append(True)

    async with connect(database_url) as sql:
        book = await insert(sql, "books", user_id=UUID((await reader.get("me"))["id"]), content_hash="a" * 64)
    job = await ordered(here, reader, book=book)
    async with impatient(database_url, work_on, timedelta(seconds=5)):
        await asyncio.wait_for(begun.wait(), 10)
        async with gate(database_url, ROW, job) as held:
            await held.until_waiting(1)
            await asyncio.sleep(0.5)
            await held.open()
        go_on.set()
        [done] = await until_jobs_end(reader, str(book))
    assert (done["state"], done["attempts"], ends) == ("done", 1, [True])


async def test_upkeep_goes_on_after_an_error_that_nobody_expected(
    here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = asyncio.Queue[None]()

    async def fail(*_: Any) -> None:
        rounds.put_nowait(None)
        raise NoResultFound

    monkeypatch.setattr(work, "UPKEEP", 0.01)
    monkeypatch.setattr(work, "upkeep", fail)
    keeping = asyncio.create_task(work.keep_up(here))
    async with asyncio.timeout(5):
        for _ in range(3):
            await rounds.get()
    keeping.cancel()
