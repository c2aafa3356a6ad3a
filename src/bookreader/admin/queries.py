"""SQL of upkeep: which tasks are due, what they reported, and which stored files any row speaks of; and of the
administrator's page, whose statements each read a bounded part of a table through an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from bookreader.accounts.models import Subscription, User
from bookreader.admin.models import UpkeepRun as UpkeepRun
from bookreader.database import Session
from bookreader.database.base import first_uuid7
from bookreader.errors import NotFound
from bookreader.illustrations.models import GeneratedImage
from bookreader.jobs.models import ProcessingJob
from bookreader.jobs.names import FINISHED, JobKind, JobState
from bookreader.library.models import Book

MOST = 10_000
"""No count goes further: a page that shows it needs no more."""
UPKEEP_LOCK = 7_201_948
LATE = timedelta(hours=1)
"""By how much the clocks of the program, which makes the ids, and of the database may differ."""


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


# --- the server and its queue -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """Who answers: the version, and the size of the database in bytes."""

    version: str
    size: int


async def server_facts(session: Session) -> Server:
    query = select(func.current_setting("server_version"), func.pg_database_size(func.current_database()).label("size"))
    return Server(*(await session.execute(query)).one())


@dataclass(frozen=True)
class Queue:
    """`untouched_since`: since when the longest waiting job that nobody has begun waits; `slow`: how many are at work
    for longer than was asked about."""

    waiting: int
    running: int
    slow: int
    untouched_since: datetime | None


async def queue_facts(session: Session, slow: timedelta) -> Queue:
    waiting = ProcessingJob.state == JobState.QUEUED.value
    running = ProcessingJob.state == JobState.RUNNING.value
    since = select(func.min(ProcessingJob.created_at)).where(waiting, ProcessingJob.started_at.is_(None))
    return Queue(
        await _count(session, select(ProcessingJob.id).where(waiting)),
        await _count(session, select(ProcessingJob.id).where(running)),
        await _count(
            session, select(ProcessingJob.id).where(running, ProcessingJob.started_at < func.clock_timestamp() - slow)
        ),
        await session.scalar(since),
    )


async def _count(session: Session, rows: Select[Any]) -> int:
    return await session.scalar(select(func.count()).select_from(rows.limit(MOST).subquery())) or 0


_WAITS = text("""
    SELECT date_trunc('hour', begun) AS hour, extract(epoch FROM max(begun - created_at))::float AS longest
    FROM (SELECT created_at, coalesce(started_at, clock_timestamp()) AS begun FROM processing_jobs
        WHERE id >= :first AND created_at >= :earliest AND (started_at IS NOT NULL OR state = 'queued')) AS jobs
    WHERE begun >= :since GROUP BY 1 ORDER BY 1
""")


async def longest_waits(session: Session, since: datetime) -> list[tuple[datetime, float]]:
    """Seconds that the longest waiting job waited for its first worker, by the hour in which it was begun; what still
    waits counts to the present hour. Jobs that waited for more than a day are left out."""
    earliest = since - timedelta(days=1)
    values = {"first": first_uuid7(earliest - LATE), "earliest": earliest, "since": since}
    return [(row[0], row[1]) for row in (await session.execute(_WAITS, values)).all()]


# --- everybody's jobs -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JobOf:
    """A job with the title of its book and the name of its reader, where it has them."""

    job: ProcessingJob
    title: str | None
    reader: str | None


def _jobs() -> Select[*tuple[Any, ...]]:
    reader = func.coalesce(func.nullif(User.full_name, ""), User.email)
    return (
        select(ProcessingJob, Book.title, reader)
        .outerjoin(Book, Book.id == ProcessingJob.book_id)
        .outerjoin(User, User.id == ProcessingJob.user_id)
    )


async def _as_jobs(session: Session, query: Select[*tuple[Any, ...]]) -> list[JobOf]:
    return [JobOf(*row) for row in (await session.execute(query)).all()]


async def present_jobs(session: Session, limit: int) -> list[JobOf]:
    """Jobs at work, then those that wait, the longest waiting first."""
    running = _jobs().where(ProcessingJob.state == JobState.RUNNING.value).order_by(ProcessingJob.started_at)
    waiting = _jobs().where(ProcessingJob.state == JobState.QUEUED.value).order_by(ProcessingJob.created_at)
    at_work = await _as_jobs(session, running.limit(limit))
    return [*at_work, *await _as_jobs(session, waiting.limit(limit - len(at_work)))]


def _ended(state: JobState, since: datetime) -> Any:
    """Jobs that ended in a state since a moment. Those ordered more than a day before it are left out."""
    first = first_uuid7(since - timedelta(days=1) - LATE)
    return (ProcessingJob.id >= first) & (ProcessingJob.state == state.value) & (ProcessingJob.finished_at >= since)


async def ended_jobs(
    session: Session, state: JobState, since: datetime, before: UUID | None, limit: int
) -> list[JobOf]:
    """The newest first, by when they were ordered."""
    query = _jobs().where(_ended(state, since))
    if before is not None:
        query = query.where(ProcessingJob.id < before)
    return await _as_jobs(session, query.order_by(ProcessingJob.id.desc()).limit(limit))


async def count_ended(session: Session, state: JobState, since: datetime) -> int:
    return await _count(session, select(ProcessingJob.id).where(_ended(state, since)))


async def any_job(session: Session, job_id: UUID) -> JobOf:
    """Anybody's job, for an administrator. Raises NotFound."""
    row = (await session.execute(_jobs().where(ProcessingJob.id == job_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such job.")
    return JobOf(*row)


async def has_twin(session: Session, job: ProcessingJob) -> bool:
    """Whether another job does the same for the same book, or will."""
    query = select(ProcessingJob.id).where(
        ProcessingJob.id != job.id,
        ProcessingJob.kind == job.kind,
        ProcessingJob.book_id.is_not_distinct_from(job.book_id),
        or_(ProcessingJob.state == JobState.QUEUED.value, ProcessingJob.state == JobState.RUNNING.value),
    )
    return (await session.scalar(query.limit(1))) is not None


async def present_backup(session: Session) -> UUID | None:
    """The backup that waits or is at work, if there is one."""
    query = select(ProcessingJob.id).where(
        ProcessingJob.kind == JobKind.BACKUP.value,
        or_(ProcessingJob.state == JobState.QUEUED.value, ProcessingJob.state == JobState.RUNNING.value),
    )
    return await session.scalar(query.limit(1))


# --- readers ----------------------------------------------------------------------------------------------------------

_READERS = """
    SELECT u.id, u.email, u.full_name, u.is_admin, u.is_active, u.created_at,
        coalesce((SELECT s.plan FROM subscriptions s WHERE s.user_id = u.id AND s.status = 'ACTIVE'
            ORDER BY s.start_date DESC LIMIT 1)::text, 'FREE') AS plan,
        (SELECT s.plan FROM subscriptions s WHERE s.user_id = u.id AND s.status = 'PENDING'
            ORDER BY s.start_date DESC LIMIT 1)::text AS asked,
        b.books, b.bytes + coalesce((SELECT sum(i.file_size) FROM generated_images i WHERE i.user_id = u.id), 0)
            AS bytes,
        (SELECT count(*) FROM ledger l WHERE l.user_id = u.id AND l.state <> 'returned' AND l.purpose = 'picture'
            AND l.day >= date_trunc('month', now() AT TIME ZONE u.time_zone)::date) AS pictures_month,
        greatest(u.last_login, (SELECT max(n.last_seen_at) FROM sign_ins n WHERE n.user_id = u.id),
            (SELECT max(t.last_used_at) FROM access_tokens t WHERE t.user_id = u.id)) AS last_seen
    FROM ({people}) AS u CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE deleted_at IS NULL) AS books, coalesce(sum(file_size), 0) AS bytes
        FROM books WHERE user_id = u.id) AS b
    ORDER BY lower(u.email)
"""
_PAGE = text(
    _READERS.format(people="SELECT * FROM users WHERE lower(email) > :after ORDER BY lower(email) LIMIT :limit")
)
_ONE = text(_READERS.format(people="SELECT * FROM users WHERE id = :user_id"))


async def readers(session: Session, after: str, limit: int) -> Sequence[RowMapping]:
    """Accounts in the order of their addresses: what they use of their plans, and nothing of what they read."""
    return (await session.execute(_PAGE, {"after": after, "limit": limit})).mappings().all()


async def reader(session: Session, user_id: UUID) -> RowMapping:
    """Raises NotFound."""
    row = (await session.execute(_ONE, {"user_id": user_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such account.", code="no_such_account")
    return row


async def count_readers(session: Session) -> int:
    return await _count(session, select(User.id))


async def set_plan(session: Session, user_id: UUID, plan: str) -> None:
    """Holds at once. What the person may have asked for is decided with it. Raises NotFound."""
    locked = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    if await session.scalar(locked) is None:
        raise NotFound("There is no such account.", code="no_such_account")
    asked = update(Subscription).where(Subscription.user_id == user_id, Subscription.status == "PENDING")
    await session.execute(asked.values(status="CANCELLED", end_date=func.now()))
    held = update(Subscription).where(Subscription.user_id == user_id, Subscription.status == "ACTIVE")
    if await session.scalar(held.values(plan=plan).returning(Subscription.id)) is None:
        await session.execute(insert(Subscription).values(user_id=user_id, plan=plan, status="ACTIVE"))


# --- picture services -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """Pictures of a service: how many were finished or wait, when the last finished one was ordered, how long they took
    on average."""

    completed: int
    waiting: int
    last: datetime | None
    seconds: float | None


_DRAWN = text("""
    SELECT service_used, count(*) FILTER (WHERE status = 'completed'),
        count(*) FILTER (WHERE status IN ('pending', 'generating')),
        max(created_at) FILTER (WHERE status = 'completed'),
        avg(generation_time_seconds) FILTER (WHERE status = 'completed')
    FROM generated_images
    WHERE status IN ('completed', 'pending', 'generating') AND created_at >= :since GROUP BY 1
""")


async def drawn_since(session: Session, since: datetime) -> dict[str, Drawn]:
    rows = (await session.execute(_DRAWN, {"since": since})).all()
    return {row[0]: Drawn(*row[1:]) for row in rows}


@dataclass(frozen=True)
class Failed:
    """How often a service did not draw, for one reason. `stood_in`: another one drew the picture in its place."""

    service: str
    outcome: str
    count: int
    stood_in: int
    last: datetime


_FAILED = text("""
    SELECT service, outcome, count(*), count(*) FILTER (WHERE stood_in), max(at) FROM (
        SELECT service_used AS service, coalesce(generation_parameters ->> 'outcome', 'stopped') AS outcome,
            created_at AS at, false AS stood_in
        FROM generated_images WHERE status IN ('failed', 'moderated') AND created_at >= :since
        UNION ALL
        SELECT tried ->> 'service', tried ->> 'outcome', created_at, status = 'completed'
        FROM generated_images, jsonb_array_elements(generation_parameters -> 'tried') AS tried
        WHERE created_at >= :since AND generation_parameters @> ANY (:tried)
    ) AS failures GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
""")


async def failures_since(session: Session, since: datetime, services: Sequence[str]) -> list[Failed]:
    """By service and reason, the most frequent first; also where another service stood in."""
    tried = [{"tried": [{"service": service}]} for service in services]
    query = _FAILED.bindparams(bindparam("tried", type_=ARRAY(JSONB)))
    return [Failed(*row) for row in (await session.execute(query, {"since": since, "tried": tried})).all()]


async def moderated(
    session: Session, since: datetime, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[GeneratedImage]:
    """Pictures that a service refused to draw, the newest first."""
    query = select(GeneratedImage).where(GeneratedImage.status == "moderated", GeneratedImage.created_at >= since)
    if before is not None:
        query = query.where(tuple_(GeneratedImage.created_at, GeneratedImage.id) < before)
    query = query.order_by(GeneratedImage.created_at.desc(), GeneratedImage.id.desc())
    return (await session.scalars(query.limit(limit))).all()


async def count_moderated(session: Session, since: datetime) -> int:
    query = select(GeneratedImage.id).where(GeneratedImage.status == "moderated", GeneratedImage.created_at >= since)
    return await _count(session, query)


@dataclass(frozen=True)
class Spent:
    """What one service cost on one day of UTC, in US dollars. `reserved` is ordered and not yet drawn."""

    day: date
    service: str
    settled: Decimal
    reserved: Decimal
    pictures: int


_SPENT = text("""
    SELECT (created_at AT TIME ZONE 'UTC')::date, service, coalesce(sum(price) FILTER (WHERE state = 'settled'), 0),
        coalesce(sum(price) FILTER (WHERE state = 'reserved'), 0),
        count(*) FILTER (WHERE purpose = 'picture')
    FROM ledger WHERE created_at >= :since AND state <> 'returned' GROUP BY 1, 2 ORDER BY 1, 2
""")


_PAID = text("""
    SELECT service, max(created_at) FROM ledger WHERE created_at >= :since AND state = 'settled' GROUP BY 1
""")


async def paid_since(session: Session, since: datetime) -> dict[str, datetime]:
    """When the last thing was ordered that a service did, be it a picture or a test."""
    return {row[0]: row[1] for row in (await session.execute(_PAID, {"since": since})).all()}


async def spent_since(session: Session, since: date) -> list[Spent]:
    begun = datetime(since.year, since.month, since.day, tzinfo=UTC)
    return [Spent(*row) for row in (await session.execute(_SPENT, {"since": begun})).all()]
