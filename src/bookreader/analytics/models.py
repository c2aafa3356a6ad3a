"""Tables of the roll-ups: reading by hour and day, and the marks of days that must be rolled up anew."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Date, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created


class DirtyUserDay(Base):
    """A person's UTC day whose sessions changed. Written by triggers on reading_sessions and users."""

    __tablename__ = "reading_dirty_user_days"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)


class DirtyDay(Base):
    """A UTC day of everyone whose hours changed."""

    __tablename__ = "reading_dirty_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)


class ReadingHour(Base):
    """Sessions of a person that began in one hour, in UTC (`day`, `hour`) and in the person's own time zone."""

    __tablename__ = "reading_hours"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    local_date: Mapped[date] = mapped_column(Date, primary_key=True)
    local_hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    sessions: Mapped[int]
    minutes: Mapped[int]
    pages: Mapped[int]
    words: Mapped[int]
    over_10min: Mapped[int]
    completed: Mapped[int]
    completed_minutes: Mapped[int]
    completed_progress: Mapped[int]

    __table_args__ = (
        Index("idx_reading_hours_day", "day"),
        Index("idx_reading_hours_user_local", "user_id", "local_date"),
    )


class ReadingDay(Base):
    """A UTC day of everyone."""

    __tablename__ = "reading_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    sessions: Mapped[int] = mapped_column(BigInteger)
    active_users: Mapped[int] = mapped_column(BigInteger)
    minutes: Mapped[int] = mapped_column(BigInteger)
    over_10min: Mapped[int] = mapped_column(BigInteger)
    completed: Mapped[int] = mapped_column(BigInteger)
    completed_minutes: Mapped[int] = mapped_column(BigInteger)
    completed_progress: Mapped[int] = mapped_column(BigInteger)
    rolled_at: Mapped[Created]


class ReadingTotal(Base):
    """What a person has read, ever."""

    __tablename__ = "reading_totals"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sessions: Mapped[int] = mapped_column(BigInteger)
    minutes: Mapped[int] = mapped_column(BigInteger)
    pages: Mapped[int] = mapped_column(BigInteger)
