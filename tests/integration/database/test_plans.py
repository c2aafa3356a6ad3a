"""Every filter of a shelf goes through its index: metadata through JSONB containment, the search through trigrams."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from bookreader.database import Database
from bookreader.library import queries
from tests.integration.database.rows import connect, insert

BOOKS = 4000
METADATA, TITLE, AUTHOR = "idx_books_metadata_gin", "idx_books_title_trgm", "idx_books_author_trgm"

FILTERS = {
    "tag": ("tag 77", {METADATA}),
    "series": ("Series 77", {METADATA}),
    "publisher": ("Publisher 77", {METADATA}),
    "language": ("q77", {METADATA}),
    "identifier": ("978-77", {METADATA}),
    "author": ("Author 77", {METADATA}),
    "q": ("chronicle 77x", {TITLE, AUTHOR}),
}

SHELF = """
    INSERT INTO books (user_id, title, author, file_path, file_format, file_size, book_metadata, is_parsed, created_at)
    SELECT $1, 'The chronicle ' || i || 'x of the sea', 'Author ' || i || 'x', 'x', 'epub', 1, jsonb_build_object(
        'tags', jsonb_build_array('tag ' || n, 'novel'), 'series', jsonb_build_object('name', 'Series ' || n),
        'publisher', 'Publisher ' || n, 'language', 'q' || n, 'authors', jsonb_build_array('Author ' || n),
        'identifiers', jsonb_build_array(jsonb_build_object('scheme', 'isbn', 'value', '978-' || n))),
        true, now() - make_interval(mins => i)
    FROM generate_series(1, $2::int) AS i, LATERAL (SELECT i % 400 AS n) AS kinds
"""


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[UUID]:
    """Somebody with a few thousand books, as the planner must know."""
    async with connect(database_url) as connection:
        user = await insert(connection, "users")
        await connection.execute(SHELF, user, BOOKS)
        await connection.execute("VACUUM ANALYZE books")
        yield user


async def plan_of(database: Database, url: str, user: UUID, filters: dict[str, str]) -> tuple[str, int]:
    """The plan of the very statement that a shelf runs, and how many books it found."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.transaction() as session:
        found = await queries.shelf(session, user, filters=filters, sort="added", after=None, limit=50)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    ((statement, parameters),) = asked
    async with connect(url) as connection:
        rows = await connection.fetch(f"EXPLAIN {statement}", *parameters)
    return "\n".join(row[0] for row in rows), len(found)


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_goes_through_its_index(database: Database, database_url: str, reader: UUID, name: str) -> None:
    value, indexes = FILTERS[name]
    plan, found = await plan_of(database, database_url, reader, {name: value})
    assert found > 0
    assert all(index in plan for index in indexes), plan


async def test_there_is_a_plan_for_every_filter_that_the_api_offers() -> None:
    """genre and state are columns of a person's books, which the list's own index narrows down."""
    import inspect
    import re

    offered = set(re.findall(r'filters\.get\("(\w+)"\)', inspect.getsource(queries)))
    assert offered == set(FILTERS) | {"genre", "state"}


async def test_the_list_of_a_heavy_reader_needs_no_sort(database: Database, database_url: str, reader: UUID) -> None:
    plan, found = await plan_of(database, database_url, reader, {})
    assert found == 50
    assert "idx_books_user_created" in plan, plan
    assert "Seq Scan on books" not in plan
