"""Add the nine performance indexes.

Revision ID: f1a2b3c4d5e6
Revises: e94cab18247f
"""

from alembic import op

revision = "f1a2b3c4d5e6"
down_revision = "e94cab18247f"
branch_labels = None
depends_on = None

INDEXES = {
    "idx_reading_progress_user_book": "reading_progress (user_id, book_id)",
    "idx_chapters_book_number": "chapters (book_id, chapter_number)",
    "idx_descriptions_chapter_priority": "descriptions (chapter_id, priority_score)",
    "idx_generated_images_description": "generated_images (description_id)",
    "idx_books_user_unparsed": "books (user_id, is_parsed) WHERE is_parsed = false",
    "idx_books_user_created": "books (user_id, created_at)",
    "idx_subscriptions_user_status": "subscriptions (user_id, status)",
    "idx_images_status_created": "generated_images (status, created_at)",
    "idx_reading_progress_last_read": "reading_progress (user_id, last_read_at)",
}


def upgrade() -> None:
    for name, definition in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {definition}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
