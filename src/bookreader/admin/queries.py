"""SQL of upkeep: which tasks are due, what they reported, and which stored files any row speaks of."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bookreader.admin.models import UpkeepRun as UpkeepRun
from bookreader.database import Session
from bookreader.jobs.models import ProcessingJob
from bookreader.jobs.names import FINISHED


async def claim_run(session: Session, task: str, interval: timedelta, first: timedelta) -> bool:
    """Whether the task is due and ours to start: of several processes, one gets it. A task that never ran is due
    `first` after it was first asked for."""
    now = func.clock_timestamp()
    new = insert(UpkeepRun).values(task=task, started_at=now - interval + first)
    await session.execute(new.on_conflict_do_nothing())
    statement = (
        update(UpkeepRun)
        .where(UpkeepRun.task == task, UpkeepRun.started_at <= now - interval)
        .values(started_at=now, finished_at=None, succeeded=None)
        .returning(UpkeepRun.task)
    )
    return (await session.scalar(statement)) is not None


async def begin_run(session: Session, task: str) -> None:
    """Notes a run that somebody asked for."""
    values: dict[str, Any] = {"started_at": func.clock_timestamp(), "finished_at": None, "succeeded": None}
    statement = insert(UpkeepRun).values(task=task, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["task"], set_=values))


async def end_run(session: Session, task: str, *, succeeded: bool, outcome: dict[str, Any]) -> None:
    statement = update(UpkeepRun).where(UpkeepRun.task == task)
    await session.execute(statement.values(finished_at=func.clock_timestamp(), succeeded=succeeded, outcome=outcome))


async def runs(session: Session) -> dict[str, UpkeepRun]:
    """The last run of every task."""
    return {run.task: run for run in (await session.scalars(select(UpkeepRun))).all()}


async def forget_finished_jobs(session: Session, older_than: timedelta) -> int:
    """Removes finished jobs that belong to nobody, which are upkeep's own. Returns how many."""
    statement = delete(ProcessingJob).where(
        ProcessingJob.user_id.is_(None),
        ProcessingJob.book_id.is_(None),
        ProcessingJob.state.in_([state.value for state in FINISHED]),
        ProcessingJob.finished_at < func.now() - older_than,
    )
    return len((await session.scalars(statement.returning(ProcessingJob.id))).all())


async def waiting_upkeep(session: Session, kind: str) -> bool:
    """Whether such a job waits or runs already."""
    query = select(func.count()).where(
        ProcessingJob.kind == kind, or_(ProcessingJob.state == "queued", ProcessingJob.state == "running")
    )
    return bool(await session.scalar(query))


async def server_time(session: Session) -> datetime:
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def referenced_files(session: Session) -> set[str]:
    """Every hash that any row mentions in a column that can hold one, whatever its table: more is kept than must be,
    and what a later revision adds is never forgotten."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    columns = (await session.execute(text(HASH_COLUMNS))).all()
    found: set[str] = set()
    for table, column, exact in columns:
        query = EXACT if exact else MENTIONED
        rows = await session.execute(text(query.format(table=table, column=column)))
        found.update(row[0] for row in rows)
    return found


HASH_COLUMNS = r"""
    SELECT c.oid::regclass::text, quote_ident(a.attname), a.atttypid = 'char(64)'::regtype
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND c.relname NOT IN ('schema_revisions', 'upkeep_runs')
      AND (a.atttypid IN ('json'::regtype, 'jsonb'::regtype, 'bpchar'::regtype)
        OR (a.atttypid = 'varchar'::regtype AND a.atttypmod >= 68))
"""
EXACT = "SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"
MENTIONED = """
    SELECT DISTINCT mention[1] FROM {table}, regexp_matches({column}::text, '[0-9a-f]{{64}}', 'g') AS mention
    WHERE {column} IS NOT NULL
"""
