"""Install the queue that delivers jobs, in a schema of its own.

Revision ID: queue_2026
Revises: product_2026
"""

from pathlib import Path

from alembic import op

revision = "queue_2026"
down_revision = "product_2026"
branch_labels = None
depends_on = None

DEFINITIONS = Path(__file__).parent.parent / "pgqueuer_1_6_0.sql"


def upgrade() -> None:
    for statement in DEFINITIONS.read_text(encoding="utf-8").split("-- next\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
