"""Table of the revisions that made the database."""

from sqlalchemy import CHAR, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created


class SchemaRevision(Base):
    """The text of a revision as it was applied, so that a file that is lost or was edited can be had back."""

    __tablename__ = "schema_revisions"

    revision: Mapped[str] = mapped_column(String(32), primary_key=True)
    parent: Mapped[str | None] = mapped_column(String(32))
    file_name: Mapped[str] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(CHAR(64))
    recorded_at: Mapped[Created]
