"""SQL of the jobs that people see.

What happens to every job is prepared once: a statement on the table costs a fifth of one that is built anew each time
and goes through the mapper.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Interval,
    Update,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from bookreader.database import Session
from bookreader.database.base import uuid7
from bookreader.errors import Conflict, NotFound
from bookreader.jobs.models import ProcessingJob
from bookreader.jobs.names import FINISHED, JobKind, JobState
from bookreader.jobs.queue import deliver

ATTEMPTS = 3

_JOBS = ProcessingJob.metadata.tables["processing_jobs"]
_NOW = func.clock_timestamp()
_LEASE = bindparam("lease", type_=Interval)
_ATTEMPT = (
    (_JOBS.c.id == bindparam("job"))
    & (_JOBS.c.state == JobState.RUNNING.value)
    & (_JOBS.c.attempts == bindparam("attempt"))
)

_ADD = insert(_JOBS)
_CLAIM = (
    update(_JOBS)
    .where(
        _JOBS.c.id == bindparam("job"),
        or_(
            _JOBS.c.state == JobState.QUEUED.value,
            (_JOBS.c.state == JobState.RUNNING.value) & (_JOBS.c.lease_until < _NOW),
        ),
    )
    .values(
        state=JobState.RUNNING.value,
        worker=bindparam("by"),
        attempts=_JOBS.c.attempts + 1,
        lease_until=_NOW + _LEASE,
        started_at=func.coalesce(_JOBS.c.started_at, _NOW),
        updated_at=_NOW,
    )
    .returning(
        _JOBS.c.id, _JOBS.c.user_id, _JOBS.c.book_id, _JOBS.c.subject_id, _JOBS.c.payload, _JOBS.c.attempts,
        _JOBS.c.max_attempts,
    )
)  # fmt: skip
_EXTEND = (
    update(_JOBS)
    .where(_ATTEMPT, _JOBS.c.cancel_requested.is_(False))
    .values(
        lease_until=_NOW + _LEASE,
        updated_at=_NOW,
        progress=func.coalesce(bindparam("percent", type_=Integer), _JOBS.c.progress),
    )
    .returning(_JOBS.c.id)
)


@cache
def _settling(state: JobState) -> Update:
    values: dict[str, Any] = {
        "state": state.value,
        "error": bindparam("failure", type_=_JOBS.c.error.type),
        "lease_until": None,
        "updated_at": _NOW,
        "finished_at": _NOW if state in FINISHED else None,
    }
    if state is JobState.DONE:
        values["progress"] = 100
    return update(_JOBS).where(_ATTEMPT).values(**values).returning(_JOBS.c.id)


async def enqueue(
    session: Session,
    kind: JobKind,
    *,
    user_id: UUID | None,
    book_id: UUID | None = None,
    subject_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
    priority: int = 0,
) -> UUID:
    """Adds a job in the caller's transaction; its id. Higher `priority` is delivered first."""
    job_id = uuid7()
    job = {
        "id": job_id,
        "kind": kind.value,
        "state": JobState.QUEUED.value,
        "user_id": user_id,
        "book_id": book_id,
        "subject_id": subject_id,
        "payload": payload or {},
    }
    await session.execute(_ADD, job)
    await deliver(session, kind, job_id, priority)
    return job_id


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


async def claim(session: Session, job_id: UUID, worker: str, lease: timedelta) -> Any | None:
    """Makes the job this worker's for one lease, or answers None when it is finished, cancelled or another's."""
    claimed = await session.execute(_CLAIM, {"job": job_id, "by": worker, "lease": lease})
    return claimed.one_or_none()


async def state_of(session: Session, job_id: UUID) -> JobState | None:
    state = await session.scalar(select(ProcessingJob.state).where(ProcessingJob.id == job_id))
    return JobState(state) if state else None


async def extend(session: Session, job_id: UUID, attempt: int, lease: timedelta, progress: int | None) -> bool:
    """Renews the lease of the attempt; False when the job is no longer this attempt's or is to be cancelled."""
    values = {"job": job_id, "attempt": attempt, "lease": lease, "percent": progress}
    if progress is not None:
        values["percent"] = max(0, min(progress, 100))
    return (await session.scalar(_EXTEND, values)) is not None


async def settle(
    session: Session, job_id: UUID, attempt: int, state: JobState, error: dict[str, Any] | None = None
) -> bool:
    """Ends the attempt in `state`; False when the job is no longer this attempt's, and then nothing may be kept."""
    ended = await session.scalar(_settling(state), {"job": job_id, "attempt": attempt, "failure": error})
    return ended is not None


async def hand_back(session: Session, job_id: UUID, attempt: int, note: dict[str, Any] | None = None) -> bool:
    """Returns a job that the worker stops before its end; the attempt does not count. `note` joins its payload.

    False when the job is no longer this attempt's.
    """
    statement = (
        update(_JOBS)
        .where(_ATTEMPT)
        .values(
            state=JobState.QUEUED.value,
            attempts=_JOBS.c.attempts - 1,
            lease_until=None,
            payload=_JOBS.c.payload.op("||")(type_coerce(note or {}, JSONB)),
        )
        .returning(_JOBS.c.id)
    )
    return await session.scalar(statement, {"job": job_id, "attempt": attempt}) is not None


async def request_cancel(session: Session, user_id: UUID, job_id: UUID) -> ProcessingJob:
    """Cancels a waiting job at once and asks a running one to stop. Raises NotFound."""
    return await cancel(session, await job_of(session, user_id, job_id))


async def cancel(session: Session, job: ProcessingJob) -> ProcessingJob:
    """As `request_cancel` does, for a job that was looked up already."""
    # In one statement: between two, the job's worker might put it back, and neither would find it.
    waits = _JOBS.c.state == JobState.QUEUED.value
    statement = (
        update(_JOBS)
        .where(_JOBS.c.id == job.id, waits | (_JOBS.c.state == JobState.RUNNING.value))
        .values(
            state=case((waits, JobState.CANCELLED.value), else_=_JOBS.c.state),
            finished_at=case((waits, _NOW), else_=_JOBS.c.finished_at),
            cancel_requested=True,
        )
    )
    await session.execute(statement)
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
            cancel_requested=False,
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
