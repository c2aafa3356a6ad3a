"""Tables of illustrations, batches of them, and what is known of services and books."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated


class GeneratedImage(Base):
    """An illustration. `pixels`: hash of what the service's picture shows; `sizes`: smaller files of it."""

    __tablename__ = "generated_images"

    id: Mapped[Id]
    description_id: Mapped[UUID] = mapped_column(ForeignKey("descriptions.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    service_used: Mapped[str] = mapped_column(String(50))
    status: Mapped[str] = mapped_column(String(20), server_default="pending")
    image_url: Mapped[str | None] = mapped_column(String(2000))
    local_path: Mapped[str | None] = mapped_column(String(1000))
    prompt_used: Mapped[str] = mapped_column(Text)
    generation_parameters: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    generation_time_seconds: Mapped[float | None]
    file_size: Mapped[int | None]
    image_width: Mapped[int | None]
    image_height: Mapped[int | None]
    file_format: Mapped[str | None] = mapped_column(String(10))
    quality_score: Mapped[float | None]
    is_moderated: Mapped[bool] = mapped_column(server_default=text("false"))
    moderation_result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    moderation_notes: Mapped[str | None] = mapped_column(Text)
    view_count: Mapped[int] = mapped_column(server_default=text("0"))
    download_count: Mapped[int] = mapped_column(server_default=text("0"))
    error_message: Mapped[str | None] = mapped_column(Text)
    retry_count: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    generated_at: Mapped[datetime | None]
    content_hash: Mapped[str | None] = mapped_column(CHAR(64), index=True)
    alt_text: Mapped[str | None] = mapped_column(Text)
    style: Mapped[str | None] = mapped_column(String(50))
    is_current: Mapped[bool] = mapped_column(server_default=text("true"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("picture_batches.id", ondelete="SET NULL"), index=True)
    task_id: Mapped[str | None] = mapped_column(String(100))
    pixels: Mapped[str | None] = mapped_column(CHAR(64), index=True)
    sizes: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        CheckConstraint(
            "service_used::text = ANY (ARRAY['pollinations', 'openai_dalle', 'midjourney', 'stable_diffusion', "
            "'plate']::text[])",
            name="check_image_service",
        ),
        CheckConstraint(
            "status::text = ANY (ARRAY['pending', 'generating', 'completed', 'failed', 'moderated']::text[])",
            name="check_image_status",
        ),
        Index("idx_generated_images_description", "description_id"),
        Index("idx_images_status_created", "status", "created_at"),
        Index(
            "idx_generated_images_params_gin",
            "generation_parameters",
            postgresql_using="gin",
            postgresql_ops={"generation_parameters": "jsonb_path_ops"},
        ),
        Index(
            "idx_generated_images_moderation_gin",
            "moderation_result",
            postgresql_using="gin",
            postgresql_ops={"moderation_result": "jsonb_path_ops"},
        ),
    )


class PictureBatch(Base):
    """Illustrations that were ordered together. `price`: what was estimated, in US dollars."""

    __tablename__ = "picture_batches"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(20))
    service: Mapped[str] = mapped_column(String(50))
    style: Mapped[str | None] = mapped_column(String(50))
    state: Mapped[str] = mapped_column(String(20), server_default="active")
    pictures: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint("state::text = ANY (ARRAY['active', 'paused', 'cancelled']::text[])", name="check_batch_state"),
    )


class ServiceTurn(Base):
    """When a picture service may be asked next, and what was last wrong with it."""

    __tablename__ = "service_turns"

    service: Mapped[str] = mapped_column(String(50), primary_key=True)
    next_at: Mapped[datetime]
    trouble: Mapped[str | None] = mapped_column(String(20))
    sentence: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[Updated]


class Placeholder(Base):
    """A picture that a service sent for different prompts: no illustration."""

    __tablename__ = "placeholders"

    pixels: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    service: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[Created]


class ArtDirectionRow(Base):
    """What a book keeps the same in all its pictures."""

    __tablename__ = "art_directions"

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
    direction: Mapped[dict[str, Any]]
    updated_at: Mapped[Updated]
