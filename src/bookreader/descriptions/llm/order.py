"""What it would cost to have a book looked through, and ordering it: only ever after a person has seen the price."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.accounts.ledger import BudgetExceeded, Purpose, dollars
from bookreader.database import Session
from bookreader.descriptions import queries
from bookreader.descriptions.llm.contract import messages_for
from bookreader.descriptions.llm.endpoint import Endpoint
from bookreader.descriptions.llm.look_through import Task, stretches_left
from bookreader.descriptions.llm.purse import budgets_of
from bookreader.errors import Conflict, InvalidInput
from bookreader.jobs.names import JobKind
from bookreader.jobs.queries import enqueue, running_count
from bookreader.settings import Settings

NOT_SET_UP = (
    "No language model is set up here. What the rules found needs none; an administrator sets BOOKREADER_LLM_URL, "
    "BOOKREADER_LLM_MODEL and its prices."
)


@dataclass(frozen=True)
class Estimate:
    """`stretches` that the model has not read; US dollars: `about` as a guess, `most` what it can cost at all.

    `most` is never more than the budgets leave. `obstacle` says why it cannot be ordered.
    """

    stretches: int
    about: Decimal
    most: Decimal
    obstacle: str | None


@dataclass(frozen=True)
class Standing:
    """What the budgets leave for a book, and what it has cost so far, in US dollars."""

    room: Decimal
    spent: Decimal


def endpoint_of(settings: Settings) -> Endpoint:
    """Raises InvalidInput: not set up."""
    endpoint = Endpoint.from_settings(settings)
    if endpoint is None:
        raise InvalidInput(NOT_SET_UP, code="service_not_configured")
    return endpoint


async def estimate(session: Session, settings: Settings, user_id: UUID, book_id: UUID) -> Estimate:
    """Raises InvalidInput."""
    endpoint = endpoint_of(settings)
    tasks = await stretches_left(session, book_id, user_id, endpoint.engine)
    room = (await standing(session, settings, user_id, book_id)).room
    return await asyncio.to_thread(reckon, endpoint, tasks, room)


def reckon(endpoint: Endpoint, tasks: Sequence[Task], room: Decimal) -> Estimate:
    """In a thread of its own: the text of the whole book is measured."""
    asked = [messages_for(stretch) for _, stretch in tasks]
    about = sum((endpoint.about(messages) for messages in asked), Decimal(0))
    prices = [endpoint.most(messages) for messages in asked]
    obstacle = None
    if prices and min(prices) > room:
        obstacle = f"One answer may cost {dollars(min(prices))}, and there are {dollars(room)} left for this book now."
    return Estimate(len(asked), min(about, room), min(sum(prices, Decimal(0)), room), obstacle)


async def standing(session: Session, settings: Settings, user_id: UUID, book_id: UUID) -> Standing:
    budgets = budgets_of(settings)
    used = (await ledger.standing(session, settings, user_id, book_id, purpose=Purpose.PASSAGES)).used
    limits = [(budgets.book, used.spent_book), (budgets.site_day, used.spent_site)]
    room = min(limit - spent for limit, spent in limits if limit is not None)
    return Standing(max(room, Decimal(0)), used.spent_book)


async def order(session: Session, settings: Settings, user_id: UUID, book_id: UUID, agreed: Decimal) -> UUID:
    """The job that does it. `agreed`: the most that the person is ready to spend on it, in US dollars.

    What failed before is tried again, what was read is not. Raises InvalidInput, Conflict, BudgetExceeded.
    """
    endpoint = endpoint_of(settings)
    if await queries.chapters_to_describe(session, book_id, user_id):
        message = "The rules are still looking this book through. Order it when they are done, in a moment."
        raise Conflict(message, code="not_ready")
    await queries.lock_book(session, book_id)
    if await running_count(session, book_id, JobKind.LOOK_THROUGH):
        message = "This book is being looked through already: wait for the end, or cancel it."
        raise Conflict(message, code="already_looking")
    await queries.forget_failures(session, book_id, endpoint.engine)
    tasks = await stretches_left(session, book_id, user_id, endpoint.engine)
    found = await standing(session, settings, user_id, book_id)
    reckoned = await asyncio.to_thread(reckon, endpoint, tasks, min(found.room, agreed))
    if reckoned.stretches == 0:
        raise InvalidInput("This model has read the whole book already.", code="nothing_to_read")
    if reckoned.obstacle:
        raise BudgetExceeded(reckoned.obstacle)
    payload = {"engine": endpoint.engine, "ceiling": str(found.spent + agreed), "stretches": reckoned.stretches}
    return await enqueue(session, JobKind.LOOK_THROUGH, user_id=user_id, book_id=book_id, payload=payload)
