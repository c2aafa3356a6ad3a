"""The one ledger: what plans and budgets allow, reserved before it is used and settled or given back afterwards.

Whoever reserves holds the person's row until the transaction ends, so that any number of requests at once count one
after the other. What is reserved counts like what was used. Months and days are those of the person's time zone; the
day of the whole site is UTC. Offline plates are never entered. Each purpose has its own budgets; plans count pictures.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from bookreader.accounts import queries
from bookreader.accounts.queries import Used
from bookreader.database import Session
from bookreader.errors import QuotaExceeded
from bookreader.settings import Settings


class BudgetExceeded(QuotaExceeded):
    code = "budget_exceeded"


class Purpose(StrEnum):
    """What is paid for: a picture, or that a language model looks for passages."""

    PICTURE = "picture"
    PASSAGES = "passages"


ADVICE = {
    Purpose.PICTURE: "Ask for fewer pictures, or let the administrator raise the budget; offline plates cost nothing.",
    Purpose.PASSAGES: "Go on another day, or let the administrator raise the budget; what the rules found stays.",
}


@dataclass(frozen=True)
class Budgets:
    """US dollars that one purpose may cost; None where there is no limit. `site_day` is for everyone together."""

    picture: Decimal | None = None
    person_day: Decimal | None = None
    person_month: Decimal | None = None
    book: Decimal | None = None
    site_day: Decimal | None = None


@dataclass(frozen=True)
class Charge:
    """One thing to pay for. `price` in US dollars, the most that it may cost."""

    subject_id: UUID
    price: Decimal


@dataclass(frozen=True)
class Standing:
    """What is used and what is allowed: `pictures` of this month with their limit (None = any number)."""

    plan: str
    pictures_limit: int | None
    used: Used

    @property
    def pictures_left(self) -> int | None:
        return None if self.pictures_limit is None else max(0, self.pictures_limit - self.used.pictures_month)


async def standing(
    session: Session,
    settings: Settings,
    user_id: UUID,
    book_id: UUID | None,
    *,
    purpose: Purpose = Purpose.PICTURE,
    now: datetime | None = None,
) -> Standing:
    """For showing and estimating: nothing is locked, so that it may be out of date at once."""
    zone = await queries.time_zone_of(session, user_id)
    return await _standing(session, settings, user_id, book_id, zone, purpose, now)


async def reserve(
    session: Session,
    settings: Settings,
    budgets: Budgets,
    user_id: UUID,
    book_id: UUID | None,
    service: str,
    charges: Sequence[Charge],
    *,
    purpose: Purpose = Purpose.PICTURE,
    now: datetime | None = None,
) -> None:
    """Enters all charges or none. Raises QuotaExceeded (plan), BudgetExceeded (money)."""
    if not charges:
        return
    zone = await queries.lock_account(session, user_id, everyone=budgets.site_day is not None)
    found = await _standing(session, settings, user_id, book_id, zone, purpose, now)
    _check(found, budgets, [each.price for each in charges], purpose)
    day, entered = _today(zone, now), [(each.subject_id, each.price) for each in charges]
    await queries.enter(session, user_id, book_id, service, day, entered, purpose)
    if purpose is Purpose.PICTURE:
        await queries.show_pictures(session, user_id, found.used.pictures_month + len(charges), day.replace(day=1))


async def settle(session: Session, subject_id: UUID, service: str, price: Decimal) -> None:
    """What was reserved is used, at its real price. Doing it again changes nothing."""
    await queries.settle_entry(session, subject_id, service, price)


async def give_back(session: Session, subject_ids: Collection[UUID], *, settled: bool = False) -> None:
    """What was reserved is free again; what is settled stays unless that is meant. Again, it changes nothing."""
    await queries.return_entries(session, subject_ids, ("reserved", "settled") if settled else ("reserved",))


async def settle_silent(session: Session, purpose: Purpose, silence: timedelta) -> None:
    """What was reserved so long ago that nobody comes back for it counts as used: it may have been charged."""
    await queries.settle_silent(session, purpose, silence)


async def obstacle(
    session: Session,
    settings: Settings,
    budgets: Budgets,
    user_id: UUID,
    book_id: UUID,
    prices: Sequence[Decimal],
    *,
    purpose: Purpose = Purpose.PICTURE,
    now: datetime | None = None,
) -> QuotaExceeded | None:
    """That with which `reserve` would refuse right now, for estimates; None when all would fit."""
    if not prices:
        return None
    found = await standing(session, settings, user_id, book_id, purpose=purpose, now=now)
    try:
        _check(found, budgets, prices, purpose)
    except QuotaExceeded as refused:
        return refused
    return None


async def check_books(session: Session, settings: Settings, user_id: UUID) -> None:
    """Whether one more book fits the plan, until the transaction ends. Raises QuotaExceeded."""
    limit = limits_of(settings, await queries.plan_of(session, user_id))[0]
    if limit is None:
        return
    await queries.lock_account(session, user_id, everyone=False)
    count = await queries.count_books(session, user_id)
    if count >= limit:
        raise QuotaExceeded(
            f"Your plan allows {limit} books, and there are {count} on your shelf. "
            "Delete one that you have read, or ask the administrator for another plan.",
            limit=limit,
        )


def limits_of(settings: Settings, plan: str) -> tuple[int | None, int | None]:
    """Books, and pictures a month."""
    return {
        "FREE": (settings.free_books, settings.free_images),
        "PREMIUM": (settings.premium_books, settings.premium_images),
    }.get(plan, (None, None))


def dollars(amount: Decimal | int) -> str:
    """An amount of money; what is less than a cent keeps its digits."""
    return f"${amount:.4f}" if 0 < amount < Decimal("0.01") else f"${amount:.2f}"


def _today(zone: str, now: datetime | None) -> date:
    return (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).date()


async def _standing(
    session: Session,
    settings: Settings,
    user_id: UUID,
    book_id: UUID | None,
    zone: str,
    purpose: Purpose,
    now: datetime | None,
) -> Standing:
    plan = await queries.plan_of(session, user_id)
    today = _today(zone, now)
    site_day = (now or datetime.now(UTC)).astimezone(UTC).date()
    used = await queries.used(session, user_id, book_id, today, site_day, purpose)
    return Standing(plan, limits_of(settings, plan)[1], used)


def _check(found: Standing, budgets: Budgets, prices: Sequence[Decimal], purpose: Purpose) -> None:
    if purpose is Purpose.PICTURE:
        _check_plan(found, len(prices))
    _check_budgets(found.used, budgets, prices, purpose)


def _check_plan(found: Standing, wanted: int) -> None:
    if found.pictures_left is not None and wanted > found.pictures_left:
        raise QuotaExceeded(
            f"Your plan {found.plan} allows {found.pictures_limit} pictures a month; {found.pictures_left} are left. "
            "Offline plates cost nothing and never count. The administrator can give you another plan.",
            limit=found.pictures_limit,
            left=found.pictures_left,
            wanted=wanted,
        )


def _check_budgets(used: Used, budgets: Budgets, prices: Sequence[Decimal], purpose: Purpose) -> None:
    whole, dearest = sum(prices), max(prices)
    for which, allowed, spent, wanted, what in (
        ("picture", budgets.picture, Decimal(0), dearest, "for one picture"),
        ("person_day", budgets.person_day, used.spent_day, whole, "a day for each person"),
        ("person_month", budgets.person_month, used.spent_month, whole, "a month for each person"),
        ("book", budgets.book, used.spent_book, whole, "for one book"),
        ("site_day", budgets.site_day, used.spent_site, whole, "a day for everyone together"),
    ):
        if allowed is not None and wanted > 0 and spent + wanted > allowed:
            raise BudgetExceeded(
                f"This costs about {dollars(wanted)}. The budget is {dollars(allowed)} {what}, "
                f"of which {dollars(spent)} is used. {ADVICE[purpose]}",
                which=which,
                budget=str(allowed),
                used=str(spent),
                wanted=str(wanted),
            )
