"""Tables of descriptions, and of what a language model has read to find some."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated

Type = Enum("LOCATION", "CHARACTER", "ATMOSPHERE", "OBJECT", "ACTION", name="descriptiontype")


class Description(Base):
    """`start_offset`, `end_offset`: code points of the chapter's text, half-open.

    `engine`: the rules by their version, `person`, or `llm:` with the name of a language model.
    """

    __tablename__ = "descriptions"

    id: Mapped[Id]
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapters.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(Type)
    content: Mapped[str] = mapped_column(Text)
    context: Mapped[str | None] = mapped_column(Text)
    confidence_score: Mapped[float] = mapped_column(server_default=text("0"))
    position_in_chapter: Mapped[int]
    word_count: Mapped[int] = mapped_column(server_default=text("0"))
    is_suitable_for_generation: Mapped[bool] = mapped_column(server_default=text("true"))
    priority_score: Mapped[float] = mapped_column(server_default=text("0"))
    entities_mentioned: Mapped[str | None] = mapped_column(Text)
    emotional_tone: Mapped[str | None] = mapped_column(String(50))
    complexity_level: Mapped[str | None] = mapped_column(String(20))
    image_generated: Mapped[bool] = mapped_column(server_default=text("false"))
    generation_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    start_offset: Mapped[int] = mapped_column(server_default=text("0"))
    end_offset: Mapped[int] = mapped_column(server_default=text("0"))
    cfi: Mapped[str | None] = mapped_column(Text)
    second_type: Mapped[str | None] = mapped_column(Type)
    entities: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    engine: Mapped[str | None] = mapped_column(String(50))
    hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    corrected: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        CheckConstraint("start_offset >= 0 AND end_offset >= start_offset", name="check_description_span"),
        Index("idx_descriptions_chapter_priority", "chapter_id", "priority_score"),
    )


class ModelReading(Base):
    """A stretch of a chapter that a language model was given, and what came of it.

    Where `outcome` is not `read`, what the rules found there stands alone. `price` in US dollars.
    """

    __tablename__ = "model_readings"

    id: Mapped[Id]
    chapter_id: Mapped[UUID] = mapped_column(ForeignKey("chapters.id", ondelete="CASCADE"))
    engine: Mapped[str] = mapped_column(String(50))
    start_offset: Mapped[int]
    end_offset: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    found: Mapped[int] = mapped_column(server_default=text("0"))
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4), server_default=text("0"))
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("chapter_id", "engine", "start_offset", "end_offset", name="model_readings_stretch_key"),
        CheckConstraint(
            "outcome::text = ANY (ARRAY['read', 'invalid', 'ungrounded', 'refused', 'unavailable', 'timeout']::text[])",
            name="check_reading_outcome",
        ),
        CheckConstraint("start_offset >= 0 AND end_offset >= start_offset", name="check_reading_span"),
    )
