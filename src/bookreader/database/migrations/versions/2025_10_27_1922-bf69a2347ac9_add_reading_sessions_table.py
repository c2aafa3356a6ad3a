"""Add the table reading_sessions.

Data loss: the downgrade drops the table with every reading session in it. Back up first.

Revision ID: bf69a2347ac9
Revises: f1a2b3c4d5e6
"""

from alembic import op

revision = "bf69a2347ac9"
down_revision = "f1a2b3c4d5e6"
branch_labels = None
depends_on = None

TABLE = """
    CREATE TABLE reading_sessions (
        id uuid NOT NULL CONSTRAINT reading_sessions_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT reading_sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        book_id uuid NOT NULL CONSTRAINT reading_sessions_book_id_fkey REFERENCES books (id) ON DELETE CASCADE,
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        duration_minutes integer NOT NULL,
        start_position integer NOT NULL,
        end_position integer NOT NULL,
        pages_read integer NOT NULL,
        device_type varchar(50),
        is_active boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
"""

INDEXES = {
    "idx_reading_sessions_active": "(user_id, is_active) WHERE is_active = true",
    "idx_reading_sessions_book": "(book_id, started_at)",
    "idx_reading_sessions_user_started": "(user_id, started_at)",
    "idx_reading_sessions_weekly": "(user_id, started_at, duration_minutes)",
    "ix_reading_sessions_book_id": "(book_id)",
    "ix_reading_sessions_id": "(id)",
    "ix_reading_sessions_is_active": "(is_active)",
    "ix_reading_sessions_started_at": "(started_at)",
    "ix_reading_sessions_user_id": "(user_id)",
}


def upgrade() -> None:
    op.execute(TABLE)
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON reading_sessions {columns}")


def downgrade() -> None:
    op.execute("DROP TABLE reading_sessions")
