"""However much has gathered, each statement of the administrator's page reads its part through an index."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bookreader.admin import queries
from bookreader.database import Database, Session
from bookreader.jobs.names import JobState
from tests.integration.database.rows import connect, insert

# A year of jobs, pictures and charges. Ids begin with the time, as those that the program makes do.
V7 = """(lpad(to_hex((extract(epoch FROM now() - make_interval(mins => i)) * 1000)::bigint), 12, '0')
    || '7000' || lpad(to_hex(i), 16, '8'))::uuid"""
ANYONE = "(ARRAY(SELECT id FROM users))[1 + i % 3000]"
AGE = "now() - make_interval(mins => i)"
ROWS = (
    "INSERT INTO users (id, email, password_hash) SELECT gen_random_uuid(), 'p' || i || '@example.org', 'x' "
    "FROM generate_series(1, 3000) AS i",
    f"""INSERT INTO processing_jobs (id, user_id, book_id, kind, state, created_at, started_at, finished_at)
        SELECT {V7}, {ANYONE}, NULL, 'describe', CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'done' END, {AGE}, {AGE}, {AGE}
        FROM generate_series(1, 500000, 25) AS i""",
    f"""INSERT INTO generated_images (id, description_id, user_id, service_used, prompt_used, created_at, status,
            generation_parameters)
        SELECT {V7}, $1, {ANYONE}, 'pollinations', 'x', {AGE},
            CASE WHEN i % 50 = 0 THEN 'moderated' ELSE 'completed' END, '{{"seed": 1}}'
        FROM generate_series(1, 500000, 25) AS i""",
    f"""INSERT INTO ledger (id, user_id, book_id, subject_id, service, price, state, day, created_at)
        SELECT {V7}, {ANYONE}, NULL, {V7}, 'pollinations', 0.01, 'settled', ({AGE})::date, {AGE}
        FROM generate_series(1, 500000, 25) AS i""",
    "VACUUM ANALYZE users, processing_jobs, generated_images, ledger",
)
NOW = datetime.now(UTC)
FULL = ("processing_jobs", "generated_images", "ledger", "users")

Ask = Callable[[Session], Awaitable[Any]]
STATEMENTS: dict[str, Ask] = {
    "queue": lambda session: queries.queue_facts(session, timedelta(minutes=10)),
    "waits": lambda session: queries.longest_waits(session, NOW - timedelta(days=1)),
    "present jobs": lambda session: queries.present_jobs(session, 100),
    "failed jobs": lambda session: queries.ended_jobs(session, JobState.FAILED, NOW - timedelta(days=7), None, 51),
    "count of done jobs": lambda session: queries.count_ended(session, JobState.DONE, NOW - timedelta(days=1)),
    "present backup": queries.present_backup,
    "readers": lambda session: queries.readers(session, "p2", 51),
    "drawn": lambda session: queries.drawn_since(session, NOW - timedelta(days=1)),
    "failures": lambda session: queries.failures_since(
        session, NOW - timedelta(days=1), ["pollinations", "midjourney"]
    ),
    "moderated": lambda session: queries.moderated(session, NOW - timedelta(days=30), None, 51),
    "count of moderated": lambda session: queries.count_moderated(session, NOW - timedelta(days=30)),
    "paid": lambda session: queries.paid_since(session, NOW - timedelta(days=1)),
    "spent": lambda session: queries.spent_since(session, (NOW - timedelta(days=30)).date()),
}


@pytest.fixture
async def crowd(database_url: str) -> AsyncIterator[None]:
    async with connect(database_url) as sql:
        user = await insert(sql, "users", email="ada@example.org")
        book = await insert(sql, "books", user_id=user, content_hash="a" * 64)
        chapter = await insert(sql, "chapters", book_id=book, chapter_number=1)
        description = await insert(sql, "descriptions", chapter_id=chapter)
        for statement in ROWS:
            await sql.execute(statement, *([description] if "$1" in statement else []))
        yield


async def test_every_statement_goes_through_an_index(database: Database, database_url: str, crowd: None) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine.sync_engine, "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)),
    )  # fmt: skip
    for name, ask in STATEMENTS.items():
        asked.clear()
        async with database.transaction() as session:
            await ask(session)
        async with connect(database_url) as sql:
            for statement, parameters in asked:
                plan = "\n".join(row[0] for row in await sql.fetch(f"EXPLAIN {statement}", *parameters))
                assert not [table for table in FULL if f"Seq Scan on {table}" in plan], f"{name}: {plan}"
