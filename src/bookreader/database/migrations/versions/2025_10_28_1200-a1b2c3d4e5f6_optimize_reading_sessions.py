"""Optimize reading_sessions: four more indexes and two materialized views.

The index uq_user_reading_patterns_user_hour lets that view be refreshed CONCURRENTLY.

Revision ID: a1b2c3d4e5f6
Revises: bf69a2347ac9
"""

from alembic import op

revision = "a1b2c3d4e5f6"
down_revision = "bf69a2347ac9"
branch_labels = None
depends_on = None

INDEXES = {
    "idx_reading_sessions_user_active_partial": "(user_id) WHERE is_active = true",
    "idx_reading_sessions_cleanup": "(is_active, ended_at, started_at)",
    "idx_reading_sessions_weekly_stats": "(user_id, started_at, duration_minutes, is_active)",
    "idx_reading_sessions_book_stats": "(book_id, started_at, is_active)",
}

DAILY = """
    CREATE MATERIALIZED VIEW reading_sessions_daily_stats AS
    SELECT date(started_at) AS date,
        count(*) AS total_sessions,
        count(DISTINCT user_id) AS active_users,
        avg(duration_minutes) AS avg_duration_minutes,
        sum(duration_minutes) AS total_reading_minutes,
        avg(end_position - start_position) AS avg_progress_percent,
        count(*) FILTER (WHERE duration_minutes >= 10) AS sessions_over_10min,
        count(*) FILTER (WHERE is_active = false) AS completed_sessions
    FROM reading_sessions
    WHERE started_at >= current_date - interval '90 days'
    GROUP BY date(started_at)
    ORDER BY date(started_at) DESC
"""

PATTERNS = """
    CREATE MATERIALIZED VIEW user_reading_patterns AS
    SELECT user_id,
        count(*) AS total_sessions,
        avg(duration_minutes) AS avg_session_duration,
        sum(duration_minutes) AS total_reading_time,
        avg(end_position - start_position) AS avg_progress_per_session,
        extract(hour FROM started_at)::integer AS preferred_reading_hour,
        count(*) AS sessions_at_hour
    FROM reading_sessions
    WHERE is_active = false AND started_at >= current_date - interval '30 days'
    GROUP BY user_id, extract(hour FROM started_at)
    ORDER BY user_id, count(*) DESC
"""


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON reading_sessions {columns}")
    op.execute(DAILY)
    op.execute("CREATE UNIQUE INDEX idx_reading_sessions_daily_stats_date ON reading_sessions_daily_stats (date)")
    op.execute(PATTERNS)
    op.execute("CREATE INDEX idx_user_reading_patterns_user ON user_reading_patterns (user_id)")
    op.execute("""
        CREATE UNIQUE INDEX uq_user_reading_patterns_user_hour
        ON user_reading_patterns (user_id, preferred_reading_hour)
    """)


def downgrade() -> None:
    op.execute("DROP MATERIALIZED VIEW user_reading_patterns")
    op.execute("DROP MATERIALIZED VIEW reading_sessions_daily_stats")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
