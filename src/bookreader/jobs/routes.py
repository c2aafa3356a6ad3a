"""HTTP of jobs and live events."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from bookreader.api import Cursor, InTransaction, Limit, Page, SignedIn, decode_cursor, page
from bookreader.events import Events
from bookreader.jobs import queries
from bookreader.jobs.names import JobKind, JobState

router = APIRouter(tags=["jobs"])


class JobShown(BaseModel):
    """A background job. `progress` 0-100; `error` says what went wrong and what to do."""

    id: UUID
    kind: JobKind
    state: JobState
    progress: int
    book: UUID | None
    subject: UUID | None
    attempts: int
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@router.get("/jobs")
async def get_jobs(
    person: SignedIn,
    session: InTransaction,
    book: UUID | None = None,
    state: Annotated[JobState | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[JobShown]:
    """The person's jobs, newest first."""
    before = decode_cursor(cursor, datetime.fromisoformat, UUID) if cursor else None
    rows = await queries.jobs_of(session, person.id, book_id=book, state=state, before=before, limit=limit + 1)
    return page(rows, limit, show_job, lambda row: (row.created_at, row.id))


@router.post("/jobs/{job_id}/cancel")
async def post_cancel(job_id: UUID, person: SignedIn, session: InTransaction) -> JobShown:
    """Cancels a waiting job; a running one stops at its next step."""
    return show_job(await queries.request_cancel(session, person.id, job_id))


@router.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def get_events(person: SignedIn, request: Request) -> StreamingResponse:
    """Server-sent events: `job` and `place`. Where they do not get through, `GET jobs` tells the same."""
    events: Events = request.app.state.events
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events.stream(person.id), media_type="text/event-stream", headers=headers)


def show_job(job: Any) -> JobShown:
    return JobShown(
        id=job.id,
        kind=job.kind,
        state=job.state,
        progress=job.progress,
        book=job.book_id,
        subject=job.subject_id,
        attempts=job.attempts,
        error=job.error,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
