"""One real, small picture of a service, ordered by an administrator to see whether it works. It is not kept."""

import time
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.accounts.ledger import Charge
from bookreader.admin.show_settings import variable
from bookreader.database import Database, Session
from bookreader.database.base import uuid7
from bookreader.errors import Conflict, InvalidInput, TooManyRequests
from bookreader.illustrations import queries
from bookreader.illustrations.draw import Picture, make_picture
from bookreader.illustrations.providers import Answer, Order, Outcome, Passage, Provider, Service, Task
from bookreader.illustrations.services import NAMES, Studio

PROMPT = "A small white lighthouse on a rock above a calm sea at dawn, wide sky, linocut print"
SIZE = 512
REST = 60.0
"""Seconds for which a service without access or credit is then not asked by others, as after any picture."""
SETTINGS = {
    Service.POLLINATIONS: "pollinations_key",
    Service.OPENAI: "openai_key",
    Service.STABLE_DIFFUSION: "stable_diffusion_url",
    Service.MIDJOURNEY: "midjourney_url",
}
"""What sets a service up."""


@dataclass(frozen=True)
class Tried:
    """`paid` in US dollars; nothing where no picture came."""

    answer: Answer
    seconds: float
    paid: Decimal
    picture: Picture | None


async def try_service(
    database: Database, studio: Studio, administrator: UUID, service: Service, agreed: Decimal
) -> Tried:
    """Asks a service that is set up, also one that is switched off, for one picture.

    It is paid for in the ledger before it is asked for, and given back when none comes.
    Raises InvalidInput, Conflict, TooManyRequests, QuotaExceeded.
    """
    provider = _provider(studio, service)
    price = studio.price(service)
    if price > agreed:
        message = f"A test of {NAMES[service]} costs about ${price:.2f} by now: look at the price and try again."
        raise Conflict(message, code="estimate_changed", price=str(price))
    subject = uuid7()
    if service is not Service.PLATE:
        async with database.transaction() as session:
            # Accounts come before services: who orders a picture waits for its passage with an account locked, and who
            # finishes one of that passage waits for its service.
            await _pay(session, studio, administrator, service, subject, price)
            await _take_turn(session, provider, subject)
    begun = time.perf_counter()
    drawn = await make_picture(provider, _order(subject), Task(None, False, _forget), _most_pixels(studio))
    seconds = time.perf_counter() - begun
    if isinstance(drawn, Picture):
        await _worked(database, service)
        return Tried(Answer(Outcome.OK), seconds, price, drawn)
    await _failed(database, service, subject, drawn)
    return Tried(drawn, seconds, Decimal(0), None)


def _provider(studio: Studio, service: Service) -> Provider:
    provider = studio.providers.get(service)
    if provider is None:
        message = f"{NAMES[service]} is not set up here: set {variable(SETTINGS[service])} and start the app anew."
        raise InvalidInput(message, code="service_not_configured")
    return provider


async def _take_turn(session: Session, provider: Provider, subject: UUID) -> None:
    """Within the limits that hold for everyone. Known trouble is no hindrance: whether it is over is the question."""
    traits = provider.traits
    turn = await queries.take_turn(
        session, provider.service, subject, parallel=traits.parallel, interval=traits.interval
    )
    if turn.wait and turn.trouble not in (Outcome.AUTH, Outcome.QUOTA):
        message = f"{NAMES[provider.service]} is busy, or asks us to wait: try again in {turn.wait:.0f} seconds."
        raise TooManyRequests(message, code="service_busy")


async def _pay(
    session: Session, studio: Studio, administrator: UUID, service: Service, subject: UUID, price: Decimal
) -> None:
    """Settled at once: a reservation without a picture of the shelf would soon be given back as forgotten."""
    charge = Charge(subject, price)
    await ledger.reserve(session, studio.settings, studio.budgets, administrator, None, service, [charge])
    await ledger.settle(session, subject, service, price)


def _order(subject: UUID) -> Order:
    passage = Passage(PROMPT, "location", None, (), "en")
    return Order(str(subject), PROMPT, "", SIZE, SIZE, subject.int % 2**31, passage)


async def _forget(_number: str) -> None:
    """Nobody comes back for this picture: the service's number of it is not needed."""


def _most_pixels(studio: Studio) -> int:
    return studio.settings.picture_megapixels * 1_000_000


async def _worked(database: Database, service: Service) -> None:
    async with database.transaction() as session:
        await queries.wake_service(session, service)


async def _failed(database: Database, service: Service, subject: UUID, answer: Answer) -> None:
    async with database.transaction() as session:
        await ledger.give_back(session, [subject], settled=True)
        if answer.outcome in (Outcome.AUTH, Outcome.QUOTA, Outcome.RATE_LIMITED):
            seconds = answer.retry_after or REST
            await queries.rest_service(session, service, seconds, answer.outcome, answer.sentence)
