"""The queue that delivers jobs: pgqueuer in the schema `jobs`, fed inside the caller's own transaction.

A delivery is only a job's id. What people see, and what decides whether a delivery still matters, is the row
in processing_jobs.
"""

import asyncio
from functools import cache
from typing import Any
from uuid import UUID

from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.tm import TaskManager
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver, NotifyCallback

from bookreader.database import Session
from bookreader.jobs.names import JobKind


@cache
def queue_settings() -> DBSettings:
    return DBSettings(db_schema="jobs")


def queue_queries(driver: Driver) -> Queries:
    """pgqueuer's statements, on our schema."""
    settings = queue_settings()
    return Queries(
        driver,
        qbe=qb.QueryBuilderEnvironment(settings=settings),
        qbq=qb.QueryQueueBuilder(settings=settings),
        qbs=qb.QuerySchedulerBuilder(settings=settings),
    )


class WorkerDriver(AsyncpgPoolDriver):
    """What a worker listens with: a pool of two connections or more. Nothing is notified before it listens.

    pgqueuer asks itself over the channel whether it hears, at the moment in which it begins to listen. A question that
    was there first has no answer, and the worker gave its jobs up after ten seconds of waiting for it.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self._listening = asyncio.Event()

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await super().add_listener(channel, callback)
        self._listening.set()

    async def notify(self, channel: str, payload: str) -> None:
        await self._listening.wait()
        await super().notify(channel, payload)


class TransactionDriver(Driver):
    """Sends pgqueuer's SQL through the session's own connection, so that a rollback takes the delivery with it.

    The raw asyncpg connection would not do: SQLAlchemy begins its transaction lazily, and an insert sent before
    that would be committed at once.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shutdown = asyncio.Event()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        connection = await self._session.connection()
        rows = await connection.exec_driver_sql(query, args)
        return [dict(row) for row in rows.mappings()]

    async def execute(self, query: str, *args: object) -> str:
        connection = await self._session.connection()
        await connection.exec_driver_sql(query, args)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        raise NotImplementedError("a transaction does not listen")

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return TaskManager()

    async def __aenter__(self) -> "TransactionDriver":
        return self

    async def __aexit__(self, *_: object) -> None: ...


async def deliver(session: Session, kind: JobKind, job_id: UUID, priority: int = 0) -> None:
    """Puts the job up for delivery when the caller's transaction commits; one delivery at a time waits per job."""
    await queue_queries(TransactionDriver(session)).enqueue(
        kind.value, job_id.bytes, priority, dedupe_key=str(job_id), on_conflict="skip"
    )
