"""Table of the jobs that people see."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated


class ProcessingJob(Base):
    __tablename__ = "processing_jobs"

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[UUID | None] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(50))
    state: Mapped[str] = mapped_column(String(20), server_default="queued")
    progress: Mapped[int] = mapped_column(server_default=text("0"))
    subject_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    max_attempts: Mapped[int] = mapped_column(server_default=text("3"))
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint(
            "state::text = ANY (ARRAY['queued', 'running', 'done', 'failed', 'cancelled']::text[])",
            name="check_job_state",
        ),
        CheckConstraint("progress BETWEEN 0 AND 100", name="check_job_progress"),
        Index("idx_processing_jobs_user_created", "user_id", "created_at"),
        Index("idx_processing_jobs_book_kind", "book_id", "kind"),
        Index("idx_processing_jobs_subject", "subject_id"),
        Index("idx_processing_jobs_leases", "lease_until", postgresql_where=text("state = 'running'")),
        Index("idx_processing_jobs_waiting", "created_at", postgresql_where=text("state = 'queued'")),
    )
