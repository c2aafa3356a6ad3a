"""The worker: takes deliveries, claims the job's row, runs its handler and records the end.

A handler is called with a `Job`. It reports progress in short transactions of its own and writes its results in
`finishing()`, whose transaction also marks the job done: a job is done exactly when its results are there.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from pgqueuer.core.applications import PgQueuer
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job as Delivery
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel

from bookreader.database import Database, DatabaseUnavailable, Session
from bookreader.errors import BookReaderError
from bookreader.events import tell
from bookreader.jobs.names import FINISHED, JobKind, JobState
from bookreader.jobs.queries import claim, extend, hand_back, settle, state_of, stranded
from bookreader.jobs.queue import WorkerDriver, deliver, queue_queries, queue_settings

log = structlog.get_logger()
ENDING = 0.5
"""Seconds in which a handler that has ended its job returns."""
LOOK = timedelta(seconds=1)
"""New jobs are told at once; what was put off until later is found by looking."""
PICTURES = 4
"""Pictures that one worker has made at the same time, beside its other jobs: they mostly wait for other servers."""


class JobGone(Exception):
    """The attempt is no longer this worker's, or the person cancelled it: stop and keep nothing."""


class NotYet(Exception):
    """The handler returned its job to the queue, to be delivered again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} seconds")
        self.seconds = seconds


@dataclass
class Job:
    """One running attempt, as its handler sees it."""

    id: UUID
    kind: JobKind
    user_id: UUID | None
    book_id: UUID | None
    subject_id: UUID | None
    payload: Mapping[str, Any]
    attempt: int
    database: Database
    stopping: asyncio.Event
    lease: timedelta
    ended: bool = field(default=False)

    async def progress(self, percent: int) -> None:
        """Shows how far the work is (0-100) and renews the lease. Raises JobGone when it should end."""
        await self.renew(percent)

    async def renew(self, percent: int | None = None) -> None:
        """Renews the lease. Raises JobGone."""
        async with self.progressing(percent):
            pass

    @asynccontextmanager
    async def progressing(self, percent: int | None) -> AsyncIterator[Session]:
        """A transaction that keeps a part of the results, renews the lease and shows how far the work is (0-100).

        Raises JobGone, and then writes nothing.
        """
        async with self.database.transaction() as session:
            yield session
            if not await extend(session, self.id, self.attempt, self.lease, percent):
                raise JobGone
            if percent is not None:
                await self._tell(session, JobState.RUNNING, percent)

    @asynccontextmanager
    async def finishing(
        self, state: JobState = JobState.DONE, error: dict[str, Any] | None = None
    ) -> AsyncIterator[Session]:
        """The one transaction that writes the results and ends the job. Raises JobGone, and then writes nothing.

        With the state QUEUED, it ends this attempt alone: raise NotYet afterwards.
        """
        async with self.database.transaction() as session:
            yield session
            if not await settle(session, self.id, self.attempt, state, error):
                raise JobGone
            await self._tell(session, state, 100 if state is JobState.DONE else None)
        self.ended = True

    @asynccontextmanager
    async def waiting(self, note: dict[str, Any] | None = None) -> AsyncIterator[Session]:
        """A transaction that returns the job to the queue; the attempt does not count. Raise NotYet afterwards.

        `note` is in the payload when it comes back. Raises JobGone, and then writes nothing.
        """
        async with self.database.transaction() as session:
            yield session
            if not await hand_back(session, self.id, self.attempt, note):
                raise JobGone
        self.ended = True

    async def end(self, state: JobState, error: dict[str, Any] | None = None) -> None:
        async with self.database.transaction() as session:
            if await settle(session, self.id, self.attempt, state, error):
                await self._tell(session, state, None)

    async def _tell(self, session: Session, state: JobState, percent: int | None) -> None:
        if self.user_id is None:
            return
        await tell(
            session,
            self.user_id,
            "job",
            job=str(self.id),
            kind=self.kind.value,
            book=str(self.book_id) if self.book_id else None,
            state=state.value,
            progress=percent,
        )


Handler = Callable[[Job], Coroutine[Any, Any, None]]


class Worker:
    """Runs until `stop` is set. `handlers` binds every kind to one function.

    A worker that is silent for a `lease` has lost its jobs; it renews its leases five times as often.
    """

    def __init__(
        self, database: Database, handlers: Mapping[JobKind, Handler], *, parallel: int, lease: timedelta
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._parallel, self._lease = parallel, lease
        self._stopping = asyncio.Event()
        self._queue: PgQueuer | None = None
        self._slots = dict.fromkeys(handlers, asyncio.Semaphore(parallel))
        if JobKind.ILLUSTRATE in handlers:
            self._slots[JobKind.ILLUSTRATE] = asyncio.Semaphore(PICTURES)
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    async def run(self) -> None:
        """Takes jobs until `stop`. Ends early, with the error, when the database goes away."""
        async with self._database.direct_pool(2, 4) as pool:
            self._queue = queue = _manager(pool)
            for kind in self._handlers:
                queue.entrypoint(kind.value)(self._entrypoint(kind))
            if self._stopping.is_set():
                return
            rescue = asyncio.create_task(self._rescue())
            try:
                await queue.run(
                    dequeue_timeout=LOOK,
                    batch_size=self._parallel,
                    max_concurrent_tasks=2 * self._parallel + PICTURES,
                    shutdown_on_listener_failure=True,
                    heartbeat_timeout=self._lease,
                )
            finally:
                rescue.cancel()
                with suppress(asyncio.CancelledError):
                    await rescue

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Lets running handlers hand back what they cannot finish at once, then ends `run`."""
        self._stopping.set()
        if self._queue is not None:
            self._queue.shutdown.set()

    def _entrypoint(self, kind: JobKind) -> Callable[[Delivery], Awaitable[None]]:
        async def receive(delivery: Delivery) -> None:
            async with self._slots[kind]:
                try:
                    await self._receive(kind, UUID(bytes=delivery.payload))
                except DatabaseUnavailable as error:  # the delivery comes again, or nobody would look at the job
                    raise RetryRequested(delay=LOOK, reason=error.message) from error

        return receive

    async def _receive(self, kind: JobKind, job_id: UUID) -> None:
        if self._stopping.is_set():
            raise RetryRequested
        async with self._database.transaction() as session:
            row = await claim(session, job_id, self.name, self._lease)
            if row is None:
                state = await state_of(session, job_id)
        if row is None:
            if state is None or state in FINISHED:
                return
            raise RetryRequested(delay=self._lease, reason="another worker holds the job")
        job = Job(
            row.id, kind, row.user_id, row.book_id, row.subject_id, row.payload, row.attempts,
            self._database, self._stopping, self._lease,
        )  # fmt: skip
        await self._attempt(job, row.max_attempts)

    async def _attempt(self, job: Job, max_attempts: int) -> None:
        handler = asyncio.create_task(self._handlers[job.kind](job))
        try:
            await self._watch(job, handler)
        except RetryRequested:
            raise
        except JobGone:
            await self._end_cancelled(job)
        except NotYet as wait:
            raise RetryRequested(delay=timedelta(seconds=wait.seconds), reason=str(wait)) from wait
        except BookReaderError as error:
            await self._end_failed(job, error, retry=error.retryable and job.attempt < max_attempts)
        except Exception as error:  # the outermost loop: the failure is recorded and the worker lives on
            log.exception("job_failed", job=str(job.id), kind=job.kind.value, attempt=job.attempt)
            await self._end_failed(job, _unexpected(error), retry=job.attempt < max_attempts)
        else:
            if not job.ended:
                await job.end(JobState.DONE)

    async def _watch(self, job: Job, handler: asyncio.Task[None]) -> None:
        """Waits for the handler, renewing the lease; stops it when the job is cancelled or the worker ends."""
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            while not handler.done():
                await asyncio.wait(
                    {handler, stopping}, timeout=self._lease.total_seconds() / 5, return_when=asyncio.FIRST_COMPLETED
                )
                if handler.done():
                    break
                if stopping.done():
                    await self._hand_back(job, handler)
                await self._renew(job, handler)
            await handler
        finally:
            stopping.cancel()
            await _end_task(handler)

    async def _renew(self, job: Job, handler: asyncio.Task[None]) -> None:
        """Renews the lease; a job that its own handler has just ended is not gone. Raises JobGone.

        A database that is busy or away is no reason to stop: the lease holds until several more have failed.
        """
        try:
            await job.renew()
        except DatabaseUnavailable as error:
            log.warning("lease_not_renewed", job=str(job.id), reason=error.message)
        except JobGone:
            await asyncio.wait({handler}, timeout=ENDING)
            if not handler.done():
                raise

    async def _hand_back(self, job: Job, handler: asyncio.Task[None]) -> None:
        """Gives a handler a moment to finish by itself, else returns the job for the next worker."""
        await asyncio.wait({handler}, timeout=2)
        if handler.done():
            return
        await _end_task(handler)
        async with self._database.transaction() as session:
            await hand_back(session, job.id, job.attempt)
        raise RetryRequested(reason="the worker stops")

    async def _end_cancelled(self, job: Job) -> None:
        await job.end(JobState.CANCELLED)

    async def _end_failed(self, job: Job, error: BookReaderError, *, retry: bool) -> None:
        record = {"code": error.stable_code, "message": error.message}
        if not retry:
            await job.end(JobState.FAILED, record)
            return
        await job.end(JobState.QUEUED, record)
        raise RetryRequested(delay=timedelta(seconds=2**job.attempt), reason=error.message)

    async def _rescue(self) -> None:
        """Delivers again what lost its delivery, as after a restored backup."""
        silence = 4 * self._lease
        while True:
            await asyncio.sleep(silence.total_seconds())
            try:
                async with self._database.transaction() as session:
                    for row in await stranded(session, silence):
                        await deliver(session, JobKind(row.kind), row.id)
            except BookReaderError as error:
                log.warning("rescue_failed", reason=error.message)


def _manager(pool: Any) -> PgQueuer:
    driver = WorkerDriver(pool)
    settings: DBSettings = queue_settings()
    return PgQueuer(driver, channel=Channel(settings.channel), queries=queue_queries(driver))


async def _end_task(task: asyncio.Task[None]) -> None:
    if task.done():
        return
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _unexpected(error: Exception) -> BookReaderError:
    return BookReaderError(
        f"Something went wrong inside ({type(error).__name__}). It was written to the server's log; try again.",
        code="internal_error",
    )
