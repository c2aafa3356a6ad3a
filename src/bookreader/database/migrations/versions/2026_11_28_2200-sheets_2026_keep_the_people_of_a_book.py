"""Keep the people and places of a book, what a person corrected, and with which rules a book was looked through.

Data loss: the downgrade drops the sheets of people and places with everything that was decided on them.

Revision ID: sheets_2026
Revises: pictures_2026
"""

from alembic import op

revision = "sheets_2026"
down_revision = "pictures_2026"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE sheets (
        id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT sheets_pkey PRIMARY KEY,
        book_id uuid NOT NULL CONSTRAINT sheets_book_id_fkey REFERENCES books (id) ON DELETE CASCADE,
        kind varchar(10) NOT NULL CONSTRAINT check_sheet_kind
            CHECK (kind::text = ANY (ARRAY['person', 'place']::text[])),
        name varchar(300),
        names jsonb NOT NULL,
        mentions integer NOT NULL,
        chapter integer NOT NULL,
        start_offset integer NOT NULL,
        label varchar(100),
        look varchar(500),
        seed integer NOT NULL,
        state varchar(20) NOT NULL DEFAULT 'found' CONSTRAINT check_sheet_state
            CHECK (state::text = ANY (ARRAY['found', 'confirmed', 'rejected']::text[])),
        locked boolean NOT NULL DEFAULT false,
        touched boolean NOT NULL DEFAULT false,
        evidence jsonb NOT NULL DEFAULT '[]'::jsonb,
        reference_hash char(64),
        reference_format varchar(10),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE sheet_facts (
        id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT sheet_facts_pkey PRIMARY KEY,
        sheet_id uuid NOT NULL CONSTRAINT sheet_facts_sheet_id_fkey REFERENCES sheets (id) ON DELETE CASCADE,
        aspect varchar(20) NOT NULL CONSTRAINT check_fact_aspect
            CHECK (aspect::text = ANY (ARRAY['age', 'build', 'face', 'hair', 'eyes', 'marks', 'dress']::text[])),
        value varchar(300) NOT NULL,
        state varchar(20) NOT NULL CONSTRAINT check_fact_state
            CHECK (state::text = ANY (ARRAY['sure', 'suggested', 'confirmed', 'rejected', 'added']::text[])),
        chapter integer NOT NULL,
        start_offset integer NOT NULL,
        end_offset integer NOT NULL,
        quote text,
        called varchar(300),
        cfi text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT check_fact_span CHECK (start_offset >= 0 AND end_offset >= start_offset)
    )
    """,
    "CREATE INDEX ix_sheets_book_id ON sheets (book_id)",
    "CREATE INDEX ix_sheet_facts_sheet_id ON sheet_facts (sheet_id)",
)


def upgrade() -> None:
    op.execute("ALTER TABLE books ADD COLUMN described_with varchar(50)")
    op.execute("ALTER TABLE descriptions ADD COLUMN corrected boolean NOT NULL DEFAULT false")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE sheet_facts")
    op.execute("DROP TABLE sheets")
    op.execute("ALTER TABLE descriptions DROP COLUMN corrected")
    op.execute("ALTER TABLE books DROP COLUMN described_with")
