"""SQL of people, sign-ins, tokens, plans and the settings that an administrator changes."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bookreader.accounts.models import AccessToken, LedgerEntry, ResetLink, SignIn, SiteSetting, Subscription
from bookreader.accounts.models import User as User
from bookreader.database import Database, Session, lock
from bookreader.errors import Conflict, NotFound
from bookreader.library.models import Book
from bookreader.wire import Person

FIRST_ACCOUNT_LOCK = 7_201_946
SITE_LEDGER_LOCK = 7_201_947
SEEN_AGAIN = timedelta(hours=1)


def new_secret() -> str:
    """An opaque token with 256 bits of chance."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is stored of a token: its SHA-256. Tokens are random, so that a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


async def has_accounts(session: Session) -> bool:
    return (await session.scalar(select(User.id).limit(1))) is not None


async def user_by_email(session: Session, email: str) -> User | None:
    return await session.scalar(select(User).where(func.lower(User.email) == email.lower()))


async def user_with_email(session: Session, email: str) -> User:
    """Raises NotFound."""
    user = await user_by_email(session, email)
    if user is None:
        raise NotFound(f"There is no account for {email}.", code="no_such_account")
    return user


async def user_by_id(session: Session, user_id: UUID) -> User:
    """Raises NotFound."""
    user = await session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.", code="no_such_account")
    return user


async def first_administrator(session: Session) -> User | None:
    return await session.scalar(select(User).where(User.is_admin).order_by(User.created_at).limit(1))


async def add_user(
    session: Session,
    email: str,
    password_hash: str,
    full_name: str | None,
    locale: str,
    *,
    plan: str,
    open_to_all: bool,
) -> User:
    """Creates an account; the first one administers. Raises Conflict: address taken, registration closed."""
    await lock(session, FIRST_ACCOUNT_LOCK)
    first = not await has_accounts(session)
    if not first and not open_to_all:
        raise Conflict("Registration is closed here: ask the administrator for an account.", code="registration_closed")
    if await user_by_email(session, email):
        raise Conflict(f"There is an account for {email} already: sign in instead.", code="email_taken")
    user = User(
        email=email,
        password_hash=password_hash,
        full_name=full_name,
        is_active=True,
        is_verified=first,
        is_admin=first,
        locale=locale,
    )
    session.add(user)
    await session.flush()
    session.add(Subscription(user_id=user.id, plan="ULTIMATE" if first else plan, status="ACTIVE"))
    await session.flush()
    return user


async def set_password(session: Session, user_id: UUID, password_hash: str) -> None:
    """Also ends every sign-in of the person."""
    await session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))
    await session.execute(delete(SignIn).where(SignIn.user_id == user_id))


async def still_has_password(session: Session, user: User) -> bool:
    """Whether the password that was just verified is the person's still: that takes a while, in which it may be
    changed. From here to the end of the transaction nobody changes it."""
    same = (User.id == user.id) & (User.password_hash == user.password_hash) & User.is_active
    return await session.scalar(select(User.id).where(same).with_for_update(key_share=True)) is not None


async def change_user(session: Session, user_id: UUID, values: dict[str, Any]) -> User:
    if values:
        await session.execute(update(User).where(User.id == user_id).values(**values))
    return await user_by_id(session, user_id)


async def plan_of(session: Session, user_id: UUID) -> str:
    plan: Any = await session.scalar(
        select(Subscription.plan)
        .where(Subscription.user_id == user_id, Subscription.status == "ACTIVE")
        .order_by(Subscription.start_date.desc())
        .limit(1)
    )
    return str(getattr(plan, "value", plan) or "FREE")


async def add_sign_in(session: Session, user_id: UUID, user_agent: str | None, days: int) -> str:
    """Signs a browser in and returns its secret, which is stored nowhere."""
    secret = new_secret()
    session.add(
        SignIn(
            user_id=user_id,
            token_hash=secret_hash(secret),
            user_agent=user_agent and user_agent[:255],
            expires_at=func.now() + timedelta(days=days),
        )
    )
    await session.execute(update(User).where(User.id == user_id).values(last_login=func.now()))
    await session.flush()
    return secret


_PERSON_OF_SIGN_IN = """
    SELECT users.id, users.email, users.is_admin, users.locale, users.time_zone, sign_ins.id,
        sign_ins.last_seen_at < now() - $2::interval
    FROM sign_ins JOIN users ON users.id = sign_ins.user_id
    WHERE sign_ins.token_hash = $1 AND sign_ins.expires_at > now() AND users.is_active
"""


async def person_of_sign_in(database: Database, secret: str, days: int) -> Person | None:
    """Who the browser with this secret belongs to; using it keeps it alive for `days` more. Asked by every request."""
    rows = await database.fetch(_PERSON_OF_SIGN_IN, secret_hash(secret), SEEN_AGAIN)
    if not rows:
        return None
    sign_in, stale = rows[0][5:]
    if stale:
        async with database.transaction() as session:
            await session.execute(
                update(SignIn)
                .where(SignIn.id == sign_in)
                .values(last_seen_at=func.now(), expires_at=func.now() + timedelta(days=days))
            )
    return Person(*rows[0][:6])


async def person_of_token(session: Session, secret: str) -> Person | None:
    """Who a personal access token belongs to."""
    row = (
        await session.execute(
            select(*_PERSON, AccessToken.id)
            .join(AccessToken, AccessToken.user_id == User.id)
            .where(
                AccessToken.token_hash == secret_hash(secret),
                or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > func.now()),
                User.is_active,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    stale = (AccessToken.last_used_at.is_(None)) | (AccessToken.last_used_at < func.now() - SEEN_AGAIN)
    await session.execute(update(AccessToken).where(AccessToken.id == row[-1], stale).values(last_used_at=func.now()))
    return Person(*row[:5], sign_in=None)


_PERSON = (User.id, User.email, User.is_admin, User.locale, User.time_zone)


async def end_sign_in(session: Session, sign_in: UUID) -> None:
    await session.execute(delete(SignIn).where(SignIn.id == sign_in))


async def tokens_of(session: Session, user_id: UUID) -> Sequence[AccessToken]:
    query = select(AccessToken).where(AccessToken.user_id == user_id).order_by(AccessToken.created_at.desc())
    return (await session.scalars(query)).all()


async def add_token(session: Session, user_id: UUID, name: str, days: int | None) -> tuple[AccessToken, str]:
    """A new personal access token and its secret, which is stored nowhere and shown once."""
    secret = "br_" + new_secret()
    token = AccessToken(
        user_id=user_id,
        name=name,
        token_hash=secret_hash(secret),
        expires_at=func.now() + timedelta(days=days) if days else None,
    )
    session.add(token)
    await session.flush()
    await session.refresh(token)
    return token, secret


async def remove_token(session: Session, user_id: UUID, token_id: UUID) -> None:
    """Raises NotFound."""
    statement = (
        delete(AccessToken).where(AccessToken.id == token_id, AccessToken.user_id == user_id).returning(AccessToken.id)
    )
    if await session.scalar(statement) is None:
        raise NotFound("There is no such token.")


async def add_reset_link(session: Session, user_id: UUID, hours: int = 24) -> str:
    """A secret that lets its holder choose a new password once within `hours`."""
    secret = new_secret()
    session.add(
        ResetLink(user_id=user_id, token_hash=secret_hash(secret), expires_at=func.now() + timedelta(hours=hours))
    )
    await session.flush()
    return secret


async def use_reset_link(session: Session, secret: str) -> UUID:
    """Whose password may be changed. Raises NotFound when the link is used, too old or not ours."""
    statement = (
        update(ResetLink)
        .where(
            ResetLink.token_hash == secret_hash(secret),
            ResetLink.used_at.is_(None),
            ResetLink.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(ResetLink.user_id)
    )
    user_id: UUID | None = await session.scalar(statement)
    if user_id is None:
        raise NotFound("This link was used already or is too old: ask for a new one.", code="link_expired")
    return user_id


async def site_setting(session: Session, key: str) -> Any:
    """What an administrator chose, or None."""
    return await session.scalar(select(SiteSetting.value).where(SiteSetting.key == key))


async def set_site_setting(session: Session, key: str, value: Any, by: UUID) -> None:
    statement = upsert(SiteSetting).values(key=key, value=value, updated_by=by)
    changed = {"value": statement.excluded.value, "updated_by": by, "updated_at": func.now()}
    await session.execute(statement.on_conflict_do_update(index_elements=[SiteSetting.key], set_=changed))


# --- the ledger -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Used:
    """What the ledger counts as used for one purpose, reservations included. Money in US dollars."""

    pictures_month: int
    spent_day: Decimal
    spent_month: Decimal
    spent_book: Decimal
    spent_site: Decimal


async def time_zone_of(session: Session, user_id: UUID) -> str:
    return await session.scalar(select(User.time_zone).where(User.id == user_id)) or "UTC"


async def lock_account(session: Session, user_id: UUID, *, everyone: bool) -> str:
    """Lets nobody else reserve for this person (or for anyone) until the transaction ends. The person's time zone."""
    query = select(User.time_zone).where(User.id == user_id).with_for_update(key_share=True)
    zone = await session.scalar(query)
    if everyone:
        await lock(session, SITE_LEDGER_LOCK)
    return zone or "UTC"


async def used(
    session: Session, user_id: UUID, book_id: UUID | None, today: date, site_day: date, purpose: str
) -> Used:
    """`today` in the person's time zone, `site_day` in UTC."""
    of_book = LedgerEntry.book_id == (book_id or UUID(int=0))
    own, this_month = LedgerEntry.user_id == user_id, LedgerEntry.day >= today.replace(day=1)
    site = LedgerEntry.created_at >= datetime.combine(site_day, time(), UTC)
    spent = func.sum(LedgerEntry.price)
    row = (
        await session.execute(
            select(
                func.count().filter(own & this_month),
                func.coalesce(spent.filter(own & (LedgerEntry.day == today)), 0),
                func.coalesce(spent.filter(own & this_month), 0),
                func.coalesce(spent.filter(of_book), 0),
                func.coalesce(spent.filter(site), 0),
            ).where(
                LedgerEntry.state != "returned",
                LedgerEntry.purpose == purpose,
                (own & this_month) | of_book | site,
            )
        )
    ).one()
    return Used(*row)


async def enter(
    session: Session,
    user_id: UUID,
    book_id: UUID | None,
    service: str,
    day: date,
    charges: Sequence[tuple[UUID, Decimal]],
    purpose: str,
) -> None:
    common = {"user_id": user_id, "book_id": book_id, "service": service, "day": day, "purpose": purpose}
    rows = [common | {"subject_id": subject, "price": price} for subject, price in charges]
    await session.execute(insert(LedgerEntry), rows)


async def show_pictures(session: Session, user_id: UUID, count: int, month: date) -> None:
    """What the subscription's own columns show is a copy of the ledger's count."""
    begun = datetime.combine(month, time(), UTC)
    statement = update(Subscription).where(Subscription.user_id == user_id, Subscription.status == "ACTIVE")
    await session.execute(statement.values(images_generated_month=count, last_reset_date=begun))


async def settle_entry(session: Session, subject_id: UUID, service: str, price: Decimal) -> None:
    statement = update(LedgerEntry).where(LedgerEntry.subject_id == subject_id, LedgerEntry.state == "reserved")
    await session.execute(statement.values(state="settled", service=service, price=price))


async def settle_silent(session: Session, purpose: str, silence: timedelta) -> None:
    """Counts what has been reserved for so long as used, at the price that was reserved."""
    silent = LedgerEntry.created_at < func.clock_timestamp() - silence
    statement = update(LedgerEntry).where(LedgerEntry.purpose == purpose, LedgerEntry.state == "reserved", silent)
    await session.execute(statement.values(state="settled"))


async def return_entries(session: Session, subject_ids: Collection[UUID], states: Sequence[str]) -> None:
    if subject_ids:
        statement = update(LedgerEntry).where(LedgerEntry.subject_id.in_(subject_ids), LedgerEntry.state.in_(states))
        await session.execute(statement.values(state="returned"))


async def count_books(session: Session, user_id: UUID) -> int:
    query = select(func.count()).where(Book.user_id == user_id, Book.deleted_at.is_(None))
    return await session.scalar(query) or 0
