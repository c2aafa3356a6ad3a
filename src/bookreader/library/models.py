"""Tables of books, their chapters and files."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated


class Book(Base):
    __tablename__ = "books"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(500))
    author: Mapped[str | None] = mapped_column(String(255))
    genre: Mapped[str] = mapped_column(String(50), server_default="other")
    language: Mapped[str] = mapped_column(String(10), server_default="ru")
    file_path: Mapped[str] = mapped_column(String(1000))
    file_format: Mapped[str] = mapped_column(String(10))
    file_size: Mapped[int]
    cover_image: Mapped[str | None] = mapped_column(String(1000))
    description: Mapped[str | None] = mapped_column(Text)
    book_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    total_pages: Mapped[int] = mapped_column(server_default=text("0"))
    estimated_reading_time: Mapped[int] = mapped_column(server_default=text("0"))
    is_parsed: Mapped[bool] = mapped_column(server_default=text("false"))
    parsing_progress: Mapped[int] = mapped_column(server_default=text("0"))
    parsing_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    last_accessed: Mapped[datetime | None]
    content_hash: Mapped[str | None] = mapped_column(CHAR(64))
    deleted_at: Mapped[datetime | None]
    resource_version: Mapped[str | None] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    contents: Mapped[list[Any] | None] = mapped_column(JSONB)
    characters: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    source_cfi_valid: Mapped[bool] = mapped_column(server_default=text("true"))
    described_with: Mapped[str | None] = mapped_column(String(50))

    __table_args__ = (
        CheckConstraint(
            "genre::text = ANY (ARRAY['fantasy', 'detective', 'science_fiction', 'historical', 'romance', 'thriller', "
            "'horror', 'classic', 'other']::text[])",
            name="check_book_genre",
        ),
        CheckConstraint("file_format::text = ANY (ARRAY['epub', 'fb2']::text[])", name="check_book_format"),
        CheckConstraint("parsing_progress BETWEEN 0 AND 100", name="check_book_parsing_progress"),
        Index("ix_books_author", "author"),
        Index("ix_books_title", "title"),
        Index("idx_books_user_unparsed", "user_id", "is_parsed", postgresql_where=text("is_parsed = false")),
        Index("idx_books_user_created", "user_id", "created_at"),
        Index(
            "idx_books_metadata_gin",
            "book_metadata",
            postgresql_using="gin",
            postgresql_ops={"book_metadata": "jsonb_path_ops"},
        ),
        Index("idx_books_title_trgm", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
        Index("idx_books_author_trgm", "author", postgresql_using="gin", postgresql_ops={"author": "gin_trgm_ops"}),
        Index(
            "uq_books_user_content_hash",
            "user_id",
            "content_hash",
            unique=True,
            postgresql_where=text("deleted_at IS NULL AND content_hash IS NOT NULL"),
        ),
    )


class Chapter(Base):
    __tablename__ = "chapters"

    id: Mapped[Id]
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    chapter_number: Mapped[int]
    title: Mapped[str | None] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(Text)
    html_content: Mapped[str | None] = mapped_column(Text)
    word_count: Mapped[int] = mapped_column(server_default=text("0"))
    estimated_reading_time: Mapped[int] = mapped_column(server_default=text("0"))
    is_description_parsed: Mapped[bool] = mapped_column(server_default=text("false"))
    descriptions_found: Mapped[int] = mapped_column(server_default=text("0"))
    parsing_progress: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    parsed_at: Mapped[datetime | None]
    href: Mapped[str | None] = mapped_column(String(1000))
    linear: Mapped[bool] = mapped_column(server_default=text("true"))
    media_type: Mapped[str | None] = mapped_column(String(100))
    cfi: Mapped[str | None] = mapped_column(String(1000))
    characters: Mapped[int] = mapped_column(server_default=text("0"))
    first_position: Mapped[int] = mapped_column(server_default=text("1"))
    positions: Mapped[int] = mapped_column(server_default=text("1"))
    search: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True, deferred_raiseload=True)

    __table_args__ = (
        CheckConstraint("parsing_progress BETWEEN 0 AND 100", name="check_chapter_parsing_progress"),
        Index("idx_chapters_book_number", "book_id", "chapter_number", unique=True),
        Index("idx_chapters_search", "search", postgresql_using="gin"),
    )


class Resource(Base):
    """A file of a book that is no chapter: its bytes are in storage under `content_hash`."""

    __tablename__ = "resources"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    href: Mapped[str] = mapped_column(String(1000), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(255))
    content_hash: Mapped[str] = mapped_column(CHAR(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
