"""Revision 10: both histories end in one fingerprint; rows that break a new rule are named, and moved on request."""

import json
from typing import Any
from uuid import UUID

import pytest

from bookreader.database.catalogue import differences, fingerprint, read_catalogue
from bookreader.database.failures import MigrationFailed
from bookreader.database.manifest import read_manifest
from bookreader.database.migrate import REPAIRS, connection_to, downgrade, upgrade
from tests.integration.database.earlier import LAST, make_earlier
from tests.integration.database.rows import HEAD, connect, counts, fill, insert


@pytest.mark.parametrize("revision", ["reconcile_2026", HEAD])
@pytest.mark.parametrize("extensions", [True, False], ids=["extensions there", "no extensions"])
async def test_both_histories_end_in_one_fingerprint(
    empty_database_url: str, revision: str, *, extensions: bool
) -> None:
    """The manifest was made from our own chain, on whichever server; the tests run on PostgreSQL 15 and 18."""
    await make_earlier(empty_database_url)
    async with connect(empty_database_url) as connection:
        await fill(connection)
        rows = await counts(connection)
        if extensions:
            await connection.execute('CREATE EXTENSION pg_trgm; CREATE EXTENSION IF NOT EXISTS "uuid-ossp"')
    await upgrade(empty_database_url, revision)
    manifest = read_manifest()
    assert manifest is not None
    async with connection_to(empty_database_url) as opened:
        found = await read_catalogue(opened)
    assert [each.message for each in differences(manifest.catalogue(revision), found)] == []
    assert fingerprint(found) == manifest.by_id[revision].fingerprint
    async with connect(empty_database_url) as connection:
        assert rows.items() <= (await counts(connection)).items()


async def test_running_it_again_changes_nothing(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "reconcile_2026")
    async with connect(empty_database_url) as connection:
        await connection.execute(f"UPDATE alembic_version SET version_num = '{LAST}'")
    await upgrade(empty_database_url, "reconcile_2026")
    async with connection_to(empty_database_url) as opened:
        found = fingerprint(await read_catalogue(opened))
    manifest = read_manifest()
    assert manifest is not None
    assert found == manifest.by_id["reconcile_2026"].fingerprint


async def test_what_a_person_owns_goes_with_the_person(empty_database_url: str) -> None:
    await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        await fill(connection)
        await connection.execute("DELETE FROM users")
        left = {table: rows for table, rows in (await counts(connection)).items() if rows}
    assert set(left) <= {"reading_dirty_user_days", "schema_revisions"}


# Rows that break a new rule


class Offenders:
    """One row or more for every rule, in a database at revision 9."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.user = self.book = UUID(int=0)

    async def begin(self) -> None:
        self.user = await insert(self.connection, "users", email="reader@example.org")
        self.book = await insert(self.connection, "books", user_id=self.user)

    async def chapters(self) -> None:
        kept = await insert(self.connection, "chapters", book_id=self.book, chapter_number=1, title="kept")
        spare = await insert(self.connection, "chapters", book_id=self.book, chapter_number=1, title="spare")
        for chapter in (kept, kept, spare):
            await insert(self.connection, "descriptions", chapter_id=chapter)

    async def emails(self) -> None:
        other = await insert(self.connection, "users", email="Reader@Example.org")
        await insert(self.connection, "books", user_id=other)

    async def progress(self) -> None:
        for page in (3, 7):
            await insert(self.connection, "reading_progress", user_id=self.user, book_id=self.book, current_page=page)
        await self.connection.execute("UPDATE reading_progress SET last_read_at = now() WHERE current_page = 7")
        await self.connection.execute("UPDATE reading_progress SET last_read_at = '2025-01-01' WHERE current_page = 3")

    async def ranges(self) -> None:
        book = await insert(self.connection, "books", user_id=self.user, parsing_progress=900)
        owned = {"user_id": self.user, "book_id": book}
        await insert(self.connection, "reading_progress", **owned, current_position=500, reading_time_minutes=-4)
        await insert(self.connection, "reading_sessions", **owned, start_position=-1, end_position=9999)
        session = await insert(self.connection, "reading_sessions", **owned, duration_minutes=-5)
        await self.connection.execute("UPDATE reading_sessions SET ended_at = '2001-01-01' WHERE id = $1", session)

    async def subscriptions(self) -> None:
        for plan in ("FREE", "PREMIUM"):
            await insert(self.connection, "subscriptions", user_id=self.user, status="ACTIVE", plan=plan)
        await self.connection.execute("UPDATE subscriptions SET start_date = '2025-01-01' WHERE plan = 'FREE'")


@pytest.mark.parametrize("kind", REPAIRS)
async def test_rows_that_break_a_rule_are_named_and_moved_on_request(empty_database_url: str, kind: str) -> None:
    await make_earlier(empty_database_url)
    async with connect(empty_database_url) as connection:
        offenders = Offenders(connection)
        await offenders.begin()
        await getattr(offenders, kind)()
        rows = await counts(connection)
    with pytest.raises(MigrationFailed, match=f"bookreader db upgrade --repair={kind} ") as caught:
        await upgrade(empty_database_url)
    async with connect(empty_database_url) as connection:
        assert await counts(connection) == rows
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == LAST
        assert await connection.fetchval("SELECT to_regclass('reconcile_set_aside')") is None
    await upgrade(empty_database_url, repair=[kind])
    async with connect(empty_database_url) as connection:
        aside = await connection.fetch("SELECT repair, table_name, row_id, original FROM reconcile_set_aside")
        assert {row["repair"] for row in aside} == {kind}
        for row in aside:
            assert str(row["row_id"]) in caught.value.message
            assert json.loads(row["original"])["id"] == str(row["row_id"])
        await getattr(Repaired, kind)(connection, len(aside))


class Repaired:
    """What must be true afterwards."""

    @staticmethod
    async def chapters(connection: Any, moved: int) -> None:
        assert moved == 1
        assert await connection.fetchval("SELECT string_agg(title, ',') FROM chapters") == "kept"
        assert await connection.fetchval("SELECT count(*) FROM descriptions JOIN chapters c ON c.id = chapter_id") == 3

    @staticmethod
    async def emails(connection: Any, moved: int) -> None:
        assert moved == 1
        assert await connection.fetchval("SELECT count(*) FROM users JOIN books ON user_id = users.id") == 2
        assert await connection.fetchval("SELECT count(DISTINCT lower(email)) FROM users") == 2

    @staticmethod
    async def progress(connection: Any, moved: int) -> None:
        assert moved == 1
        assert await connection.fetchval("SELECT current_page FROM reading_progress") == 7

    @staticmethod
    async def ranges(connection: Any, moved: int) -> None:
        assert moved == 6  # a row that breaks two rules is moved twice, each time as it was
        assert await connection.fetchval("SELECT max(parsing_progress) FROM books") == 100
        assert await connection.fetchval("SELECT current_position FROM reading_progress") == 100
        assert await connection.fetchval("SELECT max(end_position) FROM reading_sessions") == 100
        assert await connection.fetchval("SELECT bool_and(ended_at = started_at) FROM reading_sessions")

    @staticmethod
    async def subscriptions(connection: Any, moved: int) -> None:
        assert moved == 1
        assert await connection.fetchval("SELECT plan FROM subscriptions") == "PREMIUM"


async def test_all_that_is_in_the_way_is_named_at_once(empty_database_url: str) -> None:
    await make_earlier(empty_database_url)
    async with connect(empty_database_url) as connection:
        offenders = Offenders(connection)
        await offenders.begin()
        for kind in REPAIRS:
            await getattr(offenders, kind)()
    with pytest.raises(MigrationFailed, match="--repair=chapters,emails,progress,ranges,subscriptions "):
        await upgrade(empty_database_url)
    with pytest.raises(MigrationFailed, match="--repair=emails,ranges "):
        await upgrade(empty_database_url, repair=["chapters", "progress", "subscriptions"])
    await upgrade(empty_database_url, repair=REPAIRS)
    await downgrade(empty_database_url, LAST)


async def test_the_rules_hold_afterwards(database_url: str) -> None:
    async with connect(database_url) as connection:
        offenders = Offenders(connection)
        await offenders.begin()
        for kind in REPAIRS:
            transaction = connection.transaction()
            await transaction.start()
            with pytest.raises(Exception, match="violates"):
                await getattr(offenders, kind)()
            await transaction.rollback()
