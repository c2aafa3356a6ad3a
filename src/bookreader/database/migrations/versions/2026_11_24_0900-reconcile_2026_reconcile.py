"""Reconcile: cascades, uniqueness, ranges, server defaults and views in UTC, whatever made the database.

Every step asks what is there first, so that a database made by the earlier implementation and one of ours end alike, and
so that a run that was interrupted is simply run again.

Rows that a new rule would refuse stop the upgrade, before anything is changed, with the list of them and the command
that repairs them. A repair moves what is in the way, whole, into the table reconcile_set_aside; nothing is deleted
unasked. The repairs to do are named in the setting bookreader.repair (`bookreader db upgrade --repair=...`, or with psql
`SET bookreader.repair = '...'`).

After the check, constraints are added NOT VALID and validated in transactions of their own, and indexes are built
CONCURRENTLY, so that readers and writers are never locked out for longer than a moment.

Revision ID: reconcile_2026
Revises: enum_checks_2025
"""

from alembic import op

revision = "reconcile_2026"
down_revision = "enum_checks_2025"
branch_labels = None
depends_on = None

FOREIGN_KEYS = (
    ("books", "user_id", "users"),
    ("subscriptions", "user_id", "users"),
    ("chapters", "book_id", "books"),
    ("reading_progress", "user_id", "users"),
    ("reading_progress", "book_id", "books"),
    ("descriptions", "chapter_id", "chapters"),
    ("generated_images", "description_id", "descriptions"),
    ("generated_images", "user_id", "users"),
    ("reading_sessions", "user_id", "users"),
    ("reading_sessions", "book_id", "books"),
)
BEFORE_CASCADE = FOREIGN_KEYS[:8]

# Table, constraint, condition, and how a repair makes a row obey it.
CHECKS = (
    ("books", "check_book_parsing_progress", "parsing_progress BETWEEN 0 AND 100",
     "parsing_progress = least(greatest(parsing_progress, 0), 100)"),
    ("chapters", "check_chapter_parsing_progress", "parsing_progress BETWEEN 0 AND 100",
     "parsing_progress = least(greatest(parsing_progress, 0), 100)"),
    ("reading_progress", "check_progress_position", "current_position BETWEEN 0 AND 100",
     "current_position = least(greatest(current_position, 0), 100)"),
    ("reading_progress", "check_progress_scroll", "scroll_offset_percent BETWEEN 0 AND 100",
     "scroll_offset_percent = least(greatest(scroll_offset_percent, 0), 100)"),
    ("reading_progress", "check_progress_time", "reading_time_minutes >= 0 AND reading_speed_wpm >= 0",
     "reading_time_minutes = greatest(reading_time_minutes, 0), reading_speed_wpm = greatest(reading_speed_wpm, 0)"),
    ("reading_sessions", "check_session_amounts", "duration_minutes >= 0 AND pages_read >= 0",
     "duration_minutes = greatest(duration_minutes, 0), pages_read = greatest(pages_read, 0)"),
    # Written as PostgreSQL prints it: two BETWEENs come back from a dump with other parentheses.
    ("reading_sessions", "check_session_range",
     "start_position >= 0 AND start_position <= 100 AND end_position >= 0 AND end_position <= 100",
     "start_position = least(greatest(start_position, 0), 100), end_position = least(greatest(end_position, 0), 100)"),
    ("reading_sessions", "check_session_order", "ended_at >= started_at", "ended_at = started_at"),
)  # fmt: skip
# Repair, table, columns, rows concerned, and which of the duplicates stays: the first in this order.
DUPLICATES = (
    ("progress", "reading_progress", "user_id, book_id", "true", "last_read_at DESC, updated_at DESC, id"),
    ("chapters", "chapters", "book_id, chapter_number", "true",
     "(SELECT count(*) FROM descriptions WHERE chapter_id = chapters.id) DESC, word_count DESC, created_at, id"),
    ("subscriptions", "subscriptions", "user_id", "status = 'ACTIVE'", "start_date DESC, id"),
    ("emails", "users", "lower(email)", "true", "last_login DESC NULLS LAST, created_at, id"),
)  # fmt: skip
UNIQUE_INDEXES = (
    ("idx_reading_progress_user_book", "reading_progress (user_id, book_id)"),
    ("idx_chapters_book_number", "chapters (book_id, chapter_number)"),
    ("uq_users_lower_email", "users (lower(email))"),
    ("uq_subscriptions_one_active", "subscriptions (user_id) WHERE status = 'ACTIVE'"),
)
# The first two were there before, without being unique.
PLAIN_INDEXES = UNIQUE_INDEXES[:2]
IN_LIST = {
    "check_book_genre": ("books", "genre"),
    "check_book_format": ("books", "file_format"),
    "check_image_service": ("generated_images", "service_used"),
    "check_image_status": ("generated_images", "status"),
}
VALUES = {
    "check_book_genre": "fantasy,detective,science_fiction,historical,romance,thriller,horror,classic,other",
    "check_book_format": "epub,fb2",
    "check_image_service": "pollinations,openai_dalle,midjourney,stable_diffusion",
    "check_image_status": "pending,generating,completed,failed,moderated",
}

DEFAULTS = {
    "users": {"is_active": "true", "is_verified": "false", "is_admin": "false"},
    "subscriptions": {
        "plan": "'FREE'", "status": "'ACTIVE'", "auto_renewal": "false", "books_uploaded": "0",
        "images_generated_month": "0",
    },
    "books": {
        "genre": "'other'", "language": "'ru'", "total_pages": "0", "estimated_reading_time": "0", "is_parsed": "false",
        "parsing_progress": "0",
    },
    "chapters": {
        "word_count": "0", "estimated_reading_time": "0", "is_description_parsed": "false", "descriptions_found": "0",
        "parsing_progress": "0",
    },
    "descriptions": {
        "confidence_score": "0", "word_count": "0", "is_suitable_for_generation": "true", "priority_score": "0",
        "image_generated": "false", "generation_requested": "false",
    },
    "generated_images": {
        "status": "'pending'", "is_moderated": "false", "view_count": "0", "download_count": "0", "retry_count": "0",
    },
    "reading_progress": {
        "current_chapter": "1", "current_page": "1", "current_position": "0", "reading_time_minutes": "0",
        "reading_speed_wpm": "0",
    },
    "reading_sessions": {
        "duration_minutes": "0", "start_position": "0", "end_position": "0", "pages_read": "0", "is_active": "true",
    },
}  # fmt: skip


def _daily(day: str, today: str) -> str:
    return f"""
        CREATE MATERIALIZED VIEW reading_sessions_daily_stats AS
        SELECT {day} AS date,
            count(*) AS total_sessions,
            count(DISTINCT user_id) AS active_users,
            avg(duration_minutes) AS avg_duration_minutes,
            sum(duration_minutes) AS total_reading_minutes,
            avg(end_position - start_position) AS avg_progress_percent,
            count(*) FILTER (WHERE duration_minutes >= 10) AS sessions_over_10min,
            count(*) FILTER (WHERE is_active = false) AS completed_sessions
        FROM reading_sessions
        WHERE started_at >= {today} - interval '90 days'
        GROUP BY {day}
        ORDER BY {day} DESC
    """


def _patterns(hour: str, today: str) -> str:
    return f"""
        CREATE MATERIALIZED VIEW user_reading_patterns AS
        SELECT user_id,
            count(*) AS total_sessions,
            avg(duration_minutes) AS avg_session_duration,
            sum(duration_minutes) AS total_reading_time,
            avg(end_position - start_position) AS avg_progress_per_session,
            {hour}::integer AS preferred_reading_hour,
            count(*) AS sessions_at_hour
        FROM reading_sessions
        WHERE is_active = false AND started_at >= {today} - interval '30 days'
        GROUP BY user_id, {hour}
        ORDER BY user_id, count(*) DESC
    """


UTC_DAY = "date(started_at AT TIME ZONE 'UTC')"
UTC_HOUR = "extract(hour FROM started_at AT TIME ZONE 'UTC')"
UTC_TODAY = "(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"


def _views(day: str, hour: str, today: str) -> None:
    for view in ("user_reading_patterns", "reading_sessions_daily_stats"):
        # squawk fears for clients that read a view while it is away; this is one transaction.
        op.execute(f"-- squawk-ignore ban-drop-view\nDROP MATERIALIZED VIEW IF EXISTS {view}")
    op.execute(_daily(day, today))
    op.execute(_patterns(hour, today))
    for index in VIEW_INDEXES:
        op.execute(f"-- squawk-ignore require-concurrent-index-creation\nCREATE {index}")


VIEW_INDEXES = (
    "UNIQUE INDEX idx_reading_sessions_daily_stats_date ON reading_sessions_daily_stats (date)",
    "INDEX idx_user_reading_patterns_user ON user_reading_patterns (user_id)",
    "UNIQUE INDEX uq_user_reading_patterns_user_hour ON user_reading_patterns (user_id, preferred_reading_hour)",
)


ASIDE = """
    CREATE TABLE IF NOT EXISTS reconcile_set_aside (
        repair text NOT NULL, table_name text NOT NULL, row_id uuid NOT NULL, original jsonb NOT NULL,
        set_aside_at timestamptz NOT NULL DEFAULT now()
    )
"""


def upgrade() -> None:
    op.execute("CREATE TEMP TABLE IF NOT EXISTS reconcile_offenders (repair text, offence text)")
    for repair, table, columns, where, order in DUPLICATES:
        _find_or_move_duplicates(repair, table, columns, where, order)
    for table, _, condition, correction in CHECKS:
        _find_or_correct(table, condition, correction)
    _refuse_offenders()
    _extensions()
    with op.get_context().autocommit_block():
        for name, definition in UNIQUE_INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {definition}")
        for table, column, parent in FOREIGN_KEYS:
            _foreign_key(table, column, parent, "ON DELETE CASCADE")
        for name, (table, column) in IN_LIST.items():
            listed = ", ".join(f"'{value}'" for value in VALUES[name].split(","))
            _check(table, name, f"{column}::text = ANY (ARRAY[{listed}]::text[])")
        for table, name, condition, _ in CHECKS:
            _check(table, name, condition)
        for table, defaults in DEFAULTS.items():
            changes = {"id": "gen_random_uuid()"} | defaults
            parts = ", ".join(f"ALTER COLUMN {column} SET DEFAULT {value}" for column, value in changes.items())
            op.execute(f"ALTER TABLE {table} {parts}")
    _views(UTC_DAY, UTC_HOUR, UTC_TODAY)


def _find_or_move_duplicates(repair: str, table: str, columns: str, where: str, order: str) -> None:
    ranked = f"""
        SELECT id, first_value(id) OVER same AS kept, row_number() OVER same AS place
        FROM {table} WHERE {where} WINDOW same AS (PARTITION BY {columns} ORDER BY {order})
    """
    move = {"chapters": MOVE_CHAPTERS, "emails": MOVE_EMAILS}.get(repair, "DELETE FROM {table} WHERE id = spare.id;")
    op.execute(f"""
        DO $$
        DECLARE spare record;
        BEGIN
            IF '{repair}' = ANY (string_to_array(current_setting('bookreader.repair', true), ',')) THEN
                {ASIDE};
                FOR spare IN SELECT * FROM ({ranked}) AS ranked WHERE place > 1 LOOP
                    INSERT INTO reconcile_set_aside (repair, table_name, row_id, original)
                    SELECT '{repair}', '{table}', id, to_jsonb(moved) FROM {table} AS moved WHERE id = spare.id;
                    {move.format(table=table)}
                END LOOP;
            END IF;
            INSERT INTO reconcile_offenders
            SELECT '{repair}', format('%s %s is a duplicate of %s in ({columns})', '{table}', id, kept)
            FROM ({ranked}) AS ranked WHERE place > 1;
        END $$
    """)


MOVE_CHAPTERS = """
    UPDATE descriptions SET chapter_id = spare.kept WHERE chapter_id = spare.id;
    DELETE FROM chapters WHERE id = spare.id;
"""
# An account cannot be set aside with all its books: it keeps everything, and gets an address that nobody else has.
MOVE_EMAILS = "UPDATE users SET email = left('duplicate-' || id || '-' || email, 255) WHERE id = spare.id;"


def _find_or_correct(table: str, condition: str, correction: str) -> None:
    op.execute(f"""
        DO $$
        BEGIN
            IF 'ranges' = ANY (string_to_array(current_setting('bookreader.repair', true), ','))
                AND EXISTS (SELECT FROM {table} WHERE NOT ({condition})) THEN
                {ASIDE};
                INSERT INTO reconcile_set_aside (repair, table_name, row_id, original)
                SELECT 'ranges', '{table}', id, to_jsonb(moved) FROM {table} AS moved WHERE NOT ({condition});
                UPDATE {table} SET {correction} WHERE NOT ({condition});
            END IF;
            INSERT INTO reconcile_offenders
            SELECT 'ranges', format('%s %s breaks "{condition}"', '{table}', id) FROM {table} WHERE NOT ({condition});
        END $$
    """)


def _refuse_offenders() -> None:
    """All at once, the first hundred by name."""
    op.execute("""
        DO $$
        DECLARE listed text; total bigint; repairs text;
        BEGIN
            SELECT count(*), string_agg(DISTINCT repair, ',') INTO total, repairs FROM reconcile_offenders;
            SELECT string_agg(offence, E'\n') INTO listed
            FROM (SELECT offence FROM reconcile_offenders ORDER BY repair, offence LIMIT 100) AS first;
            DROP TABLE reconcile_offenders;
            IF total > 0 THEN
                RAISE EXCEPTION E'% rows break the rules that this revision adds:\n%', total, listed
                    USING HINT = 'bookreader db upgrade --repair=' || repairs
                        || ' moves what is in the way into the table reconcile_set_aside.';
            END IF;
        END $$
    """)


def _extensions() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp') THEN
                CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
            END IF;
        END $$
    """)


def _check(table: str, name: str, condition: str) -> None:
    _replace(table, name, f"CHECK ({condition})")


def _foreign_key(table: str, column: str, parent: str, action: str) -> None:
    _replace(table, f"{table}_{column}_fkey", f"FOREIGN KEY ({column}) REFERENCES {parent} (id) {action}")


def _replace(table: str, name: str, rule: str) -> None:
    """In one statement, so that there is no moment without the rule."""
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} {rule} NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """Back to the end state of revision 9. Extensions stay: other programs may use them by now."""
    _views("date(started_at)", "extract(hour FROM started_at)", "current_date")
    for table, defaults in reversed(DEFAULTS.items()):
        parts = ", ".join(f"ALTER COLUMN {column} DROP DEFAULT" for column in ("id", *defaults))
        op.execute(f"ALTER TABLE {table} {parts}")
    for table, name, _, _ in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
    with op.get_context().autocommit_block():
        for name, _ in UNIQUE_INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        for name, definition in PLAIN_INDEXES:
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")
        for table, column, parent in BEFORE_CASCADE:
            _foreign_key(table, column, parent, "")
