"""Roll reading up by hour and day, feed both views from it, and remember what upkeep did and which revisions ran.

A change of reading_sessions marks (person, UTC day) as dirty, by trigger, so that cascades and plain SQL count too; who
recomputes a marked day writes its hours anew from the sessions. Days of everyone together are recomputed from the hours.

The views mean from here on what their columns say: averages leave running sessions out, the 90 and 30 days are exactly
that many, and total_sessions of user_reading_patterns counts all hours of the person while sessions_at_hour counts one.

Data loss: the downgrade drops what upkeep did; everything else is recomputed by the next upgrade.

Revision ID: rollups_2026
Revises: slim_2026
"""

from alembic import op

revision = "rollups_2026"
down_revision = "slim_2026"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS reading_dirty_user_days (
        user_id uuid NOT NULL,
        day date NOT NULL,
        CONSTRAINT reading_dirty_user_days_pkey PRIMARY KEY (user_id, day)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS reading_dirty_days (
        day date NOT NULL CONSTRAINT reading_dirty_days_pkey PRIMARY KEY
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS reading_hours (
        user_id uuid NOT NULL CONSTRAINT reading_hours_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        day date NOT NULL,
        hour smallint NOT NULL,
        local_date date NOT NULL,
        local_hour smallint NOT NULL,
        sessions integer NOT NULL,
        minutes integer NOT NULL,
        pages integer NOT NULL,
        words integer NOT NULL,
        over_10min integer NOT NULL,
        completed integer NOT NULL,
        completed_minutes integer NOT NULL,
        completed_progress integer NOT NULL,
        CONSTRAINT reading_hours_pkey PRIMARY KEY (user_id, day, hour, local_date, local_hour)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS reading_days (
        day date NOT NULL CONSTRAINT reading_days_pkey PRIMARY KEY,
        sessions bigint NOT NULL,
        active_users bigint NOT NULL,
        minutes bigint NOT NULL,
        over_10min bigint NOT NULL,
        completed bigint NOT NULL,
        completed_minutes bigint NOT NULL,
        completed_progress bigint NOT NULL,
        rolled_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS reading_totals (
        user_id uuid NOT NULL CONSTRAINT reading_totals_pkey PRIMARY KEY
            CONSTRAINT reading_totals_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        sessions bigint NOT NULL,
        minutes bigint NOT NULL,
        pages bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS upkeep_runs (
        task varchar(50) NOT NULL CONSTRAINT upkeep_runs_pkey PRIMARY KEY,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        succeeded boolean,
        outcome jsonb
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS schema_revisions (
        revision varchar(32) NOT NULL CONSTRAINT schema_revisions_pkey PRIMARY KEY,
        parent varchar(32),
        file_name varchar(255) NOT NULL,
        source text NOT NULL,
        sha256 char(64) NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)
INDEXES = (
    "DROP INDEX CONCURRENTLY IF EXISTS idx_reading_hours_day",
    "CREATE INDEX CONCURRENTLY idx_reading_hours_day ON reading_hours (day)",
    "DROP INDEX CONCURRENTLY IF EXISTS idx_reading_hours_user_local",
    "CREATE INDEX CONCURRENTLY idx_reading_hours_user_local ON reading_hours (user_id, local_date)",
)

# What matters to the roll-ups; a sign of life does not.
MEASURED = "user_id, started_at, duration_minutes, start_position, end_position, pages_read, words_read, is_active"
# A mark that is there already is written again, which locks it: whoever takes it away waits for us, or leaves it.
MARK = "ON CONFLICT (user_id, day) DO UPDATE SET day = excluded.day"
FUNCTIONS = (
    f"""
    CREATE OR REPLACE FUNCTION mark_reading_days() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO reading_dirty_user_days
            SELECT DISTINCT user_id, (started_at AT TIME ZONE 'UTC')::date FROM new_rows ORDER BY 1, 2 {MARK};
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO reading_dirty_user_days
            SELECT DISTINCT user_id, (started_at AT TIME ZONE 'UTC')::date FROM old_rows ORDER BY 1, 2 {MARK};
        ELSE
            INSERT INTO reading_dirty_user_days
            SELECT DISTINCT user_id, (started_at AT TIME ZONE 'UTC')::date FROM (
                (SELECT id, {MEASURED} FROM new_rows EXCEPT SELECT id, {MEASURED} FROM old_rows)
                UNION ALL
                (SELECT id, {MEASURED} FROM old_rows EXCEPT SELECT id, {MEASURED} FROM new_rows)
            ) AS changed ORDER BY 1, 2 {MARK};
        END IF;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION mark_reading_days_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO reading_dirty_user_days
        SELECT DISTINCT user_id, day FROM reading_hours WHERE user_id = NEW.id ORDER BY 1, 2 {MARK};
        RETURN NULL;
    END $$
    """,
)
TRIGGERS = (
    """
    CREATE OR REPLACE TRIGGER mark_inserted_reading_days AFTER INSERT ON reading_sessions
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days()
    """,
    """
    CREATE OR REPLACE TRIGGER mark_updated_reading_days AFTER UPDATE ON reading_sessions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days()
    """,
    """
    CREATE OR REPLACE TRIGGER mark_deleted_reading_days AFTER DELETE ON reading_sessions
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days()
    """,
    """
    CREATE OR REPLACE TRIGGER mark_moved_reading_days AFTER UPDATE OF time_zone ON users
    FOR EACH ROW WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION mark_reading_days_of_user()
    """,
)

# By day, as reading comes: what a day's recount reads then lies together.
BACKFILL = (
    """
    INSERT INTO reading_hours
    SELECT user_id, (started_at AT TIME ZONE 'UTC')::date, extract(hour FROM started_at AT TIME ZONE 'UTC'),
        (started_at AT TIME ZONE time_zone)::date, extract(hour FROM started_at AT TIME ZONE time_zone),
        count(*), sum(duration_minutes), sum(pages_read), sum(words_read),
        count(*) FILTER (WHERE duration_minutes >= 10), count(*) FILTER (WHERE NOT reading_sessions.is_active),
        coalesce(sum(duration_minutes) FILTER (WHERE NOT reading_sessions.is_active), 0),
        coalesce(sum(end_position - start_position) FILTER (WHERE NOT reading_sessions.is_active), 0)
    FROM reading_sessions JOIN users ON users.id = user_id
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 1
    """,
    """
    INSERT INTO reading_days
    SELECT day, sum(sessions), count(DISTINCT user_id), sum(minutes), sum(over_10min), sum(completed),
        sum(completed_minutes), sum(completed_progress)
    FROM reading_hours GROUP BY day
    """,
    """
    INSERT INTO reading_totals
    SELECT user_id, sum(sessions), sum(minutes), sum(pages) FROM reading_hours GROUP BY user_id
    """,
)

DAILY = """
    CREATE MATERIALIZED VIEW reading_sessions_daily_stats AS
    SELECT day AS date,
        sessions AS total_sessions,
        active_users,
        completed_minutes::numeric / nullif(completed, 0) AS avg_duration_minutes,
        minutes AS total_reading_minutes,
        completed_progress::numeric / nullif(completed, 0) AS avg_progress_percent,
        over_10min AS sessions_over_10min,
        completed AS completed_sessions
    FROM reading_days
    WHERE day > (now() AT TIME ZONE 'UTC')::date - 90
    ORDER BY day DESC
"""
PATTERNS = """
    CREATE MATERIALIZED VIEW user_reading_patterns AS
    SELECT user_id,
        (sum(sum(completed)) OVER person)::bigint AS total_sessions,
        sum(sum(completed_minutes)) OVER person / nullif(sum(sum(completed)) OVER person, 0) AS avg_session_duration,
        (sum(sum(completed_minutes)) OVER person)::bigint AS total_reading_time,
        sum(sum(completed_progress)) OVER person / nullif(sum(sum(completed)) OVER person, 0)
            AS avg_progress_per_session,
        hour::integer AS preferred_reading_hour,
        sum(completed) AS sessions_at_hour
    FROM reading_hours
    WHERE completed > 0 AND day > (now() AT TIME ZONE 'UTC')::date - 30
    GROUP BY user_id, hour
    WINDOW person AS (PARTITION BY user_id)
    ORDER BY user_id, sum(completed) DESC
"""
BEFORE_DAILY = """
    CREATE MATERIALIZED VIEW reading_sessions_daily_stats AS
    SELECT date(started_at AT TIME ZONE 'UTC') AS date,
        count(*) AS total_sessions,
        count(DISTINCT user_id) AS active_users,
        avg(duration_minutes) AS avg_duration_minutes,
        sum(duration_minutes) AS total_reading_minutes,
        avg(end_position - start_position) AS avg_progress_percent,
        count(*) FILTER (WHERE duration_minutes >= 10) AS sessions_over_10min,
        count(*) FILTER (WHERE is_active = false) AS completed_sessions
    FROM reading_sessions
    WHERE started_at >= (date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') - interval '90 days'
    GROUP BY date(started_at AT TIME ZONE 'UTC')
    ORDER BY date(started_at AT TIME ZONE 'UTC') DESC
"""
BEFORE_PATTERNS = """
    CREATE MATERIALIZED VIEW user_reading_patterns AS
    SELECT user_id,
        count(*) AS total_sessions,
        avg(duration_minutes) AS avg_session_duration,
        sum(duration_minutes) AS total_reading_time,
        avg(end_position - start_position) AS avg_progress_per_session,
        extract(hour FROM started_at AT TIME ZONE 'UTC')::integer AS preferred_reading_hour,
        count(*) AS sessions_at_hour
    FROM reading_sessions
    WHERE is_active = false
      AND started_at >= (date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') - interval '30 days'
    GROUP BY user_id, extract(hour FROM started_at AT TIME ZONE 'UTC')
    ORDER BY user_id, count(*) DESC
"""


VIEW_INDEXES = (
    "UNIQUE INDEX idx_reading_sessions_daily_stats_date ON reading_sessions_daily_stats (date)",
    "INDEX idx_user_reading_patterns_user ON user_reading_patterns (user_id)",
    "UNIQUE INDEX uq_user_reading_patterns_user_hour ON user_reading_patterns (user_id, preferred_reading_hour)",
)


def upgrade() -> None:
    # Each for itself: a trigger locks writers out for a moment, and once they are there no change goes unmarked.
    with op.get_context().autocommit_block():
        for statement in (*TABLES, *INDEXES, *FUNCTIONS, *TRIGGERS):
            op.execute(statement)
    for statement in BACKFILL:
        op.execute(statement)
    _views(DAILY, PATTERNS)


def _views(daily: str, patterns: str) -> None:
    for view in ("user_reading_patterns", "reading_sessions_daily_stats"):
        # squawk fears for clients that read a view while it is away; this is one transaction.
        op.execute(f"-- squawk-ignore ban-drop-view\nDROP MATERIALIZED VIEW IF EXISTS {view}")
    op.execute(daily)
    op.execute(patterns)
    for index in VIEW_INDEXES:
        op.execute(f"-- squawk-ignore require-concurrent-index-creation\nCREATE {index}")


def downgrade() -> None:
    for trigger, table in (
        ("mark_inserted_reading_days", "reading_sessions"),
        ("mark_updated_reading_days", "reading_sessions"),
        ("mark_deleted_reading_days", "reading_sessions"),
        ("mark_moved_reading_days", "users"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP FUNCTION mark_reading_days()")
    op.execute("DROP FUNCTION mark_reading_days_of_user()")
    _views(BEFORE_DAILY, BEFORE_PATTERNS)
    for table in (
        "schema_revisions",
        "upkeep_runs",
        "reading_totals",
        "reading_days",
        "reading_hours",
        "reading_dirty_days",
        "reading_dirty_user_days",
    ):
        op.execute(f"DROP TABLE {table}")
