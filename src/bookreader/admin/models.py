"""Table of what upkeep did."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base


class UpkeepRun(Base):
    """The last run of a task. `outcome` is what it reported, or the error."""

    __tablename__ = "upkeep_runs"

    task: Mapped[str] = mapped_column(String(50), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    succeeded: Mapped[bool | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
