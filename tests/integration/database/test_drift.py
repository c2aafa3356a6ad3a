"""Drift is impossible to miss: models equal the database, and every mutation of it is seen, named and can be ended."""

import pytest
from sqlalchemy import text

from bookreader.database.catalogue import differences, read_catalogue
from bookreader.database.ddl import destroys, mend, risk
from bookreader.database.manifest import read_manifest
from bookreader.database.migrate import connection_to
from tests.integration.database.rows import HEAD, connect

MUTATIONS = {
    # The ten that `alembic check` misses
    "drop a view": "DROP MATERIALIZED VIEW user_reading_patterns",
    "drop a CHECK": "ALTER TABLE books DROP CONSTRAINT check_book_genre",
    "add a CHECK": "ALTER TABLE books ADD CONSTRAINT odd CHECK (file_size <> 13)",
    "add an extension": "CREATE EXTENSION btree_gin",
    "change a partial predicate": "DROP INDEX idx_books_user_unparsed;"
    " CREATE INDEX idx_books_user_unparsed ON books (user_id, is_parsed) WHERE is_parsed",
    "btree to hash": "DROP INDEX ix_books_author; CREATE INDEX ix_books_author ON books USING hash (author)",
    "add a function": "CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42'",
    "add an enum label": "ALTER TYPE descriptiontype ADD VALUE 'DREAM'",
    "a foreign key NOT VALID": "ALTER TABLE chapters DROP CONSTRAINT chapters_book_id_fkey; ALTER TABLE chapters ADD"
    " CONSTRAINT chapters_book_id_fkey FOREIGN KEY (book_id) REFERENCES books ON DELETE CASCADE NOT VALID",
    "drop a primary key": "ALTER TABLE annotations DROP CONSTRAINT annotations_pkey",
    # The six that it sees
    "a foreign key's action": "ALTER TABLE chapters DROP CONSTRAINT chapters_book_id_fkey; ALTER TABLE chapters ADD"
    " CONSTRAINT chapters_book_id_fkey FOREIGN KEY (book_id) REFERENCES books",
    "a varchar's length": "ALTER TABLE annotations ALTER COLUMN colour TYPE varchar(50)",
    "drop a default": "ALTER TABLE books ALTER COLUMN language DROP DEFAULT",
    "a stray table": "CREATE TABLE stray (id int)",
    "a new unique index": "CREATE UNIQUE INDEX stray ON books (file_path)",
    "a DESC index": "DROP INDEX idx_books_user_created; CREATE INDEX idx_books_user_created"
    " ON books (user_id, created_at DESC)",
    # And more
    "drop a column": "ALTER TABLE annotations DROP COLUMN colour",
    "NOT NULL gone": "ALTER TABLE annotations ALTER COLUMN chapter DROP NOT NULL",
    "a disabled trigger": "ALTER TABLE reading_sessions DISABLE TRIGGER mark_deleted_reading_days",
    "a changed function": "CREATE OR REPLACE FUNCTION mark_reading_days() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NULL; END $$",
    "drop a table": "DROP TABLE annotations",
    "a view's text": "DROP MATERIALIZED VIEW reading_sessions_daily_stats; CREATE MATERIALIZED VIEW"
    " reading_sessions_daily_stats AS SELECT now()::date AS date",
}  # fmt: skip
ONLY_BY_HAND = {"add an enum label"}


@pytest.mark.parametrize("name", MUTATIONS)
async def test_every_mutation_is_seen_and_its_statements_end_it(database_url: str, name: str) -> None:
    manifest = read_manifest()
    assert manifest is not None
    expected = manifest.catalogue(HEAD)
    async with connect(database_url) as connection:
        try:
            await connection.execute(MUTATIONS[name])
        except Exception as error:
            if "is not available" in str(error):
                pytest.skip("this server does not bring the extension along")
            raise
    async with connection_to(database_url) as opened:
        found = differences(expected, await read_catalogue(opened))
        assert found, "not seen"
        assert all(risk(each) and each.message for each in found)
        assert any(destroys(each) for each in found) == (name == "a stray table")
        if name in ONLY_BY_HAND:
            return
        for difference in found:
            for statement in mend(difference, expected):
                await opened.execute(text(statement.replace(":", "\\:")))
        assert [each.message for each in differences(expected, await read_catalogue(opened))] == []


async def test_what_migrations_keep_aside_is_no_drift(database_url: str) -> None:
    manifest = read_manifest()
    assert manifest is not None
    async with connect(database_url) as connection:
        await connection.execute("CREATE TABLE admin_settings_retired (id int PRIMARY KEY CHECK (id > 0))")
        await connection.execute("CREATE INDEX somewhere ON admin_settings_retired (id)")
    async with connection_to(database_url) as opened:
        assert differences(manifest.catalogue(HEAD), await read_catalogue(opened)) == []
