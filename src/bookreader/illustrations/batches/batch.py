"""Many illustrations at once: estimate, order, pause, go on, cancel. Few of them have a job at a time, so that a batch
can be paused at once and leaves room for others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bookreader.accounts import ledger
from bookreader.database import Session
from bookreader.descriptions.queries import lock_book
from bookreader.errors import Conflict, InvalidInput, QuotaExceeded
from bookreader.illustrations import queries as images
from bookreader.illustrations.batches import queries
from bookreader.illustrations.batches.queries import PictureBatch
from bookreader.illustrations.order import Wish, begin, direction_of, enter_illustrations, manner_of
from bookreader.illustrations.providers import Service
from bookreader.illustrations.queries import Described
from bookreader.illustrations.schemas import BatchScope, BatchState
from bookreader.illustrations.services import Studio

AT_ONCE = 4
MOST_PICTURES = 1_000
HAS_PICTURE = "Every passage that was meant has a picture by this service already."
NOTHING = {
    BatchScope.NEXT_CHAPTERS: HAS_PICTURE,
    BatchScope.BOOK: HAS_PICTURE,
    BatchScope.RESTYLE: (
        "No picture is left to be drawn anew: there is none, or all are by this service in this art direction already, "
        "or on their way."
    ),
}
PLATES_HAVE_NONE = "Offline plates have a style of their own: choose a service to draw the pictures in another one."


@dataclass(frozen=True)
class Estimate:
    """What a batch would draw and cost. `price` in US dollars; `seconds` where the service is known well enough.

    `obstacle` is the error with which it could not be ordered as it is.
    """

    pictures: int
    price: Decimal
    chapters: dict[int, int]
    seconds: float | None
    obstacle: QuotaExceeded | None


@dataclass(frozen=True)
class Choice:
    """Which descriptions of a book: the best `per_chapter` of the next `chapters` or of all, or the pictured ones."""

    book_id: UUID
    scope: BatchScope
    chapters: int
    per_chapter: int


async def estimate(session: Session, studio: Studio, user_id: UUID, choice: Choice, wish: Wish) -> Estimate:
    return await _reckon(session, studio, user_id, choice, wish, await _wanted(session, user_id, choice, wish))


async def order_batch(
    session: Session, studio: Studio, user_id: UUID, choice: Choice, wish: Wish, agreed: Decimal
) -> PictureBatch:
    """Enters the whole batch and begins it. `agreed`: the price that the person saw.

    Raises Conflict when it is dearer by now, QuotaExceeded, InvalidInput when there is nothing to draw.
    """
    await lock_book(session, choice.book_id)
    wanted = await _wanted(session, user_id, choice, wish)
    if not wanted:
        raise InvalidInput(NOTHING[choice.scope], code="nothing_to_draw")
    price = studio.most(studio.chain(wish.service)) * len(wanted)
    if price > agreed:
        raise Conflict(
            f"This costs about ${price:.2f} by now, more than the ${agreed:.2f} that were agreed. Look at it again.",
            code="estimate_changed",
            price=str(price),
            pictures=len(wanted),
        )
    batch = await queries.add_batch(
        session,
        user_id=user_id,
        book_id=choice.book_id,
        scope=choice.scope,
        service=wish.service,
        style=wish.style,
        pictures=len(wanted),
        price=price,
    )
    await enter_illustrations(session, studio, user_id, wanted, Wish(wish.service, wish.style, batch_id=batch.id))
    await go_on(session, batch.id)
    return batch


async def go_on(session: Session, batch_id: UUID) -> None:
    """Gives jobs to the next illustrations of an active batch; a paused or cancelled one stands still."""
    for image_id, user_id, book_id in await queries.next_of_batch(session, batch_id, AT_ONCE):
        await begin(session, user_id, book_id, image_id)


async def change_batch(session: Session, user_id: UUID, batch_id: UUID, state: BatchState) -> PictureBatch:
    """Pauses, resumes or cancels; what is being drawn right now is finished. Raises NotFound, Conflict."""
    batch = await queries.batch_of(session, user_id, batch_id)
    if batch.state == BatchState.CANCELLED and state is not BatchState.CANCELLED:
        raise Conflict("This batch was cancelled. Order a new one.", code="batch_cancelled")
    batch.state = state
    await session.flush()
    if state is BatchState.ACTIVE:
        await go_on(session, batch.id)
    elif state is BatchState.CANCELLED:
        waiting = await queries.waiting_of_batch(session, batch.id)
        await images.delete_images(session, waiting)
        await ledger.give_back(session, waiting)
    await session.refresh(batch)
    return batch


async def _wanted(session: Session, user_id: UUID, choice: Choice, wish: Wish) -> Sequence[Described]:
    if choice.scope is BatchScope.RESTYLE:
        return (await _in_another_manner(session, user_id, choice.book_id, wish))[:MOST_PICTURES]
    chapters = choice.chapters if choice.scope is BatchScope.NEXT_CHAPTERS else None
    found = await images.wanted_descriptions(
        session, user_id, choice.book_id, service=wish.service, per_chapter=choice.per_chapter, chapters=chapters
    )
    return found[:MOST_PICTURES]


async def _in_another_manner(session: Session, user_id: UUID, book_id: UUID, wish: Wish) -> Sequence[Described]:
    if wish.service is Service.PLATE:
        raise InvalidInput(PLATES_HAVE_NONE, code="plate_has_no_style")
    direction = direction_of(await images.art_direction(session, book_id), wish.style)
    return await images.shown_in_another_manner(
        session, user_id, book_id, service=wish.service, manner=manner_of(direction)
    )


async def _reckon(
    session: Session, studio: Studio, user_id: UUID, choice: Choice, wish: Wish, wanted: Sequence[Described]
) -> Estimate:
    chain = studio.chain(wish.service)
    each = studio.most(chain)
    obstacle = None
    if studio.counts(chain):
        obstacle = await ledger.obstacle(
            session, studio.settings, studio.budgets, user_id, choice.book_id, [each] * len(wanted)
        )
    usual = await images.usual_seconds(session, wish.service)
    parallel = min(AT_ONCE, studio.providers[wish.service].traits.parallel)
    return Estimate(
        pictures=len(wanted),
        price=each * len(wanted),
        chapters=dict(sorted(Counter(one.chapter for one in wanted).items())),
        seconds=usual * len(wanted) / parallel if usual is not None else None,
        obstacle=obstacle,
    )
