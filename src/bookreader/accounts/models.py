"""Tables of people, their plans and how they sign in."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, LargeBinary, Numeric, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bookreader.database.base import Base, Created, Id, Updated

Plan = Enum("FREE", "PREMIUM", "ULTIMATE", name="subscriptionplan")
Status = Enum("ACTIVE", "EXPIRED", "CANCELLED", "PENDING", name="subscriptionstatus")


class User(Base):
    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str] = mapped_column(String(255))
    full_name: Mapped[str | None] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    is_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    is_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]
    last_login: Mapped[datetime | None]
    time_zone: Mapped[str] = mapped_column(String(64), server_default="UTC")
    locale: Mapped[str] = mapped_column(String(10), server_default="en")

    __table_args__ = (
        Index("ix_users_email", "email", unique=True),
        Index("uq_users_lower_email", func.lower(email), unique=True),
    )


class Subscription(Base):
    __tablename__ = "subscriptions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    plan: Mapped[str] = mapped_column(Plan, server_default="FREE")
    status: Mapped[str] = mapped_column(Status, server_default="ACTIVE")
    start_date: Mapped[Created]
    end_date: Mapped[datetime | None]
    auto_renewal: Mapped[bool] = mapped_column(server_default=text("false"))
    books_uploaded: Mapped[int] = mapped_column(server_default=text("0"))
    images_generated_month: Mapped[int] = mapped_column(server_default=text("0"))
    last_reset_date: Mapped[Created]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        Index("idx_subscriptions_user_status", "user_id", "status"),
        Index("uq_subscriptions_one_active", "user_id", unique=True, postgresql_where=text("status = 'ACTIVE'")),
    )


class SignIn(Base):
    """A browser that is signed in. Only the hash of its secret is kept."""

    __tablename__ = "sign_ins"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_agent: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    expires_at: Mapped[datetime]


class AccessToken(Base):
    """A personal access token for programs."""

    __tablename__ = "access_tokens"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[Created]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class ResetLink(Base):
    """A one-time permission to choose a new password."""

    __tablename__ = "reset_links"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SiteSetting(Base):
    """What an administrator changes on a page."""

    __tablename__ = "site_settings"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    updated_at: Mapped[Updated]
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)


class LedgerEntry(Base):
    """What a person used of a plan or a budget: the one place where it is counted.

    `subject_id` is what was paid for, once, and `purpose` what that is: a picture, or a model's look for passages.
    `price` in US dollars; `day` is the day in the person's own time zone.
    """

    __tablename__ = "ledger"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[UUID | None] = mapped_column(ForeignKey("books.id", ondelete="SET NULL"), index=True)
    subject_id: Mapped[UUID] = mapped_column(unique=True)
    service: Mapped[str] = mapped_column(String(50))
    purpose: Mapped[str] = mapped_column(String(20), server_default="picture")
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4), server_default=text("0"))
    state: Mapped[str] = mapped_column(String(20), server_default="reserved")
    day: Mapped[date]
    created_at: Mapped[Created] = mapped_column(index=True)
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint("price >= 0", name="check_ledger_price"),
        CheckConstraint(
            "state::text = ANY (ARRAY['reserved', 'settled', 'returned']::text[])", name="check_ledger_state"
        ),
        CheckConstraint("purpose::text = ANY (ARRAY['picture', 'passages']::text[])", name="check_ledger_purpose"),
        Index("idx_ledger_user_day", "user_id", "day"),
    )
