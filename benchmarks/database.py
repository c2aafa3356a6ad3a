"""The database's goals as ratios: 100,000 books of 2,000 people, a million sessions over a year, 300,000 pictures.

BOOKREADER_BENCH_SESSIONS=5000000 asks for five million sessions. Everything is measured on one embedded server in one
run, medians of 25 after a warm-up; "the seed" is the schema of revision 9 with the same rows.
"""

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import event

from benchmarks.rows import Row
from bookreader.analytics import queries as analytics
from bookreader.analytics.rollup import roll_everything_up
from bookreader.database import Database
from bookreader.database.embedded import EmbeddedServer
from bookreader.database.migrate import upgrade
from bookreader.library import queries as library
from tests.folders import passing_folder

BOOKS, PEOPLE, HEAVY, PICTURES = 100_000, 2_000, 5_048, 300_000
SESSIONS = int(os.environ.get("BOOKREADER_BENCH_SESSIONS", "1000000"))
TIMES = 25
BATCH, BATCHES = 5_000, 20
SEED = "enum_checks_2025"


def run() -> list[Row]:
    with passing_folder() as folder:
        return asyncio.run(_run(folder))


async def _run(folder: Path) -> list[Row]:
    async with EmbeddedServer(folder, cluster_dir=folder / "cluster") as server:
        await upgrade(server.url, SEED)
        async with _connection(server.url) as connection:
            await _fill(connection)
            seed_bytes = int(await connection.fetchval(INDEX_BYTES))
        locks = await _upgrade_under_load(server.url)
        async with _connection(server.url) as connection, Database(server.url, pool=2) as database:
            await connection.execute("VACUUM ANALYZE")
            floor = await _median(lambda: connection.fetchval("SELECT 1"))
            return [
                *await _tag_search(connection, floor),
                *await _heavy_shelf(connection, database),
                *await _queue(connection),
                *await _daily(connection, database),
                *await _inserts(connection),
                await _index_bytes(connection, seed_bytes),
                *locks,
            ]


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[Any]:
    connection: Any = await asyncpg.connect(
        url.replace("+asyncpg", ""), server_settings={"timezone": "UTC", "jit": "off"}
    )
    try:
        yield connection
    finally:
        await connection.close()


async def _median(work: Callable[[], Awaitable[Any]], times: int = TIMES) -> float:
    """Seconds, after two runs that do not count."""
    taken: list[float] = []
    for number in range(times + 2):
        begun = time.perf_counter()
        await work()
        if number >= 2:
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def _times(name: str, slow: float, fast: float, goal: float | None, against: str) -> Row:
    """How many times faster."""
    told = f"{against} {1000 * slow:.3g} ms, ours {1000 * fast:.3g} ms"
    return Row(name, slow / fast, "x", told, goal=goal, more=True)


# Rows


async def _fill(connection: Any) -> None:
    """At revision 9, without checks on the way in, the rows being right by construction; the indexes are built last."""
    await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
    indexes = await connection.fetch(INDEXES)
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    for statement in _rows():
        await connection.execute(statement)
    for _, definition in indexes:
        await connection.execute(definition)
    await connection.execute("SET session_replication_role = DEFAULT")
    await connection.execute("VACUUM ANALYZE")


INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname !~ '_pkey$'
      AND tablename IN ('books', 'descriptions', 'generated_images', 'reading_sessions')
"""
NUMBERS = {"people": PEOPLE, "heavy": HEAVY, "books": BOOKS, "pictures": PICTURES, "sessions": SESSIONS}
INDEX_BYTES = """
    SELECT sum(pg_indexes_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname IN ('users', 'books',
        'subscriptions', 'chapters', 'descriptions', 'generated_images', 'reading_progress', 'reading_sessions')
"""


def _rows() -> list[str]:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for name, number in NUMBERS.items():
        text = text.replace(f":{name}", str(number))
    return text.split("-- next\n")


# Searches and lists


async def _tag_search(connection: Any, floor: float) -> list[Row]:
    await connection.execute(
        "CREATE TEMP TABLE before AS SELECT id, book_metadata::text::json AS book_metadata FROM books"
    )
    await connection.execute("ANALYZE before")
    tag = '{"tags": ["tag 77"]}'
    ours = await connection.prepare("SELECT id FROM books WHERE book_metadata @> $1::jsonb")
    theirs = await connection.prepare("SELECT id FROM before WHERE book_metadata::jsonb @> $1::jsonb")
    rows = await ours.fetch(tag)
    fast, slow = await _median(lambda: ours.fetch(tag)), await _median(lambda: theirs.fetch(tag), 5)
    share = f"{100 * len(rows) / BOOKS:.2g} % of {BOOKS:,} books"
    return [
        _times(f"tag search ({share})", slow, fast, 500, "JSON scan"),
        Row("the same", fast / floor, "x", f"SELECT 1 {1000 * floor:.3g} ms", goal=30),
    ]


async def _heavy_shelf(connection: Any, database: Database) -> list[Row]:
    """The list alone, and the very statement of GET books, which brings 50 whole rows and their places."""
    user: UUID = await connection.fetchval("SELECT md5('u1')::uuid")
    after = await connection.fetchrow(
        "SELECT created_at, id FROM books WHERE user_id = $1 ORDER BY created_at DESC, id DESC OFFSET 4949 LIMIT 1",
        user,
    )
    alone = (NEWEST, (user,))
    whole = await _shelf_statement(database, user, None)
    last = await _shelf_statement(database, user, tuple(after))
    fast, page_1, page_100 = [await _asked(connection, each) for each in (alone, whole, last)]
    async with _rolled_back(connection):
        await connection.execute("DROP INDEX idx_books_user_created; CREATE INDEX ON books (user_id)")
        slow, slow_page = [await _asked(connection, each) for each in (alone, whole)]
    return [
        _times(f"newest 50 of {HEAVY:,} books", slow, fast, 25, "no composite index"),
        _times("GET books of them", slow_page, page_1, None, "no composite index"),
        Row("page 100 of them", page_100 / page_1, "x", f"page 1 {1000 * page_1:.3g} ms", goal=2),
    ]


NEWEST = "SELECT id, title, author FROM books WHERE user_id = $1 ORDER BY created_at DESC LIMIT 50"


async def _shelf_statement(
    database: Database, user: UUID, after: tuple[Any, ...] | None
) -> tuple[str, tuple[Any, ...]]:
    async with _overheard(database) as asked, database.transaction() as session:
        await library.shelf(session, user, filters={}, sort="added", after=after, limit=50)
    return asked[0]


@asynccontextmanager
async def _overheard(database: Database) -> AsyncIterator[list[tuple[str, tuple[Any, ...]]]]:
    """The statements that go to the database meanwhile, as the driver gets them."""
    asked: list[tuple[str, tuple[Any, ...]]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, tuple(parameters)))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def _asked(connection: Any, asked: tuple[str, tuple[Any, ...]]) -> float:
    statement, parameters = asked
    prepared = await connection.prepare(statement)
    return await _median(lambda: prepared.fetch(*parameters))


@asynccontextmanager
async def _rolled_back(connection: Any) -> AsyncIterator[None]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


async def _queue(connection: Any) -> list[Row]:
    await connection.execute(JOBS, JOBS_A_BOOK * BOOKS)
    await connection.execute("VACUUM ANALYZE processing_jobs")
    oldest = "SELECT id FROM processing_jobs WHERE state = 'queued' ORDER BY created_at LIMIT 10"
    fast = await _asked(connection, (oldest, ()))
    async with _rolled_back(connection):
        await connection.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        slow = await _asked(connection, (oldest, ()))
    return [_times(f"oldest waiting of {JOBS_A_BOOK * BOOKS:,} jobs", slow, fast, 500, "scan")]


JOBS_A_BOOK = 3
JOBS = """
    INSERT INTO processing_jobs (kind, state, created_at, payload)
    SELECT 'parse', CASE WHEN i % 1000 = 0 THEN 'queued' ELSE 'done' END, now() - make_interval(secs => i),
        jsonb_build_object('note', repeat('x', 300))
    FROM generate_series(1, $1::int) AS i
"""


# Analytics


async def _daily(connection: Any, database: Database) -> list[Row]:
    view = "SELECT * FROM reading_sessions_daily_stats"
    fast, slow = await _asked(connection, (view, ())), await _median(lambda: connection.fetch(LIVE), 5)
    await connection.execute(f"CREATE MATERIALIZED VIEW whole AS {LIVE}")
    await connection.execute("CREATE UNIQUE INDEX ON whole (date)")
    whole = await _median(lambda: connection.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY whole"), 5)
    await connection.execute("DROP MATERIALIZED VIEW whole")
    million = SESSIONS / 1_000_000

    taken: list[tuple[float, float]] = []

    async def one_day() -> None:
        """A session ends; its day is rolled up, and the view shows it."""
        await connection.execute(END_ONE)
        begun = time.perf_counter()
        await roll_everything_up(database)
        rolled_up = time.perf_counter()
        async with database.transaction() as session:
            await analytics.refresh_view(session, "reading_sessions_daily_stats")
        taken.append((rolled_up - begun, time.perf_counter() - begun))

    for _ in range(TIMES + 2):
        await one_day()
    rolled, shown = (statistics.median(each[2:]) for each in zip(*taken, strict=True))
    name = f"{million:g}M sessions"
    return [
        _times(f"90 days of everyone, {name}", slow, fast, 1000 if million < 5 else 5000, "live"),
        _times(f"a changed day counted again, {name}", whole, rolled, 100 if million < 5 else 150, "REFRESH"),
        _times("and shown by the view", whole, shown, None, "REFRESH"),
        *await _personal(connection, database),
    ]


LIVE = """
    SELECT date(started_at AT TIME ZONE 'UTC') AS date, count(*) AS total_sessions,
        count(DISTINCT user_id) AS active_users, avg(duration_minutes) AS avg_duration_minutes,
        sum(duration_minutes) AS total_reading_minutes, avg(end_position - start_position) AS avg_progress_percent,
        count(*) FILTER (WHERE duration_minutes >= 10) AS sessions_over_10min,
        count(*) FILTER (WHERE is_active = false) AS completed_sessions
    FROM reading_sessions
    WHERE started_at >= (date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') - interval '90 days'
    GROUP BY date(started_at AT TIME ZONE 'UTC')
"""
END_ONE = """
    UPDATE reading_sessions SET duration_minutes = duration_minutes + 1 WHERE id = (
        SELECT id FROM reading_sessions WHERE user_id = md5('u7')::uuid ORDER BY started_at DESC LIMIT 1)
"""


async def _personal(connection: Any, database: Database) -> list[Row]:
    """A year of one person's days: the statement of GET statistics."""
    user: UUID = await connection.fetchval("SELECT md5('u7')::uuid")
    since = datetime.now(UTC).date() - timedelta(days=371)
    async with _overheard(database) as asked, database.transaction() as session:
        await analytics.days_read(session, user, since)
    live = "SELECT date(started_at), sum(duration_minutes) FROM reading_sessions WHERE user_id = $1 GROUP BY 1"
    days, whole = await _asked(connection, asked[0]), await _asked(connection, (live, (user,)))
    return [_times("a person's year", whole, days, None, "from sessions")]


# Writes


async def _inserts(connection: Any) -> list[Row]:
    seed, ours = (
        await _insert_costs(connection, SEED_INDEXES, ()),
        await _insert_costs(connection, OUR_INDEXES, TRIGGERS),
    )
    per_row = 1_000_000 / BATCH
    told = f"seed {seed.seconds * per_row:.0f} us a row, ours {ours.seconds * per_row:.0f} us"
    return [
        Row("inserting sessions", seed.seconds / ours.seconds, "x", told, goal=2, more=True),
        Row("the same, log written", ours.log / seed.log, "x", f"seed {seed.log // BATCH} bytes a row", goal=0.4),
        Row("the same, index bytes", ours.bytes / seed.bytes, "x", f"seed {seed.bytes / 1e6:.0f} MB", goal=0.4),
    ]


@dataclass(frozen=True)
class Cost:
    """Of one batch: seconds, bytes of write-ahead log; and the bytes of all indexes."""

    seconds: float
    log: int
    bytes: int


SEED_INDEXES = (
    "(user_id, is_active) WHERE is_active = true", "(book_id, started_at)", "(user_id, started_at)",
    "(user_id, started_at, duration_minutes)", "(book_id)", "(id)", "(is_active)", "(started_at)", "(user_id)",
    "(user_id) WHERE is_active = true", "(is_active, ended_at, started_at)",
    "(user_id, started_at, duration_minutes, is_active)", "(book_id, started_at, is_active)",
)  # fmt: skip
OUR_INDEXES = (
    "(user_id, is_active) WHERE is_active = true", "(book_id, started_at)", "(user_id, started_at)",
    "(user_id, key) WHERE key IS NOT NULL",
)  # fmt: skip
TRIGGERS = (
    """
    CREATE TRIGGER mark AFTER INSERT ON copied REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days()
    """,
)


async def _insert_costs(connection: Any, indexes: tuple[str, ...], more: tuple[str, ...]) -> Cost:
    """Into a copy of all sessions, batch by batch."""
    await connection.execute("CREATE TABLE copied (LIKE reading_sessions INCLUDING DEFAULTS)")
    await connection.execute("INSERT INTO copied SELECT * FROM reading_sessions")
    await connection.execute("ALTER TABLE copied ADD PRIMARY KEY (id)")
    for index in indexes:
        await connection.execute(f"CREATE INDEX ON copied {index}")
    for statement in more:
        await connection.execute(statement)
    await connection.execute("ANALYZE copied")
    await connection.execute("CHECKPOINT")
    seconds: list[float] = []
    logs: list[int] = []
    for number in range(BATCHES):
        rows = [_session(number * BATCH + each) for each in range(BATCH)]
        before = await connection.fetchval("SELECT pg_current_wal_insert_lsn()")
        begun = time.perf_counter()
        await connection.copy_records_to_table("copied", records=rows, columns=COLUMNS)
        seconds.append(time.perf_counter() - begun)
        logs.append(int(await connection.fetchval("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)", before)))
    size = int(await connection.fetchval("SELECT pg_indexes_size('copied')"))
    await connection.execute("DROP TABLE copied")
    # The first batches write whole pages into the log, whatever they change.
    return Cost(statistics.median(seconds), int(statistics.median(logs[2:])), size)


COLUMNS = [
    "id",
    "user_id",
    "book_id",
    "started_at",
    "duration_minutes",
    "start_position",
    "end_position",
    "pages_read",
    "is_active",
]


def _session(number: int) -> tuple[Any, ...]:
    return (
        UUID(int=(number * 2_654_435_761) % 2**128), UUID(int=number % PEOPLE), UUID(int=number % BOOKS),
        datetime.now(UTC), 5, 10, 12, 3, False,
    )  # fmt: skip


async def _index_bytes(connection: Any, seed: int) -> Row:
    ours = int(await connection.fetchval(INDEX_BYTES))
    told = f"seed {seed / 1e6:.0f} MB, ours {ours / 1e6:.0f} MB"
    return Row("bytes of all indexes of the first tables", ours / seed, "x", told, goal=0.6)


# Upgrading while people read


@dataclass
class Watch:
    """Longest waits of writers and longest exclusive locks, in seconds, by table."""

    stalls: dict[str, float] = field(default_factory=dict)
    locks: dict[str, float] = field(default_factory=dict)


WRITES = {
    "generated_images": "UPDATE generated_images SET view_count = view_count + 1 WHERE id = md5('i7')::uuid",
    "reading_sessions": "UPDATE reading_sessions SET pages_read = pages_read + 1 WHERE id = md5('s7')::uuid",
    "books": "UPDATE books SET last_accessed = now() WHERE id = md5('b7')::uuid",
}


async def _upgrade_under_load(url: str) -> list[Row]:
    """Revisions 10 to head, while three writers never pause and one observer reads the locks; and a calm before."""
    calm, _ = await _watched(url, lambda: asyncio.sleep(CALM))
    begun = time.perf_counter()
    stormy, lock = await _watched(url, lambda: upgrade(url))
    told = f"the whole upgrade {time.perf_counter() - begun:.1f} s"
    return [
        Row("longest exclusive lock of an upgrade", 1000 * lock, "ms", told, goal=10),
        Row("longest wait of a writer meanwhile", 1000 * stormy, "ms", "without an upgrade", 1000 * calm, 100),
    ]


CALM = 15.0
"""Seconds in which the same writers show what this machine does to them anyway."""


async def _watched(url: str, work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """The longest wait of a writer and the longest exclusive lock of a table, in seconds."""
    watch = Watch()
    tasks = [asyncio.create_task(_write(url, table, watch)) for table in WRITES]
    tasks.append(asyncio.create_task(_observe(url, watch)))
    await work()
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return max(watch.stalls.values()), max(watch.locks.values(), default=0.0)


async def _write(url: str, table: str, watch: Watch) -> None:
    async with _connection(url) as connection:
        while True:
            begun = time.perf_counter()
            await connection.execute(WRITES[table])
            watch.stalls[table] = max(watch.stalls.get(table, 0.0), time.perf_counter() - begun)
            await asyncio.sleep(0.001)


async def _observe(url: str, watch: Watch) -> None:
    """How long a table was seen under one exclusive lock, looking about each millisecond."""
    held: dict[tuple[str, str], float] = {}
    async with _connection(url) as connection:
        prepared = await connection.prepare(EXCLUSIVE)
        while True:
            seen = {(row[0], row[1]) for row in await prepared.fetch()}
            now = time.perf_counter()
            for key in [each for each in held if each not in seen]:
                table = key[0]
                watch.locks[table] = max(watch.locks.get(table, 0.0), now - held.pop(key))
            for key in seen:
                held.setdefault(key, now)


EXCLUSIVE = """
    SELECT relation::regclass::text, virtualtransaction FROM pg_locks
    WHERE mode = 'AccessExclusiveLock' AND granted AND relation IN (
        'books'::regclass, 'generated_images'::regclass, 'reading_sessions'::regclass)
"""
