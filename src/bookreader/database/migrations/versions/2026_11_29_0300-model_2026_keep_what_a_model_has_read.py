"""Keep what a language model has read of each chapter, and in the ledger what was paid for: a picture or passages.

Data loss: the downgrade drops which stretches a model has read, so that they would be paid for again. What was paid for
passages counts as given back from then on, because it would count as pictures.

Revision ID: model_2026
Revises: sheets_2026
"""

from alembic import op

revision = "model_2026"
down_revision = "sheets_2026"
branch_labels = None
depends_on = None

PURPOSE = "CHECK (purpose::text = ANY (ARRAY['picture', 'passages']::text[]))"
READINGS = """
    CREATE TABLE IF NOT EXISTS model_readings (
        id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT model_readings_pkey PRIMARY KEY,
        chapter_id uuid NOT NULL
            CONSTRAINT model_readings_chapter_id_fkey REFERENCES chapters (id) ON DELETE CASCADE,
        engine varchar(50) NOT NULL,
        start_offset integer NOT NULL,
        end_offset integer NOT NULL,
        outcome varchar(20) NOT NULL,
        found integer NOT NULL DEFAULT 0,
        price numeric(12, 4) NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT model_readings_stretch_key UNIQUE (chapter_id, engine, start_offset, end_offset),
        CONSTRAINT check_reading_outcome CHECK (outcome::text = ANY (ARRAY['read', 'invalid', 'ungrounded', 'refused',
            'unavailable', 'timeout']::text[])),
        CONSTRAINT check_reading_span CHECK (start_offset >= 0 AND end_offset >= start_offset)
    )
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(READINGS)
        op.execute("ALTER TABLE ledger ADD COLUMN IF NOT EXISTS purpose varchar(20) NOT NULL DEFAULT 'picture'")
        op.execute(f"""
            ALTER TABLE ledger DROP CONSTRAINT IF EXISTS check_ledger_purpose,
            ADD CONSTRAINT check_ledger_purpose {PURPOSE} NOT VALID
        """)
        op.execute("ALTER TABLE ledger VALIDATE CONSTRAINT check_ledger_purpose")


def downgrade() -> None:
    op.execute("UPDATE ledger SET state = 'returned' WHERE purpose <> 'picture'")
    op.execute("ALTER TABLE ledger DROP COLUMN purpose")
    op.execute("DROP TABLE model_readings")
