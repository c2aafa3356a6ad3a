"""The ledger: plans and budgets hold however many ask at once, failures give back, months are the person's own."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from bookreader.accounts.ledger import (
    BudgetExceeded,
    Budgets,
    Charge,
    check_books,
    give_back,
    reserve,
    settle,
    standing,
)
from bookreader.database import Database, Session
from bookreader.errors import QuotaExceeded
from bookreader.settings import Settings
from tests.integration.database.rows import connect, insert

SETTINGS = Settings(free_images=7, premium_images=20, free_books=3)
AT_ONCE = 50


async def person(url: str, plan: str = "FREE", zone: str = "UTC") -> tuple[UUID, UUID]:
    """A person with a book."""
    async with connect(url) as connection:
        user = await insert(connection, "users", email=f"{uuid4()}@example.org", time_zone=zone)
        await insert(connection, "subscriptions", user_id=user, plan=plan, status="ACTIVE")
        book = await insert(connection, "books", user_id=user, content_hash=uuid4().hex * 2)
    return user, book


def charges(count: int, price: str = "0") -> list[Charge]:
    return [Charge(uuid4(), Decimal(price)) for _ in range(count)]


async def order(
    database: Database,
    who: tuple[UUID, UUID],
    wanted: Sequence[Charge],
    budgets: Budgets = Budgets(),  # noqa: B008 - frozen
    now: datetime | None = None,
) -> bool:
    """Whether all of it was entered."""
    try:
        async with database.transaction() as session:
            await reserve(session, SETTINGS, budgets, *who, "openai_dalle", wanted, now=now)
    except QuotaExceeded:
        return False
    return True


async def used(database: Database, who: tuple[UUID, UUID], now: datetime | None = None) -> int:
    async with database.transaction() as session:
        return (await standing(session, SETTINGS, who[0], who[1], now=now)).used.pictures_month


async def test_fifty_at_once_never_exceed_the_plan(database: Database, database_url: str) -> None:
    who = await person(database_url)
    done = await asyncio.gather(*(order(database, who, charges(1)) for _ in range(AT_ONCE)))
    assert sum(done) == 7
    assert await used(database, who) == 7


@pytest.mark.parametrize("limit", ["picture", "person_day", "person_month", "book", "site_day"])
async def test_fifty_at_once_never_exceed_a_budget(limit: str, database: Database, database_url: str) -> None:
    who = await person(database_url, "ULTIMATE")
    budgets = Budgets(**{limit: Decimal("0.30")})
    price = "0.31" if limit == "picture" else "0.04"
    done = await asyncio.gather(*(order(database, who, charges(1, price), budgets) for _ in range(AT_ONCE)))
    assert sum(done) == (0 if limit == "picture" else 7)


async def test_the_budget_of_the_site_holds_for_everyone_together(database: Database, database_url: str) -> None:
    people = [await person(database_url, "ULTIMATE") for _ in range(10)]
    budgets = Budgets(site_day=Decimal(1))
    done = await asyncio.gather(*(order(database, people[n % 10], charges(1, "0.09"), budgets) for n in range(AT_ONCE)))
    assert sum(done) == 11


async def test_people_do_not_wait_for_each_other_nor_count_together(database: Database, database_url: str) -> None:
    people = [await person(database_url) for _ in range(3)]
    async with database.transaction() as session:
        await reserve(session, SETTINGS, Budgets(), *people[0], "openai_dalle", charges(7))
        assert await asyncio.wait_for(order(database, people[1], charges(7)), 5)
    assert [await used(database, who) for who in people] == [7, 7, 0]


async def test_a_batch_is_entered_whole_or_not_at_all(database: Database, database_url: str) -> None:
    who = await person(database_url)
    assert not await order(database, who, charges(8))
    assert await used(database, who) == 0
    assert await order(database, who, charges(7))


async def test_batches_at_once_never_exceed_either(database: Database, database_url: str) -> None:
    who = await person(database_url, "PREMIUM")
    done = await asyncio.gather(*(order(database, who, charges(3)) for _ in range(AT_ONCE)))
    assert sum(done) == 6
    assert await used(database, who) == 18


async def test_what_is_rolled_back_was_never_reserved(database: Database, database_url: str) -> None:
    who = await person(database_url)

    async def fail() -> None:
        async with database.transaction() as session:
            await reserve(session, SETTINGS, Budgets(), *who, "openai_dalle", charges(7))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await order(database, who, charges(7))


async def test_a_failure_gives_back_once(database: Database, database_url: str) -> None:
    who = await person(database_url)
    wanted = charges(7)
    assert await order(database, who, wanted)
    for _ in range(2):
        async with database.transaction() as session:
            await give_back(session, [wanted[0].subject_id])
    assert await order(database, who, charges(1))
    assert not await order(database, who, charges(1))


async def test_what_is_settled_stays_used_at_its_real_price(database: Database, database_url: str) -> None:
    who = await person(database_url, "ULTIMATE")
    wanted = charges(2, "0.25")
    await order(database, who, wanted)
    async with database.transaction() as session:
        await settle(session, wanted[0].subject_id, "pollinations", Decimal("0.01"))
        await give_back(session, [wanted[0].subject_id])
        await settle(session, wanted[0].subject_id, "pollinations", Decimal(9))
    async with database.transaction() as session:
        found = await standing(session, SETTINGS, *who)
    assert found.used.pictures_month == 2
    assert found.used.spent_book == found.used.spent_month == found.used.spent_day == Decimal("0.26")


async def test_what_was_given_back_cannot_be_settled(database: Database, database_url: str) -> None:
    who = await person(database_url)
    wanted = charges(1, "0.25")
    await order(database, who, wanted)
    async with database.transaction() as session:
        await give_back(session, [wanted[0].subject_id])
        await settle(session, wanted[0].subject_id, "pollinations", Decimal(1))
    assert await used(database, who) == 0


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        ("UTC", "2026-05-31T23:59", "2026-06-01T00:01"),
        ("Pacific/Auckland", "2026-05-31T11:59", "2026-05-31T12:01"),
        ("America/Los_Angeles", "2026-06-01T06:59", "2026-06-01T07:01"),
        ("Asia/Kolkata", "2026-05-31T18:29", "2026-05-31T18:31"),
    ],
)
async def test_a_month_begins_at_the_persons_midnight(
    zone: str, last: str, first: str, database: Database, database_url: str
) -> None:
    who = await person(database_url, zone=zone)
    before, after = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (last, first))
    assert await order(database, who, charges(7), now=before)
    assert not await order(database, who, charges(1), now=before)
    assert await order(database, who, charges(7), now=after)
    assert await used(database, who, after) == 7


async def test_a_day_begins_at_the_persons_midnight_too(database: Database, database_url: str) -> None:
    who = await person(database_url, "ULTIMATE", "Pacific/Auckland")
    budgets = Budgets(person_day=Decimal(1))
    before, after = datetime(2026, 5, 10, 11, 59, tzinfo=UTC), datetime(2026, 5, 10, 12, 1, tzinfo=UTC)
    assert await order(database, who, charges(1, "1"), budgets, before)
    assert not await order(database, who, charges(1, "0.01"), budgets, before)
    assert await order(database, who, charges(1, "1"), budgets, after)


async def test_pictures_that_cost_nothing_meet_no_budget(database: Database, database_url: str) -> None:
    who = await person(database_url, "ULTIMATE")
    nothing = Budgets(*[Decimal(0)] * 5)
    assert await order(database, who, charges(3), nothing)
    assert not await order(database, who, charges(1, "0.0001"), nothing)


async def test_the_subscription_shows_the_same_count(database: Database, database_url: str) -> None:
    who = await person(database_url)
    await order(database, who, charges(5))
    async with connect(database_url) as connection:
        count = await connection.fetchval("select images_generated_month from subscriptions where user_id = $1", who[0])
    assert count == 5


async def test_without_a_subscription_the_smallest_plan_binds(database: Database, database_url: str) -> None:
    async with connect(database_url) as connection:
        user = await insert(connection, "users", email="none@example.org")
        book = await insert(connection, "books", user_id=user)
    assert not await order(database, (user, book), charges(8))
    assert await order(database, (user, book), charges(7))


async def test_the_sentences_say_what_is_left_and_what_to_do(session: Session) -> None:
    from bookreader.accounts import queries

    user = await queries.add_user(session, "ada@example.org", "x", None, "en", plan="FREE", open_to_all=True)
    with pytest.raises(BudgetExceeded, match=r"about \$0\.80.*\$0\.50 for one book.*offline plates"):
        await reserve(
            session, SETTINGS, Budgets(book=Decimal("0.5")), user.id, uuid4(), "openai_dalle", charges(8, "0.1")
        )
    assert (await queries.plan_of(session, user.id)) == "ULTIMATE"


async def test_fifty_books_at_once_never_exceed_the_plan(database: Database, database_url: str) -> None:
    user, _ = await person(database_url)

    async def add() -> bool:
        try:
            async with database.transaction() as session:
                await check_books(session, SETTINGS, user)
                async with connect(database_url) as connection:
                    await insert(connection, "books", user_id=user, content_hash=uuid4().hex * 2)
        except QuotaExceeded:
            return False
        return True

    done = await asyncio.gather(*(add() for _ in range(AT_ONCE)))
    assert sum(done) == 2
