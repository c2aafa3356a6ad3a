"""Keep the ledger of pictures, the turns at each service, batches, and what a picture needs besides its first file.

Data loss: the downgrade drops the ledger, batches, art direction and the smaller sizes of pictures; the pictures stay.

Revision ID: pictures_2026
Revises: rollups_2026
"""

from alembic import op

revision = "pictures_2026"
down_revision = "rollups_2026"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS ledger (
        id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT ledger_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT ledger_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        book_id uuid CONSTRAINT ledger_book_id_fkey REFERENCES books (id) ON DELETE SET NULL,
        subject_id uuid NOT NULL CONSTRAINT ledger_subject_id_key UNIQUE,
        service varchar(50) NOT NULL,
        price numeric(12, 4) NOT NULL DEFAULT 0 CONSTRAINT check_ledger_price CHECK (price >= 0),
        state varchar(20) NOT NULL DEFAULT 'reserved' CONSTRAINT check_ledger_state
            CHECK (state::text = ANY (ARRAY['reserved', 'settled', 'returned']::text[])),
        day date NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS service_turns (
        service varchar(50) NOT NULL CONSTRAINT service_turns_pkey PRIMARY KEY,
        next_at timestamptz NOT NULL,
        trouble varchar(20),
        sentence text,
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS picture_batches (
        id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT picture_batches_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT picture_batches_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        book_id uuid NOT NULL CONSTRAINT picture_batches_book_id_fkey REFERENCES books (id) ON DELETE CASCADE,
        scope varchar(20) NOT NULL,
        service varchar(50) NOT NULL,
        style varchar(50),
        state varchar(20) NOT NULL DEFAULT 'active' CONSTRAINT check_batch_state
            CHECK (state::text = ANY (ARRAY['active', 'paused', 'cancelled']::text[])),
        pictures integer NOT NULL,
        price numeric(12, 4) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS placeholders (
        pixels char(64) NOT NULL CONSTRAINT placeholders_pkey PRIMARY KEY,
        service varchar(50) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS art_directions (
        book_id uuid NOT NULL CONSTRAINT art_directions_pkey PRIMARY KEY
            CONSTRAINT art_directions_book_id_fkey REFERENCES books (id) ON DELETE CASCADE,
        direction jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)
COLUMNS = {
    "batch_id": "uuid",
    "task_id": "varchar(100)",
    "pixels": "char(64)",
    "sizes": "jsonb",
}
BATCH = "FOREIGN KEY (batch_id) REFERENCES picture_batches (id) ON DELETE SET NULL"
INDEXES = (
    "INDEX idx_ledger_user_day ON ledger (user_id, day)",
    "INDEX ix_ledger_book_id ON ledger (book_id)",
    "INDEX ix_ledger_created_at ON ledger (created_at)",
    "INDEX ix_picture_batches_user_id ON picture_batches (user_id)",
    "INDEX ix_picture_batches_book_id ON picture_batches (book_id)",
    "INDEX ix_generated_images_batch_id ON generated_images (batch_id)",
    "INDEX ix_generated_images_pixels ON generated_images (pixels)",
    "INDEX idx_processing_jobs_subject ON processing_jobs (subject_id)",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table in TABLES:
            op.execute(table)
        added = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {definition}" for name, definition in COLUMNS.items())
        op.execute(f"ALTER TABLE generated_images {added}")
        op.execute(f"""
            ALTER TABLE generated_images DROP CONSTRAINT IF EXISTS generated_images_batch_id_fkey,
            ADD CONSTRAINT generated_images_batch_id_fkey {BATCH} NOT VALID
        """)
        op.execute("ALTER TABLE generated_images VALIDATE CONSTRAINT generated_images_batch_id_fkey")
        for index in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_name(index)}")
            op.execute(f"CREATE {index.replace('INDEX', 'INDEX CONCURRENTLY', 1)}")


def _name(index: str) -> str:
    return index.split("INDEX ")[1].split()[0]


def downgrade() -> None:
    for index in reversed(INDEXES):
        op.execute(f"DROP INDEX {_name(index)}")
    for name in reversed(COLUMNS):
        op.execute(f"ALTER TABLE generated_images DROP COLUMN {name}")
    for table in ("art_directions", "placeholders", "picture_batches", "service_turns", "ledger"):
        op.execute(f"DROP TABLE {table}")
