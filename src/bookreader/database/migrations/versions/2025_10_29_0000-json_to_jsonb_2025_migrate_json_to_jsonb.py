"""Migrate three JSON columns to JSONB, with GIN indexes.

JSON allows what JSONB does not: the escape of the character zero (taken out here), half of a surrogate pair (becomes
the replacement character), a key that an object names twice (the last one stays), and values beyond JSONB's limits
(become {"original": "the text"}). Whatever would change is kept, as it was, in the table json_to_jsonb_originals, which
is made only where it is needed. The downgrade puts the originals back where the value was not changed since.

Revision ID: json_to_jsonb_2025
Revises: a1b2c3d4e5f6
"""

from alembic import op

revision = "json_to_jsonb_2025"
down_revision = "a1b2c3d4e5f6"
branch_labels = None
depends_on = None

COLUMNS = (
    ("books", "book_metadata", "idx_books_metadata_gin"),
    ("generated_images", "generation_parameters", "idx_generated_images_params_gin"),
    ("generated_images", "moderation_result", "idx_generated_images_moderation_gin"),
)

# An escape counts only after an even number of backslashes.
EVEN = r"(?<!\\)((?:\\\\)*)"
ZERO = EVEN + r"\\u0000"
HIGH_ALONE = EVEN + r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
LOW_ALONE = r"(?<!\\u[dD][89abAB][0-9a-fA-F]{2})" + EVEN + r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"

TO_JSONB = f"""
    CREATE OR REPLACE FUNCTION pg_temp.to_jsonb_somehow(given json) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE cleaned text;
    BEGIN
        BEGIN
            RETURN given::jsonb;
        EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
            cleaned := regexp_replace(given::text, '{ZERO}', '\\1', 'g');
            cleaned := regexp_replace(cleaned, '{HIGH_ALONE}', '\\1\\\\ufffd', 'g');
            cleaned := regexp_replace(cleaned, '{LOW_ALONE}', '\\1\\\\ufffd', 'g');
        END;
        RETURN cleaned::jsonb;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        RETURN jsonb_build_object('original', given::text);
    END $$
"""

OBJECT = "CASE json_typeof(part) WHEN 'object' THEN part ELSE '{}'::json END"
ARRAY = "CASE json_typeof(part) WHEN 'array' THEN part ELSE '[]'::json END"

LOSES = f"""
    CREATE OR REPLACE FUNCTION pg_temp.loses_as_jsonb(given json) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM given::jsonb;
        RETURN EXISTS (
            WITH RECURSIVE walk (part) AS (
                SELECT given
                UNION ALL
                SELECT child FROM walk, LATERAL (
                    SELECT value AS child FROM json_each({OBJECT})
                    UNION ALL
                    SELECT value FROM json_array_elements({ARRAY})
                ) AS children
            )
            SELECT FROM walk, LATERAL (
                SELECT count(*) <> count(DISTINCT key) AS twice FROM json_object_keys({OBJECT}) AS key
            ) AS keys WHERE twice
        );
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        RETURN true;
    END $$
"""


def upgrade() -> None:
    op.execute(TO_JSONB)
    op.execute(LOSES)
    for table, column, index in COLUMNS:
        _keep_originals(table, column)
        # In place: on the tables of a home library this is a moment, and no column changes its position.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE jsonb USING pg_temp.to_jsonb_somehow({column})")
        op.execute(f"CREATE INDEX {index} ON {table} USING gin ({column})")
    _forget_functions()


def _keep_originals(table: str, column: str) -> None:
    op.execute(f"""
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT FROM {table} WHERE pg_temp.loses_as_jsonb({column})) THEN
                RETURN;
            END IF;
            CREATE TABLE IF NOT EXISTS json_to_jsonb_originals (
                table_name text NOT NULL, column_name text NOT NULL, row_id uuid NOT NULL, original json NOT NULL,
                PRIMARY KEY (table_name, column_name, row_id)
            );
            INSERT INTO json_to_jsonb_originals
            SELECT '{table}', '{column}', id, {column} FROM {table} WHERE pg_temp.loses_as_jsonb({column});
        END $$
    """)


def _forget_functions() -> None:
    op.execute("DROP FUNCTION pg_temp.to_jsonb_somehow(json)")
    op.execute("DROP FUNCTION IF EXISTS pg_temp.loses_as_jsonb(json)")


def downgrade() -> None:
    op.execute(TO_JSONB)
    for table, column, index in reversed(COLUMNS):
        op.execute(f"DROP INDEX {index}")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE json USING {column}::json")
        _restore_originals(table, column)
    op.execute("DROP TABLE IF EXISTS json_to_jsonb_originals")
    _forget_functions()


def _restore_originals(table: str, column: str) -> None:
    op.execute(f"""
        DO $$
        BEGIN
            IF to_regclass('json_to_jsonb_originals') IS NULL THEN
                RETURN;
            END IF;
            UPDATE {table} SET {column} = kept.original FROM json_to_jsonb_originals AS kept
            WHERE kept.table_name = '{table}' AND kept.column_name = '{column}' AND kept.row_id = {table}.id
              AND {table}.{column}::jsonb = pg_temp.to_jsonb_somehow(kept.original);
        END $$
    """)
