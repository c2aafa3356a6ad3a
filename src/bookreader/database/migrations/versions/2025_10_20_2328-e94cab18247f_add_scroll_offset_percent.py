"""Add scroll_offset_percent to reading_progress.

Data loss: the downgrade drops the column. Back up first.

Revision ID: e94cab18247f
Revises: 8ca7de033db9
"""

from alembic import op

revision = "e94cab18247f"
down_revision = "8ca7de033db9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE reading_progress ADD COLUMN scroll_offset_percent double precision NOT NULL DEFAULT 0.0
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE reading_progress DROP COLUMN scroll_offset_percent")
