"""Drop the indexes that others serve, and make those on JSONB smaller, without locking writers out.

JSONB is only ever asked for containment, which the operator class jsonb_path_ops answers from a little more than half
the bytes. The names stay.

Revision ID: slim_2026
Revises: queue_2026
"""

from alembic import op

revision = "slim_2026"
down_revision = "queue_2026"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_users_id": "users (id)",
    "ix_books_id": "books (id)",
    "ix_subscriptions_id": "subscriptions (id)",
    "ix_chapters_id": "chapters (id)",
    "ix_reading_progress_id": "reading_progress (id)",
    "ix_descriptions_id": "descriptions (id)",
    "ix_generated_images_id": "generated_images (id)",
    "ix_reading_sessions_id": "reading_sessions (id)",
    "ix_books_user_id": "books (user_id)",
    "ix_chapters_book_id": "chapters (book_id)",
    "ix_chapters_chapter_number": "chapters (chapter_number)",
    "ix_descriptions_chapter_id": "descriptions (chapter_id)",
    "ix_descriptions_type": "descriptions (type)",
    "ix_generated_images_description_id": "generated_images (description_id)",
    "ix_generated_images_status": "generated_images (status)",
    "ix_generated_images_service_used": "generated_images (service_used)",
    "ix_reading_progress_user_id": "reading_progress (user_id)",
    "ix_subscriptions_user_id": "subscriptions (user_id)",
    "ix_reading_sessions_user_id": "reading_sessions (user_id)",
    "ix_reading_sessions_book_id": "reading_sessions (book_id)",
    "ix_reading_sessions_is_active": "reading_sessions (is_active)",
    "ix_reading_sessions_started_at": "reading_sessions (started_at)",
    "idx_reading_sessions_weekly": "reading_sessions (user_id, started_at, duration_minutes)",
    "idx_reading_sessions_user_active_partial": "reading_sessions (user_id) WHERE is_active = true",
    "idx_reading_sessions_cleanup": "reading_sessions (is_active, ended_at, started_at)",
    "idx_reading_sessions_weekly_stats": "reading_sessions (user_id, started_at, duration_minutes, is_active)",
    "idx_reading_sessions_book_stats": "reading_sessions (book_id, started_at, is_active)",
}


CONTAINMENT = {
    "idx_books_metadata_gin": ("books", "book_metadata"),
    "idx_generated_images_params_gin": ("generated_images", "generation_parameters"),
    "idx_generated_images_moderation_gin": ("generated_images", "moderation_result"),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        _rebuild("jsonb_path_ops")


def _rebuild(operators: str) -> None:
    """Each beside the old one, so that there is one at any moment."""
    for name, (table, column) in CONTAINMENT.items():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_new")
        op.execute(f"CREATE INDEX CONCURRENTLY {name}_new ON {table} USING gin ({column} {operators})")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {name}_new RENAME TO {name}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            # One that an interrupted run left behind may be invalid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")
        _rebuild("jsonb_ops")
