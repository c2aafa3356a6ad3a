"""Store what the product adds: sign-ins, tokens, jobs, places, annotations, contents, resources, the offline plate.

The downgrade keeps offline plates in generated_images_plates_retired, since the service does not exist before; the next
upgrade brings them back.

Data loss: everything else that this revision stores is dropped by its downgrade. Back up first.

Revision ID: product_2026
Revises: reconcile_2026
"""

from alembic import op

revision = "product_2026"
down_revision = "reconcile_2026"
branch_labels = None
depends_on = None

ID = "uuid NOT NULL DEFAULT gen_random_uuid()"
NOW = "timestamptz NOT NULL DEFAULT now()"


def _user(table: str) -> str:
    return f"user_id uuid NOT NULL CONSTRAINT {table}_user_id_fkey REFERENCES users (id) ON DELETE CASCADE"


def _book(table: str) -> str:
    return f"book_id uuid NOT NULL CONSTRAINT {table}_book_id_fkey REFERENCES books (id) ON DELETE CASCADE"


TABLES = (
    f"""
    CREATE TABLE IF NOT EXISTS sign_ins (
        id {ID} CONSTRAINT sign_ins_pkey PRIMARY KEY,
        {_user("sign_ins")},
        token_hash bytea NOT NULL CONSTRAINT sign_ins_token_hash_key UNIQUE,
        user_agent varchar(255),
        created_at {NOW},
        last_seen_at {NOW},
        expires_at timestamptz NOT NULL
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS access_tokens (
        id {ID} CONSTRAINT access_tokens_pkey PRIMARY KEY,
        {_user("access_tokens")},
        name varchar(100) NOT NULL,
        token_hash bytea NOT NULL CONSTRAINT access_tokens_token_hash_key UNIQUE,
        created_at {NOW},
        last_used_at timestamptz,
        expires_at timestamptz
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS reset_links (
        id {ID} CONSTRAINT reset_links_pkey PRIMARY KEY,
        {_user("reset_links")},
        token_hash bytea NOT NULL CONSTRAINT reset_links_token_hash_key UNIQUE,
        created_at {NOW},
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS site_settings (
        key varchar(100) NOT NULL CONSTRAINT site_settings_pkey PRIMARY KEY,
        value jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        updated_by uuid CONSTRAINT site_settings_updated_by_fkey REFERENCES users (id) ON DELETE SET NULL
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS resources (
        {_book("resources")},
        href varchar(1000) NOT NULL,
        media_type varchar(255) NOT NULL,
        content_hash char(64) NOT NULL,
        size bigint NOT NULL,
        CONSTRAINT resources_pkey PRIMARY KEY (book_id, href)
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS processing_jobs (
        id {ID} CONSTRAINT processing_jobs_pkey PRIMARY KEY,
        user_id uuid CONSTRAINT processing_jobs_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
        book_id uuid CONSTRAINT processing_jobs_book_id_fkey REFERENCES books (id) ON DELETE CASCADE,
        kind varchar(50) NOT NULL,
        state varchar(20) NOT NULL DEFAULT 'queued' CONSTRAINT check_job_state
            CHECK (state::text = ANY (ARRAY['queued', 'running', 'done', 'failed', 'cancelled']::text[])),
        progress integer NOT NULL DEFAULT 0 CONSTRAINT check_job_progress CHECK (progress BETWEEN 0 AND 100),
        subject_id uuid,
        payload jsonb NOT NULL DEFAULT '{{}}'::jsonb,
        attempts integer NOT NULL DEFAULT 0,
        max_attempts integer NOT NULL DEFAULT 3,
        lease_until timestamptz,
        worker varchar(100),
        error jsonb,
        cost numeric(12, 4),
        cancel_requested boolean NOT NULL DEFAULT false,
        created_at {NOW},
        started_at timestamptz,
        finished_at timestamptz,
        updated_at {NOW}
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS places (
        id {ID} CONSTRAINT places_pkey PRIMARY KEY,
        {_user("places")},
        {_book("places")},
        key uuid NOT NULL,
        device varchar(100) NOT NULL,
        chapter integer NOT NULL,
        cfi varchar(500),
        quote varchar(500),
        page integer NOT NULL,
        total_progression double precision NOT NULL
            CONSTRAINT check_place_progression CHECK (total_progression BETWEEN 0 AND 1),
        scroll_offset_percent double precision,
        client_time timestamptz,
        at {NOW},
        read_at {NOW},
        began_at {NOW},
        since timestamptz,
        pages_read integer NOT NULL DEFAULT 0,
        words_read integer NOT NULL DEFAULT 0,
        version varchar(64),
        repaired varchar(20),
        CONSTRAINT uq_places_user_key UNIQUE (user_id, key)
    )
    """,
    f"""
    CREATE TABLE IF NOT EXISTS annotations (
        id {ID} CONSTRAINT annotations_pkey PRIMARY KEY,
        {_user("annotations")},
        {_book("annotations")},
        key uuid,
        kind varchar(20) NOT NULL CONSTRAINT check_annotation_kind
            CHECK (kind::text = ANY (ARRAY['bookmark', 'highlight']::text[])),
        chapter integer NOT NULL,
        cfi varchar(1000),
        quote text,
        start_offset integer NOT NULL DEFAULT 0,
        end_offset integer NOT NULL DEFAULT 0,
        colour varchar(20),
        note text,
        version varchar(64),
        repaired varchar(20),
        created_at {NOW},
        updated_at {NOW}
    )
    """,
)

COLUMNS = {
    "users": {"time_zone": "varchar(64) NOT NULL DEFAULT 'UTC'", "locale": "varchar(10) NOT NULL DEFAULT 'en'"},
    "books": {
        "content_hash": "char(64)",
        "deleted_at": "timestamptz",
        "resource_version": "varchar(64)",
        "manifest": "jsonb",
        "contents": "jsonb",
        "characters": "bigint NOT NULL DEFAULT 0",
        "source_cfi_valid": "boolean NOT NULL DEFAULT true",
    },
    "chapters": {
        "href": "varchar(1000)",
        "linear": "boolean NOT NULL DEFAULT true",
        "media_type": "varchar(100)",
        "cfi": "varchar(1000)",
        "characters": "integer NOT NULL DEFAULT 0",
        "first_position": "integer NOT NULL DEFAULT 1",
        "positions": "integer NOT NULL DEFAULT 1",
        "search": "tsvector",
    },
    "reading_progress": {
        "current_place_id": "uuid",
        "furthest_place_id": "uuid",
    },
    "reading_sessions": {
        "key": "uuid",
        "device": "varchar(100)",
        "last_activity_at": "timestamptz",
        "words_read": "integer NOT NULL DEFAULT 0",
    },
    "descriptions": {
        "start_offset": "integer NOT NULL DEFAULT 0",
        "end_offset": "integer NOT NULL DEFAULT 0",
        "cfi": "text",
        "second_type": "descriptiontype",
        "entities": "jsonb NOT NULL DEFAULT '[]'::jsonb",
        "engine": "varchar(50)",
        "hidden": "boolean NOT NULL DEFAULT false",
    },
    "generated_images": {
        "content_hash": "char(64)",
        "alt_text": "text",
        "style": "varchar(50)",
        "is_current": "boolean NOT NULL DEFAULT true",
    },
}  # fmt: skip

INDEXES = (
    "INDEX ix_sign_ins_user_id ON sign_ins (user_id)",
    "INDEX ix_access_tokens_user_id ON access_tokens (user_id)",
    "INDEX ix_reset_links_user_id ON reset_links (user_id)",
    "INDEX ix_site_settings_updated_by ON site_settings (updated_by)",
    "INDEX ix_resources_content_hash ON resources (content_hash)",
    "INDEX idx_processing_jobs_user_created ON processing_jobs (user_id, created_at)",
    "INDEX idx_processing_jobs_book_kind ON processing_jobs (book_id, kind)",
    "INDEX idx_processing_jobs_leases ON processing_jobs (lease_until) WHERE state = 'running'",
    "INDEX idx_processing_jobs_waiting ON processing_jobs (created_at) WHERE state = 'queued'",
    "INDEX ix_places_book_id ON places (book_id)",
    "INDEX idx_places_user_book_at ON places (user_id, book_id, at)",
    "INDEX idx_places_user_book_device ON places (user_id, book_id, device, read_at)",
    "INDEX ix_annotations_book_id ON annotations (book_id)",
    "INDEX idx_annotations_user_book ON annotations (user_id, book_id, chapter, start_offset)",
    "UNIQUE INDEX uq_annotations_user_key ON annotations (user_id, key) WHERE key IS NOT NULL",
    "INDEX idx_books_title_trgm ON books USING gin (title gin_trgm_ops)",
    "INDEX idx_books_author_trgm ON books USING gin (author gin_trgm_ops)",
    "INDEX idx_chapters_search ON chapters USING gin (search)",
    "UNIQUE INDEX uq_books_user_content_hash ON books (user_id, content_hash) "
    "WHERE deleted_at IS NULL AND content_hash IS NOT NULL",
    "INDEX idx_reading_progress_current_place ON reading_progress (current_place_id)",
    "INDEX idx_reading_progress_furthest_place ON reading_progress (furthest_place_id)",
    "UNIQUE INDEX uq_reading_sessions_user_key ON reading_sessions (user_id, key) WHERE key IS NOT NULL",
    "INDEX ix_generated_images_content_hash ON generated_images (content_hash)",
)
SERVICES = "'pollinations', 'openai_dalle', 'midjourney', 'stable_diffusion'"
SPAN = "start_offset >= 0 AND end_offset >= start_offset"
NEW_TABLES = (
    "annotations", "places", "processing_jobs", "resources", "site_settings", "reset_links", "access_tokens", "sign_ins",
)  # fmt: skip


def upgrade() -> None:
    # Each statement is a transaction of its own, so that nobody is locked out for long. After an interruption all of
    # them run again, hence IF NOT EXISTS.
    with op.get_context().autocommit_block():
        for table in TABLES:
            op.execute(table)
        for table, columns in COLUMNS.items():
            added = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {definition}" for name, definition in columns.items())
            op.execute(f"ALTER TABLE {table} {added}")
        for index in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_name(index)}")
            op.execute(f"CREATE {index.replace('INDEX', 'INDEX CONCURRENTLY', 1)}")
        for column in ("current_place_id", "furthest_place_id"):
            rule = f"FOREIGN KEY ({column}) REFERENCES places (id) ON DELETE SET NULL"
            _rule("reading_progress", f"reading_progress_{column}_fkey", rule)
        _rule("descriptions", "check_description_span", f"CHECK ({SPAN})")
        _rule("generated_images", "check_image_service", _one_of(f"{SERVICES}, 'plate'"))
    _bring_plates_back()


def _name(index: str) -> str:
    return index.split("INDEX ")[1].split()[0]


def _one_of(services: str) -> str:
    return f"CHECK (service_used::text = ANY (ARRAY[{services}]::text[]))"


def _rule(table: str, name: str, rule: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} {rule} NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def _bring_plates_back() -> None:
    """Those whose description is there again. The others stay where they are kept."""
    op.execute("""
        DO $$
        DECLARE columns text;
        BEGIN
            IF to_regclass('generated_images_plates_retired') IS NULL THEN
                RETURN;
            END IF;
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = 'generated_images_plates_retired'::regclass AND attnum > 0 AND NOT attisdropped;
            EXECUTE format('WITH back AS (DELETE FROM generated_images_plates_retired AS kept
                WHERE EXISTS (SELECT FROM descriptions WHERE id = kept.description_id)
                  AND EXISTS (SELECT FROM users WHERE id = kept.user_id) RETURNING *)
                INSERT INTO generated_images (%1$s) SELECT %1$s FROM back', columns);
            IF NOT EXISTS (SELECT FROM generated_images_plates_retired) THEN
                DROP TABLE generated_images_plates_retired;
            END IF;
        END $$
    """)


def downgrade() -> None:
    op.execute("""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM generated_images WHERE service_used = 'plate') THEN
                CREATE TABLE IF NOT EXISTS generated_images_plates_retired AS TABLE generated_images WITH NO DATA;
                INSERT INTO generated_images_plates_retired SELECT * FROM generated_images WHERE service_used = 'plate';
                DELETE FROM generated_images WHERE service_used = 'plate';
            END IF;
        END $$
    """)
    _rule("generated_images", "check_image_service", _one_of(SERVICES))
    op.execute("ALTER TABLE descriptions DROP CONSTRAINT check_description_span")
    for index in reversed(INDEXES):
        op.execute(f"DROP INDEX {_name(index)}")
    for table, columns in reversed(COLUMNS.items()):
        for name in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table in NEW_TABLES:
        op.execute(f"DROP TABLE {table}")
