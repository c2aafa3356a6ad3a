"""Initial database schema: people, books, chapters, progress, descriptions, images.

Data loss: the downgrade drops every table with everything in it. Back up first.

Revision ID: 4de5528c20b4
Revises:
"""

from alembic import op

revision = "4de5528c20b4"
down_revision = None
branch_labels = None
depends_on = None

TYPES = (
    "CREATE TYPE subscriptionplan AS ENUM ('FREE', 'PREMIUM', 'ULTIMATE')",
    "CREATE TYPE subscriptionstatus AS ENUM ('ACTIVE', 'EXPIRED', 'CANCELLED', 'PENDING')",
    "CREATE TYPE descriptiontype AS ENUM ('LOCATION', 'CHARACTER', 'ATMOSPHERE', 'OBJECT', 'ACTION')",
)

TABLES = (
    """
    CREATE TABLE users (
        id uuid NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
        email varchar(255) NOT NULL,
        password_hash varchar(255) NOT NULL,
        full_name varchar(255),
        is_active boolean NOT NULL,
        is_verified boolean NOT NULL,
        is_admin boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        last_login timestamptz
    )
    """,
    """
    CREATE TABLE books (
        id uuid NOT NULL CONSTRAINT books_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT books_user_id_fkey REFERENCES users (id),
        title varchar(500) NOT NULL,
        author varchar(255),
        genre varchar(50) NOT NULL,
        language varchar(10) NOT NULL,
        file_path varchar(1000) NOT NULL,
        file_format varchar(10) NOT NULL,
        file_size integer NOT NULL,
        cover_image varchar(1000),
        description text,
        book_metadata json,
        total_pages integer NOT NULL,
        estimated_reading_time integer NOT NULL,
        is_parsed boolean NOT NULL,
        parsing_progress integer NOT NULL,
        parsing_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        last_accessed timestamptz
    )
    """,
    """
    CREATE TABLE subscriptions (
        id uuid NOT NULL CONSTRAINT subscriptions_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT subscriptions_user_id_fkey REFERENCES users (id),
        plan subscriptionplan NOT NULL,
        status subscriptionstatus NOT NULL,
        start_date timestamptz NOT NULL DEFAULT now(),
        end_date timestamptz,
        auto_renewal boolean NOT NULL,
        books_uploaded integer NOT NULL,
        images_generated_month integer NOT NULL,
        last_reset_date timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE chapters (
        id uuid NOT NULL CONSTRAINT chapters_pkey PRIMARY KEY,
        book_id uuid NOT NULL CONSTRAINT chapters_book_id_fkey REFERENCES books (id),
        chapter_number integer NOT NULL,
        title varchar(500),
        content text NOT NULL,
        html_content text,
        word_count integer NOT NULL,
        estimated_reading_time integer NOT NULL,
        is_description_parsed boolean NOT NULL,
        descriptions_found integer NOT NULL,
        parsing_progress integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        parsed_at timestamptz
    )
    """,
    """
    CREATE TABLE reading_progress (
        id uuid NOT NULL CONSTRAINT reading_progress_pkey PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT reading_progress_user_id_fkey REFERENCES users (id),
        book_id uuid NOT NULL CONSTRAINT reading_progress_book_id_fkey REFERENCES books (id),
        current_chapter integer NOT NULL,
        current_page integer NOT NULL,
        current_position integer NOT NULL,
        reading_time_minutes integer NOT NULL,
        reading_speed_wpm double precision NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        last_read_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE descriptions (
        id uuid NOT NULL CONSTRAINT descriptions_pkey PRIMARY KEY,
        chapter_id uuid NOT NULL CONSTRAINT descriptions_chapter_id_fkey REFERENCES chapters (id),
        type descriptiontype NOT NULL,
        content text NOT NULL,
        context text,
        confidence_score double precision NOT NULL,
        position_in_chapter integer NOT NULL,
        word_count integer NOT NULL,
        is_suitable_for_generation boolean NOT NULL,
        priority_score double precision NOT NULL,
        entities_mentioned text,
        emotional_tone varchar(50),
        complexity_level varchar(20),
        image_generated boolean NOT NULL,
        generation_requested boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE generated_images (
        id uuid NOT NULL CONSTRAINT generated_images_pkey PRIMARY KEY,
        description_id uuid NOT NULL CONSTRAINT generated_images_description_id_fkey REFERENCES descriptions (id),
        service_used varchar(50) NOT NULL,
        status varchar(20) NOT NULL,
        image_url varchar(2000),
        local_path varchar(1000),
        prompt_used text NOT NULL,
        generation_parameters json,
        generation_time_seconds double precision,
        file_size integer,
        image_width integer,
        image_height integer,
        file_format varchar(10),
        quality_score double precision,
        is_moderated boolean NOT NULL,
        moderation_result json,
        moderation_notes text,
        view_count integer NOT NULL,
        download_count integer NOT NULL,
        error_message text,
        retry_count integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        generated_at timestamptz
    )
    """,
)

INDEXES = (
    "CREATE UNIQUE INDEX ix_users_email ON users (email)",
    "CREATE INDEX ix_users_id ON users (id)",
    "CREATE INDEX ix_books_author ON books (author)",
    "CREATE INDEX ix_books_id ON books (id)",
    "CREATE INDEX ix_books_title ON books (title)",
    "CREATE INDEX ix_books_user_id ON books (user_id)",
    "CREATE INDEX ix_subscriptions_id ON subscriptions (id)",
    "CREATE INDEX ix_subscriptions_user_id ON subscriptions (user_id)",
    "CREATE INDEX ix_chapters_book_id ON chapters (book_id)",
    "CREATE INDEX ix_chapters_chapter_number ON chapters (chapter_number)",
    "CREATE INDEX ix_chapters_id ON chapters (id)",
    "CREATE INDEX ix_reading_progress_book_id ON reading_progress (book_id)",
    "CREATE INDEX ix_reading_progress_id ON reading_progress (id)",
    "CREATE INDEX ix_reading_progress_user_id ON reading_progress (user_id)",
    "CREATE INDEX ix_descriptions_chapter_id ON descriptions (chapter_id)",
    "CREATE INDEX ix_descriptions_id ON descriptions (id)",
    "CREATE INDEX ix_descriptions_type ON descriptions (type)",
    "CREATE INDEX ix_generated_images_description_id ON generated_images (description_id)",
    "CREATE INDEX ix_generated_images_id ON generated_images (id)",
    "CREATE INDEX ix_generated_images_service_used ON generated_images (service_used)",
    "CREATE INDEX ix_generated_images_status ON generated_images (status)",
)

DROPPED = ("generated_images", "descriptions", "reading_progress", "chapters", "subscriptions", "books", "users")


def upgrade() -> None:
    for statement in (*TYPES, *TABLES, *INDEXES):
        op.execute(statement)


def downgrade() -> None:
    for table in DROPPED:
        op.execute(f"DROP TABLE {table}")
    for name in ("descriptiontype", "subscriptionstatus", "subscriptionplan"):
        op.execute(f"DROP TYPE {name}")
