"""Tables of places, progress, reading sessions and annotations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated


class ReadingProgress(Base):
    """Where a person is in a book, derived from the history of places."""

    __tablename__ = "reading_progress"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    current_chapter: Mapped[int] = mapped_column(server_default=text("1"))
    current_page: Mapped[int] = mapped_column(server_default=text("1"))
    current_position: Mapped[int] = mapped_column(server_default=text("0"))
    reading_time_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    reading_speed_wpm: Mapped[float] = mapped_column(server_default=text("0"))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    last_read_at: Mapped[Created]
    reading_location_cfi: Mapped[str | None] = mapped_column(String(500))
    scroll_offset_percent: Mapped[float] = mapped_column(server_default=text("0.0"))
    current_place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="SET NULL"))
    furthest_place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("current_position BETWEEN 0 AND 100", name="check_progress_position"),
        CheckConstraint("scroll_offset_percent BETWEEN 0 AND 100", name="check_progress_scroll"),
        CheckConstraint("reading_time_minutes >= 0 AND reading_speed_wpm >= 0", name="check_progress_time"),
        Index("idx_reading_progress_user_book", "user_id", "book_id", unique=True),
        Index("idx_reading_progress_last_read", "user_id", "last_read_at"),
        Index("idx_reading_progress_current_place", "current_place_id"),
        Index("idx_reading_progress_furthest_place", "furthest_place_id"),
    )


class ReadingSession(Base):
    __tablename__ = "reading_sessions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    started_at: Mapped[Created]
    ended_at: Mapped[datetime | None]
    duration_minutes: Mapped[int] = mapped_column(server_default=text("0"))
    start_position: Mapped[int] = mapped_column(server_default=text("0"))
    end_position: Mapped[int] = mapped_column(server_default=text("0"))
    pages_read: Mapped[int] = mapped_column(server_default=text("0"))
    device_type: Mapped[str | None] = mapped_column(String(50))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Created]
    key: Mapped[UUID | None]
    device: Mapped[str | None] = mapped_column(String(100))
    last_activity_at: Mapped[datetime | None]
    words_read: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (
        CheckConstraint("duration_minutes >= 0 AND pages_read >= 0", name="check_session_amounts"),
        CheckConstraint(
            "start_position >= 0 AND start_position <= 100 AND end_position >= 0 AND end_position <= 100",
            name="check_session_range",
        ),
        CheckConstraint("ended_at >= started_at", name="check_session_order"),
        Index("idx_reading_sessions_active", "user_id", "is_active", postgresql_where=text("is_active = true")),
        Index("idx_reading_sessions_book", "book_id", "started_at"),
        Index("idx_reading_sessions_user_started", "user_id", "started_at"),
        Index("uq_reading_sessions_user_key", "user_id", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
    )


class Place(Base):
    """An entry of the history: where a device was.

    `at` is when we heard of it, `read_at` when the person was there as far as we know, `began_at` the `at` of the first
    place of its stretch; what other devices reported after `since` is news to this one. `pages_read`, `words_read`:
    from the place before, where that was reading. `version` is the content that the address was made for.
    """

    __tablename__ = "places"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    key: Mapped[UUID]
    device: Mapped[str] = mapped_column(String(100))
    chapter: Mapped[int]
    cfi: Mapped[str | None] = mapped_column(String(500))
    quote: Mapped[str | None] = mapped_column(String(500))
    page: Mapped[int]
    total_progression: Mapped[float]
    scroll_offset_percent: Mapped[float | None]
    client_time: Mapped[datetime | None]
    at: Mapped[Created]
    read_at: Mapped[Created]
    began_at: Mapped[Created]
    since: Mapped[datetime | None]
    pages_read: Mapped[int] = mapped_column(server_default=text("0"))
    words_read: Mapped[int] = mapped_column(server_default=text("0"))
    version: Mapped[str | None] = mapped_column(String(64))
    repaired: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        CheckConstraint("total_progression BETWEEN 0 AND 1", name="check_place_progression"),
        UniqueConstraint("user_id", "key", name="uq_places_user_key"),
        Index("idx_places_user_book_at", "user_id", "book_id", "at"),
        Index("idx_places_user_book_device", "user_id", "book_id", "device", "read_at"),
    )


class Annotation(Base):
    """A bookmark or a highlight."""

    __tablename__ = "annotations"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    key: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(20))
    chapter: Mapped[int]
    cfi: Mapped[str | None] = mapped_column(String(1000))
    quote: Mapped[str | None] = mapped_column(Text)
    start_offset: Mapped[int] = mapped_column(server_default=text("0"))
    end_offset: Mapped[int] = mapped_column(server_default=text("0"))
    colour: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(String(64))
    repaired: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint("kind::text = ANY (ARRAY['bookmark', 'highlight']::text[])", name="check_annotation_kind"),
        Index("idx_annotations_user_book", "user_id", "book_id", "chapter", "start_offset"),
        Index("uq_annotations_user_key", "user_id", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
    )
