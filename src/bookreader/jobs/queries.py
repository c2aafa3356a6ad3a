"""SQL of the jobs that people see."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB

from bookreader.database import Session
from bookreader.errors import Conflict, NotFound
from bookreader.jobs.models import ProcessingJob
from bookreader.jobs.names import FINISHED, JobKind, JobState
from bookreader.jobs.queue import deliver

ATTEMPTS = 3


async def enqueue(
    session: Session,
    kind: JobKind,
    *,
    user_id: UUID | None,
    book_id: UUID | None = None,
    subject_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
    priority: int = 0,
) -> ProcessingJob:
    """Adds a job in the caller's transaction. Higher `priority` is delivered first."""
    job = ProcessingJob(
        kind=kind.value,
        state=JobState.QUEUED.value,
        user_id=user_id,
        book_id=book_id,
        subject_id=subject_id,
        payload=payload or {},
    )
    session.add(job)
    await session.flush()
    await deliver(session, kind, job.id, priority)
    return job


async def job_of(session: Session, user_id: UUID, job_id: UUID) -> ProcessingJob:
    """The person's job. Raises NotFound, also for another person's."""
    query = select(ProcessingJob).where(ProcessingJob.id == job_id, ProcessingJob.user_id == user_id)
    job = await session.scalar(query)
    if job is None:
        raise NotFound("There is no such job.")
    return job


async def ended(session: Session, user_id: UUID, job_ids: Sequence[UUID]) -> list[Any]:
    """Those of the person's jobs that are over, in the order in which they were added: id, state and error.

    Raises NotFound when one of them is gone.
    """
    query = (
        select(ProcessingJob.id, ProcessingJob.state, ProcessingJob.error)
        .where(ProcessingJob.id.in_(job_ids), ProcessingJob.user_id == user_id)
        .order_by(ProcessingJob.created_at)
    )
    jobs = (await session.execute(query)).all()
    if len(jobs) < len(job_ids):
        raise NotFound("There is no such job.")
    return [job for job in jobs if job.state in FINISHED]


async def jobs_of(
    session: Session,
    user_id: UUID,
    *,
    book_id: UUID | None = None,
    state: JobState | None = None,
    before: tuple[Any, UUID] | None = None,
    limit: int = 50,
) -> Sequence[ProcessingJob]:
    """The person's jobs, newest first."""
    query = select(ProcessingJob).where(ProcessingJob.user_id == user_id)
    if book_id is not None:
        query = query.where(ProcessingJob.book_id == book_id)
    if state is not None:
        query = query.where(ProcessingJob.state == state.value)
    if before is not None:
        query = query.where(tuple_(ProcessingJob.created_at, ProcessingJob.id) < before)
    query = query.order_by(ProcessingJob.created_at.desc(), ProcessingJob.id.desc()).limit(limit)
    return (await session.scalars(query)).all()


async def claim(session: Session, job_id: UUID, worker: str, lease: timedelta) -> ProcessingJob | None:
    """Makes the job this worker's for one lease, or answers None when it is finished, cancelled or another's."""
    free = or_(
        ProcessingJob.state == JobState.QUEUED.value,
        (ProcessingJob.state == JobState.RUNNING.value) & (ProcessingJob.lease_until < func.clock_timestamp()),
    )
    statement = (
        update(ProcessingJob)
        .where(ProcessingJob.id == job_id, free)
        .values(
            state=JobState.RUNNING.value,
            worker=worker,
            attempts=ProcessingJob.attempts + 1,
            lease_until=func.clock_timestamp() + lease,
            started_at=func.coalesce(ProcessingJob.started_at, func.clock_timestamp()),
            updated_at=func.clock_timestamp(),
        )
        .returning(ProcessingJob)
    )
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one_or_none()


async def state_of(session: Session, job_id: UUID) -> JobState | None:
    state = await session.scalar(select(ProcessingJob.state).where(ProcessingJob.id == job_id))
    return JobState(state) if state else None


async def extend(session: Session, job_id: UUID, attempt: int, lease: timedelta, progress: int | None) -> bool:
    """Renews the lease of the attempt; False when the job is no longer this attempt's or is to be cancelled."""
    values: dict[str, Any] = {"lease_until": func.clock_timestamp() + lease, "updated_at": func.clock_timestamp()}
    if progress is not None:
        values["progress"] = max(0, min(progress, 100))
    statement = (
        update(ProcessingJob)
        .where(_attempt(job_id, attempt), ProcessingJob.cancel_requested.is_(False))
        .values(**values)
        .returning(ProcessingJob.id)
    )
    return (await session.scalar(statement)) is not None


async def settle(
    session: Session, job_id: UUID, attempt: int, state: JobState, error: dict[str, Any] | None = None
) -> bool:
    """Ends the attempt in `state`; False when the job is no longer this attempt's, and then nothing may be kept."""
    finished = state in FINISHED
    values: dict[str, Any] = {
        "state": state.value,
        "error": error,
        "lease_until": None,
        "updated_at": func.clock_timestamp(),
        "finished_at": func.clock_timestamp() if finished else None,
    }
    if state is JobState.DONE:
        values["progress"] = 100
    statement = update(ProcessingJob).where(_attempt(job_id, attempt)).values(**values).returning(ProcessingJob.id)
    return (await session.scalar(statement)) is not None


async def hand_back(session: Session, job_id: UUID, attempt: int, note: dict[str, Any] | None = None) -> None:
    """Returns a job that the worker stops before its end; the attempt does not count. `note` joins its payload."""
    statement = (
        update(ProcessingJob)
        .where(_attempt(job_id, attempt))
        .values(
            state=JobState.QUEUED.value,
            attempts=ProcessingJob.attempts - 1,
            lease_until=None,
            payload=ProcessingJob.payload.op("||")(type_coerce(note or {}, JSONB)),
        )
    )
    await session.execute(statement)


async def request_cancel(session: Session, user_id: UUID, job_id: UUID) -> ProcessingJob:
    """Cancels a waiting job at once and asks a running one to stop. Raises NotFound."""
    return await cancel(session, await job_of(session, user_id, job_id))


async def cancel(session: Session, job: ProcessingJob) -> ProcessingJob:
    """As `request_cancel` does, for a job that was looked up already."""
    waiting = (
        update(ProcessingJob)
        .where(ProcessingJob.id == job.id, ProcessingJob.state == JobState.QUEUED.value)
        .values(state=JobState.CANCELLED.value, finished_at=func.clock_timestamp(), cancel_requested=True)
    )
    running = (
        update(ProcessingJob)
        .where(ProcessingJob.id == job.id, ProcessingJob.state == JobState.RUNNING.value)
        .values(cancel_requested=True)
    )
    await session.execute(waiting)
    await session.execute(running)
    await session.refresh(job)
    return job


async def retry(session: Session, job: ProcessingJob) -> ProcessingJob:
    """Queues a failed job once more, with as many attempts as at first. Raises Conflict when it has not failed.

    The count of attempts goes on: it tells this attempt from one that a lost worker may still believe in.
    """
    again = (
        update(ProcessingJob)
        .where(ProcessingJob.id == job.id, ProcessingJob.state == JobState.FAILED.value)
        .values(
            state=JobState.QUEUED.value,
            progress=0,
            error=None,
            max_attempts=ProcessingJob.attempts + ATTEMPTS,
            started_at=None,
            finished_at=None,
            created_at=func.clock_timestamp(),
            updated_at=func.clock_timestamp(),
        )
        .returning(ProcessingJob.id)
    )
    if await session.scalar(again) is None:
        raise Conflict("This job has not failed, or was begun anew meanwhile: load the page again.")
    await deliver(session, JobKind(job.kind), job.id)
    await session.refresh(job)
    return job


async def stranded(session: Session, silence: timedelta, limit: int = 1000) -> Sequence[ProcessingJob]:
    """Jobs on which nobody has been at work for so long; delivering them once more does no harm."""
    overdue = func.clock_timestamp() - silence
    query = (
        select(ProcessingJob)
        .where(
            or_(
                (ProcessingJob.state == JobState.QUEUED.value) & (ProcessingJob.updated_at < overdue),
                (ProcessingJob.state == JobState.RUNNING.value) & (ProcessingJob.lease_until < overdue),
            )
        )
        .order_by(ProcessingJob.created_at)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def running_count(session: Session, book_id: UUID, kind: JobKind) -> int:
    """Unfinished jobs of one kind for a book."""
    query = select(func.count()).where(
        ProcessingJob.book_id == book_id,
        ProcessingJob.kind == kind.value,
        ProcessingJob.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]),
    )
    return (await session.scalar(query)) or 0


def _attempt(job_id: UUID, attempt: int) -> Any:
    return (
        (ProcessingJob.id == job_id)
        & (ProcessingJob.state == JobState.RUNNING.value)
        & (ProcessingJob.attempts == attempt)
    )
