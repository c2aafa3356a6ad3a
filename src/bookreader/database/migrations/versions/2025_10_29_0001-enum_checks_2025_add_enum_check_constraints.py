"""Add CHECKs for genre, format, image service and image status.

An unknown genre becomes 'other', and is kept in the table enum_checks_originals, which is made only where it is needed;
the downgrade puts it back where the genre is still 'other'. Any other unknown value stops the upgrade with the values and
how many rows have them.

Revision ID: enum_checks_2025
Revises: json_to_jsonb_2025
"""

from alembic import op

revision = "enum_checks_2025"
down_revision = "json_to_jsonb_2025"
branch_labels = None
depends_on = None

GENRES = "fantasy,detective,science_fiction,historical,romance,thriller,horror,classic,other"
CHECKS = (
    ("check_book_genre", "books", "genre", GENRES),
    ("check_book_format", "books", "file_format", "epub,fb2"),
    (
        "check_image_service",
        "generated_images",
        "service_used",
        "pollinations,openai_dalle,midjourney,stable_diffusion",
    ),
    ("check_image_status", "generated_images", "status", "pending,generating,completed,failed,moderated"),
)


def upgrade() -> None:
    _map_unknown_genres()
    for name, table, column, values in CHECKS:
        listed = ", ".join(f"'{value}'" for value in values.split(","))
        allowed = f"{column}::text = ANY (ARRAY[{listed}]::text[])"
        _refuse_others(table, column, allowed)
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({allowed}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def _map_unknown_genres() -> None:
    unknown = f"genre <> ALL (string_to_array('{GENRES}', ','))"
    op.execute(f"""
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT FROM books WHERE {unknown}) THEN
                RETURN;
            END IF;
            CREATE TABLE IF NOT EXISTS enum_checks_originals (book_id uuid NOT NULL PRIMARY KEY, genre text NOT NULL);
            INSERT INTO enum_checks_originals SELECT id, genre FROM books WHERE {unknown};
            UPDATE books SET genre = 'other' WHERE {unknown};
        END $$
    """)


def _refuse_others(table: str, column: str, allowed: str) -> None:
    op.execute(f"""
        DO $$
        DECLARE offenders text;
        BEGIN
            SELECT string_agg(format('%L in %s rows', value, rows), ', ') INTO offenders
            FROM (SELECT {column} AS value, count(*) AS rows FROM {table} WHERE NOT ({allowed}) GROUP BY 1) AS offender;
            IF offenders IS NOT NULL THEN
                RAISE EXCEPTION '{table}.{column} has values that are not allowed: %', offenders;
            END IF;
        END $$
    """)


def downgrade() -> None:
    for name, table, _, _ in reversed(CHECKS):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute("""
        DO $$
        BEGIN
            IF to_regclass('enum_checks_originals') IS NOT NULL THEN
                UPDATE books SET genre = kept.genre FROM enum_checks_originals AS kept
                WHERE kept.book_id = books.id AND books.genre = 'other';
                DROP TABLE enum_checks_originals;
            END IF;
        END $$
    """)
