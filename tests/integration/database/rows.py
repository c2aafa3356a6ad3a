"""Rows for any revision: every table that is there gets some, whatever columns it has by then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bookreader.database.chain import Revision, read_chain
from bookreader.database.migrate import VERSIONS

CHAIN = read_chain(VERSIONS).ordered()
IDS = [revision.id for revision in CHAIN]
HEAD = IDS[-1]

VALUES: dict[str, Any] = {
    "boolean": False,
    "integer": 1,
    "bigint": 1,
    "smallint": 1,
    "double precision": 0.5,
    "json": '{"tags": ["sea"]}',
    "jsonb": '{"tags": ["sea"]}',
    "timestamp with time zone": datetime(2026, 5, 1, tzinfo=UTC),
    "date": date(2026, 5, 1),
}
BY_NAME: dict[str, Any] = {
    "genre": "fantasy",
    "language": "en",
    "file_format": "epub",
    "service_used": "pollinations",
    "status": "pending",
    "plan": "FREE",
    "type": "LOCATION",
    "kind": "bookmark",
}


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Any]:
    connection: Any = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


def before(revision_id: str) -> Revision | None:
    position = IDS.index(revision_id)
    return CHAIN[position - 1] if position else None


async def insert(connection: Any, table: str, **given: Any) -> UUID:
    """One row; columns that need a value and were given none get one that suits their type."""
    columns = await connection.fetch(
        """
        SELECT attname, format_type(atttypid, NULL) AS type, attnotnull AND NOT atthasdef AS needed
        FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
        """,
        table,
    )
    row: dict[str, Any] = {"id": uuid4()} if any(column["attname"] == "id" for column in columns) else {}
    for column in columns:
        name = column["attname"]
        if name in given:
            row[name] = given[name]
        elif column["needed"] and name not in row:
            row[name] = _value(name, column["type"])
    names, places = ", ".join(row), ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())
    identity: UUID = row.get("id", uuid4())
    return identity


def _value(name: str, kind: str) -> Any:
    if name in BY_NAME:
        return BY_NAME[name]
    if kind in ("uuid", "bytea"):
        return uuid4() if kind == "uuid" else uuid4().bytes
    return VALUES.get(kind, f"{name}-{uuid4().hex[:8]}")


async def fill(connection: Any) -> None:
    """A person with a book and everything that belongs to one, in all tables that there are."""
    there = {row["name"] for row in await connection.fetch(TABLES)}
    user = await insert(connection, "users", email=f"{uuid4().hex}@example.org")
    book = await insert(connection, "books", user_id=user)
    chapter = await insert(connection, "chapters", book_id=book, chapter_number=1)
    description = await insert(connection, "descriptions", chapter_id=chapter)
    await insert(connection, "generated_images", description_id=description, user_id=user)
    await insert(connection, "subscriptions", user_id=user, status="ACTIVE")
    await insert(connection, "reading_progress", user_id=user, book_id=book)
    for table in ("reading_sessions", "places", "annotations", "sign_ins", "access_tokens", "processing_jobs"):
        if table in there:
            await insert(connection, table, user_id=user, book_id=book)
    if "resources" in there:
        await insert(connection, "resources", book_id=book, content_hash="0" * 64)


TABLES = """
    SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'jobs') AND c.relkind = 'r' AND c.relname <> 'alembic_version'
"""


async def counts(connection: Any) -> dict[str, int]:
    """Rows by table; the record of revisions is none of anyone's."""
    tables = [row["name"] for row in await connection.fetch(TABLES) if row["name"] != "schema_revisions"]
    return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
