"""A database as the earlier implementation of the first nine revisions left it, by what the reference says of it.

It differs from ours at the same revision: no unique index on user_reading_patterns, CHECKs written as IN lists on
varchar, JSONB columns at the end of their tables, other text in the views, and no extension.
"""

from typing import Any

from bookreader.database.migrate import upgrade
from tests.integration.database.rows import connect

LAST = "enum_checks_2025"

STATEMENTS = """
    DROP INDEX uq_user_reading_patterns_user_hour;

    ALTER TABLE books DROP CONSTRAINT check_book_genre, DROP CONSTRAINT check_book_format;
    ALTER TABLE books ADD CONSTRAINT check_book_genre CHECK (genre IN (
        'fantasy', 'detective', 'science_fiction', 'historical', 'romance', 'thriller', 'horror', 'classic', 'other'));
    ALTER TABLE books ADD CONSTRAINT check_book_format CHECK (file_format IN ('epub', 'fb2'));
    ALTER TABLE generated_images DROP CONSTRAINT check_image_service, DROP CONSTRAINT check_image_status;
    ALTER TABLE generated_images ADD CONSTRAINT check_image_service CHECK (service_used IN (
        'pollinations', 'openai_dalle', 'midjourney', 'stable_diffusion'));
    ALTER TABLE generated_images ADD CONSTRAINT check_image_status CHECK (status IN (
        'pending', 'generating', 'completed', 'failed', 'moderated'));

    ALTER TABLE books ADD COLUMN book_metadata_new jsonb;
    UPDATE books SET book_metadata_new = book_metadata;
    ALTER TABLE books DROP COLUMN book_metadata;
    ALTER TABLE books RENAME COLUMN book_metadata_new TO book_metadata;
    CREATE INDEX idx_books_metadata_gin ON books USING gin (book_metadata);

    DROP MATERIALIZED VIEW user_reading_patterns;
    CREATE MATERIALIZED VIEW user_reading_patterns AS
    SELECT user_id, COUNT(*) AS total_sessions, AVG(duration_minutes) AS avg_session_duration,
        SUM(duration_minutes) AS total_reading_time, AVG(end_position - start_position) AS avg_progress_per_session,
        EXTRACT(HOUR FROM started_at)::int AS preferred_reading_hour, COUNT(*) AS sessions_at_hour
    FROM reading_sessions WHERE is_active = false AND started_at >= CURRENT_DATE - INTERVAL '30 days'
    GROUP BY user_id, EXTRACT(HOUR FROM started_at)::int ORDER BY user_id, sessions_at_hour DESC;
    CREATE INDEX idx_user_reading_patterns_user ON user_reading_patterns (user_id);
"""


async def make_earlier(url: str) -> None:
    await upgrade(url, LAST)
    async with connect(url) as connection:
        await _run(connection)


async def _run(connection: Any) -> None:
    await connection.execute(STATEMENTS)
