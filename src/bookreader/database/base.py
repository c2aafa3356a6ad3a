"""What every table shares: the naming of constraints, ids, and the columns of time."""

import secrets
import time
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
}


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB, datetime: DateTime(timezone=True)}  # noqa: RUF012


def uuid7() -> UUID:
    """A time-ordered id (RFC 9562, version 7): 48 bits of milliseconds, 74 bits of chance."""
    milliseconds = time.time_ns() // 1_000_000
    high = (milliseconds << 16) | 0x7000 | secrets.randbits(12)
    low = (0b10 << 62) | secrets.randbits(62)
    return UUID(int=(high << 64) | low)


def first_uuid7(moment: datetime) -> UUID:
    """The smallest id that can have been made from a moment on: rows of late are found by their key alone."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


Id = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=uuid7, server_default=text("gen_random_uuid()"))]
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Updated = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now(), onupdate=func.now())]
