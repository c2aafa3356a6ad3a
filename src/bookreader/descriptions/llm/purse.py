"""Who pays: every call is paid for before it is made, at the most that it may cost, and settled afterwards.

What was reserved and never settled, since its process ended, stays counted: it may have been charged.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.accounts.ledger import BudgetExceeded, Budgets, Charge, Purpose, dollars
from bookreader.database import Database, Session
from bookreader.database.base import uuid7
from bookreader.settings import Settings

SERVICE = "llm"
"""Its name in the ledger."""


class Purse(Protocol):
    async def reserve(self, most: Decimal) -> UUID:
        """Raises BudgetExceeded, and then nothing is paid."""
        ...

    async def settle(self, payment: UUID, price: Decimal) -> None: ...


@dataclass(frozen=True)
class LedgerPurse:
    """A person's budgets for one book. Each step is a transaction of its own, so that every process counts the same."""

    database: Database
    settings: Settings
    budgets: Budgets
    user_id: UUID
    book_id: UUID

    async def reserve(self, most: Decimal) -> UUID:
        payment = uuid7()
        if most:
            charges = [Charge(payment, most)]
            async with self.database.transaction() as session:
                await ledger.reserve(
                    session,
                    self.settings,
                    self.budgets,
                    self.user_id,
                    self.book_id,
                    SERVICE,
                    charges,
                    purpose=Purpose.PASSAGES,
                )
        return payment

    async def settle(self, payment: UUID, price: Decimal) -> None:
        async with self.database.transaction() as session:
            if price:
                await ledger.settle(session, payment, SERVICE, price)
            else:
                await ledger.give_back(session, [payment])


@dataclass
class Pocket:
    """Money for one run of a command: `spent` of `limit`, in US dollars, with what is reserved."""

    limit: Decimal
    spent: Decimal = Decimal(0)
    reserved: dict[UUID, Decimal] = field(default_factory=dict)

    async def reserve(self, most: Decimal) -> UUID:
        held = self.spent + sum(self.reserved.values())
        if most and held + most > self.limit:
            raise BudgetExceeded(
                f"The next answer may cost {dollars(most)}, and {dollars(held)} of {dollars(self.limit)} are spent."
            )
        payment = uuid7()
        self.reserved[payment] = most
        return payment

    async def settle(self, payment: UUID, price: Decimal) -> None:
        del self.reserved[payment]
        self.spent += price


def budgets_of(settings: Settings, ceiling: Decimal | None = None) -> Budgets:
    """`ceiling`: what a person agreed that the book may have cost after all, in US dollars."""
    book = settings.llm_book_budget if ceiling is None else min(settings.llm_book_budget, ceiling)
    return Budgets(book=book, site_day=settings.llm_day_budget)


async def count_what_was_lost(session: Session, settings: Settings) -> None:
    """What nobody can come back for any more counts as spent."""
    silence = timedelta(seconds=2 * settings.llm_seconds + 600)
    await ledger.settle_silent(session, Purpose.PASSAGES, silence)
