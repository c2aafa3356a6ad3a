"""Tables of the people and places of a book, a sheet each, and of what is said of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated


class SheetRow(Base):
    """A person or place.

    `name`, `label`, `look`: what somebody chose; null = what the book tells. `names`: all by which it is called, each
    with its number of mentions and where it stands first. `chapter`, `start_offset`: where it is named first, in code
    points of the chapter's text. `touched`: somebody changed it, so that another search through the book keeps it.
    """

    __tablename__ = "sheets"

    id: Mapped[Id]
    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str | None] = mapped_column(String(300))
    names: Mapped[list[Any]]
    mentions: Mapped[int]
    chapter: Mapped[int]
    start_offset: Mapped[int]
    label: Mapped[str | None] = mapped_column(String(100))
    look: Mapped[str | None] = mapped_column(String(500))
    seed: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20), server_default="found")
    locked: Mapped[bool] = mapped_column(server_default=text("false"))
    touched: Mapped[bool] = mapped_column(server_default=text("false"))
    evidence: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    reference_hash: Mapped[str | None] = mapped_column(CHAR(64))
    reference_format: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint("kind::text = ANY (ARRAY['person', 'place']::text[])", name="check_sheet_kind"),
        CheckConstraint(
            "state::text = ANY (ARRAY['found', 'confirmed', 'rejected']::text[])", name="check_sheet_state"
        ),
    )


class FactRow(Base):
    """What is said of how somebody looks. `quote` and its span are null where a person said it, not the book.

    `called`: the name under which it is told; null = a pronoun. `state`: sure = a strict pattern of ours, suggested =
    to be confirmed, the rest is what a person decided. `start_offset`, `end_offset`: code points of the chapter's text,
    half-open; the fact holds from there on.
    """

    __tablename__ = "sheet_facts"

    id: Mapped[Id]
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id", ondelete="CASCADE"), index=True)
    aspect: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    chapter: Mapped[int]
    start_offset: Mapped[int]
    end_offset: Mapped[int]
    quote: Mapped[str | None] = mapped_column(Text)
    called: Mapped[str | None] = mapped_column(String(300))
    cfi: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint(
            "aspect::text = ANY (ARRAY['age', 'build', 'face', 'hair', 'eyes', 'marks', 'dress']::text[])",
            name="check_fact_aspect",
        ),
        CheckConstraint(
            "state::text = ANY (ARRAY['sure', 'suggested', 'confirmed', 'rejected', 'added']::text[])",
            name="check_fact_state",
        ),
        CheckConstraint("start_offset >= 0 AND end_offset >= start_offset", name="check_fact_span"),
    )
